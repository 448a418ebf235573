//! Python's strings and bytes.

/// What a string literal stands for.
pub(super) enum Literal {
    Bytes(Vec<u8>),
    Text(String),
}

impl Literal {
    /// Two literals beside each other are one; bytes and text cannot be mixed.
    pub(super) fn followed_by(self, next: Literal) -> Option<Literal> {
        match (self, next) {
            (Literal::Text(a), Literal::Text(b)) => Some(Literal::Text(a + &b)),
            (Literal::Bytes(mut a), Literal::Bytes(b)) => {
                a.extend(b);
                Some(Literal::Bytes(a))
            }
            _ => None,
        }
    }
}

/// The literal that `text` begins with, and its length in bytes: `None` where it begins with no
/// literal, `Some(None)` where with one that cannot be read.
pub(super) fn read(text: &str) -> Option<Option<(Literal, usize)>> {
    let quote = text.bytes().take(3).position(|b| b == b'\'' || b == b'"')?;
    let prefix = text.get(..quote)?.to_ascii_lowercase();
    let (raw, bytes) = match prefix.as_str() {
        "" | "u" => (false, false),
        "r" => (true, false),
        "b" => (false, true),
        "br" | "rb" => (true, true),
        _ => return None,
    };
    let rest = text.get(quote..)?;
    Some(body(rest, raw, bytes).map(|(literal, length)| (literal, quote + length)))
}

fn body(text: &str, raw: bool, bytes: bool) -> Option<(Literal, usize)> {
    let mark = ["'''", "\"\"\"", "'", "\""]
        .into_iter()
        .find(|mark| text.starts_with(mark))?;
    let inside = text.get(mark.len()..)?;
    let end = closing(inside, mark)?;
    let inside = inside.get(..end)?;
    if bytes && !inside.is_ascii() {
        return None;
    }
    let literal = match (raw, bytes) {
        (true, false) => Literal::Text(inside.to_owned()),
        (true, true) => Literal::Bytes(inside.as_bytes().to_vec()),
        (false, false) => Literal::Text(unescape(inside, false)?),
        (false, true) => {
            let text = unescape(inside, true)?;
            Literal::Bytes(text.chars().map(|c| (c as u32 & 0xff) as u8).collect())
        }
    };
    Some((literal, end + 2 * mark.len()))
}

/// Where the mark stands that is not behind a backslash.
fn closing(text: &str, mark: &str) -> Option<usize> {
    let mut letters = text.char_indices();
    while let Some((at, c)) = letters.next() {
        if c == '\\' {
            letters.next()?;
        } else if text.get(at..)?.starts_with(mark) {
            return Some(at);
        }
    }
    None
}

/// Replaces escapes; those that Python does not know stay as they are.
fn unescape(text: &str, bytes: bool) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let kind = escape.chars().next()?;
        rest = escape.get(kind.len_utf8()..)?;
        let digits = match kind {
            'x' => 2,
            'u' if !bytes => 4,
            'U' if !bytes => 8,
            // The names of characters are not known here.
            'N' if !bytes => return None,
            '0'..='7' => {
                let (c, length) = octal(escape)?;
                out.push(c);
                rest = escape.get(length..)?;
                continue;
            }
            other => {
                match simple(other) {
                    Some(c) => out.push(c),
                    None => out.extend(['\\', other]),
                }
                continue;
            }
        };
        let code = rest.get(..digits)?;
        if !code.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        out.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        rest = rest.get(digits..)?;
    }
    out.push_str(rest);
    Some(out)
}

fn octal(escape: &str) -> Option<(char, usize)> {
    let digits = escape
        .bytes()
        .take(3)
        .take_while(|b| (b'0'..=b'7').contains(b));
    let length = digits.count();
    let code = u32::from_str_radix(escape.get(..length)?, 8).ok()?;
    Some((char::from_u32(code)?, length))
}

fn simple(kind: char) -> Option<char> {
    Some(match kind {
        '\\' | '\'' | '"' => kind,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        _ => return None,
    })
}

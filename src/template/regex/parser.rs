//! Reads a pattern of Python's dialect and writes it in the engine's.
//!
//! What differs is written out: `$` before a last line feed, `\Z`, what `\w` and `\s` mean, octal
//! escapes, `{,n}`, braces and brackets that stand for themselves, comments and blanks of verbose
//! patterns. Names of groups become numbers. The messages are those of Python's `re`.

use super::Flags;
use super::class;

/// A pattern in the engine's dialect.
pub(super) struct Parsed {
    pub(super) text: String,
    pub(super) names: Vec<(String, usize)>,
    pub(super) groups: usize,
    /// The least number of characters a match has.
    pub(super) least: u64,
}

/// What went wrong, in Python's words.
pub(super) type Outcome<T> = Result<T, String>;

/// No pattern may be nested deeper; the engine's own bound is 64.
const DEEPEST: usize = 60;

/// Python's `MAXREPEAT`.
const MAX_REPEAT: u64 = 4_294_967_295;

pub(super) fn parse(pattern: &str, flags: Flags) -> Outcome<Parsed> {
    let mut parser = Parser {
        chars: pattern.chars().collect(),
        position: 0,
        global: flags,
        names: Vec::new(),
        widths: Vec::new(),
        depth: 0,
        asked: (0, 0),
    };
    let piece = parser.alternatives(flags, true)?;
    if parser.peek().is_some() {
        return Err(parser.error("unbalanced parenthesis", parser.position));
    }
    let (asked, at) = parser.asked;
    if asked > parser.widths.len() {
        return Err(parser.error(&format!("invalid group reference {asked}"), at));
    }
    let text = if parser.global.ignore_case {
        format!("(?i:{})", piece.text)
    } else {
        piece.text
    };
    Ok(Parsed {
        text,
        names: parser.names,
        groups: parser.widths.len(),
        least: piece.least,
    })
}

/// A part of the pattern, written, with the least and the most characters it takes.
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) least: u64,
    pub(super) most: u64,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// `^`, `$`, `\b` and their like.
    Anchor,
    /// Something that is repeated already.
    Repeat,
    /// Look-around: has no width, and the engine does not repeat it.
    Look,
    /// A group with nothing in it.
    Empty,
    Other,
}

impl Piece {
    fn one(text: String) -> Self {
        Piece {
            text,
            least: 1,
            most: 1,
            kind: Kind::Other,
        }
    }

    fn anchor(text: &str) -> Self {
        Piece {
            text: text.to_owned(),
            least: 0,
            most: 0,
            kind: Kind::Anchor,
        }
    }
}

pub(super) struct Parser {
    pub(super) chars: Vec<char>,
    pub(super) position: usize,
    pub(super) global: Flags,
    pub(super) names: Vec<(String, usize)>,
    /// The widths of the groups; nothing while a group is open.
    pub(super) widths: Vec<Option<(u64, u64)>>,
    depth: usize,
    /// The highest group that a conditional asks for, and where: it may come later.
    pub(super) asked: (usize, usize),
}

impl Parser {
    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.position += 1;
        Some(c)
    }

    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.position += 1;
        }
        found
    }

    pub(super) fn error(&self, message: &str, position: usize) -> String {
        format!("{message} at position {position}")
    }

    pub(super) fn alternatives(&mut self, flags: Flags, first: bool) -> Outcome<Piece> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error("too deeply nested", self.position));
        }
        let mut all = self.sequence(flags, first)?;
        while self.eat('|') {
            let flags = if first { self.global } else { flags };
            let next = self.sequence(flags, false)?;
            all.text.push('|');
            all.text.push_str(&next.text);
            all.least = all.least.min(next.least);
            all.most = all.most.max(next.most);
            all.kind = Kind::Other;
        }
        self.depth -= 1;
        Ok(all)
    }

    pub(super) fn sequence(&mut self, flags: Flags, first: bool) -> Outcome<Piece> {
        let mut flags = flags;
        let mut pieces: Vec<Piece> = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            if flags.verbose && self.skip_blank(c) {
                continue;
            }
            if c == '(' && self.is_global_flags() {
                self.global_flags(first && pieces.is_empty())?;
                flags = self.global;
                continue;
            }
            if let Some((least, most)) = self.repetition()? {
                self.repeat(&mut pieces, least, most)?;
                continue;
            }
            let piece = self.item(flags)?;
            pieces.extend(piece);
        }
        Ok(join(&pieces))
    }

    /// Skips a blank or a comment of a verbose pattern.
    fn skip_blank(&mut self, c: char) -> bool {
        if " \t\n\r\u{b}\u{c}".contains(c) {
            self.position += 1;
            return true;
        }
        if c == '#' {
            while self.next().is_some_and(|c| c != '\n') {}
            return true;
        }
        false
    }

    /// `*`, `+`, `?` or `{…}` at this position, taken.
    fn repetition(&mut self) -> Outcome<Option<(u64, u64)>> {
        let range = match self.peek() {
            Some('*') => (0, MAX_REPEAT),
            Some('+') => (1, MAX_REPEAT),
            Some('?') => (0, 1),
            Some('{') => return self.counted(),
            _ => return Ok(None),
        };
        self.position += 1;
        Ok(Some(range))
    }

    /// `{2}`, `{2,}`, `{,3}`, `{2,3}`; a brace that is none of these stands for itself.
    fn counted(&mut self) -> Outcome<Option<(u64, u64)>> {
        let start = self.position;
        self.position += 1;
        if self.peek() == Some('}') {
            self.position = start;
            return Ok(None);
        }
        let low = self.digits();
        let high = if self.eat(',') {
            self.digits()
        } else {
            low.clone()
        };
        if !self.eat('}') {
            self.position = start;
            return Ok(None);
        }
        let least = self.count(&low, 0)?;
        let most = self.count(&high, MAX_REPEAT)?;
        if most < least {
            return Err(self.error("min repeat greater than max repeat", start));
        }
        Ok(Some((least, most)))
    }

    fn digits(&mut self) -> String {
        let mut digits = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            digits.push(c);
            self.position += 1;
        }
        digits
    }

    fn count(&self, digits: &str, default: u64) -> Outcome<u64> {
        if digits.is_empty() {
            return Ok(default);
        }
        digits
            .parse()
            .ok()
            .filter(|count| *count < MAX_REPEAT)
            .ok_or_else(|| "the repetition number is too large".to_owned())
    }

    fn repeat(&mut self, pieces: &mut Vec<Piece>, least: u64, most: u64) -> Outcome<()> {
        let here = self.position;
        let piece = pieces
            .pop()
            .filter(|piece| piece.kind != Kind::Anchor)
            .ok_or_else(|| self.error("nothing to repeat", here.saturating_sub(1)))?;
        if piece.kind == Kind::Repeat {
            return Err(self.error("multiple repeat", here.saturating_sub(1)));
        }
        let manner = match self.peek() {
            Some('?') => "?",
            Some('+') => "+",
            _ => "",
        };
        self.position += manner.len();
        pieces.push(repeated(piece, least, most, manner));
        Ok(())
    }

    fn item(&mut self, flags: Flags) -> Outcome<Option<Piece>> {
        let start = self.position;
        let Some(c) = self.next() else {
            return Ok(None);
        };
        Ok(Some(match c {
            '\\' => self.escape(flags)?,
            '[' => Piece::one(class::read(self, flags, start)?),
            '(' => return self.group(flags, start),
            '.' if flags.dot_all => Piece::one("(?s:.)".to_owned()),
            '.' => Piece::one(".".to_owned()),
            '^' if flags.multi_line => Piece::anchor("(?m:^)"),
            '^' => Piece::anchor(r"\A"),
            '$' if flags.multi_line => Piece::anchor("(?m:$)"),
            '$' => Piece::anchor(r"(?=\n?\z)"),
            c => Piece::one(literal(c)),
        }))
    }

    fn escape(&mut self, flags: Flags) -> Outcome<Piece> {
        let start = self.position - 1;
        let c = self
            .next()
            .ok_or_else(|| self.error("bad escape (end of pattern)", start))?;
        if let Some(set) = class::category(c, flags.ascii) {
            return Ok(Piece::one(format!("[{set}]")));
        }
        match c {
            'A' => Ok(Piece::anchor(r"\A")),
            'Z' => Ok(Piece::anchor(r"\z")),
            'b' => Ok(Piece::anchor(boundary(flags.ascii))),
            'B' => Ok(Piece::anchor(no_boundary(flags.ascii))),
            '0' => {
                self.position -= 1;
                Ok(Piece::one(literal(self.octal(3)?)))
            }
            '1'..='9' => self.back_reference(start),
            _ => Ok(Piece::one(literal(self.character(c, start)?))),
        }
    }

    /// The character that `\c` stands for, inside a class or outside.
    pub(super) fn character(&mut self, c: char, start: usize) -> Outcome<char> {
        Ok(match c {
            'a' => '\u{7}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => self.hexadecimal(2, start)?,
            'u' => self.hexadecimal(4, start)?,
            'U' => self.hexadecimal(8, start)?,
            c if c.is_ascii_alphanumeric() => {
                return Err(self.error(&format!("bad escape \\{c}"), start));
            }
            c => c,
        })
    }

    fn hexadecimal(&mut self, count: usize, start: usize) -> Outcome<char> {
        let mut digits = String::new();
        while digits.len() < count {
            match self.peek().filter(char::is_ascii_hexdigit) {
                Some(c) => digits.push(c),
                None => break,
            }
            self.position += 1;
        }
        let code = u32::from_str_radix(&digits, 16).ok();
        code.filter(|_| digits.len() == count)
            .and_then(char::from_u32)
            .ok_or_else(|| {
                let whole: String = self.chars[start..self.position].iter().collect();
                self.error(&format!("incomplete escape {whole}"), start)
            })
    }

    /// Up to `most` octal digits.
    pub(super) fn octal(&mut self, most: usize) -> Outcome<char> {
        let start = self.position;
        let mut code = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) {
            if self.position - start >= most {
                break;
            }
            self.position += 1;
            code = code * 8 + digit;
        }
        match char::from_u32(code) {
            Some(c) if code <= 0o377 => Ok(c),
            _ => Err(self.error(
                "octal escape value outside of range 0-0o377",
                start.saturating_sub(1),
            )),
        }
    }

    /// `\1` to `\99`, or an octal escape of three digits.
    fn back_reference(&mut self, start: usize) -> Outcome<Piece> {
        self.position -= 1;
        let three = self.chars.get(self.position..self.position + 3);
        if three.is_some_and(|three| three.iter().all(|c| ('0'..='7').contains(c))) {
            return Ok(Piece::one(literal(self.octal(3)?)));
        }
        let mut digits = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            if digits.len() == 2 {
                break;
            }
            digits.push(c);
            self.position += 1;
        }
        let number: usize = digits.parse().unwrap_or(0);
        self.reference(number, start + 1)
    }

    pub(super) fn reference(&self, number: usize, at: usize) -> Outcome<Piece> {
        let width = number
            .checked_sub(1)
            .and_then(|index| self.widths.get(index))
            .ok_or_else(|| self.error(&format!("invalid group reference {number}"), at))?;
        let (least, most) = width.ok_or_else(|| self.error("cannot refer to an open group", at))?;
        Ok(Piece {
            text: format!(r"(?:\{number})"),
            least,
            most,
            kind: Kind::Other,
        })
    }
}

pub(super) fn join(pieces: &[Piece]) -> Piece {
    let mut whole = Piece {
        text: String::new(),
        least: 0,
        most: 0,
        kind: Kind::Other,
    };
    for piece in pieces {
        whole.text.push_str(&piece.text);
        whole.least = whole.least.saturating_add(piece.least).min(MAX_REPEAT);
        whole.most = whole.most.saturating_add(piece.most).min(MAX_REPEAT);
    }
    whole
}

fn repeated(piece: Piece, least: u64, most: u64, manner: &str) -> Piece {
    let count = match (least, most) {
        (0, MAX_REPEAT) => "*".to_owned(),
        (1, MAX_REPEAT) => "+".to_owned(),
        (0, 1) => "?".to_owned(),
        (least, MAX_REPEAT) => format!("{{{least},}}"),
        (least, most) if least == most => format!("{{{least}}}"),
        (least, most) => format!("{{{least},{most}}}"),
    };
    let text = match piece.kind {
        // Nothing, however often, is nothing; a look-around says the same each time.
        Kind::Empty => piece.text.clone(),
        Kind::Look if least == 0 => "(?:)".to_owned(),
        Kind::Look => piece.text.clone(),
        _ => format!("{}{count}{manner}", piece.text),
    };
    Piece {
        text,
        least: piece.least.saturating_mul(least).min(MAX_REPEAT),
        most: piece.most.saturating_mul(most).min(MAX_REPEAT),
        kind: Kind::Repeat,
    }
}

/// A character that stands for itself.
fn literal(c: char) -> String {
    if c.is_control() {
        return format!("\\x{{{:x}}}", c as u32);
    }
    if c.is_ascii_punctuation() && !"<>_/'\"`@%,;:=!".contains(c) {
        return format!("\\{c}");
    }
    c.to_string()
}

fn boundary(ascii: bool) -> &'static str {
    if ascii {
        r"(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))"
    } else {
        r"\b"
    }
}

fn no_boundary(ascii: bool) -> &'static str {
    if ascii {
        r"(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_]))"
    } else {
        // The engine finds one in an empty text, Python 3.12 does not.
        r"\B(?!\A\z)"
    }
}

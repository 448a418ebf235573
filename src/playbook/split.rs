//! `key=value` arguments on one line, split with an eye on quotes and templates.
//!
//! The rules are those of the reference's `parsing/splitter.py`: blanks split words, but not inside
//! quotes or inside `{{ }}`, `{% %}`, `{# #}`; a backslash that stands alone is dropped; quotes around
//! a whole value are taken off; what is no `key=value` is the free text, which keeps its blanks.

use crate::error::{Error, Result};
use crate::value::{Map, Str, Value};

/// The keys that `command` and its kin take out of their free text.
const COMMAND_KEYS: &[&str] = &[
    "chdir",
    "creates",
    "executable",
    "removes",
    "stdin",
    "stdin_add_newline",
    "strip_empty_ends",
    "warn",
];

/// What one line of arguments holds.
#[derive(Debug, Default, PartialEq)]
pub struct Line {
    /// The `key=value` pairs, in order.
    pub pairs: Map,
    /// The words that are none, joined as they stood.
    pub free: Option<String>,
}

/// Reads a line of arguments. With `command` only the keys of `command` are taken out of the text.
///
/// # Errors
/// Quotes or a template that are not closed.
pub fn parse(text: &Str, command: bool) -> Result<Line> {
    let mut line = Line::default();
    let mut free = Vec::new();
    for word in words(text)? {
        if !word.contains('=') {
            free.push(word);
            continue;
        }
        // What is looked at is the word with its escapes read; what is kept of free text is the word.
        let read = unescape(&word);
        match equals_sign(&read) {
            None => free.push(read.replace("\\=", "=")),
            Some(sign) => match (&read[..sign], &read[sign + 1..]) {
                (key, value) if !command || COMMAND_KEYS.contains(&key) => {
                    line.take(text, key.trim(), unquote(value.trim()));
                }
                _ => free.push(word),
            },
        }
    }
    if !free.is_empty() {
        line.free = Some(join(&free));
    }
    Ok(line)
}

impl Line {
    fn take(&mut self, text: &Str, key: &str, value: &str) {
        let key = match key.contains("{{") {
            true => text.with_text(key),
            false => text.untrusted().with_text(key),
        };
        let value = text.with_text(value);
        self.pairs.insert(Value::Str(key), Value::Str(value));
    }
}

/// Where the first `=` is that has something before it, and that is no backslash.
fn equals_sign(word: &str) -> Option<usize> {
    let mut signs = word.match_indices('=').map(|(sign, _)| sign);
    signs.find(|sign| *sign > 0 && !word[..*sign].ends_with('\\'))
}

/// Takes one pair of quotes off that stands around the whole.
pub fn unquote(text: &str) -> &str {
    for quote in ['"', '\''] {
        if text.len() > 1 && text.starts_with(quote) && text.ends_with(quote) {
            let inner = &text[1..text.len() - 1];
            if !inner.ends_with('\\') {
                return inner;
            }
        }
    }
    text
}

/// Reads `\\n`, `\\t`, `\\x41`, `\\u00e9` and the like, as the values of `key=value` have them.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('\\') {
        out.push_str(&rest[..start]);
        let (c, length) = escape(&rest[start..]);
        out.push_str(&c);
        rest = &rest[start + length..];
    }
    out.push_str(rest);
    out
}

/// The text that an escape at the beginning stands for, and the escape's length.
fn escape(text: &str) -> (String, usize) {
    let hex = |digits: usize| {
        let digits_only = |c: &&str| c.bytes().all(|b| b.is_ascii_hexdigit());
        let code = text.get(2..2 + digits).filter(digits_only)?;
        let code = u32::from_str_radix(code, 16).ok()?;
        Some((char::from_u32(code)?.to_string(), 2 + digits))
    };
    let simple = |c: &str| Some((c.to_owned(), 2));
    let found = match text.as_bytes().get(1) {
        Some(b'n') => simple("\n"),
        Some(b't') => simple("\t"),
        Some(b'r') => simple("\r"),
        Some(b'a') => simple("\u{7}"),
        Some(b'b') => simple("\u{8}"),
        Some(b'f') => simple("\u{c}"),
        Some(b'v') => simple("\u{b}"),
        Some(b'\\') => simple("\\"),
        Some(b'\'') => simple("'"),
        Some(b'"') => simple("\""),
        Some(b'x') => hex(2),
        Some(b'u') => hex(4),
        Some(b'U') => hex(8),
        _ => None,
    };
    found.unwrap_or_else(|| ("\\".to_owned(), 1))
}

/// Joins words with the blanks and line breaks they came with.
pub fn join(words: &[String]) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Splits at blanks outside of quotes and templates. Further blanks and the line break stay at the
/// end of the word before them; a backslash that stands alone is dropped, at a line's end with the
/// line break.
///
/// # Errors
/// Quotes or a template that are not closed.
pub fn words(text: &str) -> Result<Vec<String>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut state = Splitter::default();
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        let continued = state.line(line);
        if lines.peek().is_some() && !continued {
            state.extend("\n");
        }
    }
    if state.quote.is_some() || state.depths != [0; 3] {
        return Err(Error::syntax(format!(
            "failed at splitting arguments, either an unbalanced jinja2 block or quotes: {}",
            shorten(text)
        )));
    }
    Ok(state.words)
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The three kinds of template blocks, which are counted apart.
const BLOCKS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// Where the splitter stands in the text.
#[derive(Default)]
struct Splitter {
    words: Vec<String>,
    quote: Option<char>,
    depths: [usize; 3],
}

impl Splitter {
    /// Reads one line; says whether a lone backslash was in it, after which the line goes on.
    fn line(&mut self, line: &str) -> bool {
        let mut continued = false;
        for (index, token) in line.split(' ').enumerate() {
            if token.is_empty() && index > 0 {
                self.extend(" ");
            } else if token == "\\" && self.quote.is_none() {
                continued = true;
            } else {
                self.token(token, index == 0);
            }
        }
        continued
    }

    fn token(&mut self, token: &str, first: bool) {
        let was_quoted = self.quote.is_some();
        self.quote = quote_after(token, self.quote);
        let quoted = self.quote.is_some();
        let inside = self.depths != [0; 3];
        let mut taken = true;
        if quoted && !was_quoted && !inside {
            self.words.push(token.to_owned());
        } else if inside || quoted || was_quoted {
            if !first {
                self.extend(" ");
            }
            self.extend(token);
        } else {
            taken = false;
        }
        let changed = self.follow_blocks(token);
        if !taken && (changed || (self.depths == [0; 3] && !quoted && !token.is_empty())) {
            self.words.push(token.to_owned());
        }
    }

    /// Counts the blocks that the token opens and closes; says whether it left any depth changed.
    fn follow_blocks(&mut self, token: &str) -> bool {
        let before = self.depths;
        for (depth, (open, close)) in self.depths.iter_mut().zip(BLOCKS) {
            let (opened, closed) = (token.matches(open).count(), token.matches(close).count());
            *depth = (*depth + opened).saturating_sub(closed);
        }
        self.depths != before
    }

    /// Adds to the last word; what comes before all words makes an empty one.
    fn extend(&mut self, text: &str) {
        match self.words.last_mut() {
            Some(word) => word.push_str(text),
            None => self.words.push(text.to_owned()),
        }
    }
}

/// The quote that is open behind the token. A backslash before a quote takes its meaning away,
/// whatever stands before the backslash.
fn quote_after(token: &str, mut quote: Option<char>) -> Option<char> {
    let mut last = None;
    for c in token.chars() {
        if matches!(c, '"' | '\'') && last != Some('\\') {
            match quote {
                None => quote = Some(c),
                Some(open) if open == c => quote = None,
                Some(_) => (),
            }
        }
        last = Some(c);
    }
    quote
}

#[cfg(test)]
mod tests;

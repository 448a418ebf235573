//! `key=value` arguments on one line, split with an eye on quotes and templates.
//!
//! The rules are those of the reference's `parsing/splitter.py`: blanks split words, but not inside
//! quotes or inside `{{ }}`, `{% %}`, `{# #}`; a backslash before a line break joins lines; quotes
//! around a whole value are taken off; what is no `key=value` is the free text.

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
        match pair(&word) {
            Some((key, value)) if !command || COMMAND_KEYS.contains(&key) => {
                let value = text.with_text(unescape(unquote(value.trim())));
                let key = match key.contains("{{") {
                    true => text.with_text(key),
                    false => text.untrusted().with_text(key),
                };
                line.pairs.insert(Value::Str(key), Value::Str(value));
            }
            _ => free.push(word.replace("\\=", "=")),
        }
    }
    if !free.is_empty() {
        line.free = Some(join(&free));
    }
    Ok(line)
}

/// Splits `key=value` at the first `=` that stands in no template; the key must be a plain word,
/// but for templates in it (`{{ name }}_port=80`).
fn pair(word: &str) -> Option<(&str, &str)> {
    let (key, value) = word.split_at_checked(equals_sign(word)?)?;
    let plain = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let right = !key.is_empty() && key.trim() == key && without_templates(key).chars().all(plain);
    right.then_some((key, value.strip_prefix('=')?))
}

/// Where the first `=` is that stands in no template.
fn equals_sign(word: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let rest = word.get(from..)?;
        let sign = rest.find('=')?;
        match rest.find("{{").filter(|open| *open < sign) {
            Some(open) => from += open + rest.get(open..)?.find("}}")? + 2,
            None => return Some(from + sign),
        }
    }
}

fn without_templates(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once("{{") {
        plain.push_str(before);
        rest = from.split_once("}}").map_or("", |(_, after)| after);
    }
    plain + rest
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
        let code = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
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
fn join(words: &[String]) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Splits at blanks outside of quotes and templates. A line break stays at the end of its word.
pub fn words(text: &str) -> Result<Vec<String>> {
    let mut state = Splitter::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        state.take(c, chars.peek().copied());
    }
    if let Some(open) = state.unfinished() {
        return Err(Error::syntax(format!(
            "the arguments end inside {open}: `{}`",
            shorten(text)
        )));
    }
    state.push();
    Ok(state.words)
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Where the splitter stands in the text.
#[derive(Default)]
struct Splitter {
    words: Vec<String>,
    word: String,
    quote: Option<char>,
    depth: usize,
    last: char,
}

impl Splitter {
    fn take(&mut self, c: char, next: Option<char>) {
        let escaped = self.last == '\\';
        if self.quote.is_none() && c == '\\' && next == Some('\n') {
            self.last = c;
            return;
        }
        if self.quote.is_none() && escaped && c == '\n' {
            self.last = c;
            self.push();
            return;
        }
        self.follow_templates(c);
        self.follow_quotes(c, escaped);
        let splits = self.quote.is_none() && self.depth == 0 && matches!(c, ' ' | '\t' | '\n');
        if !splits {
            self.word.push(c);
        } else if c == '\n' {
            self.end_line();
        } else {
            self.push();
        }
        self.last = if escaped && c == '\\' { ' ' } else { c };
    }

    /// A line break belongs to the word before it, so that free text keeps its lines.
    fn end_line(&mut self) {
        if self.word.is_empty() {
            if let Some(word) = self.words.last_mut() {
                word.push('\n');
            }
            return;
        }
        self.word.push('\n');
        self.push();
    }

    fn follow_templates(&mut self, c: char) {
        match (self.last, c) {
            ('{', '{' | '%' | '#') => self.depth += 1,
            ('}' | '%' | '#', '}') => self.depth = self.depth.saturating_sub(1),
            _ => (),
        }
    }

    fn follow_quotes(&mut self, c: char, escaped: bool) {
        if !matches!(c, '"' | '\'') || escaped || self.depth > 0 {
            return;
        }
        match self.quote {
            None => self.quote = Some(c),
            Some(open) if open == c => self.quote = None,
            Some(_) => (),
        }
    }

    fn push(&mut self) {
        if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
    }

    fn unfinished(&self) -> Option<&'static str> {
        match (self.quote, self.depth) {
            (Some(_), _) => Some("quotes"),
            (None, 1..) => Some("a template"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, words};
    use crate::value::Str;

    #[test]
    fn words_keep_quotes_and_templates_whole() {
        for (text, expected) in [
            ("a b  c", vec!["a", "b", "c"]),
            ("a='b c' d", vec!["a='b c'", "d"]),
            ("a={{ b + 'x y' }} c", vec!["a={{ b + 'x y' }}", "c"]),
            ("a \\\n b", vec!["a", "b"]),
            ("a\nb", vec!["a\n", "b"]),
            (
                "a={% if x %}y z{% endif %}",
                vec!["a={% if x %}y", "z{% endif %}"],
            ),
        ] {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
        assert!(words("a='b").is_err());
        assert!(words("a={{ b").is_err());
    }

    #[test]
    fn a_command_keeps_its_text_and_gives_up_its_own_keys() {
        let line = parse(&Str::new("echo a=b creates=/x 'c d'"), true).unwrap();
        assert_eq!(line.free.as_deref(), Some("echo a=b 'c d'"));
        assert_eq!(line.pairs.get("creates").unwrap().as_str(), Some("/x"));
        let line = parse(&Str::new("name=x state=\"a b\""), false).unwrap();
        assert_eq!(line.free, None);
        assert_eq!(line.pairs.get("state").unwrap().as_str(), Some("a b"));
    }
}

//! Names and their values, side by side.

use std::sync::LazyLock;

use regex::Regex;

use super::names::is_secret_name;
use super::text::{Marks, is_secret_value};

/// `name:`, `"name":`, `name =`, `name =>`, `$x['name'] =`, and `'name',` before another text.
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    let text = r#"(?x)
        (?P<open>["']?) (?P<name>[A-Za-z_][\w.-]*) (?P<close>["']?)
        \s* \]? \s* (?P<sign> => | := | [:=,] ) [\x20\t]*
    "#;
    #[expect(
        clippy::unwrap_used,
        reason = "the pattern is constant, and a test uses it"
    )]
    Regex::new(text).unwrap()
});

/// How far the end of a list or a dictionary is looked for, in bytes.
const LONGEST: usize = 64 * 1024;

/// Every `name: value`. A value without quotes may hold further pairs, where its name is harmless.
pub(super) fn pairs(text: &str, marks: &mut Marks) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = HEAD.captures(rest) {
        let (quoted, end) = (
            !found["open"].is_empty() && found["open"] == found["close"],
            found.get(0).map_or(rest.len(), |head| head.end()),
        );
        shown.push_str(&rest[..end]);
        let behind = &rest[end..];
        let name = &found["name"];
        let listed = &found["sign"] == ",";
        rest = behind;
        if !is_secret_name(name) || listed && !(quoted && behind.starts_with(['"', '\''])) {
            continue;
        }
        let value = &behind[..value(behind, quoted)];
        // A list of names has names in it.
        let is_name = listed && is_secret_name(value.trim_matches(['"', '\'']));
        if is_secret_value(value) && !is_name {
            shown.push_str(&marks.mark_quoted(value));
            rest = &behind[value.len()..];
        }
    }
    shown.push_str(rest);
    shown
}

/// How long the value is that a text begins with. A value without quotes goes to the end of its line, or, behind
/// a name in quotes, to what ends it in a list or a dictionary.
fn value(text: &str, quoted: bool) -> usize {
    let line = text.find('\n').unwrap_or(text.len());
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => end_of_quoted(text, quote).unwrap_or(line),
        Some('{') if text.starts_with("{{") => 0,
        // A password may begin with a bracket, where no name in quotes says that this is one of JSON's.
        Some('{' | '[') if quoted => {
            let window = floor(text, LONGEST);
            end_of_brackets(&text[..window]).unwrap_or(window)
        }
        Some('{' | '[') => end_of_brackets(&text[..line]).unwrap_or(line),
        Some(',' | '|' | '>') | None => 0,
        Some(_) if quoted => text
            .find(|c: char| c.is_whitespace() || ",}])".contains(c))
            .unwrap_or(text.len()),
        Some(_) => line,
    }
}

/// Where a text in quotes ends: a quote in it stands behind `\`, or is doubled as YAML and SQL do.
fn end_of_quoted(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            c if c == quote => match chars.peek() {
                Some((_, next)) if quote == '\'' && *next == quote => drop(chars.next()),
                _ => return Some(at + c.len_utf8()),
            },
            _ => (),
        }
    }
    None
}

/// Where a text may be cut that is to have so many bytes at most.
fn floor(text: &str, most: usize) -> usize {
    let most = most.min(text.len());
    (0..=most)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// Where what a bracket opens is closed.
fn end_of_brackets(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '"' | '\'' => at += end_of_quoted(&text[at..], c)?,
            '{' | '[' => (depth, at) = (depth + 1, at + 1),
            '}' | ']' if depth == 1 => return Some(at + 1),
            '}' | ']' => (depth, at) = (depth - 1, at + 1),
            c => at += c.len_utf8(),
        }
    }
    None
}

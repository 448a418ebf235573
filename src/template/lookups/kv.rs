//! `key=value` words in the term of a lookup.

use crate::error::{Error, Result};

/// The pairs in a term, and the words that are none.
pub(super) struct Words {
    pub(super) pairs: Vec<(String, String)>,
    /// The other words, joined by blanks as they were.
    pub(super) raw: Option<String>,
}

/// Splits at blanks outside of quotes; a word with an `=` is a pair, its value without quotes.
///
/// # Errors
/// A quote is not closed.
pub(super) fn read(term: &str) -> Result<Words> {
    let mut pairs = Vec::new();
    let mut raw: Vec<String> = Vec::new();
    for word in split(term)? {
        let decoded = decoded(&word);
        match pair(&decoded) {
            Some((key, value)) => pairs.push((key.trim().to_owned(), unquoted(value.trim()))),
            None => raw.push(word.replace("\\=", "=")),
        }
    }
    Ok(Words {
        pairs,
        raw: (!raw.is_empty()).then(|| raw.join(" ")),
    })
}

/// The parts around the first `=` that no backslash stands before and that is not the first letter.
fn pair(word: &str) -> Option<(&str, &str)> {
    let at = word
        .match_indices('=')
        .map(|(at, _)| at)
        .find(|at| *at > 0 && !word.get(..*at).unwrap_or_default().ends_with('\\'))?;
    Some((word.get(..at)?, word.get(at + 1..)?))
}

fn unquoted(text: &str) -> String {
    let quoted = |quote: char| {
        text.len() > 1 && text.starts_with(quote) && text.ends_with(quote) && {
            !text
                .get(..text.len() - 1)
                .unwrap_or_default()
                .ends_with('\\')
        }
    };
    if quoted('"') || quoted('\'') {
        return text.get(1..text.len() - 1).unwrap_or_default().to_owned();
    }
    text.to_owned()
}

fn split(term: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for c in term.trim().chars() {
        match (quote, c) {
            (None, ' ' | '\n' | '\t') => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            (None, '"' | '\'') if !escaped => quote = Some(c),
            (Some(open), c) if open == c && !escaped => quote = None,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        word.push(c);
    }
    if quote.is_some() {
        return Err(Error::template(format!(
            "a quote is not closed in `{term}`"
        )));
    }
    if !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

/// The word with `\n`, `\t`, `\x41` and their like read.
fn decoded(word: &str) -> String {
    let mut out = String::new();
    let mut rest = word.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let after = rest.as_str();
        let coded = |digits: usize| {
            let text = after.get(1..=digits)?;
            let code = u32::from_str_radix(text, 16).ok()?;
            Some((char::from_u32(code)?, digits + 1))
        };
        let single = |c: char| Some((c, 1));
        let read = match after.chars().next() {
            Some('x') => coded(2),
            Some('u') => coded(4),
            Some('U') => coded(8),
            Some('n') => single('\n'),
            Some('t') => single('\t'),
            Some('r') => single('\r'),
            Some('a') => single('\u{7}'),
            Some('b') => single('\u{8}'),
            Some('f') => single('\u{c}'),
            Some('v') => single('\u{b}'),
            Some('\\') => single('\\'),
            Some('\'') => single('\''),
            Some('"') => single('"'),
            _ => None,
        };
        match read {
            Some((c, length)) => {
                out.push(c);
                rest = after.get(length..).unwrap_or_default().chars();
            }
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn words_are_split_as_in_a_task() {
        let words = read(r#"a key  file='x y.csv' delimiter=\t col=2 q="it's" e\=f"#).unwrap();
        assert_eq!(words.raw.as_deref(), Some("a key e=f"));
        let pairs: Vec<(&str, &str)> = words
            .pairs
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("file", "x y.csv"),
                ("delimiter", ""),
                ("col", "2"),
                ("q", "it's")
            ]
        );
        assert!(read("a='b").is_err());
    }
}

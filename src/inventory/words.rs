//! A line in words, as Python's `shlex.split(line, comments=True)` makes them.

/// A word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The text, without quotes and backslashes.
    pub(super) text: String,
    /// Where it begins, in characters from the line's begin.
    pub(super) at: usize,
}

/// Why a line is not words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfinished {
    /// The quotation that begins at this character is not closed.
    Quote(usize),
    /// The line ends in a backslash.
    Escape(usize),
}

/// Splits a line at blanks outside of quotes. A `#` outside of quotes begins a comment, even in
/// the middle of a word.
pub(super) fn split(line: &str) -> Result<Vec<Word>, Unfinished> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut letters = line.chars().enumerate();
    while let Some((at, c)) = letters.next() {
        if c == '#' {
            break;
        }
        if matches!(c, ' ' | '\t' | '\r' | '\n') {
            words.extend(word.take());
            continue;
        }
        let text = &mut word
            .get_or_insert_with(|| Word {
                text: String::new(),
                at,
            })
            .text;
        match c {
            '\\' => text.push(letters.next().ok_or(Unfinished::Escape(at))?.1),
            '"' => double(text, &mut letters).ok_or(Unfinished::Quote(at))?,
            '\'' => single(text, &mut letters).ok_or(Unfinished::Quote(at))?,
            c => text.push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Reads up to the closing `'`.
fn single(text: &mut String, letters: &mut impl Iterator<Item = (usize, char)>) -> Option<()> {
    loop {
        match letters.next()?.1 {
            '\'' => return Some(()),
            c => text.push(c),
        }
    }
}

/// Reads up to the closing `"`; a backslash only hides `"` and itself.
fn double(text: &mut String, letters: &mut impl Iterator<Item = (usize, char)>) -> Option<()> {
    loop {
        match letters.next()?.1 {
            '"' => return Some(()),
            '\\' => {
                let c = letters.next()?.1;
                if !matches!(c, '"' | '\\') {
                    text.push('\\');
                }
                text.push(c);
            }
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Unfinished, split};

    #[test]
    fn lines_are_split_as_shlex_does() {
        for (line, words) in [
            ("a b=c", vec!["a", "b=c"]),
            ("a  b='c d' e=\"f g\"", vec!["a", "b=c d", "e=f g"]),
            ("a b=x#y z", vec!["a", "b=x"]),
            ("a 'b#c' # d", vec!["a", "b#c"]),
            (
                r#"a b="x \"y\" \n \\" c=\ d"#,
                vec!["a", r#"b=x "y" \n \"#, "c= d"],
            ),
            (r"a b='\'", vec!["a", r"b=\"]),
            ("a '' b", vec!["a", "", "b"]),
            ("a b=''\"\"", vec!["a", "b="]),
            ("a\u{a0}b", vec!["a\u{a0}b"]),
        ] {
            let split: Vec<String> = split(line).unwrap().into_iter().map(|w| w.text).collect();
            assert_eq!(split, words, "{line}");
        }
    }

    #[test]
    fn words_know_where_they_begin() {
        let at: Vec<usize> = split("é  b 'c'").unwrap().iter().map(|w| w.at).collect();
        assert_eq!(at, [0, 3, 5]);
    }

    #[test]
    fn quotes_must_be_closed() {
        assert_eq!(split("a 'b"), Err(Unfinished::Quote(2)));
        assert_eq!(split("a \"b\\\""), Err(Unfinished::Quote(2)));
        assert_eq!(split("a\\"), Err(Unfinished::Escape(1)));
    }
}

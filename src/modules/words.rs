//! Splits a command line as Python's `shlex.split` does, which is what `command` promises.

/// The words of `text`: blanks part them, quotes and backslashes keep them together. Nothing
/// expands, `#` begins no comment, and inside double quotes a backslash escapes only `"` and `\`.
///
/// # Errors
/// A quote that is not closed, or a backslash at the very end.
pub fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => single(&mut chars, word.get_or_insert_default())?,
            '"' => double(&mut chars, word.get_or_insert_default())?,
            '\\' => {
                let escaped = chars.next().ok_or("a backslash ends the text")?;
                word.get_or_insert_default().push(escaped);
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

fn single(chars: &mut std::str::Chars, word: &mut String) -> Result<(), String> {
    for c in chars {
        if c == '\'' {
            return Ok(());
        }
        word.push(c);
    }
    Err("a single quote is not closed".to_owned())
}

fn double(chars: &mut std::str::Chars, word: &mut String) -> Result<(), String> {
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok(()),
            '\\' => match chars.next() {
                Some(escaped @ ('"' | '\\')) => word.push(escaped),
                Some(other) => word.extend(['\\', other]),
                None => break,
            },
            c => word.push(c),
        }
    }
    Err("a double quote is not closed".to_owned())
}

/// The first word and what follows it, as it stands.
///
/// # Errors
/// As [`split`]; or there is no word.
pub fn first(text: &str) -> Result<(String, &str), String> {
    let text = text.trim_start();
    let mut end = text.len();
    for (position, c) in text.char_indices() {
        if c.is_ascii_whitespace() && split(&text[..position]).is_ok_and(|words| words.len() == 1) {
            end = position;
            break;
        }
    }
    let word = split(&text[..end])?.into_iter().next();
    let word = word.ok_or("there is no word in it")?;
    Ok((word, text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::{first, split};

    #[test]
    fn words_are_split_as_python_does() {
        for (text, words) in [
            ("a  b\tc\nd", &["a", "b", "c", "d"][..]),
            ("'a b' \"c d\"e", &["a b", "c de"]),
            (r#""a\"b\\c\$d""#, &[r#"a"b\c\$d"#]),
            (r"a\ b \#c #d", &["a b", "#c", "#d"]),
            (r"'a\b'", &[r"a\b"]),
            ("'' x", &["", "x"]),
            ("", &[]),
            ("$HOME ~/x", &["$HOME", "~/x"]),
        ] {
            assert_eq!(split(text).unwrap(), words, "{text}");
        }
        for text in ["'a", "\"a", "a\\", "\"a\\"] {
            assert!(split(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_first_word_leaves_the_rest_as_it_is() {
        for (text, word, rest) in [
            ("a.sh 'b c' $d", "a.sh", "'b c' $d"),
            ("'my script.sh' x", "my script.sh", "x"),
            (r"my\ script.sh", "my script.sh", ""),
        ] {
            assert_eq!(first(text).unwrap(), (word.to_owned(), rest));
        }
        assert!(first("  ").is_err());
    }
}

//! The one place that quotes.

use std::fmt::Write;

/// Text that is safe to stand in a shell program as one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// The quoted text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Quotes `text` as one word: as it is where it needs no quotes, else in single ones, as Python's
/// `shlex.quote` writes it. A NUL cannot stand in a shell word and is left out.
pub fn quote(text: &str) -> Word {
    let safe = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        return Word(text.to_owned());
    }
    Word(quoted(text))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', r#"'"'"'"#))
}

/// Quotes a path of the host for an assignment: a leading `~` or `~user` and `$NAME` are left for
/// the host's shell to expand, as Ansible's `path` arguments are; everything else is literal.
pub fn quote_path(path: &str) -> Word {
    let (home, rest) = split_home(path);
    let mut out = home.to_owned();
    let mut literal = String::new();
    let mut chars = rest.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let name = if c == '$' {
            variable(&rest[start..])
        } else {
            None
        };
        let Some((name, length)) = name else {
            literal.push(c);
            continue;
        };
        flush(&mut literal, &mut out);
        let original = &rest[start..start + length];
        let _ = write!(
            out,
            "\"${{{name}-{}}}\"",
            original.replace('$', "\\$").replace('}', "\\}")
        );
        while chars.peek().is_some_and(|(next, _)| *next < start + length) {
            chars.next();
        }
    }
    flush(&mut literal, &mut out);
    if out.is_empty() {
        out.push_str("''");
    }
    Word(out)
}

fn flush(literal: &mut String, out: &mut String) {
    if !literal.is_empty() {
        out.push_str(quote(literal).as_str());
        literal.clear();
    }
}

/// Splits `~/` or `~user/` off the beginning of a path: a shell expands it only where the slash
/// stands outside of quotes too.
fn split_home(path: &str) -> (&str, &str) {
    if !path.starts_with('~') {
        return ("", path);
    }
    let end = path.find('/').unwrap_or(path.len());
    let user = &path[1..end];
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if user.chars().all(plain) && !user.starts_with(['-', '+', '.']) {
        path.split_at((end + 1).min(path.len()))
    } else {
        ("", path)
    }
}

/// Variables that a shell has by itself, which are nothing of the environment: in a path they stand for themselves.
const OF_SHELLS: [&str; 15] = [
    "_", "EUID", "GROUPS", "IFS", "LINENO", "OPTARG", "OPTIND", "PPID", "PS1", "PS2", "PS3", "PS4",
    "RANDOM", "SECONDS", "UID",
];

/// A `$NAME` or `${NAME}` at the beginning: the name, and the length of the whole.
fn variable(text: &str) -> Option<(&str, usize)> {
    let braced = text[1..].starts_with('{');
    let start = if braced { 2 } else { 1 };
    let name_length = text[start..]
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len() - start);
    let name = &text[start..start + name_length];
    if name.is_empty()
        || name.starts_with(|c: char| c.is_ascii_digit())
        || OF_SHELLS.contains(&name)
    {
        return None;
    }
    if !braced {
        return Some((name, start + name_length));
    }
    text[start + name_length..]
        .starts_with('}')
        .then_some((name, start + name_length + 1))
}

#[cfg(test)]
mod tests {
    use super::{quote, quote_path};

    #[test]
    fn words_are_quoted_as_python_does() {
        for (text, word) in [
            ("", "''"),
            ("a/b-c.d", "a/b-c.d"),
            ("a b", "'a b'"),
            ("it's", r#"'it'"'"'s'"#),
            ("$x", "'$x'"),
            ("~", "'~'"),
        ] {
            assert_eq!(quote(text).as_str(), word);
        }
    }

    #[test]
    fn a_path_keeps_home_and_variables_for_the_host() {
        for (path, word) in [
            ("/etc/x y", "'/etc/x y'"),
            ("~/a b", "~/'a b'"),
            ("~", "~"),
            ("~/", "~/"),
            ("~x y", "'~x y'"),
            ("~bob/x", "~bob/x"),
            ("~;rm/x", "'~;rm/x'"),
            ("$HOME/x", r#""${HOME-\$HOME}"/x"#),
            ("${HOME}/x", r#""${HOME-\${HOME\}}"/x"#),
            ("/a/$(rm)", "'/a/$(rm)'"),
            ("/a/h$_", "'/a/h$_'"),
            ("/a/${RANDOM}", "'/a/${RANDOM}'"),
        ] {
            assert_eq!(quote_path(path).as_str(), word, "{path}");
        }
    }
}

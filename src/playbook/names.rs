//! What a variable may be called.

use super::keyword;
use crate::error::Error;
use crate::value::{Map, Value};

/// Says whether a text is a name that a variable can have: an ASCII identifier that Jinja can look
/// up. Python's own keywords are fine.
pub fn is_variable_name(name: &str) -> bool {
    const RESERVED: &[&str] = &["true", "false", "none", "True", "False", "None", "not"];
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED.contains(&name)
}

/// A warning for each variable that hides a word of the language or of templates: a user who writes
/// `port` or `name` seldom means to (`warn_if_reserved` of the reference's `vars/reserved.py`).
pub fn warnings(vars: &Map) -> impl Iterator<Item = Error> {
    vars.keys().filter_map(warning)
}

/// The warning for one name.
pub fn warning(key: &Value) -> Option<Error> {
    let name = key.as_str().filter(|name| is_reserved(name))?;
    Some(
        Error::input(format!("Found variable using reserved name '{name}'."))
            .at(key.place().cloned()),
    )
}

/// Says whether a name is a keyword, or a function of templates.
fn is_reserved(name: &str) -> bool {
    // `vars` the reference adds itself; the others are no attributes of its objects.
    const FREE: &[&str] = &["gather_subset", "listen", "role", "user", "vars"];
    const MORE: &[&str] = &[
        "async_val",
        "cycler",
        "dict",
        "joiner",
        "lipsum",
        "lookup",
        "namespace",
        "now",
        "omit",
        "q",
        "query",
        "range",
        "undef",
        "with_",
    ];
    MORE.contains(&name) || (keyword::find(name).is_some() && !FREE.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_language_are_no_good_names() {
        for name in [
            "port",
            "name",
            "tags",
            "hosts",
            "environment",
            "lookup",
            "q",
        ] {
            assert!(is_reserved(name), "{name}");
        }
        for name in [
            "vars",
            "user",
            "role",
            "http_port",
            "item",
            "ansible_port",
            "",
        ] {
            assert!(!is_reserved(name), "{name}");
        }
    }
}

//! What a beginner probably meant: conditions in the words of other languages, facts that were not gathered.

use crate::error::Error;

/// What is probably wrong with a condition that cannot be parsed.
pub(super) fn of_condition(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = outside_quotes(text);
    if bare.contains("{{") {
        let plain = text.replace("{{", " ").replace("}}", " ");
        let plain: Vec<&str> = plain.split_whitespace().collect();
        return Some(format!(
            "a condition is an expression already and needs no braces: `{}`",
            plain.join(" ")
        ));
    }
    for (wrong, right) in [
        ("&&", "and"),
        ("||", "or"),
        ("===", "=="),
        ("=~", "is search"),
        ("<>", "!="),
    ] {
        if bare.contains(wrong) {
            return Some(format!("write `{right}` instead of `{wrong}`"));
        }
    }
    if let Some(at) = lone_equals(&bare) {
        // Quotes were blanked by characters of one byte each, so the places are the same.
        let mut right = text.to_owned();
        right.replace_range(at..=at, "==");
        return Some(format!("`=` compares nothing: write `{right}`"));
    }
    if bare.starts_with('!') {
        return Some(format!(
            "write `not {}`",
            text.trim_start_matches('!').trim()
        ));
    }
    let words: Vec<&str> = bare.split_whitespace().collect();
    if words.first().is_some_and(|word| *word == "if") {
        return Some("`when` is the `if` already: write the condition alone".to_owned());
    }
    None
}

/// The text with blanks for what stands in quotes.
fn outside_quotes(text: &str) -> String {
    let mut open = None;
    let blank = |c: char| " ".repeat(c.len_utf8());
    let parts = text.chars().map(|c| match open {
        Some(quote) => {
            if c == quote {
                open = None;
            }
            blank(c)
        }
        None if c == '\'' || c == '"' => {
            open = Some(c);
            blank(c)
        }
        None => c.to_string(),
    });
    parts.collect()
}

/// The place of a `=` that stands alone, outside of brackets, where it would name an argument.
fn lone_equals(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'=' if depth == 0 => {
                let before = at.checked_sub(1).map(|before| bytes[before]);
                let joined = matches!(before, Some(b'=' | b'!' | b'<' | b'>'))
                    || bytes.get(at + 1) == Some(&b'=');
                if !joined {
                    return Some(at);
                }
            }
            _ => (),
        }
    }
    None
}

/// Facts that playbooks use most, by their first words.
const FACTS: &[&str] = &[
    "all_ipv4_addresses",
    "all_ipv6_addresses",
    "apparmor",
    "architecture",
    "bios_",
    "board_",
    "cmdline",
    "date_time",
    "default_ipv4",
    "default_ipv6",
    "devices",
    "distribution",
    "dns",
    "domain",
    "effective_",
    "env",
    "eth",
    "fips",
    "form_factor",
    "fqdn",
    "hostname",
    "interfaces",
    "kernel",
    "local",
    "lsb",
    "lvm",
    "machine",
    "mem",
    "memtotal_mb",
    "memfree_mb",
    "mounts",
    "nodename",
    "os_family",
    "pkg_mgr",
    "processor",
    "product_",
    "python",
    "selinux",
    "service_mgr",
    "swap",
    "system",
    "uptime",
    "user_",
    "userspace_",
    "virtualization_",
];

fn is_fact(name: &str) -> bool {
    FACTS.iter().any(|fact| {
        name.strip_prefix(fact).is_some_and(|rest| {
            rest.is_empty()
                || fact.ends_with('_')
                || rest.starts_with('_')
                || rest.starts_with(char::is_numeric)
        })
    })
}

/// What to do about a comparison of a text with a number.
pub(super) fn of_types(error: &Error) -> Option<String> {
    let message = error.message();
    let compares = message.contains("not supported between instances of");
    let mixed = message.contains("'str' and 'int'")
        || message.contains("'int' and 'str'")
        || message.contains("'str' and 'float'");
    let adds = message.contains("can only concatenate str")
        || message.contains("unsupported operand type(s) for +: 'int' and 'str'");
    match (compares && mixed, adds) {
        (true, _) => Some(
            "one side is a text: `| int` makes a number of it, as in `port | int > 80`".to_owned(),
        ),
        (_, true) => Some(
            "`~` joins values of any type to a text, and `| int` makes a number of one".to_owned(),
        ),
        _ => None,
    }
}

/// What is probably the matter where a fact is undefined.
pub(super) fn of_facts(error: &Error, gathered: bool) -> Option<String> {
    if gathered {
        return None;
    }
    let quoted = |text: &str| text.split('\'').rev().nth(1).map(str::to_owned);
    let message = error.message();
    let fact = match message.strip_suffix("' is undefined") {
        Some(_) => quoted(message)?
            .strip_prefix("ansible_")
            .filter(|name| is_fact(name))?
            .to_owned(),
        None if message.starts_with("object of type 'dict' has no attribute") => {
            quoted(message).filter(|name| is_fact(name))?
        }
        None => return None,
    };
    Some(format!(
        "`{fact}` is a fact, and facts of this host were not gathered: leave `gather_facts: false` out of the play, or \
         run the module `setup` before"
    ))
}

#[cfg(test)]
mod tests {
    use super::{of_condition, of_facts};
    use crate::error::Error;

    #[test]
    fn conditions_in_the_words_of_others_are_understood() {
        for (text, hint) in [
            ("{{ x }} == 1", "needs no braces: `x == 1`"),
            ("x = 1", "`=` compares nothing: write `x == 1`"),
            ("x == 1 && y", "write `and` instead of `&&`"),
            ("x || y", "write `or` instead of `||`"),
            ("!x", "write `not x`"),
            ("if x", "write the condition alone"),
            ("name = 'a = b'", "write `name == 'a = b'`"),
        ] {
            let said = of_condition(text).unwrap_or_default();
            assert!(said.contains(hint), "{text}: {said}");
        }
        for text in ["x == 'a = b'", "x is match('a', ignorecase=", "x >= 1 ("] {
            assert_eq!(of_condition(text), None, "{text}");
        }
    }

    #[test]
    fn a_fact_that_was_not_gathered_is_known_as_one() {
        let undefined = |name: &str| Error::undefined(format!("'{name}' is undefined"));
        assert!(of_facts(&undefined("ansible_os_family"), false).is_some());
        assert!(of_facts(&undefined("ansible_eth0"), false).is_some());
        assert!(of_facts(&undefined("ansible_os_family"), true).is_none());
        assert!(of_facts(&undefined("os_family"), false).is_none());
        assert!(of_facts(&undefined("ansible_usr"), false).is_none());
        let attribute = Error::undefined("object of type 'dict' has no attribute 'os_family'");
        assert!(of_facts(&attribute, false).is_some());
        let attribute = Error::undefined("object of type 'dict' has no attribute 'colour'");
        assert!(of_facts(&attribute, false).is_none());
    }
}

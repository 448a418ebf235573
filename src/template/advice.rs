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

/// Facts that playbooks use.
const FACTS: &[&str] = &[
    "all_ipv4_addresses",
    "all_ipv6_addresses",
    "apparmor",
    "architecture",
    "chassis_asset_tag",
    "cmdline",
    "date_time",
    "default_ipv4",
    "default_ipv6",
    "device_links",
    "devices",
    "distribution",
    "dns",
    "domain",
    "env",
    "fips",
    "form_factor",
    "fqdn",
    "hostname",
    "hostnqn",
    "interfaces",
    "is_chroot",
    "iscsi_iqn",
    "kernel",
    "loadavg",
    "local",
    "lsb",
    "lvm",
    "machine",
    "machine_id",
    "memfree_mb",
    "memory_mb",
    "memtotal_mb",
    "mounts",
    "nodename",
    "os_family",
    "pkg_mgr",
    "proc_cmdline",
    "processor",
    "python",
    "python_version",
    "real_group_id",
    "real_user_id",
    "selinux",
    "service_mgr",
    "swapfree_mb",
    "swaptotal_mb",
    "system",
    "system_capabilities",
    "system_vendor",
    "uptime_seconds",
    "user_dir",
    "user_gecos",
    "user_gid",
    "user_id",
    "user_shell",
    "user_uid",
    "userspace_architecture",
    "userspace_bits",
];

/// How names of more facts begin.
const FACTS_OF: &[&str] = &[
    "bios_",
    "board_",
    "distribution_",
    "effective_",
    "kernel_",
    "processor_",
    "product_",
    "selinux_",
    "ssh_host_key_",
    "virtualization_",
];

fn is_fact(name: &str) -> bool {
    let is_interface = || {
        ["eth", "wlan", "ens", "eno", "enp"].iter().any(|kind| {
            let rest = name.strip_prefix(kind);
            rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    FACTS.contains(&name)
        || FACTS_OF.iter().any(|prefix| name.starts_with(prefix))
        || is_interface()
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
        // Any dictionary may lack a `domain`: what was written says whether it is that of the facts.
        None if message.starts_with("object of type 'dict' has no attribute")
            && is_about_facts(error) =>
        {
            quoted(message).filter(|name| is_fact(name))?
        }
        None => return None,
    };
    Some(format!(
        "`{fact}` is a fact, and facts of this host were not gathered: leave `gather_facts: false` out of the play, or \
         run the module `setup` before"
    ))
}

/// Says whether the line that an error points at names the dictionary of facts.
fn is_about_facts(error: &Error) -> bool {
    let line = error.place().and_then(|place| {
        let number = (place.line as usize).checked_sub(1)?;
        place.source.text().lines().nth(number)
    });
    line.is_some_and(|line| line.contains("ansible_facts"))
}

#[cfg(test)]
mod tests {
    use super::{of_condition, of_facts};
    use crate::error::{Error, Place, Source};

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
        assert!(of_facts(&undefined("ansible_python_interpreter"), false).is_none());
        let attribute = |name: &str, line: &str| {
            let place = Place::new(Source::new("site.yml", line), 1, 1);
            let text = format!("object of type 'dict' has no attribute '{name}'");
            of_facts(&Error::undefined(text).at(place), false)
        };
        assert!(attribute("os_family", "msg: '{{ ansible_facts.os_family }}'").is_some());
        assert!(attribute("colour", "msg: '{{ ansible_facts.colour }}'").is_none());
        assert!(attribute("domain", "msg: '{{ site.domain }}'").is_none());
    }
}

//! Secrets in texts of any kind: settings, YAML, JSON, Python's way to write a dictionary.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::HIDDEN;
use super::names::is_secret_name;

/// `name: value`, `"name": "value"`, `name = value`, `name="value"`; unquoted values go to the end of their line.
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    let text = r#"(?x)
        (?P<head> (?P<open>["']?) (?P<name>[A-Za-z_][\w.-]*) ["']? \s* [:=] [\x20\t]* )
        (?P<value> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [^\s"',{\[|>][^\n]* )
    "#;
    #[expect(
        clippy::unwrap_used,
        reason = "the pattern is constant, and a test uses it"
    )]
    Regex::new(text).unwrap()
});

/// `requirepass value`: a line of two words.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(
        clippy::unwrap_used,
        reason = "the pattern is constant, and a test uses it"
    )]
    Regex::new(r"(?m)^(?P<head>[ \t+-]*(?P<name>[A-Za-z_][\w.-]*)[ \t]+)(?P<value>\S+)[ \t]*$")
        .unwrap()
});

/// The lines of a private key.
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "the pattern is constant, and a test uses it")]
    Regex::new(r"(?s)(?P<head>-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)(?P<value>.*?)(?:(?P<tail>-----END [A-Z0-9 ]*PRIVATE KEY-----)|\z)")
        .unwrap()
});

/// The secrets that were hidden, so that one which is new is told from one that was there before.
#[derive(Default)]
pub(super) struct Marks {
    known: HashSet<String>,
    tells_new: bool,
}

impl Marks {
    /// From now on a secret that was not there before is marked as new.
    pub(super) fn tell_new(&mut self) {
        self.tells_new = true;
    }

    fn mark(&mut self, value: &str) -> String {
        let value = value.trim();
        match self.tells_new && !self.known.contains(value) {
            true => format!("{HIDDEN} (new)"),
            false => {
                self.known.insert(value.to_owned());
                HIDDEN.to_owned()
            }
        }
    }
}

/// The text with `***` in place of what secret names hold in it.
pub(super) fn conceal(text: &str, marks: &mut Marks) -> String {
    let text = KEY.replace_all(text, |found: &Captures<'_>| {
        let mark = marks.mark(&found["value"]);
        let tail = found.name("tail").map_or("", |tail| tail.as_str());
        format!("{}\n{mark}\n{tail}", &found["head"])
    });
    let text = pairs(&text, marks);
    let text = WORDS.replace_all(&text, |found: &Captures<'_>| {
        let value = &found["value"];
        match is_secret_name(&found["name"])
            && is_secret_value(value)
            && !value.starts_with(['=', ':'])
        {
            true => format!("{}{}", &found["head"], marks.mark(value)),
            false => found[0].to_owned(),
        }
    });
    text.into_owned()
}

/// Every `name: value`. A value without quotes may hold further pairs, where its name is harmless.
fn pairs(text: &str, marks: &mut Marks) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = PAIR.captures(rest) {
        let (Some(head), Some(value)) = (found.name("head"), found.name("value")) else {
            break;
        };
        shown.push_str(&rest[..head.end()]);
        let hides = is_secret_name(&found["name"]) && is_secret_value(value.as_str());
        if hides {
            let bare = value.as_str().trim_matches(['"', '\'']);
            let mark = marks.mark(bare);
            let quote = value
                .as_str()
                .chars()
                .next()
                .filter(|c| matches!(c, '"' | '\''));
            let quote = quote.map(String::from).unwrap_or_default();
            shown.push_str(&format!("{quote}{mark}{quote}"));
            rest = &rest[value.end()..];
        } else {
            rest = &rest[head.end()..];
        }
    }
    shown.push_str(rest);
    shown
}

/// What stands for nothing, for a choice or for another name is no secret.
fn is_secret_value(value: &str) -> bool {
    let bare = value.trim().trim_matches(['"', '\'']).to_lowercase();
    !matches!(
        bare.as_str(),
        "" | "true"
            | "false"
            | "yes"
            | "no"
            | "null"
            | "none"
            | "~"
            | "on"
            | "off"
            | "always"
            | "on_create"
            | "***"
    ) && !bare.starts_with("!vault")
        && !bare.starts_with("{{")
}

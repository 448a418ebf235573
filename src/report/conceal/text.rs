//! Secrets in texts of any kind: settings, YAML, JSON, Python's way to write a dictionary, XML, SQL.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Captures, Regex, RegexBuilder};

use super::HIDDEN;
use super::blocks::blocks;
use super::names::is_secret_name;
use super::pairs::pairs;

/// A pattern of ours.
macro_rules! pattern {
    ($name:ident, $text:expr, $why:literal) => {
        #[doc = $why]
        static $name: LazyLock<Regex> = LazyLock::new(|| {
            // It is constant, and a test uses it.
            RegexBuilder::new($text)
                .case_insensitive(true)
                .build()
                .unwrap()
        });
    };
}

pattern!(
    HINTS,
    r"pass|pw|secret|token|credential|key|psk|auth|bearer|://|identified",
    "What stands in every text that holds a secret."
);
pattern!(
    WORDS,
    r#"(?m)^(?P<head>[ \t+-]*(?P<name>[a-z_][\w.-]*)[ \t]+)(?:(?P<quoted>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|(?P<bare>\S+)[ \t]*(?:[#;].*)?$)"#,
    "`requirepass value`: a line of two words, or of a name and a text in quotes."
);
pattern!(
    KEY,
    r"(?s)(?P<head>-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----)(?P<value>.*?)(?:(?P<tail>-----END [A-Z0-9 ]*PRIVATE KEY-----)|\z)",
    "The lines of a private key."
);
pattern!(
    LOGIN,
    r#"(?P<head>://[^\s:/@'"]*:)(?P<value>[^\s/@'"]+)(?P<tail>@)"#,
    "A password in an address."
);
pattern!(
    HEADER,
    r#"(?P<head>authorization["']?\s*[:=,]?>?\s*["']?(?:basic|bearer|digest|token|apikey|negotiate)\s+|\bbearer\s+)(?P<value>[^\s"',;{}<>]{6,})"#,
    "A login in a header of HTTP."
);
pattern!(
    XML,
    r"(?P<head><(?P<name>[a-z_][\w.-]*)(?:\s[^<>]*)?>)(?P<value>[^<>]+)(?P<tail><)",
    "`<password>value<`."
);
pattern!(
    SQL,
    r#"(?P<head>\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+(?:password\s+)?)(?P<value>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|[^\s;]+)"#,
    "A user's password in SQL."
);

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

    /// What stands in place of a value.
    pub(super) fn mark(&mut self, value: &str) -> String {
        let value = value.trim();
        match self.tells_new && !self.known.contains(value) {
            true => format!("{HIDDEN} (new)"),
            false => {
                self.known.insert(value.to_owned());
                HIDDEN.to_owned()
            }
        }
    }

    /// What stands in place of a value in quotes, or without.
    pub(super) fn mark_quoted(&mut self, value: &str) -> String {
        let mark = self.mark(value.trim().trim_matches(['"', '\'']));
        match value.chars().next() {
            Some(quote @ ('"' | '\'')) => format!("{quote}{mark}{quote}"),
            _ => mark,
        }
    }
}

/// Says whether it is worth looking closer.
pub(super) fn may_hold_secrets(text: &str) -> bool {
    HINTS.is_match(text)
}

/// The text with `***` in place of what secret names hold in it.
pub(super) fn conceal(text: &str, marks: &mut Marks) -> String {
    if !may_hold_secrets(text) {
        return text.to_owned();
    }
    let text = KEY.replace_all(text, |found: &Captures<'_>| {
        let mark = marks.mark(&found["value"]);
        let tail = found.name("tail").map_or("", |tail| tail.as_str());
        format!("{}\n{mark}\n{tail}", &found["head"])
    });
    let text = blocks(&text, marks);
    let text = each(&LOGIN, &text, marks, |_| true);
    let text = each(&HEADER, &text, marks, is_login);
    let text = each(&SQL, &text, marks, |_| true);
    let text = each(&XML, &text, marks, |found| is_secret_name(&found["name"]));
    let text = pairs(&text, marks);
    let text = WORDS.replace_all(&text, |found: &Captures<'_>| {
        let quoted = found.name("quoted");
        let value = quoted
            .or(found.name("bare"))
            .map_or("", |value| value.as_str());
        let hides = is_secret_name(&found["name"])
            && is_secret_value(value)
            && !value.starts_with(['=', ':', '|', '>']);
        match hides {
            true => format!("{}{}", &found["head"], marks.mark_quoted(value)),
            false => found[0].to_owned(),
        }
    });
    text.into_owned()
}

/// `bearer of good news` is no login.
fn is_login(found: &Captures<'_>) -> bool {
    let named = found["head"].to_lowercase().starts_with("auth");
    named || found["value"].chars().any(|c| c.is_ascii_digit())
}

fn each(
    pattern: &Regex,
    text: &str,
    marks: &mut Marks,
    hides: impl Fn(&Captures<'_>) -> bool,
) -> String {
    let shown = pattern.replace_all(text, |found: &Captures<'_>| {
        let value = &found["value"];
        if !is_secret_value(value) || !hides(found) {
            return found[0].to_owned();
        }
        let tail = found.name("tail").map_or("", |tail| tail.as_str());
        format!("{}{}{tail}", &found["head"], marks.mark_quoted(value))
    });
    shown.into_owned()
}

/// What stands for nothing, for a choice or for another name is no secret.
pub(super) fn is_secret_value(value: &str) -> bool {
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
            | "*** (new)"
    ) && !bare.starts_with("!vault")
        && !bare.starts_with("{{")
}

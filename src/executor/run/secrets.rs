//! What came out of vaults in this run, so that none of it is shown.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use crate::error::Source;
use crate::shell::quote;
use crate::value::{Value, to_json};
use crate::vault::Secret;
use crate::yaml;

/// Shorter texts are in everything: hiding them would hide all, and say what they are.
const SHORTEST: usize = 3;

/// A shorter text is in many results by chance, and says little by itself.
const TELLING: usize = 6;

/// The opened files and values of a run.
#[derive(Debug, Default)]
pub struct Secrets(Mutex<Opened>);

/// What was opened, and the texts in it, the longest first.
#[derive(Default)]
struct Opened {
    whole: Vec<Secret>,
    texts: Vec<Zeroizing<String>>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.whole.len())
    }
}

impl Secrets {
    /// Notes what was opened: a value, or the whole text of a file.
    pub fn note(&self, secret: &Secret) {
        let mut opened = self.opened();
        if opened.whole.contains(secret) {
            return;
        }
        opened.whole.push(secret.clone());
        let mut all = BTreeSet::new();
        gather(&secret.expose_text(), &mut all);
        let known: BTreeSet<&str> = opened.texts.iter().map(|text| text.as_str()).collect();
        all.retain(|text| !known.contains(text.as_str()));
        opened.texts.extend(all.into_iter().map(Zeroizing::new));
        opened
            .texts
            .sort_by_key(|text| std::cmp::Reverse(text.len()));
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whether a line of JSON holds a secret that tells something.
    pub fn are_in(&self, json: &str) -> bool {
        let opened = self.opened();
        let mut telling = opened.texts.iter().filter(|text| text.len() >= TELLING);
        telling.any(|text| {
            let quoted = to_json(&Value::str(text.as_str()));
            json.contains(quoted.trim_matches('"'))
        })
    }

    /// The text with `***` for each secret in it, as it is and as the shell and JSON write it. Of a file of
    /// variables, each text in it is a secret.
    pub fn masked(&self, text: &str) -> String {
        let opened = self.opened();
        opened.texts.iter().fold(text.to_owned(), |text, secret| {
            let json = to_json(&Value::str(secret.as_str()));
            let quoted = quote(secret);
            let text = match quoted.as_str() == secret.as_str() {
                true => text,
                false => text.replace(quoted.as_str(), "'***'"),
            };
            text.replace(json.trim_matches('"'), "***")
                .replace(secret.as_str(), "***")
        })
    }
}

/// The whole text, and the texts in it where it is YAML.
fn gather(text: &str, all: &mut BTreeSet<String>) {
    add(text, all);
    let source = Source::sealed("<vault>", text);
    if let Ok(document) = yaml::load(&source, &yaml::Options::default()) {
        leaves(document.root.value(), all);
    }
}

fn leaves(value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| leaves(item, all)),
        Value::Map(map) => map.values().for_each(|item| leaves(item, all)),
        Value::Str(text) => add(text, all),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => add(&value.to_text(), all),
        _ => (),
    }
}

fn add(text: &str, all: &mut BTreeSet<String>) {
    let text = text.trim();
    if text.len() >= SHORTEST {
        all.insert(text.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, Secrets};

    #[test]
    fn what_was_opened_is_hidden() {
        let secrets = Secrets::default();
        secrets.note(&Secret::new("hunter2"));
        secrets.note(&Secret::new("it's"));
        secrets.note(&Secret::new("ab"));
        secrets.note(&Secret::new("line\n two"));
        secrets.note(&Secret::new(
            "password: s3cret\nlist: [one1, 4711]\nyes: true\n",
        ));
        for (text, shown) in [
            ("x='hunter2' y=hunter22", "x='***' y=***2"),
            (r#"echo 'it'"'"'s'; echo it's"#, "echo '***'; echo ***"),
            (r#"{"a": "line\n two"}"#, r#"{"a": "***"}"#),
            (
                "s3cret one1 4711 true ab password",
                "*** *** *** true ab password",
            ),
        ] {
            assert_eq!(secrets.masked(text), shown);
        }
        secrets.note(&Secret::new("a \"long\" one"));
        assert!(secrets.are_in(r#"{"stdout": "it is a \"long\" one"}"#));
        assert!(!secrets.are_in(r#"{"stdout": "it's ab, one1"}"#));
    }
}

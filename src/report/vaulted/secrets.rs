//! What came out of vaults in this run, so that none of it is shown.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::finder::{Finder, HIDDEN, Pattern};
use crate::error::Source;
use crate::shell::quote;
use crate::value::{Value, to_json};
use crate::vault::Secret;
use crate::yaml;

/// Shorter texts are in everything: hiding them would hide all, and say what they are.
const SHORTEST: usize = 3;

/// A shorter text is in many results by chance, and says little by itself.
const TELLING: usize = 6;

/// A text of more words is prose or a configuration: its plain words are in every output.
const FEW_WORDS: usize = 8;

/// Of a longer text, in bytes, the lines and words are looked for, and not the whole: it never stands in one line,
/// and what looks for it would need its size many times over.
const LONGEST: usize = 64 * 1024;

/// The most bytes of lines and words of one text that are looked for.
const MOST: usize = 1024 * 1024;

/// The opened files and values of a run.
#[derive(Debug, Default)]
pub struct Secrets(Mutex<Opened>);

/// What was opened, and the texts in it, the longest first.
#[derive(Default)]
struct Opened {
    whole: Vec<Secret>,
    texts: Vec<Text>,
    /// What looks for them in results, and in the text of shells; nothing since there is a new secret.
    finders: Option<(Arc<Finder>, Arc<Finder>)>,
}

/// A text that is not to be shown.
struct Text {
    text: Zeroizing<String>,
    /// Whether its lines and words are secret too: those of a file of variables are names.
    has_parts: bool,
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
        let mut all = BTreeMap::new();
        gather(&secret.expose_text(), &mut all);
        let known: BTreeSet<&str> = opened
            .texts
            .iter()
            .map(|known| known.text.as_str())
            .collect();
        all.retain(|text, _| !known.contains(text.as_str()));
        if all.is_empty() {
            return;
        }
        opened.finders = None;
        opened
            .texts
            .extend(all.into_iter().map(|(text, has_parts)| Text {
                text: Zeroizing::new(text),
                has_parts,
            }));
        opened
            .texts
            .sort_by_key(|text| std::cmp::Reverse(text.text.len()));
    }

    /// Says whether nothing was opened yet.
    pub fn is_empty(&self) -> bool {
        self.opened().whole.is_empty()
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whether a line of JSON holds a secret that tells something.
    pub fn are_in(&self, json: &str) -> bool {
        let opened = self.opened();
        let texts = opened.texts.iter().map(|text| text.text.as_str());
        let mut telling = texts.filter(|text| text.len() >= TELLING);
        telling.any(|text| {
            let quoted = to_json(&Value::str(text));
            json.contains(quoted.trim_matches('"'))
        })
    }

    /// What finds the secrets in results; nothing where nothing was opened.
    pub(super) fn finder(&self) -> Option<Arc<Finder>> {
        self.finders().map(|(results, _)| results)
    }

    fn finders(&self) -> Option<(Arc<Finder>, Arc<Finder>)> {
        let mut opened = self.opened();
        if opened.texts.is_empty() {
            return None;
        }
        let Opened { texts, finders, .. } = &mut *opened;
        let (results, shells) = finders.get_or_insert_with(|| {
            let whole = texts.iter().map(|text| text.text.as_str().to_owned());
            let results = Finder::new(in_results(texts), whole.collect());
            let shells = Finder::new(in_shells(texts), HashSet::new());
            (Arc::new(results), Arc::new(shells))
        });
        Some((Arc::clone(results), Arc::clone(shells)))
    }

    /// A text as it is written: with `***` for each secret in it, as in results.
    pub fn written(&self, text: &str) -> String {
        let shown = self.finder().and_then(|finder| finder.masked(text));
        shown.unwrap_or_else(|| text.to_owned())
    }

    /// The text with `***` for each secret in it, as it is and as the shell and JSON write it. Of a file of
    /// variables, each text in it is a secret; of a text of several words, each that tells something, since a
    /// command has them apart.
    pub fn masked(&self, text: &str) -> String {
        let shown = self.finders().and_then(|(_, shells)| shells.masked(text));
        shown.unwrap_or_else(|| text.to_owned())
    }
}

/// What is looked for in results: what tells something anywhere, and what is short where it stands alone and is no
/// plain word. A shorter plain word (`root`, `5432`) is hidden only where it is all that a text has.
fn in_results(texts: &[Text]) -> Vec<Pattern> {
    let mut all = Vec::new();
    for Text { text, has_parts } in texts {
        let is_word = text.len() < TELLING;
        if text.len() <= LONGEST && (!is_word || !is_plain(text)) {
            add_written(text, is_word, &mut all);
        }
        if *has_parts {
            add_parts(text, &mut all);
        }
    }
    all
}

/// What is looked for in the text of shells.
fn in_shells(texts: &[Text]) -> Vec<Pattern> {
    let mut all = Vec::new();
    for Text { text, has_parts } in texts {
        if text.len() <= LONGEST {
            let quoted = quote(text);
            if quoted.as_str() != text.as_str() {
                let hidden = "'***'";
                all.push(pattern(quoted.as_str(), hidden, false));
            }
            add_written(text, false, &mut all);
        }
        if *has_parts {
            add_parts(text, &mut all);
        }
    }
    all
}

fn pattern(text: &str, hidden: &'static str, is_word: bool) -> Pattern {
    Pattern {
        text: text.to_owned(),
        hidden,
        is_word,
    }
}

/// A text as it is, and as JSON writes it.
fn add_written(text: &str, is_word: bool, all: &mut Vec<Pattern>) {
    let json = to_json(&Value::str(text));
    let json = json.trim_matches('"');
    if json != text {
        all.push(pattern(json, HIDDEN, is_word));
    }
    all.push(pattern(text, HIDDEN, is_word));
}

/// The lines of a text, and its words that tell something: those of a passphrase, and of a longer text those that are
/// no plain words, such as a key has.
fn add_parts(text: &str, all: &mut Vec<Pattern>) {
    let mut left = MOST;
    let mut lines: Vec<&str> = text.lines().map(str::trim).collect();
    if lines.len() < 2 {
        lines.clear();
    }
    let words = text.split_whitespace().take(MOST / TELLING);
    let words: Vec<&str> = words.collect();
    let few = words.len() <= FEW_WORDS;
    let words = words.iter().filter(|word| few || !is_plain(word));
    let words = words
        .map(|word| (*word, true))
        .filter(|(word, _)| *word != text);
    let lines = lines.into_iter().filter(|line| !is_plain(line));
    for (part, is_word) in lines.map(|line| (line, false)).chain(words) {
        if part.len() < TELLING || part.len() > LONGEST {
            continue;
        }
        let Some(rest) = left.checked_sub(part.len()) else {
            return;
        };
        left = rest;
        add_written(part, is_word, all);
    }
}

/// Says whether a text is a plain word, a number or a name of the language: letters of one kind, or digits, with `-`,
/// `_`, `.`, `:` beside them.
fn is_plain(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| c.is_ascii_punctuation());
    let only = |kind: fn(char) -> bool| bare.chars().all(|c| kind(c) || "-_.:".contains(c));
    let capital = {
        let mut chars = bare.chars();
        chars.next();
        chars.as_str()
    };
    only(char::is_lowercase)
        || only(char::is_uppercase)
        || only(|c| c.is_ascii_digit())
        || capital
            .chars()
            .all(|c| c.is_lowercase() || "-_.:".contains(c))
}

/// The whole text, and the texts in it where it is YAML; each with whether its parts are secret too.
fn gather(text: &str, all: &mut BTreeMap<String, bool>) {
    let source = Source::sealed("<vault>", text);
    let document = yaml::load(&source, &yaml::Options::default()).ok();
    let root = document.as_ref().map(|document| document.root.value());
    let is_file = matches!(root, Some(Value::Map(_) | Value::List(_)));
    add(text, !is_file, all);
    if let Some(root) = root {
        leaves(root, all);
    }
}

fn leaves(value: &Value, all: &mut BTreeMap<String, bool>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| leaves(item, all)),
        Value::Map(map) => map.values().for_each(|item| leaves(item, all)),
        Value::Str(text) => add(text, true, all),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => add(&value.to_text(), true, all),
        _ => (),
    }
}

fn add(text: &str, has_parts: bool, all: &mut BTreeMap<String, bool>) {
    let text = text.trim();
    if text.len() >= SHORTEST {
        *all.entry(text.to_owned()).or_default() |= has_parts;
    }
}

//! Looks for many texts at once: the time does not depend on how many they are.

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, Input, MatchKind};

/// What stands in place of a secret.
pub(super) const HIDDEN: &str = "***";

/// What is looked for, and what stands in its place.
pub(super) struct Pattern {
    pub(super) text: String,
    pub(super) hidden: &'static str,
    /// Whether it counts only where no letter or digit stands beside it.
    pub(super) is_word: bool,
}

/// What finds the secrets of a run.
pub(super) struct Finder {
    patterns: Vec<(&'static str, bool)>,
    automaton: Option<AhoCorasick>,
    /// What is hidden where it is the whole of a text.
    whole: HashSet<String>,
}

impl Finder {
    /// One that finds these; of two that begin at the same place the longer one counts.
    pub(super) fn new(patterns: Vec<Pattern>, whole: HashSet<String>) -> Finder {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(patterns.iter().map(|pattern| pattern.text.as_bytes()));
        Finder {
            // It fails where there are more than 2^31 bytes of patterns: the vaults are bounded.
            automaton: automaton.ok().filter(|_| !patterns.is_empty()),
            patterns: patterns
                .into_iter()
                .map(|pattern| (pattern.hidden, pattern.is_word))
                .collect(),
            whole,
        }
    }

    /// Says whether a text as a whole is a secret.
    pub(super) fn is_secret(&self, text: &str) -> bool {
        self.whole.contains(text.trim())
    }

    /// The text with `***` for each secret in it; nothing where there is none.
    pub(super) fn masked(&self, text: &str) -> Option<String> {
        if self.is_secret(text) {
            return Some(HIDDEN.to_owned());
        }
        let automaton = self.automaton.as_ref()?;
        let mut shown: Option<String> = None;
        let (mut told, mut from) = (0, 0);
        while let Some(found) = automaton.find(Input::new(text).span(from..text.len())) {
            let (hidden, is_word) = self.patterns[found.pattern().as_usize()];
            if is_word && !stands_alone(text, found.start(), found.end()) {
                let next = text[found.start()..].chars().next();
                from = found.start() + next.map_or(1, char::len_utf8);
                continue;
            }
            let shown = shown.get_or_insert_default();
            shown.push_str(&text[told..found.start()]);
            shown.push_str(hidden);
            (told, from) = (found.end(), found.end());
        }
        let mut shown = shown?;
        shown.push_str(&text[told..]);
        Some(shown)
    }
}

/// Says whether neither a letter nor a digit stands beside a part of a text.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let behind = text[end..].chars().next();
    ![before, behind]
        .into_iter()
        .flatten()
        .any(char::is_alphanumeric)
}

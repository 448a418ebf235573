//! The attributes of many paths, set in few commands.

use crate::modules::attributes::{Differences, exact_mode};
use crate::shell::quote;

/// The most paths of one command, and the most bytes of them.
const MOST_PATHS: usize = 200;
const MOST_BYTES: usize = 48 * 1024;

/// What `set_batches` reads: verbs with their values and the paths they are for.
#[derive(Debug, Default)]
pub struct Batches(Vec<Batch>);

#[derive(Debug)]
struct Batch {
    depth: usize,
    verb: &'static str,
    value: String,
    paths: Vec<String>,
}

impl Batches {
    /// Says whether nothing has to be set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what has to be set for a path. `via` sets the owner of what a link leads to.
    pub fn add_differences(&mut self, path: &str, found: &Differences, via: bool) {
        let (owner, group) = found.owners();
        if let Some(owner) = owner {
            let verb = if via { "owner-via" } else { "owner" };
            self.add(verb, owner.to_string(), path);
        }
        if let Some(group) = group {
            let verb = if via { "group-via" } else { "group" };
            self.add(verb, group.to_string(), path);
        }
        if let Some(mode) = found.mode() {
            self.add("mode", exact_mode(mode), path);
        }
        if !found.context().is_empty() {
            self.add("context", joined(found.context()), path);
        }
    }

    /// Adds a path to the last batch of its kind, or to a new one where that is full.
    pub fn add(&mut self, verb: &'static str, value: String, path: &str) {
        let depth = path.matches('/').count();
        let same =
            |batch: &&mut Batch| batch.depth == depth && batch.verb == verb && batch.value == value;
        if let Some(batch) = self.0.iter_mut().rev().find(same)
            && batch.paths.len() < MOST_PATHS
            && batch.paths.iter().map(String::len).sum::<usize>() < MOST_BYTES
        {
            batch.paths.push(path.to_owned());
            return;
        }
        self.0.push(Batch {
            depth,
            verb,
            value,
            paths: vec![path.to_owned()],
        });
    }

    /// The list for the script: what is deeper comes first, so that no folder is given away before
    /// all that is in it has been set.
    pub fn words(&self) -> Vec<String> {
        let words = |batch: &Batch| {
            [
                batch.verb.to_owned(),
                batch.value.clone(),
                joined(&batch.paths),
            ]
        };
        let mut batches: Vec<&Batch> = self.0.iter().collect();
        batches.sort_by_key(|batch| std::cmp::Reverse(batch.depth));
        batches.into_iter().flat_map(words).collect()
    }
}

/// Quoted words in one text.
fn joined(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| quote(word)).collect();
    let words: Vec<_> = words.iter().map(|word| word.as_str()).collect();
    words.join(" ")
}

//! Everything below a folder, and how its attributes become right in few commands.

use crate::error::Result;
use crate::modules::attributes::{Attributes, Differences, Fresh, exact_mode};
use crate::modules::node::Node;
use crate::shell::{Reply, quote};

use super::times::Time;

/// The most paths of one command, and the most bytes of them.
const MOST_PATHS: usize = 200;
const MOST_BYTES: usize = 48 * 1024;

/// A verb of `file_batches` with its value, and the paths it is for.
struct Batch {
    verb: &'static str,
    value: String,
    paths: Vec<String>,
}

/// The list that `file_batches` reads: what has to be set below a folder. Empty where all is
/// right.
///
/// # Errors
/// As [`Attributes::differences`].
pub fn batches(
    reply: &Reply,
    attributes: &Attributes,
    times: &[(&'static str, Time)],
) -> Result<Vec<String>> {
    let mut batches = Vec::new();
    for (path, node, via) in nodes(reply) {
        let found = attributes.differences_in_tree(reply, Some(&node), Fresh::File)?;
        add_attributes(&mut batches, &path, &found, via);
        for (name, time) in times {
            let current = if *name == "atime" { node.accessed } else { node.modified };
            if let Some(value) = time.difference(current, reply.int(name)) {
                add(&mut batches, name, value, &path);
            }
        }
    }
    Ok(batches.iter().flat_map(words).collect())
}

/// The paths below the folder with what stands there (behind a link, where the flag says so), from
/// the answer `tree`.
fn nodes(reply: &Reply) -> Vec<(String, Node, bool)> {
    let text = reply.text("tree").unwrap_or_default();
    // Every record ends with the session's mark on a line of its own; so does the last.
    let Some(end) = text.trim_end_matches('\n').rsplit('\n').next() else {
        return Vec::new();
    };
    text.split(&format!("\n{end}\n"))
        .filter_map(|record| record_node(record.trim_start_matches('\n')))
        .collect()
}

/// One record: the lines of `look`, then the path, which may hold line ends.
fn record_node(record: &str) -> Option<(String, Node, bool)> {
    let lines = if record.starts_with("ls") {
        3
    } else {
        context_lines(record)
    };
    let start = record
        .match_indices('\n')
        .nth(lines - 1)
        .map(|(at, _)| at + 1)?;
    let (head, path) = record.split_at(start);
    let via = head.starts_with("via");
    Some((path.to_owned(), Node::parse(head)?, via))
}

/// How many lines stand before the path: four with an SELinux context.
fn context_lines(record: &str) -> usize {
    let fourth = record.split('\n').nth(3).unwrap_or("");
    if fourth.starts_with('/') || fourth.starts_with('.') || !fourth.contains(":object_r:") {
        3
    } else {
        4
    }
}

fn add_attributes(batches: &mut Vec<Batch>, path: &str, found: &Differences, via: bool) {
    let (owner, group) = found.owners();
    if let Some(owner) = owner {
        let verb = if via { "owner-via" } else { "owner" };
        add(batches, verb, owner.to_string(), path);
    }
    if let Some(group) = group {
        let verb = if via { "group-via" } else { "group" };
        add(batches, verb, group.to_string(), path);
    }
    if let Some(mode) = found.mode() {
        add(batches, "mode", exact_mode(mode), path);
    }
    if !found.context().is_empty() {
        let words: Vec<_> = found.context().iter().map(|word| quote(word)).collect();
        let words: Vec<_> = words.iter().map(|word| word.as_str()).collect();
        add(batches, "context", words.join(" "), path);
    }
}

/// Adds a path to the last batch of its kind, or to a new one where that is full.
fn add(batches: &mut Vec<Batch>, verb: &'static str, value: String, path: &str) {
    let same = |batch: &&mut Batch| batch.verb == verb && batch.value == value;
    if let Some(batch) = batches.iter_mut().rev().find(same)
        && batch.paths.len() < MOST_PATHS
        && batch.paths.iter().map(String::len).sum::<usize>() < MOST_BYTES
    {
        batch.paths.push(path.to_owned());
        return;
    }
    batches.push(Batch {
        verb,
        value,
        paths: vec![path.to_owned()],
    });
}

fn words(batch: &Batch) -> [String; 3] {
    let paths: Vec<_> = batch.paths.iter().map(|path| quote(path)).collect();
    let paths: Vec<_> = paths.iter().map(|path| path.as_str()).collect();
    [batch.verb.to_owned(), batch.value.clone(), paths.join(" ")]
}

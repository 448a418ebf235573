//! Everything below a folder, and how its attributes become right.

use crate::error::Result;
use crate::modules::attributes::{Attributes, Fresh};
use crate::modules::batches::Batches;
use crate::modules::node::Node;
use crate::shell::Reply;
use crate::value::Value;

use super::times::Time;

/// What has to be set below a folder.
///
/// # Errors
/// As [`Attributes::differences`].
pub fn batches(
    reply: &Reply,
    attributes: &Attributes,
    accessed: &Time,
    modified: &Time,
) -> Result<Batches> {
    let mut batches = Batches::default();
    for (path, node, via) in nodes(reply) {
        let found = attributes.differences_in_tree(reply, Some(&node), Fresh::File)?;
        batches.add_differences(&path, &found, via);
        let accessed = accessed.difference(node.accessed, reply.int("atime"));
        let modified = modified.difference(node.modified, reply.int("mtime"));
        match (accessed.as_deref(), modified.as_deref()) {
            // Both at once want no more than to be allowed to write.
            (Some("now"), Some("now")) => batches.add("times", "now".to_owned(), &path),
            (accessed, modified) => {
                for (name, value) in [("atime", accessed), ("mtime", modified)] {
                    if let Some(value) = value {
                        batches.add(name, value.to_owned(), &path);
                    }
                }
            }
        }
    }
    Ok(batches)
}

/// What is below a folder that goes, as its difference tells of it.
pub fn content(reply: &Reply) -> Value {
    let (folders, files): (Vec<_>, Vec<_>) =
        nodes(reply).into_iter().partition(|(_, node, _)| node.is_dir());
    let names = |nodes: Vec<(String, Node, bool)>| {
        Value::strings(nodes.into_iter().map(|(path, _, _)| path))
    };
    Value::map(crate::entries! { "directories" => names(folders), "files" => names(files) })
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

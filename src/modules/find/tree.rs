//! What a host has below a folder, in the order in which Python's `os.walk` meets it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::modules::record::Record;

/// Something that was found.
#[derive(Debug)]
pub struct Found {
    /// The folder that was searched, as it was given.
    pub base: Arc<str>,
    /// The whole path, without doubled slashes and dots.
    pub path: String,
    /// Its last part.
    pub name: String,
    /// How many folders it is below the one that was searched, from one.
    pub depth: i64,
    /// All that the host knows of it.
    pub record: Record,
}

/// A folder's entries by their names, and those below its folders.
#[derive(Debug, Default)]
pub struct Tree {
    entries: Vec<Found>,
    folders: BTreeMap<String, Tree>,
}

impl Tree {
    /// Reads what `find_tree` printed for `root`.
    pub fn read(root: &str, text: &str) -> Tree {
        let start = format!("{}/", root.trim_end_matches('/'));
        let base: Arc<str> = root.into();
        let mut tree = Tree::default();
        for record in records(text) {
            if let Some((record, path)) = split(record)
                && let Some(below) = path.strip_prefix(&start)
                && !below.is_empty()
            {
                tree.add(&base, &normal(&start), below, 1, record);
            }
        }
        tree
    }

    fn add(&mut self, base: &Arc<str>, folder: &str, below: &str, depth: i64, record: Record) {
        if let Some((name, rest)) = below.split_once('/') {
            let inside = format!("{folder}{name}/");
            let tree = self.folders.entry(name.to_owned()).or_default();
            tree.add(base, &inside, rest, depth + 1, record);
            return;
        }
        self.entries.push(Found {
            base: base.clone(),
            path: format!("{folder}{below}"),
            name: below.to_owned(),
            depth,
            record,
        });
    }

    /// Everything: of each folder first the files, then the folders, by name; then what is in
    /// these, where `recurse` says so.
    pub fn walk(mut self, recurse: bool) -> Vec<Found> {
        let mut all = Vec::new();
        let is_dir = |found: &Found| found.record.node.is_dir();
        self.entries
            .sort_by(|a, b| is_dir(a).cmp(&is_dir(b)).then_with(|| a.name.cmp(&b.name)));
        all.append(&mut self.entries);
        if recurse {
            for (_, tree) in self.folders {
                all.extend(tree.walk(true));
            }
        }
        all
    }
}

/// The records; each ends with the session's mark on a line of its own, and so does the last.
fn records(text: &str) -> Vec<&str> {
    let whole = text.trim_end_matches('\n');
    let Some(mark) = whole.rsplit('\n').next().filter(|mark| !mark.is_empty()) else {
        return Vec::new();
    };
    text.split(mark).map(|record| record.trim_start_matches('\n')).collect()
}

/// A record, and the path behind it.
fn split(text: &str) -> Option<(Record, &str)> {
    let lines = if text.starts_with("ls ") { 2 } else { 6 };
    let (at, _) = text.match_indices('\n').nth(lines - 1)?;
    let (head, path) = text.split_at(at + 1);
    Some((Record::parse(head)?, path.strip_suffix('\n')?))
}

/// Python's `normpath`, with a slash at the end.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if path.starts_with('/') => {}
            other => parts.push(other),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    match parts.is_empty() {
        true => root.to_owned(),
        false => format!("{root}{}/", parts.join("/")),
    }
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn paths_are_made_normal() {
        for (path, wanted) in [
            ("/a//b/./c/", "/a/b/c/"),
            ("/a/../b/", "/b/"),
            ("/../", "/"),
            ("a/b/", "a/b/"),
            ("./", ""),
            ("../x/", "../x/"),
        ] {
            assert_eq!(normal(path), wanted);
        }
    }
}

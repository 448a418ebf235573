//! The script's answer, ready to be asked: files by path, outputs by name, links, what exists.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::shell::Reply;

/// The sections of one reply.
#[derive(Debug, Default)]
pub(super) struct Sections {
    files: HashMap<String, String>,
    outputs: HashMap<String, String>,
    links: HashMap<String, String>,
    present: HashSet<String>,
}

impl Sections {
    pub(super) fn new(reply: &Reply) -> Self {
        let mut sections = Sections::default();
        for (name, bytes) in &reply.answers {
            let text = String::from_utf8_lossy(bytes);
            match name.as_str() {
                "exist" | "commands" => sections.present.extend(text.lines().map(str::to_owned)),
                "files" => sections.add_files(&text),
                "links" => sections.links.extend(text.lines().filter_map(link)),
                _ => {
                    sections.outputs.insert(name.clone(), text.into_owned());
                }
            }
        }
        sections
    }

    /// Takes in lines of `path:line`. No path that the script asks for holds a colon.
    fn add_files(&mut self, text: &str) {
        for line in text.split('\n') {
            if let Some((path, line)) = line.split_once(':')
                && path.starts_with('/')
            {
                let file = self.files.entry(path.to_owned()).or_default();
                file.push_str(line);
                file.push('\n');
            }
        }
    }

    /// A file's text without the blanks around it; nothing where it is empty or not there.
    pub(super) fn file(&self, path: &str) -> Option<&str> {
        let text = self.files.get(path)?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The files whose paths begin so, in the order of their paths.
    pub(super) fn files_under(&self, folder: &str) -> Vec<&str> {
        let mut paths: Vec<&str> = self.files.keys().map(String::as_str).collect();
        paths.retain(|path| path.starts_with(folder));
        paths.sort_unstable();
        paths
    }

    /// What a program printed, or nothing where it did not run.
    pub(super) fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str)
    }

    /// What a program printed without the blanks around it; nothing where that is nothing.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        let text = self.output(name)?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// Where a link leads, as it says itself.
    pub(super) fn link(&self, path: &str) -> Option<&str> {
        self.links.get(path).map(String::as_str)
    }

    /// The links whose paths begin so, in the order of their paths.
    pub(super) fn links_under(&self, folder: &str) -> Vec<&str> {
        let mut paths: Vec<&str> = self.links.keys().map(String::as_str).collect();
        paths.retain(|path| path.starts_with(folder));
        paths.sort_unstable();
        paths
    }

    /// Says whether a path that the script looks for is there.
    pub(super) fn exists(&self, path: &str) -> bool {
        self.present.contains(path)
    }

    /// Says whether the host has a command that the script looks for.
    pub(super) fn has_command(&self, name: &str) -> bool {
        self.present.iter().any(|path| base(path) == name)
    }
}

/// A line of `ls -l` that shows a link: its path and where it leads.
fn link(line: &str) -> Option<(String, String)> {
    let (before, target) = line.split_once(" -> ")?;
    let start = before.find(" /")? + 1;
    Some((before[start..].to_owned(), target.to_owned()))
}

/// The last part of a path.
pub(super) fn base(path: &str) -> &str {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
}

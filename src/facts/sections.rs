//! The script's answer, ready to be asked: files by path, outputs by name, links, what exists.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::ops::Bound;

use crate::shell::Reply;

/// The sections of one reply.
#[derive(Debug, Default)]
pub(super) struct Sections {
    files: BTreeMap<String, String>,
    links: BTreeMap<String, String>,
    outputs: HashMap<String, String>,
    present: HashSet<String>,
    /// The host's own facts, in the order of their files.
    pub(super) locals: Vec<Local>,
}

/// A file of the host's own facts.
#[derive(Debug, Default)]
pub(super) struct Local {
    /// The file.
    pub(super) path: String,
    /// What it says, or printed.
    pub(super) text: Vec<u8>,
    /// How it ended, where it is a program.
    pub(super) status: Option<i32>,
    /// What it printed on standard error.
    pub(super) error: String,
    /// Whether it is a link to nothing.
    pub(super) is_gone: bool,
}

impl Sections {
    pub(super) fn new(reply: &Reply) -> Self {
        let mut sections = Sections::default();
        for (name, bytes) in &reply.answers {
            let text = String::from_utf8_lossy(bytes);
            if sections.add_local(name, bytes, &text) {
                continue;
            }
            match name.as_str() {
                "exist" | "commands" => sections.present.extend(text.lines().map(str::to_owned)),
                "files" => sections.add_files(&text),
                "links" => sections.links.extend(text.lines().filter_map(link)),
                "sizes" => sections
                    .outputs
                    .entry(name.clone())
                    .or_default()
                    .push_str(&text),
                _ => {
                    sections.outputs.insert(name.clone(), text.into_owned());
                }
            }
        }
        sections
    }

    /// Takes in one of the answers that tell of a file of local facts.
    fn add_local(&mut self, name: &str, bytes: &[u8], text: &str) -> bool {
        if name == "local" {
            self.locals.push(Local {
                path: text.to_owned(),
                ..Local::default()
            });
            return true;
        }
        let Some(local) = self.locals.last_mut() else {
            return false;
        };
        match name {
            "local_text" => local.text = bytes.to_vec(),
            "local_rc" => local.status = text.trim().parse().ok(),
            "local_error" => local.error = text.to_owned(),
            "local_gone" => local.is_gone = true,
            _ => return false,
        }
        true
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
        under(&self.files, folder)
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
        under(&self.links, folder)
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

fn under<'a>(paths: &'a BTreeMap<String, String>, folder: &str) -> Vec<&'a str> {
    let from = paths.range::<str, _>((Bound::Included(folder), Bound::Unbounded));
    from.map(|(path, _)| path.as_str())
        .take_while(|path| path.starts_with(folder))
        .collect()
}

/// The last part of a path.
pub(super) fn base(path: &str) -> &str {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
}

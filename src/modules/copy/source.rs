//! What the controller has to copy: a file, or a tree with its links.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::modules::delivery::{Item, What};
use crate::modules::digest::sha1;
use crate::modules::placing::bytes;
use crate::modules::{Answer, Ask, Body, Entry, Step};

/// Files up to this size are read and travel in memory; larger ones are sent from their file.
const IN_MEMORY: u64 = 1024 * 1024;

/// How deep links to folders may lead into each other before one is taken for a circle.
const DEEPEST: usize = 8;

/// What to do with the items.
type Then = Box<dyn FnOnce(Vec<Item>) -> Result<Step> + Send>;

/// A source on its way to become items.
pub struct Source {
    /// Open vaults.
    pub decrypt: bool,
    /// Copy what links lead to, not the links.
    pub follow: bool,
    /// What is still to be listed: a folder, its path below the destination, and how many links to
    /// folders led there.
    folders: Vec<(PathBuf, String, usize)>,
    /// What is still to be read.
    files: Vec<(PathBuf, String, Entry)>,
    items: Vec<Item>,
}

impl Source {
    pub fn new(decrypt: bool, follow: bool) -> Self {
        Source {
            decrypt,
            follow,
            folders: Vec::new(),
            files: Vec::new(),
            items: Vec::new(),
        }
    }

    /// The item of one file.
    pub fn file(mut self, path: PathBuf, name: String, entry: Entry, then: Then) -> Result<Step> {
        self.files.push((path, name, entry));
        self.next(then)
    }

    /// The items of everything below a folder. `below` is what their paths begin with, empty or a
    /// folder's name that is itself an item.
    pub fn tree(mut self, path: PathBuf, below: String, then: Then) -> Result<Step> {
        if !below.is_empty() {
            self.items.push(Item {
                below: below.clone(),
                what: What::Directory,
            });
        }
        self.folders.push((path, below, 0));
        self.next(then)
    }

    fn next(mut self, then: Then) -> Result<Step> {
        if let Some((folder, below, depth)) = self.folders.pop() {
            let list = Ask::List(folder.clone());
            return Ok(Step::ask(list, move |answer| {
                let Answer::Entries(entries) = answer else {
                    return Err(Error::bug("a folder was listed without entries"));
                };
                for entry in entries {
                    self.sort(&folder, &below, depth, entry)?;
                }
                self.next(then)
            }));
        }
        match self.files.pop() {
            Some((path, below, entry)) => Ok(self.read(path, below, entry, then)),
            None => {
                self.items.sort_by(|a, b| a.below.cmp(&b.below));
                then(self.items)
            }
        }
    }

    fn sort(&mut self, folder: &Path, below: &str, depth: usize, entry: Entry) -> Result<()> {
        let path = folder.join(&entry.path);
        let name = text(&entry.path)?;
        let place = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        let what = match &entry.link {
            Some(link) if !self.follow || entry.is_dir && depth >= DEEPEST => {
                What::Link(text(link)?)
            }
            Some(_) if entry.is_dir && leads_up(&path, entry.link.as_deref()) => {
                What::Link(text(entry.link.as_deref().unwrap_or(Path::new("")))?)
            }
            Some(_) if entry.is_dir => {
                self.folders.push((path, place.clone(), depth + 1));
                What::Directory
            }
            None if entry.is_dir => What::Directory,
            _ => {
                self.files.push((path, place, entry));
                return Ok(());
            }
        };
        self.items.push(Item { below: place, what });
        Ok(())
    }

    fn read(mut self, path: PathBuf, below: String, entry: Entry, then: Then) -> Step {
        let open = entry.sealed && self.decrypt;
        if open || entry.size <= IN_MEMORY && entry.link.is_none() {
            let ask = Ask::Read { path, open };
            return Step::ask(ask, move |answer| {
                let Answer::Bytes(content) = answer else {
                    return Err(Error::bug("a file was read without bytes"));
                };
                let sum = sha1(&content);
                self.add(below, Body::Bytes(content), sum, entry.mode);
                self.next(then)
            });
        }
        Step::ask(Ask::Checksum(path.clone()), move |answer| {
            match (answer, entry.link) {
                (Answer::Checksum(Some(sum)), _) => {
                    self.add(below, Body::File(path), sum, entry.mode);
                }
                // A link that leads to nothing stays a link.
                (Answer::Checksum(None), Some(link)) => self.items.push(Item {
                    below,
                    what: What::Link(text(&link)?),
                }),
                _ => {
                    return Err(Error::input(format!("failed to read `{}`", path.display())));
                }
            }
            self.next(then)
        })
    }

    fn add(&mut self, below: String, body: Body, sum: String, mode: u32) {
        self.items.push(Item {
            below,
            what: What::File { body, sum, mode },
        });
    }
}

/// The item of a text that the task itself holds.
pub fn content_item(content: Vec<u8>) -> Item {
    let sum = sha1(&content);
    Item {
        below: String::new(),
        what: What::File {
            body: bytes(content),
            sum,
            mode: 0o600,
        },
    }
}

/// Says whether a link leads to a folder that it is itself below: `..`, `.`, an absolute parent.
fn leads_up(path: &Path, link: Option<&Path>) -> bool {
    let (Some(folder), Some(link)) = (path.parent(), link) else {
        return false;
    };
    let mut led = folder.to_path_buf();
    for part in link.components() {
        match part {
            std::path::Component::ParentDir => {
                led.pop();
            }
            std::path::Component::CurDir => {}
            other => led.push(other),
        }
    }
    path.starts_with(&led)
}

fn text(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Error::input(format!(
            "the name `{}` is not UTF-8, and cannot be copied",
            path.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::leads_up;
    use std::path::Path;

    #[test]
    fn a_link_to_a_folder_above_it_is_a_circle() {
        for (path, link, up) in [
            ("/a/b/l", "..", true),
            ("/a/b/l", ".", true),
            ("/a/b/l", "/a", true),
            ("/a/b/l", "../c", false),
            ("/a/b/l", "c", false),
        ] {
            assert_eq!(leads_up(Path::new(path), Some(Path::new(link))), up, "{link}");
        }
    }
}

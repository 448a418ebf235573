//! What the controller has to copy: a file, or a tree with its links.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::modules::delivery::{Item, What};
use crate::modules::digest::sha1;
use crate::modules::placing::bytes;
use crate::modules::{Answer, Ask, Body, Entry, Step};

/// Files up to this size are read and travel in memory; larger ones are sent from their file.
const IN_MEMORY: u64 = 1024 * 1024;

/// What to do with the items.
type Then = Box<dyn FnOnce(Vec<Item>) -> Result<Step> + Send>;

/// A source on its way to become items.
pub struct Source {
    /// Open vaults.
    pub decrypt: bool,
    /// Copy what links lead to, not the links.
    pub follow: bool,
    /// What is still to be listed.
    folders: Vec<Folder>,
    /// What is still to be read.
    files: Vec<(PathBuf, String, Entry)>,
    items: Vec<Item>,
}

/// A folder that is still to be listed.
struct Folder {
    /// Where it really stands.
    path: PathBuf,
    /// Its path below the destination.
    below: String,
    /// The folders that lead to it: a link back to one of them, or to itself, is a circle.
    above: Vec<PathBuf>,
}

impl Folder {
    /// Whether a link below it leads back to a folder that it is itself below.
    fn is_circle(&self, link: &Path, real: &Path) -> bool {
        self.above.iter().any(|folder| folder == real) || self.between(link).any(|folder| folder == real)
    }

    /// The folders from the one that holds `link` up to this one.
    fn between<'a>(&'a self, link: &'a Path) -> impl Iterator<Item = &'a Path> {
        let folders = link.ancestors().skip(1);
        folders.take_while(|folder| folder.starts_with(&self.path))
    }

    /// The folders that lead to what a link below it leads to.
    fn above(&self, link: &Path) -> Vec<PathBuf> {
        let between = self.between(link).map(Path::to_path_buf);
        self.above.iter().cloned().chain(between).collect()
    }
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

    /// The items of everything below a folder, which really stands at `real`. `below` is what their paths
    /// begin with, empty or a folder's name that is itself an item.
    pub fn tree(mut self, path: PathBuf, real: Option<PathBuf>, below: String, then: Then) -> Result<Step> {
        if !below.is_empty() {
            self.items.push(Item {
                below: below.clone(),
                what: What::Directory,
            });
        }
        self.folders.push(Folder {
            path: real.unwrap_or(path),
            below,
            above: Vec::new(),
        });
        self.next(then)
    }

    fn next(mut self, then: Then) -> Result<Step> {
        if let Some(folder) = self.folders.pop() {
            let list = Ask::List(folder.path.clone());
            return Ok(Step::ask(list, move |answer| {
                let Answer::Entries(entries) = answer else {
                    return Err(Error::bug("a folder was listed without entries"));
                };
                for entry in entries {
                    self.sort(&folder, entry)?;
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

    fn sort(&mut self, folder: &Folder, entry: Entry) -> Result<()> {
        let path = folder.path.join(&entry.path);
        let name = text(&entry.path)?;
        let place = match folder.below.as_str() {
            "" => name,
            below => format!("{below}/{name}"),
        };
        let what = match (&entry.link, &entry.real) {
            (Some(link), _) if !self.follow => What::Link(text(link)?),
            (Some(link), Some(real)) if folder.is_circle(&path, real) => What::Link(text(link)?),
            (Some(_), Some(real)) => {
                self.folders.push(Folder {
                    path: real.clone(),
                    below: place.clone(),
                    above: folder.above(&path),
                });
                What::Directory
            }
            (None, _) if entry.is_dir => What::Directory,
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
    use super::Folder;
    use std::path::Path;

    #[test]
    fn a_link_to_a_folder_above_it_is_a_circle() {
        let folder = Folder {
            path: "/b".into(),
            below: "a/l".to_owned(),
            above: vec!["/a".into(), "/a/x".into()],
        };
        for (link, real, circle) in [
            ("/b/l", "/b", true),
            ("/b/c/l", "/b/c", true),
            ("/b/c/l", "/b", true),
            ("/b/l", "/a", true),
            ("/b/l", "/a/x", true),
            ("/b/l", "/a/y", false),
            ("/b/l", "/b/c", false),
            ("/b/l", "/", false),
        ] {
            assert_eq!(folder.is_circle(Path::new(link), Path::new(real)), circle, "{link} {real}");
        }
        let above = folder.above(Path::new("/b/c/l"));
        assert_eq!(above, ["/a", "/a/x", "/b/c", "/b"].map(Path::new));
    }
}

//! Sources: folders with a `galaxy.yml`, which are installed or built as artifacts.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::manifest;
use crate::error::{Error, Result};
use crate::galaxy::Galaxy;
use crate::galaxy::archive::Building;
use crate::galaxy::cache::sha256;
use crate::galaxy::metadata::Metadata;
use crate::value::{Value, to_json_with};

/// What is never part of a collection.
const IGNORED: [&str; 8] = [
    "MANIFEST.json",
    "FILES.json",
    "galaxy.yml",
    "galaxy.yaml",
    ".git",
    "*.pyc",
    "*.retry",
    "tests/output",
];

/// Folders that are never part of a collection, wherever they stand.
const IGNORED_FOLDERS: [&str; 7] = ["CVS", ".bzr", ".hg", ".git", ".svn", "__pycache__", ".tox"];

/// One path of a source.
struct Item {
    inside: PathBuf,
    kind: ItemKind,
}

enum ItemKind {
    Folder,
    /// A file, and whether it can be run.
    File {
        runs: bool,
    },
    /// A link that stays inside, with where it points.
    Link(PathBuf),
}

/// A source, ready to be written somewhere.
pub struct Source {
    folder: PathBuf,
    items: Vec<Item>,
    manifest: String,
    files: String,
    /// What it says of itself.
    pub metadata: Metadata,
}

impl Source {
    /// Reads a source's folder.
    ///
    /// # Errors
    /// It is no collection, or a file cannot be read.
    pub fn read(galaxy: &Galaxy, folder: &Path) -> Result<Source> {
        let metadata = Metadata::of_folder(folder)?;
        let items = match &metadata.manifest {
            Some(control) => directed(galaxy, folder, &control.all(&metadata))?,
            None => walked(galaxy, folder, &metadata)?,
        };
        let files = files_of(folder, &items, metadata.manifest.is_some())?;
        let manifest = manifest_of(&metadata, &files);
        Ok(Source {
            folder: folder.to_owned(),
            items,
            manifest,
            files,
            metadata,
        })
    }

    /// Writes it as an installed collection.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn install(&self, building: &mut Building) -> Result<()> {
        for (name, text) in [
            ("MANIFEST.json", &self.manifest),
            ("FILES.json", &self.files),
        ] {
            building.file(Path::new(name), &mut text.as_bytes(), 0o644)?;
        }
        for item in &self.items {
            match &item.kind {
                ItemKind::Folder => building.folder(&item.inside)?,
                ItemKind::Link(target) => building.link(&item.inside, target)?,
                ItemKind::File { runs } => {
                    let mut file = fs::File::open(self.folder.join(&item.inside))?;
                    building.file(&item.inside, &mut file, mode(*runs))?;
                }
            }
        }
        Ok(())
    }

    /// Writes it as an artifact; the same source makes the same bytes.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn pack(&self, to: &mut dyn Write) -> Result<()> {
        let gzip = GzEncoder::new(to, Compression::default());
        let mut archive = tar::Builder::new(gzip);
        for (name, text) in [
            ("MANIFEST.json", &self.manifest),
            ("FILES.json", &self.files),
        ] {
            let mut header = header(tar::EntryType::Regular, 0o644, text.len() as u64);
            archive.append_data(&mut header, name, text.as_bytes())?;
        }
        for item in &self.items {
            let path = &item.inside;
            match &item.kind {
                ItemKind::Folder => {
                    let mut header = header(tar::EntryType::Directory, 0o755, 0);
                    // As Python's archives name a folder.
                    let path = format!("{}/", path.display());
                    archive.append_data(&mut header, path, std::io::empty())?;
                }
                ItemKind::Link(target) => {
                    let mut header = header(tar::EntryType::Symlink, 0o777, 0);
                    archive.append_link(&mut header, path, target)?;
                }
                ItemKind::File { runs } => {
                    let bytes = fs::read(self.folder.join(path))?;
                    let mut header =
                        header(tar::EntryType::Regular, mode(*runs), bytes.len() as u64);
                    archive.append_data(&mut header, path, bytes.as_slice())?;
                }
            }
        }
        archive.into_inner()?.finish()?;
        Ok(())
    }
}

/// Everything in a source's folder but what is ignored.
fn walked(galaxy: &Galaxy, folder: &Path, metadata: &Metadata) -> Result<Vec<Item>> {
    let mut ignored: Vec<String> = IGNORED.map(str::to_owned).to_vec();
    ignored.push(format!("{}-{}-*.tar.gz", metadata.namespace, metadata.name));
    ignored.extend(metadata.build_ignore.iter().cloned());
    let patterns = ignored.iter().map(|pattern| glob(pattern));
    let mut walk = Walk {
        galaxy,
        root: fs::canonicalize(folder)?,
        ignored: patterns.collect::<Result<_>>()?,
        items: Vec::new(),
    };
    walk.enter(Path::new(""))?;
    Ok(walk.items)
}

/// What the directives of `manifest` choose.
fn directed(galaxy: &Galaxy, folder: &Path, directives: &[String]) -> Result<Vec<Item>> {
    galaxy.detail(
        3,
        format!("Manifest Directives:\n    {}", directives.join("\n    ")),
    );
    let mut all = Vec::new();
    files_below(folder, Path::new(""), &mut all)?;
    let mut items = Vec::new();
    for (inside, is_folder) in manifest::chosen(directives, &all)? {
        let kind = match is_folder {
            true => ItemKind::Folder,
            false => ItemKind::File {
                runs: runs(&fs::metadata(folder.join(&inside))?),
            },
        };
        items.push(Item { inside, kind });
    }
    Ok(items)
}

/// Every file below a folder; links are passed over.
fn files_below(root: &Path, inside: &Path, all: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(root.join(inside))? {
        let entry = entry?;
        let path = inside.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            files_below(root, &path, all)?;
        } else if kind.is_file() {
            all.push(path);
        }
    }
    Ok(())
}

fn runs(metadata: &fs::Metadata) -> bool {
    metadata.permissions().mode() & 0o100 != 0
}

fn mode(runs: bool) -> u32 {
    if runs { 0o755 } else { 0o644 }
}

fn header(kind: tar::EntryType, mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header
}

/// A shell pattern in which `*` goes over `/` too, as Python's `fnmatch` has it.
fn glob(pattern: &str) -> Result<regex::Regex> {
    let mut text = String::from("(?s)^");
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' => text.push_str(".*"),
            '?' => text.push('.'),
            '[' => match class(&mut letters) {
                Some(inner) => text += &inner,
                None => text.push_str("\\["),
            },
            other => text += &regex::escape(&other.to_string()),
        }
    }
    text.push('$');
    regex::Regex::new(&text)
        .map_err(|_| Error::input(format!("`{pattern}` of build_ignore is not a pattern")))
}

/// The class of letters that begins here, as an expression has it; nothing where it has no end.
pub(super) fn class(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let rest: String = letters.clone().collect();
    let at = rest.find(']').filter(|at| *at > 0)?;
    let length = rest[..=at].chars().count();
    let inner: String = letters.by_ref().take(length).collect();
    let inner = inner.trim_end_matches(']').replace('\\', "\\\\");
    let inner = match inner.strip_prefix('!') {
        Some(inner) => format!("^{inner}"),
        None => inner,
    };
    Some(format!("[{inner}]"))
}

/// One walk through a source.
struct Walk<'a> {
    galaxy: &'a Galaxy,
    root: PathBuf,
    ignored: Vec<regex::Regex>,
    items: Vec<Item>,
}

impl Walk<'_> {
    fn enter(&mut self, inside: &Path) -> Result<()> {
        let mut names: Vec<_> = fs::read_dir(self.root.join(inside))?
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<std::io::Result<_>>()?;
        names.sort();
        for name in names {
            let path = inside.join(&name);
            let text = path.to_string_lossy();
            let full = self.root.join(&path);
            let is_folder = full.is_dir();
            let hidden = is_folder && IGNORED_FOLDERS.iter().any(|folder| name == **folder);
            if hidden || self.ignored.iter().any(|pattern| pattern.is_match(&text)) {
                self.galaxy.detail(
                    3,
                    format!("Skipping '{}' for collection build", full.display()),
                );
                continue;
            }
            self.take(path, &full, is_folder)?;
        }
        Ok(())
    }

    fn take(&mut self, inside: PathBuf, full: &Path, is_folder: bool) -> Result<()> {
        let metadata = fs::symlink_metadata(full)?;
        if metadata.is_symlink() {
            let end = fs::canonicalize(full).map_err(|error| {
                let text = format!("the link `{}` leads to nothing", full.display());
                Error::input(text).because(error)
            })?;
            if end.starts_with(&self.root) {
                let kind = ItemKind::Link(relative(
                    &inside,
                    end.strip_prefix(&self.root).unwrap_or(&end),
                ));
                self.items.push(Item { inside, kind });
            } else if is_folder {
                self.galaxy.warn(Error::input(format!(
                    "skipping '{}' as it is a symbolic link to a directory outside the collection",
                    full.display()
                )));
            } else {
                let runs = runs(&fs::metadata(full)?);
                let kind = ItemKind::File { runs };
                self.items.push(Item { inside, kind });
            }
            return Ok(());
        }
        if is_folder {
            let kind = ItemKind::Folder;
            self.items.push(Item {
                inside: inside.clone(),
                kind,
            });
            return self.enter(&inside);
        }
        if !metadata.is_file() {
            let text = format!("`{}` is not a file, folder or link", full.display());
            return Err(Error::input(text));
        }
        let runs = runs(&metadata);
        let kind = ItemKind::File { runs };
        self.items.push(Item { inside, kind });
        Ok(())
    }
}

/// The way from a link to its end, both inside.
fn relative(link: &Path, end: &Path) -> PathBuf {
    let from: Vec<_> = link
        .parent()
        .into_iter()
        .flat_map(Path::components)
        .collect();
    let to: Vec<_> = end.components().collect();
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut way = PathBuf::new();
    for _ in same..from.len() {
        way.push("..");
    }
    to[same..].iter().for_each(|part| way.push(part));
    way
}

/// The text of `FILES.json`.
fn files_of(folder: &Path, items: &[Item], directed: bool) -> Result<String> {
    let row = |name: &str, kind: &str, hash: Option<String>| {
        Value::from(crate::entries! {
            "name" => name,
            "ftype" => kind,
            "chksum_type" => Value::str_or_null(hash.as_ref().map(|_| "sha256")),
            "chksum_sha256" => Value::str_or_null(hash.as_deref()),
            "format" => 1,
        })
    };
    let mut rows = vec![row(".", "dir", None)];
    if directed {
        // The reference names it twice there, and a hash goes over this text.
        rows.push(row(".", "dir", None));
    }
    for item in items {
        let full = folder.join(&item.inside);
        let name = item.inside.to_str().ok_or_else(|| {
            Error::input(format!("`{}` has a name that is not UTF-8", full.display()))
        })?;
        let is_folder = match item.kind {
            ItemKind::Folder => true,
            ItemKind::File { .. } => false,
            ItemKind::Link(_) => full.is_dir(),
        };
        rows.push(match is_folder {
            true => row(name, "dir", None),
            false => row(name, "file", Some(sha256(&fs::read(&full)?))),
        });
    }
    let whole = crate::entries! { "files" => Value::list(rows), "format" => 1 };
    Ok(to_json_with(&Value::map(whole), Some(1), false, true))
}

/// The text of `MANIFEST.json`.
fn manifest_of(metadata: &Metadata, files: &str) -> String {
    let entry = crate::entries! {
        "name" => "FILES.json",
        "ftype" => "file",
        "chksum_type" => "sha256",
        "chksum_sha256" => sha256(files.as_bytes()),
        "format" => 1,
    };
    let whole = crate::entries! {
        "collection_info" => metadata.info.clone(),
        "file_manifest_file" => entry,
        "format" => 1,
    };
    to_json_with(&Value::map(whole), Some(1), false, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_fnmatch() {
        for (pattern, fits, not) in [
            ("*.pyc", "a/b.pyc", "a.py"),
            ("docs/*", "docs/a/b", "xdocs/a"),
            ("?[0-9]", "a1", "ab"),
            ("[!a]x", "bx", "ax"),
            ("a[b", "a[b", "ab"),
        ] {
            let pattern = glob(pattern).unwrap();
            assert!(pattern.is_match(fits), "{pattern} {fits}");
            assert!(!pattern.is_match(not), "{pattern} {not}");
        }
    }

    #[test]
    fn a_link_is_written_from_where_it_stands() {
        let way = |link: &str, end: &str| {
            relative(Path::new(link), Path::new(end))
                .to_string_lossy()
                .into_owned()
        };
        assert_eq!(way("a", "b"), "b");
        assert_eq!(way("x/y/a", "x/z/b"), "../z/b");
        assert_eq!(way("x/a", "x/b"), "b");
    }
}

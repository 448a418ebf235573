//! Archives of strangers: opened with bounds, and never out of their folder.

mod said;

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use data_encoding::HEXLOWER;
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use tar::EntryType;

use crate::error::{Error, Result, steers};
use said::Said;

/// How much an archive may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of all files together.
    pub bytes: u64,
    /// Files, folders and links.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            bytes: 2 * 1024 * 1024 * 1024,
            entries: 200_000,
        }
    }
}

/// What an entry is.
pub enum Kind {
    File,
    Folder,
    /// A symbolic link, with where it points.
    Link(PathBuf),
}

/// One entry of an archive.
pub struct Entry<'a> {
    /// Its path, without `.` and never with `..` or from the root.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Its permission bits.
    pub mode: u32,
    /// When it was changed, in seconds since 1970.
    pub changed: u64,
    /// What it holds.
    pub content: &'a mut dyn Read,
}

/// Hands every entry of an archive (tar, or tar.gz) to `visit`.
///
/// # Errors
/// It is no archive, holds too much, or an entry leads out of the folder or is a device.
pub fn each(
    path: &Path,
    limits: Limits,
    visit: &mut dyn FnMut(Entry<'_>) -> Result<()>,
) -> Result<()> {
    let wrong = |error: io::Error| {
        Error::input(format!("`{}` is not a proper archive", path.display())).because(error)
    };
    let failed =
        |error| Error::input(format!("failed to read `{}`", path.display())).because(error);
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let mut magic = [0_u8; 2];
    let is_packed = file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    io::Seek::rewind(&mut file).map_err(failed)?;
    let reader: Box<dyn Read> = match is_packed {
        true => Box::new(MultiGzDecoder::new(file)),
        false => Box::new(file),
    };
    // Headers count too, so that an archive of empty entries is bounded as well.
    let bound = limits.bytes + 2048 * limits.entries as u64;
    let mut archive = tar::Archive::new(reader.take(bound));
    let mut bytes = 0_u64;
    let mut count = 0;
    let mut said = Said::default();
    // The library would read what is said of the next entry as a whole, whatever its size.
    for entry in archive.entries().map_err(wrong)?.raw(true) {
        let mut entry = entry.map_err(wrong)?;
        count += 1;
        bytes = bytes.saturating_add(entry.size());
        if count > limits.entries || bytes > limits.bytes {
            let text = format!("`{}` holds too much to be opened", path.display());
            return Err(Error::input(text));
        }
        if said.hear(&mut entry).map_err(wrong)? {
            continue;
        }
        let said = std::mem::take(&mut said);
        let header = entry.header().clone();
        let written = said.path(&header);
        let kind = match header.entry_type() {
            EntryType::Regular | EntryType::Continuous => Kind::File,
            EntryType::Directory => Kind::Folder,
            EntryType::Symlink => Kind::Link(said.target(&header)),
            other => return Err(refused(path, &written, what(other))),
        };
        if said.size.is_some_and(|size| size != entry.size()) {
            return Err(refused(path, &written, "of two sizes"));
        }
        let Some(inside) = inside(&written) else {
            return Err(refused(path, &written, "a path that leaves the folder"));
        };
        visit(Entry {
            path: inside,
            kind,
            mode: header.mode().unwrap_or(0o644),
            changed: header.mtime().unwrap_or(0),
            content: &mut entry,
        })?;
    }
    Ok(())
}

fn refused(archive: &Path, entry: &Path, what: &str) -> Error {
    Error::input(format!(
        "`{}` is not opened: its entry `{}` is {what}",
        archive.display(),
        short(&entry.to_string_lossy())
    ))
}

fn what(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Block | EntryType::Char => "a device",
        EntryType::Fifo => "a pipe",
        EntryType::Link => "a hard link",
        EntryType::GNUSparse => "a file with holes",
        _ => "of an unknown kind",
    }
}

/// A path without `.`; nothing if it leaves the folder or is the folder itself.
pub fn inside(path: &Path) -> Option<PathBuf> {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => whole.push(name),
            Component::CurDir => (),
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    let is_long = whole.as_os_str().len() > 4000;
    (!is_long).then_some(whole)
}

/// A new folder that is filled and then put in its place as a whole.
pub struct Building {
    /// Nothing once it is in its place.
    folder: Option<tempfile::TempDir>,
    target: PathBuf,
    links: Vec<(PathBuf, PathBuf)>,
}

impl Drop for Building {
    /// Leaves no empty folder of a namespace where nothing came of it.
    fn drop(&mut self) {
        let Some(folder) = self.folder.take() else {
            return;
        };
        drop(folder);
        if let Some(above) = self.target.parent() {
            let _ = fs::remove_dir(above);
        }
    }
}

impl Building {
    /// Begins beside the place where the folder will stand.
    ///
    /// # Errors
    /// The folder above cannot be made.
    pub fn beside(target: &Path) -> Result<Building> {
        let above = target.parent().unwrap_or(Path::new("."));
        let failed = |error| {
            Error::input(format!("failed to write in `{}`", above.display())).because(error)
        };
        fs::create_dir_all(above).map_err(failed)?;
        let folder = tempfile::Builder::new()
            .prefix(".play-")
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir_in(above)
            .map_err(failed)?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        Ok(Building {
            folder: Some(folder),
            target: target.to_owned(),
            links: Vec::new(),
        })
    }

    /// The folder that is filled.
    pub fn path(&self) -> &Path {
        let folder = self.folder.as_ref();
        folder.map_or(Path::new(""), tempfile::TempDir::path)
    }

    /// Makes a folder inside, and those above it.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn folder(&self, inside: &Path) -> Result<()> {
        let path = self.path().join(inside);
        fs::create_dir_all(&path).map_err(|error| {
            Error::input(format!("failed to make the folder `{}`", path.display())).because(error)
        })
    }

    /// Writes a file; gives its hash. Links are made at the end, so nothing is written through one.
    ///
    /// # Errors
    /// It is there already, or cannot be written.
    pub fn file(&self, inside: &Path, content: &mut dyn Read, mode: u32) -> Result<String> {
        if let Some(above) = inside.parent() {
            self.folder(above)?;
        }
        let path = self.path().join(inside);
        let failed =
            |error| Error::input(format!("failed to write `{}`", inside.display())).because(error);
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(failed)?;
        let mut hashed = Hashed {
            inner: content,
            hash: Sha256::new(),
        };
        io::copy(&mut hashed, &mut file).map_err(failed)?;
        file.set_permissions(fs::Permissions::from_mode(mode))
            .map_err(failed)?;
        Ok(HEXLOWER.encode(&hashed.hash.finalize()))
    }

    /// Notes a link, which must stay inside.
    ///
    /// # Errors
    /// It leads out of the folder.
    pub fn link(&mut self, inside: &Path, target: &Path) -> Result<()> {
        if !stays(inside, target) {
            return Err(Error::input(format!(
                "the link `{}` leads out of the folder: `{}` is not a subpath of the role or collection",
                short(&inside.to_string_lossy()),
                short(&target.to_string_lossy())
            )));
        }
        self.links.push((inside.to_owned(), target.to_owned()));
        Ok(())
    }

    /// Makes the links. Each is checked again, now that all that it may lead over is there.
    ///
    /// # Errors
    /// A link cannot be made, or leads out of the folder over another one.
    pub fn make_links(&mut self) -> Result<()> {
        let root = fs::canonicalize(self.path())?;
        for (inside, target) in std::mem::take(&mut self.links) {
            let path = self.path().join(&inside);
            if let Some(above) = inside.parent() {
                self.folder(above)?;
                let above = fs::canonicalize(self.path().join(above))?;
                if !above.starts_with(&root) {
                    return Err(Error::input(format!(
                        "`{}` leads out of the folder over another link",
                        inside.display()
                    )));
                }
            }
            std::os::unix::fs::symlink(&target, &path).map_err(|error| {
                Error::input(format!("failed to make the link `{}`", inside.display()))
                    .because(error)
            })?;
            if fs::canonicalize(&path).is_ok_and(|end| !end.starts_with(&root)) {
                return Err(Error::input(format!(
                    "the link `{}` leads out of the folder over another link",
                    inside.display()
                )));
            }
        }
        Ok(())
    }

    /// Puts the folder in its place; what stands there goes when the new one is there.
    ///
    /// # Errors
    /// It cannot be renamed; the old folder is there again then.
    pub fn put(mut self) -> Result<()> {
        self.make_links()?;
        let failed = |error| {
            Error::input(format!("failed to replace `{}`", self.target.display())).because(error)
        };
        let above = self.target.parent().unwrap_or(Path::new("."));
        let old = tempfile::Builder::new()
            .prefix(".play-old-")
            .tempdir_in(above)
            .map_err(failed)?;
        let aside = old.path().join("old");
        let was_there = self.target.symlink_metadata().is_ok();
        if was_there {
            fs::rename(&self.target, &aside).map_err(failed)?;
        }
        let Some(folder) = self.folder.take() else {
            return Err(Error::bug("a folder is put in its place twice"));
        };
        let new = folder.keep();
        if let Err(error) = fs::rename(&new, &self.target) {
            if was_there {
                let _ = fs::rename(&aside, &self.target);
            }
            let _ = fs::remove_dir_all(&new);
            return Err(failed(error));
        }
        Ok(())
    }
}

/// Says whether a link from a path inside stays inside, by its words alone.
fn stays(inside: &Path, target: &Path) -> bool {
    let mut depth = inside.components().count().saturating_sub(1);
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => (),
            Component::ParentDir if depth > 0 => depth -= 1,
            _ => return false,
        }
    }
    true
}

/// A hash over everything in a folder, but for what an installation notes itself: paths, whether a file
/// can be run, what it holds, where links point.
///
/// # Errors
/// A file cannot be read.
pub fn tree_of(folder: &Path) -> Result<String> {
    let mut rows = Vec::new();
    tree_rows(folder, Path::new(""), &mut rows)?;
    rows.sort();
    let digest = Sha256::digest(rows.concat().as_bytes());
    Ok(format!("sha256:{}", HEXLOWER.encode(&digest)))
}

fn tree_rows(root: &Path, inside: &Path, rows: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(root.join(inside))? {
        let entry = entry?;
        let path = inside.join(entry.file_name());
        let kind = entry.file_type()?;
        let shown = path.to_string_lossy();
        if kind.is_dir() {
            tree_rows(root, &path, rows)?;
        } else if kind.is_symlink() {
            let target = fs::read_link(entry.path())?;
            rows.push(format!("link {shown}\0{}\n", target.display()));
        } else if !path.ends_with("meta/.galaxy_install_info") {
            let bytes = fs::read(entry.path())?;
            let runs = entry.metadata()?.permissions().mode() & 0o100 != 0;
            let kind = if runs { "program" } else { "file" };
            let hash = HEXLOWER.encode(&Sha256::digest(&bytes));
            rows.push(format!("{kind} {shown}\0{hash}\n"));
        }
    }
    Ok(())
}

/// A reader that hashes what goes through it.
struct Hashed<'a> {
    inner: &'a mut dyn Read,
    hash: Sha256,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

/// A stranger's text for an error: not long, and without control characters.
pub fn short(text: &str) -> String {
    let clean = text
        .chars()
        .map(|c| if c.is_control() || steers(c) { ' ' } else { c });
    clean.take(300).collect()
}

#[cfg(test)]
mod tests;

//! What was fetched before: answers of servers, archives by their hash, repositories.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// A folder for what was fetched.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    /// Whether answers that cannot change are taken from it without asking.
    pub is_read: bool,
}

impl Cache {
    /// A cache in a folder, which is made when something is kept.
    pub fn at(folder: impl Into<PathBuf>) -> Cache {
        Cache {
            folder: folder.into(),
            is_read: true,
        }
    }

    /// Forgets the answers of servers; archives stay, since their hash is their name.
    ///
    /// # Errors
    /// The folder cannot be removed.
    pub fn clear_answers(&self) -> Result<()> {
        match fs::remove_dir_all(self.folder.join("answers")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The answer that an address gave.
    pub fn answer(&self, url: &str) -> Option<Vec<u8>> {
        fs::read(self.folder.join("answers").join(name(url))).ok()
    }

    /// Keeps the answer of an address.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep_answer(&self, url: &str, body: &[u8]) -> Result<()> {
        self.write(&self.folder.join("answers").join(name(url)), body)
    }

    /// The archive of a hash, if it is here and still has it.
    pub fn archive(&self, hash: &str) -> Option<PathBuf> {
        let path = self.archive_path(hash);
        let bytes = fs::read(&path).ok()?;
        (sha256(&bytes) == hash).then_some(path)
    }

    /// Keeps an archive; gives its path.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep_archive(&self, hash: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.archive_path(hash);
        self.write(&path, bytes)?;
        Ok(path)
    }

    /// The folder of a repository's copy.
    pub fn repository(&self, url: &str) -> PathBuf {
        self.folder.join("git").join(name(url))
    }

    /// Makes a folder below the cache that nobody else can read.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make(&self, folder: &Path) -> Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| {
                Error::input(format!("failed to make the folder `{}`", folder.display()))
                    .because(error)
            })
    }

    fn archive_path(&self, hash: &str) -> PathBuf {
        self.folder.join("archives").join(name(hash) + ".tar.gz")
    }

    /// Writes beside the place and renames, so that two runs at once do no harm.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let folder = path.parent().unwrap_or(&self.folder);
        self.make(folder)?;
        let failed =
            |error| Error::input(format!("failed to write `{}`", path.display())).because(error);
        let mut file = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .tempfile_in(folder)
            .map_err(failed)?;
        file.write_all(bytes).map_err(failed)?;
        file.persist(path)
            .map_err(|error| failed(error.error))
            .map(|_| ())
    }
}

/// Opens a lock file below the cache and waits for it; it is free again when the file is closed.
pub(super) fn locked(path: &Path) -> Result<fs::File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(PathBuf::from(name))?;
    file.lock()?;
    Ok(file)
}

/// A name for a text that may hold anything.
fn name(text: &str) -> String {
    sha256(text.as_bytes())
}

/// The hash of bytes, in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_that_changed_is_not_given() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path().join("cache"));
        let hash = sha256(b"bytes");
        assert!(cache.archive(&hash).is_none());
        let path = cache.keep_archive(&hash, b"bytes").unwrap();
        assert_eq!(cache.archive(&hash).unwrap(), path);
        fs::write(&path, b"tampered").unwrap();
        assert!(cache.archive(&hash).is_none());
    }
}

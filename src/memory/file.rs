//! The file, line by line.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::error::{Error, Result};

/// The file of a run's state while it is written. One `write` a line: a run that is killed loses at
/// most the line that is being written.
pub struct File {
    file: std::fs::File,
    length: u64,
    limit: u64,
}

impl File {
    /// A new file, for its user alone.
    ///
    /// # Errors
    /// It is there, or cannot be made.
    pub fn create(path: &Path, limit: u64) -> Result<File> {
        let file = std::fs::OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        Ok(File {
            file,
            length: 0,
            limit,
        })
    }

    /// A new file that begins with some lines. It has its name when all of them are in it: a run that
    /// is killed before that leaves none.
    ///
    /// # Errors
    /// As for [`create`](File::create) and [`write`](File::write).
    pub fn create_with<'a>(
        path: &Path,
        limit: u64,
        lines: impl Iterator<Item = &'a String>,
    ) -> Result<File> {
        let early = path.with_extension("new");
        let mut file = File::create(&early, limit)?;
        let mut lines = lines;
        let written = lines.try_for_each(|line| file.write(line));
        let named = written.and_then(|()| Ok(std::fs::rename(&early, path)?));
        if named.is_err() {
            let _ = std::fs::remove_file(&early);
        }
        named.map(|()| file)
    }

    /// Writes a line.
    ///
    /// # Errors
    /// The disk is full, or the file longer than it may be. Nothing of the line is left then.
    pub fn write(&mut self, line: &str) -> Result<()> {
        let mut bytes = Vec::with_capacity(line.len() + 1);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        if self.length + bytes.len() as u64 > self.limit {
            let most = self.limit >> 20;
            return Err(Error::input(format!(
                "they are longer than {most} MiB, the room for all runs"
            )));
        }
        if let Err(error) = self.file.write_all(&bytes) {
            let _ = self.file.set_len(self.length);
            return Err(error.into());
        }
        self.length += bytes.len() as u64;
        Ok(())
    }
}

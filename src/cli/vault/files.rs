//! The files that are encrypted and decrypted: read whole, replaced whole.

use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use super::Files;
use crate::cli::terminal;
use crate::error::{Error, Kind, Result};
use crate::vault::Secret;

impl Files {
    /// Says that standard input is read, where somebody sits there.
    pub(super) fn say_stdin(&self, what: &str) {
        if self.files.is_empty() && std::io::stdin().is_terminal() {
            terminal::print_error_text(&format!("Reading {what} input from stdin\n"));
        }
    }

    /// Changes every file, or standard input to standard output.
    pub(super) fn each(
        &self,
        before: Before,
        change: impl Fn(&Path, &Secret) -> Result<Secret>,
    ) -> Result<()> {
        let standard = [PathBuf::from("-")];
        let files = match self.files.as_slice() {
            [] => standard.as_slice(),
            files => files,
        };
        if self.output.is_some() && files.len() > 1 {
            return Err(one_output());
        }
        for path in files {
            let changed = change(path, &read(path)?)?;
            let to = self.output.as_deref().unwrap_or(path);
            match to.as_os_str() == "-" {
                true => print(&changed)?,
                false => write(to, changed.expose(), before)?,
            }
        }
        Ok(())
    }
}

/// The error of one output for several inputs.
pub(super) fn one_output() -> Error {
    let text = "At most one input file may be used with the --output option";
    Error::new(Kind::Options, text)
}

/// Reads a file, or standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Secret> {
    if path.as_os_str() == "-" {
        return stdin();
    }
    let bytes = std::fs::read(path).map_err(|error| {
        let text = format!("Unable to read source file ({})", whole(path));
        Error::input(text).because(error)
    })?;
    Ok(Secret::new(bytes))
}

/// A path from the root on, for messages; `-` is standard input.
pub(super) fn whole(path: &Path) -> String {
    let whole = match path.as_os_str() == "-" {
        true => path.to_owned(),
        false => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    };
    whole.display().to_string()
}

pub(super) fn stdin() -> Result<Secret> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| Error::input("failed to read standard input").because(error))?;
    Ok(Secret::new(bytes))
}

pub(super) fn print(text: &Secret) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.expose())?;
    out.flush()?;
    Ok(())
}

/// What becomes of the file that was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// It goes, with its owner and mode: the new one is for its owner alone.
    Gone,
    /// The new one has its owner and mode.
    Kept,
    /// The new one has its owner and mode, and its text is overwritten first.
    Replaced,
    /// It goes, and its text is overwritten first: another name may still lead to it.
    Overwritten,
}

/// Overwrites the text of a file in place.
fn overwrite(path: &Path) -> std::io::Result<()> {
    let Ok(meta) = std::fs::metadata(path) else {
        return Ok(());
    };
    let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
    let mut left = meta.len();
    let noise = [0_u8; 4096];
    while left > 0 {
        let piece = usize::try_from(left.min(noise.len() as u64)).unwrap_or(noise.len());
        file.write_all(&noise[..piece])?;
        left -= piece as u64;
    }
    file.sync_all()
}

/// Replaces a file whole.
pub(super) fn write(path: &Path, bytes: &[u8], before: Before) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::input(format!("failed to write `{}`", path.display())).because(error)
    };
    // A link leads to the file that is meant.
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    if matches!(before, Before::Overwritten | Before::Replaced) {
        overwrite(path).map_err(failed)?;
    }
    if let (Before::Kept | Before::Replaced, Ok(before)) = (before, std::fs::metadata(path)) {
        use std::os::unix::fs::MetadataExt;
        let permissions = before.permissions();
        file.as_file()
            .set_permissions(permissions)
            .map_err(failed)?;
        let _ = std::os::unix::fs::chown(file.path(), Some(before.uid()), Some(before.gid()));
    }
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

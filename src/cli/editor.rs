//! An editor on an opened vault: in memory where there is such a folder, and wiped afterwards.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::connection::{Ended, OnTerminal};
use crate::error::{Error, Result};
use crate::vault::Secret;

/// Lets the user change a text; gives what it is then.
///
/// # Errors
/// The editor cannot be run, or fails; nothing is changed then.
pub fn edit(text: &Secret, path: &Path, config: &Config) -> Result<Secret> {
    // Before there is anything to wipe: nothing ends us now without its being wiped.
    let terminal = OnTerminal::new()?;
    let folder = Folder::new()?;
    // The ending tells the editor what it is.
    let ending = path.extension().unwrap_or("txt".as_ref());
    let file = folder.0.path().join("vault").with_extension(ending);
    let mut open = std::fs::OpenOptions::new();
    open.write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)?
        .write_all(text.expose())?;
    let editor = config.text("EDITOR").unwrap_or_else(|| "vi".to_owned());
    let mut words = shell_words::split(&editor)
        .map_err(|_| Error::input(format!("`{editor}` has quotes that are not closed")))?;
    words.push(file.to_string_lossy().into_owned());
    let status = match terminal.run(&words)? {
        Ended::Status(status) => status,
        Ended::Told(code) => {
            drop(folder);
            std::process::exit(i32::from(code));
        }
    };
    if status != 0 {
        return Err(Error::input(format!(
            "the editor `{editor}` ended with status {status}: nothing is changed"
        )));
    }
    Ok(Secret::new(std::fs::read(&file)?))
}

/// A folder for the user alone, whose files are overwritten before they are taken away.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Result<Folder> {
        let memory = PathBuf::from("/dev/shm");
        let below = match memory.is_dir() {
            true => memory,
            false => std::env::temp_dir(),
        };
        let folder = tempfile::Builder::new()
            .prefix("play-vault-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir_in(&below)
            .map_err(|error| {
                let text = format!("failed to make a folder in `{}`", below.display());
                Error::input(text).because(error)
            })?;
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let Ok(entries) = std::fs::read_dir(self.0.path()) else {
            return;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let length = path.metadata().map_or(0, |data| data.len());
            let zeros = vec![0; usize::try_from(length).unwrap_or(0)];
            let _ = std::fs::OpenOptions::new()
                .write(true)
                .open(&path)
                .and_then(|mut file| file.write_all(&zeros).and_then(|()| file.sync_all()));
        }
    }
}

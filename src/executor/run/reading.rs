//! Files of the controller, read whole.

use std::collections::HashMap;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;

/// What came through pipes: each can be read once, and may be asked for again.
#[derive(Default)]
pub(super) struct Pipes(Mutex<HashMap<PathBuf, Arc<[u8]>>>);

impl Pipes {
    /// What is in a file, or has come through a pipe.
    ///
    /// # Errors
    /// As for [`contents`].
    pub(super) fn contents(&self, path: &Path) -> std::io::Result<Arc<[u8]>> {
        let about = std::fs::metadata(path)?;
        if !about.file_type().is_fifo() {
            return Ok(Arc::from(contents(path)?));
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = known.get(path) {
            return Ok(Arc::clone(bytes));
        }
        let bytes: Arc<[u8]> = Arc::from(contents(path)?);
        known.insert(path.to_owned(), Arc::clone(&bytes));
        Ok(bytes)
    }
}

/// What is in a file.
///
/// # Errors
/// It cannot be read, or is too large to be held (a device without end).
fn contents(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    const MOST: u64 = 512 << 20;
    let file = std::fs::File::open(path)?;
    let size = file.metadata().map_or(0, |about| about.len());
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(MOST)).unwrap_or(0));
    file.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        let why = format!("it is larger than {} MB", MOST >> 20);
        return Err(std::io::Error::other(why));
    }
    Ok(bytes)
}

pub(super) fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::input(format!("failed to read `{}`", path.display())).because(error)
}

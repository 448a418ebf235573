//! Files of the controller, read whole.

use std::path::Path;

use crate::error::Error;

/// What is in a file.
///
/// # Errors
/// It cannot be read, or is too large to be held (a device without end).
pub(super) fn contents(path: &Path) -> std::io::Result<Vec<u8>> {
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

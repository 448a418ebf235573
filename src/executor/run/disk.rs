//! Files of the controller: read whole, and written beside their target.

use std::io::Write;
use std::path::Path;

use crate::error::{Error, Result};

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

/// Writes a file beside its target and renames it. The mode is what the umask leaves of `mode`.
pub(super) fn write_beside(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // The system takes the umask out of the mode, as for any new file.
    let mut file = tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(mode))
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)
        .map_err(|error| Error::from(error.error))?;
    Ok(())
}

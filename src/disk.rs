//! Files of the controller that are there whole or not at all, and those that only their user wrote.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};

/// Writes a file under a random name beside its place (`O_EXCL`) and renames it, so that a reader sees
/// the old one or the new one. The folder is made where it is missing. The mode is what the umask
/// leaves of `mode`, as for any new file.
///
/// What is no file and no link (`/dev/null`, a pipe with a name) is opened and written. A link is replaced: a
/// host may have sent it.
///
/// # Errors
/// It cannot be written; the error names it.
pub fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    write(path, bytes, mode).map_err(|error| failed(path, error))
}

/// [`write_whole`] for a file that the user named: a link is followed, where the system lets us follow it,
/// and the file that it leads to is replaced.
///
/// # Errors
/// As there.
pub fn write_named(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    followed(path)
        .and_then(|file| write(&file, bytes, mode))
        .map_err(|error| failed(path, error))
}

/// Opens a file that tells us what to do: somebody else cannot have written it.
///
/// # Errors
/// It cannot be opened, belongs to another user, or may be written by anybody.
pub fn open_own(path: &Path) -> Result<File> {
    let unread =
        |error| Error::input(format!("failed to read `{}`", path.display())).because(error);
    let file = File::open(path).map_err(unread)?;
    let about = file.metadata().map_err(unread)?;
    let (owner, we) = (about.uid(), rustix::process::geteuid().as_raw());
    let text = match () {
        () if about.is_dir() => format!("`{}` is a folder", path.display()),
        () if owner != we => format!(
            "`{}` belongs to another user (uid {owner}, and this is uid {we})",
            path.display()
        ),
        () if about.is_file() && about.mode() & 0o002 != 0 => {
            format!("anybody may write to `{}`", path.display())
        }
        () => return Ok(file),
    };
    Err(Error::new(Kind::Options, text))
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::input(format!("failed to write `{}`", path.display())).because(error)
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    let is_special =
        |file: &std::fs::Metadata| !(file.is_file() || file.is_dir() || file.is_symlink());
    match path.symlink_metadata() {
        Ok(file) if is_special(&file) => File::options().write(true).open(path)?.write_all(bytes),
        _ => replace(path, bytes, mode),
    }
}

/// Where the links at a path lead, there or not yet there. The system decides on the first of them, since
/// those of others in `/tmp` are not to be followed (`fs.protected_symlinks`).
fn followed(path: &Path) -> std::io::Result<PathBuf> {
    const MOST: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST {
        if !path.is_symlink() {
            return Ok(path);
        }
        match File::options().write(true).open(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => (),
        }
        let target = std::fs::read_link(&path)?;
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    Err(std::io::Error::other("too many links"))
}

fn replace(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .permissions(std::fs::Permissions::from_mode(mode))
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{write_named, write_whole};

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/file");
        for text in ["one", "two"] {
            write_whole(&path, text.as_bytes(), 0o600).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
    }

    #[test]
    fn a_link_stays_and_leads_to_the_new_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("far")).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("other", &link).unwrap();
        std::os::unix::fs::symlink("far/file", folder.path().join("other")).unwrap();
        for text in ["not there yet", "there"] {
            write_named(&link, text.as_bytes(), 0o600).unwrap();
            assert!(link.is_symlink());
            let file = folder.path().join("far/file");
            assert!(!file.is_symlink());
            assert_eq!(std::fs::read_to_string(file).unwrap(), text);
        }
        let ring = folder.path().join("ring");
        std::os::unix::fs::symlink("ring", &ring).unwrap();
        assert!(write_named(&ring, b"", 0o600).is_err());
    }

    #[test]
    fn what_is_no_file_is_written_and_not_replaced() {
        use std::os::unix::fs::FileTypeExt;
        let folder = tempfile::tempdir().unwrap();
        let null = folder.path().join("null");
        std::os::unix::fs::symlink("/dev/null", &null).unwrap();
        write_named(&null, b"text", 0o600).unwrap();
        assert!(null.is_symlink());
        write_whole(&null, b"text", 0o600).unwrap();
        assert!(null.is_file() && !null.is_symlink());
        let kind = std::fs::metadata("/dev/null").unwrap().file_type();
        assert!(kind.is_char_device());

        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let read = {
            let pipe = pipe.clone();
            std::thread::spawn(move || std::fs::read_to_string(pipe).unwrap())
        };
        write_named(&pipe, b"text", 0o600).unwrap();
        assert_eq!(read.join().unwrap(), "text");
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_whole(folder.path(), b"", 0o600).unwrap_err();
        assert!(
            error.to_string().starts_with("failed to write `"),
            "{error}"
        );
    }
}

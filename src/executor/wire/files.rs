//! Files of the controller, as a module may ask for them.

use std::path::Path;

use crate::error::{Error, Result};
use crate::modules::Entry;

/// Proves that a file will stand below a folder of the controller, wherever the links on its way
/// lead.
pub(super) fn prove_below(path: &Path, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Error::input(format!("failed to make the folder `{}`", folder.display())).because(error)
    })?;
    let above = path.ancestors().skip(1).find(|above| above.exists());
    let real = above.unwrap_or(path).canonicalize()?;
    match real.starts_with(folder.canonicalize()?) {
        true => Ok(()),
        false => Err(Error::input(format!(
            "`{}` leads out of `{}`",
            path.display(),
            folder.display()
        ))),
    }
}

/// Everything below a folder of the controller, sorted by path.
pub(super) fn list(folder: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    list_below(folder, Path::new(""), &mut entries).map_err(|error| {
        Error::input(format!("failed to list `{}`", folder.display())).because(error)
    })?;
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

/// What stands at a path, behind links; nothing where nothing is there.
pub(super) fn look(path: &Path) -> Result<Option<Entry>> {
    Ok(path.exists().then(|| describe(path, path.to_owned())))
}

/// What stands at `full`, behind links, under the name `path`.
fn describe(full: &Path, path: std::path::PathBuf) -> Entry {
    use std::os::unix::fs::PermissionsExt;
    let meta = std::fs::metadata(full).ok();
    let is_file = meta.as_ref().is_some_and(std::fs::Metadata::is_file);
    let is_dir = meta.as_ref().is_some_and(std::fs::Metadata::is_dir);
    Entry {
        path,
        is_dir,
        link: None,
        real: is_dir.then(|| full.canonicalize().ok()).flatten(),
        mode: meta
            .as_ref()
            .map_or(0o644, |meta| meta.permissions().mode() & 0o7777),
        size: meta.as_ref().map_or(0, std::fs::Metadata::len),
        sealed: is_file && begins_as_vault(full),
    }
}

fn begins_as_vault(path: &Path) -> bool {
    let mut start = [0; 32];
    let read =
        std::fs::File::open(path).and_then(|mut file| std::io::Read::read(&mut file, &mut start));
    read.is_ok_and(|length| crate::vault::is_sealed(&start[..length]))
}

fn list_below(folder: &Path, below: &Path, entries: &mut Vec<Entry>) -> Result<()> {
    for entry in std::fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        let full = entry.path();
        let link = entry.file_type()?.is_symlink();
        let is_dir = entry.file_type()?.is_dir();
        entries.push(Entry {
            link: link.then(|| std::fs::read_link(&full)).transpose()?,
            ..describe(&full, path.clone())
        });
        if is_dir {
            list_below(folder, &path, entries)?;
        }
    }
    Ok(())
}

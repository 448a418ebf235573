//! Which `ansible.cfg` is read: the reference's rules, the first that is found and no other.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Kind, Result, Source};

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The file.
    pub file: Option<PathBuf>,
    /// Why a file was passed over.
    pub warnings: Vec<Error>,
}

const NAME: &str = "ansible.cfg";

/// The file: what `ANSIBLE_CONFIG` names (a folder's `ansible.cfg` too), `ansible.cfg` in
/// `folder` unless everybody may write there, `~/.ansible.cfg`, `/etc/ansible/ansible.cfg`.
///
/// # Errors
/// `ANSIBLE_CONFIG` names a file whose ending is neither `.cfg` nor `.ini`.
pub fn find(environment: &dyn Fn(&str) -> Option<String>, folder: &Path) -> Result<Found> {
    let mut found = Found::default();
    if let Some(named) = environment("ANSIBLE_CONFIG").filter(|named| !named.is_empty()) {
        let mut path = std::path::absolute(expand_home(&named, environment))?;
        if path.is_dir() {
            path.push(NAME);
        }
        if path.is_file() {
            check_ending(&path)?;
            found.file = Some(path);
            return Ok(found);
        }
    }
    let here = folder.join(NAME);
    if here.is_file() {
        if !is_open_to_all(folder) {
            found.file = Some(here);
            return Ok(found);
        }
        let text = format!(
            "`{}` is passed over: everybody may write to its folder",
            here.display()
        );
        found.warnings.push(
            Error::input(text).hint("name the file in ANSIBLE_CONFIG, or take the right away"),
        );
    }
    let home = environment("HOME").map(|home| Path::new(&home).join(".ansible.cfg"));
    let system = Path::new("/etc/ansible").join(NAME);
    found.file = home.into_iter().chain([system]).find(|path| path.is_file());
    Ok(found)
}

/// The file's text.
///
/// # Errors
/// It cannot be read.
pub fn read(path: &Path) -> Result<Arc<Source>> {
    let bytes = std::fs::read(path).map_err(|error| {
        Error::input(format!("failed to read `{}`", path.display())).because(error)
    })?;
    Ok(Source::new(path, String::from_utf8_lossy(&bytes)))
}

fn check_ending(path: &Path) -> Result<()> {
    let ending = path.extension().unwrap_or_default();
    if ending == "cfg" || ending == "ini" {
        return Ok(());
    }
    let text = format!(
        "Unsupported configuration file extension for {}",
        path.display()
    );
    Err(Error::new(Kind::Options, text).hint("its name has to end with .cfg or .ini"))
}

fn is_open_to_all(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|data| data.permissions().mode() & 0o002 != 0)
}

/// A leading `~` as the home of the user.
pub(super) fn expand_home(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    let home = environment("HOME");
    match (text.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            PathBuf::from(format!("{home}{rest}"))
        }
        _ => PathBuf::from(text),
    }
}

//! A role's archive: the folder with `meta/main.yml` in it is the role, whatever stands around it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::{Error, Result};
use crate::galaxy::archive::{self, Building, Kind, Limits};
use crate::yaml;

/// Unpacks a role into a folder that is being built.
///
/// # Errors
/// The archive holds no role, or leaves the folder.
pub fn unpack(path: &Path, building: &mut Building) -> Result<()> {
    let root = root_of(path)?;
    archive::each(path, Limits::default(), &mut |entry| {
        let Ok(inside) = entry.path.strip_prefix(&root) else {
            return Ok(());
        };
        let inside = inside.to_owned();
        if inside.as_os_str().is_empty() {
            return Ok(());
        }
        match entry.kind {
            // Empty folders are not installed, as in the reference.
            Kind::Folder => Ok(()),
            Kind::Link(target) => building.link(&inside, &target),
            Kind::File => {
                let runs = entry.mode & 0o100 != 0;
                let mode = (entry.mode & 0o755) | 0o600;
                let mode = if runs { mode } else { mode & !0o111 };
                building.file(&inside, entry.content, mode)?;
                let changed =
                    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(entry.changed));
                if let Some(changed) = changed {
                    let file = fs::File::options()
                        .append(true)
                        .open(building.path().join(&inside))?;
                    let _ = file.set_modified(changed);
                }
                Ok(())
            }
        }
    })
}

/// The shortest folder with a `meta/main.yml`.
fn root_of(path: &Path) -> Result<PathBuf> {
    let mut root: Option<PathBuf> = None;
    let mut text = String::new();
    archive::each(path, Limits::default(), &mut |entry| {
        let is_meta = ["meta/main.yml", "meta/main.yaml"]
            .iter()
            .any(|end| entry.path.ends_with(end));
        let above = entry
            .path
            .parent()
            .and_then(Path::parent)
            .unwrap_or(Path::new(""));
        let length = above.as_os_str().len();
        let is_shorter = root
            .as_ref()
            .is_none_or(|root| length < root.as_os_str().len());
        if is_meta && is_shorter {
            root = Some(above.to_owned());
            text = crate::galaxy::metadata::read(entry.content, path)?;
        }
        Ok(())
    })?;
    let root =
        root.ok_or_else(|| Error::input("this role does not appear to have a meta/main.yml file"))?;
    let source = yaml::decode(text.as_bytes(), "meta/main.yml")?;
    yaml::load(&source, &yaml::Options::data()).map_err(|error| {
        Error::input("this role does not appear to have a valid meta/main.yml file").because(error)
    })?;
    Ok(root)
}

//! Roles that are installed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::value::{Map, Value};
use crate::yaml;

/// A role's folder.
#[derive(Clone, Debug)]
pub struct InstalledRole {
    /// Its name, which is the folder's.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
}

/// What an installation noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The version.
    pub version: Option<String>,
    /// When it was installed.
    pub date: Option<String>,
}

impl InstalledRole {
    /// The role of a name, in the first folder that has it.
    pub fn find(paths: &[PathBuf], name: &str) -> Option<InstalledRole> {
        let folder = paths
            .iter()
            .map(|path| path.join(name))
            .find(|path| path.is_dir())?;
        Some(InstalledRole {
            name: name.to_owned(),
            folder,
        })
    }

    /// The roles in a folder, by name: those that have a `meta/main.yml`.
    pub fn all(path: &Path) -> Vec<InstalledRole> {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let mut all: Vec<InstalledRole> = entries
            .map(|entry| InstalledRole {
                name: entry.file_name().to_string_lossy().into_owned(),
                folder: entry.path(),
            })
            .filter(|role| meta_of(&role.folder).is_some())
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// What its installation noted; nothing where nobody installed it.
    pub fn info(&self) -> Option<Info> {
        let map = load(&self.folder.join("meta/.galaxy_install_info"))?;
        let text = |key: &str| {
            let value = map.get(key).filter(|value| !value.is_null())?;
            Some(value.to_text())
        };
        Some(Info {
            version: text("version").filter(|version| !version.is_empty()),
            date: text("install_date"),
        })
    }

    /// What it says of itself.
    pub fn meta(&self) -> Option<Map> {
        load(&meta_of(&self.folder)?)
    }
}

fn load(path: &Path) -> Option<Map> {
    let bytes = fs::read(path).ok()?;
    let source = yaml::decode(&bytes, path).ok()?;
    let document = yaml::load(&source, &yaml::Options::data()).ok()?;
    document.root.value().as_map().map(|map| (**map).clone())
}

/// The file that makes a folder a role.
pub fn meta_of(folder: &Path) -> Option<PathBuf> {
    let names = ["meta/main.yml", "meta/main.yaml"];
    names
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
}

/// Notes the version and the time.
///
/// # Errors
/// It cannot be written.
pub fn write_info(folder: &Path, version: Option<&str>) -> Result<()> {
    let now = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC);
    let info = crate::entries! {
        "install_date" => now.strftime("%a %b %e %H:%M:%S %Y").to_string(),
        "version" => Value::str_or_null(version),
    };
    let text = yaml::dump(&Value::map(info), &yaml::DumpOptions::nice())?;
    fs::write(folder.join("meta/.galaxy_install_info"), text)?;
    Ok(())
}

/// Removes a role; says whether it was there. What has no `meta/main.yml` is nobody's role.
///
/// # Errors
/// It cannot be removed.
pub fn remove(paths: &[PathBuf], name: &str) -> Result<bool> {
    let inside = crate::galaxy::archive::inside(Path::new(name));
    if inside.is_none_or(|inside| inside.components().count() != 1) {
        return Err(Error::input(format!("`{name}` is not the name of a role")));
    }
    let Some(role) = InstalledRole::find(paths, name) else {
        return Ok(false);
    };
    if meta_of(&role.folder).is_none() {
        return Ok(false);
    }
    fs::remove_dir_all(&role.folder)
        .map_err(|error| Error::input(format!("failed to remove role {name}")).because(error))?;
    Ok(true)
}

//! What is wanted: the words of a command line, and `requirements.yml` in both of its forms.

mod collection;

use std::path::{Path, PathBuf};

use collection::collection_of;

use crate::error::{Error, Kind, Result};
use crate::modules::http::percent_decoded;
use crate::yaml::{self, Node};

/// Where a collection comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A server with Galaxy's API; without a name, those of the configuration.
    Galaxy(Option<String>),
    /// A repository, and the folder in it.
    Git {
        /// The repository's address.
        url: String,
        /// The folder in it.
        folder: Option<String>,
    },
    /// An archive on the web.
    Url(String),
    /// An archive here.
    File(PathBuf),
    /// A collection's folder here.
    Folder(PathBuf),
    /// A folder here whose folders are collections.
    Folders(PathBuf),
}

/// A collection that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionWish {
    /// `namespace.name`, where it is said.
    pub name: Option<String>,
    /// A range of versions, or a revision of a repository.
    pub version: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// A role that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleWish {
    /// The folder that it is installed as.
    pub name: String,
    /// A name on Galaxy, an address or a file.
    pub source: String,
    /// The kind of repository that the source is.
    pub scm: Option<String>,
    /// The version, or a revision of a repository; the newest where nothing is said.
    pub version: Option<String>,
}

/// What a file of requirements asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// The roles.
    pub roles: Vec<RoleWish>,
    /// The collections.
    pub collections: Vec<CollectionWish>,
}

impl Requirements {
    /// Reads a file: a list of roles, or `roles:` and `collections:`.
    ///
    /// # Errors
    /// It cannot be read, or an entry names nothing that can be had.
    pub fn read(path: &Path) -> Result<Requirements> {
        let bytes = std::fs::read(path).map_err(|error| {
            let text = format!("the requirements file '{}' does not exist", path.display());
            match error.kind() {
                std::io::ErrorKind::NotFound => Error::input(text),
                _ => Error::input(format!("failed to read `{}`", path.display())).because(error),
            }
        })?;
        let source = yaml::decode(&bytes, path)?;
        let document = yaml::load(&source, &yaml::Options::data())?;
        let root = &document.root;
        let mut all = Requirements::default();
        if root.is_null() {
            let text = format!("no requirements found in file '{}'", path.display());
            return Err(Error::input(text));
        }
        if let Some(roles) = root.items() {
            for role in roles {
                all.roles.extend(role_of(role, path)?);
            }
            return Ok(all);
        }
        let entries = root.entries().ok_or_else(|| {
            let text = format!(
                "expecting requirements yaml to be a list or dictionary but got {}",
                root.kind_name()
            );
            input(root, text)
        })?;
        for (key, value) in entries {
            let items = match value.is_null() {
                true => &[],
                false => value.items().ok_or_else(|| {
                    input(value, format!("`{}` wants a list", key.value().to_text()))
                })?,
            };
            match key.as_str() {
                Some("roles") => {
                    for role in items {
                        all.roles.extend(role_of(role, path)?);
                    }
                }
                Some("collections") => {
                    for collection in items {
                        all.collections.push(collection_of(collection)?);
                    }
                }
                _ => {
                    let text = format!(
                        "expecting only 'roles' and/or 'collections' as base keys in the \
                         requirements file, found `{}`",
                        key.value().to_text()
                    );
                    return Err(input(key, text));
                }
            }
        }
        Ok(all)
    }
}

/// An error at a place of the file; what is asked for cannot be had.
fn input(node: &Node, text: impl Into<String>) -> Error {
    Error::new(Kind::Input, text).at(node.place().clone())
}

fn text_of(node: &Node, key: &str) -> Option<String> {
    let found = node.get(key).filter(|value| !value.is_null())?;
    Some(found.value().to_text())
}

/// The roles of an entry; several where it includes a file.
///
/// # Errors
/// It names no role.
pub fn role_of(node: &Node, file: &Path) -> Result<Vec<RoleWish>> {
    if let Some(line) = node.as_str() {
        return Ok(vec![
            RoleWish::of_line(line).map_err(|e| e.at(node.place().clone()))?,
        ]);
    }
    if node.entries().is_none() {
        return Err(input(node, "a role is a text or a dictionary"));
    }
    if let Some(include) = text_of(node, "include") {
        let mut path = PathBuf::from(&include);
        if !path.is_file()
            && let Some(folder) = file.parent()
        {
            path = folder.join(&include);
        }
        return Ok(Requirements::read(&path)
            .map_err(|error| {
                input(node, format!("failed to read the requirements `{include}`")).because(error)
            })?
            .roles);
    }
    let version = text_of(node, "version").filter(|version| !version.is_empty());
    if let Some(name) = text_of(node, "role") {
        let wish = RoleWish::of_line(&name)?;
        return Ok(vec![RoleWish { version, ..wish }]);
    }
    let (source, name) = (text_of(node, "src"), text_of(node, "name"));
    let Some(source) = source.or_else(|| name.clone()) else {
        return Err(input(node, "must specify name or src for role"));
    };
    let mut wish = RoleWish::of_source(&source);
    wish.version = version;
    if let Some(scm) = text_of(node, "scm") {
        wish.scm = Some(scm);
    }
    if let Some(name) = name {
        wish.name = name;
    }
    Ok(vec![wish])
}

impl RoleWish {
    /// The role of `source[,version[,name]]`.
    ///
    /// # Errors
    /// There are more commas.
    pub fn of_line(line: &str) -> Result<RoleWish> {
        let parts: Vec<&str> = line.trim().split(',').collect();
        if parts.len() > 3 {
            return Err(Error::input(format!(
                "`{line}` is not a role: write role_name[,version[,name]]"
            )));
        }
        let part = |at: usize| {
            parts
                .get(at)
                .filter(|text| !text.is_empty())
                .map(|t| (*t).to_owned())
        };
        let mut wish = RoleWish::of_source(parts[0]);
        wish.version = part(1);
        if let Some(name) = part(2) {
            wish.name = name;
        }
        Ok(wish)
    }

    fn of_source(source: &str) -> RoleWish {
        let name = role_name(source);
        let is_page = source.contains("github.com") && source.contains("http");
        let whole = match is_page && !source.contains('+') && !source.ends_with(".tar.gz") {
            true => format!("git+{source}"),
            false => source.to_owned(),
        };
        let (scm, source) = match whole.split_once('+') {
            Some((scm, rest)) if !scm.contains('/') => (Some(scm.to_owned()), rest.to_owned()),
            _ => (None, whole),
        };
        RoleWish {
            name,
            source,
            scm,
            version: None,
        }
    }
}

/// `repo` of `http://git.example.com/repos/repo.git`.
fn role_name(source: &str) -> String {
    if !source.contains("://") && !source.contains('@') {
        return source.to_owned();
    }
    let last = source.rsplit('/').next().unwrap_or(source);
    let last = last.strip_suffix(".git").unwrap_or(last);
    let last = last.strip_suffix(".tar.gz").unwrap_or(last);
    last.split(',').next().unwrap_or(last).to_owned()
}

/// Says whether a text is `namespace.name`.
pub fn is_name(text: &str) -> bool {
    let word = |part: &str| {
        let mut letters = part.chars();
        letters
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    text.split_once('.')
        .is_some_and(|(a, b)| word(a) && word(b))
}

fn is_git(text: &str) -> bool {
    text.starts_with("git+") || text.starts_with("git@")
}

fn is_http(text: &str) -> bool {
    let text = text.to_lowercase();
    text.starts_with("http://") || text.starts_with("https://")
}

fn is_pointer(text: &str) -> bool {
    let path = file_of(text).unwrap_or_else(|| PathBuf::from(text));
    is_git(text) || is_http(text) || path.is_file() || is_collection(&path) || holds_some(&path)
}

/// Says whether a folder has collections in it.
fn holds_some(path: &Path) -> bool {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .take(10_000)
        .any(|entry| is_collection(&entry.path()))
}

/// The path of an address that begins with `file://`, of this machine.
pub fn file_of(url: &str) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let path = url.strip_prefix("file://")?;
    let path = path.strip_prefix("localhost").unwrap_or(path);
    if !path.starts_with('/') {
        return None;
    }
    let bytes = percent_decoded(path);
    Some(PathBuf::from(std::ffi::OsString::from_vec(bytes)))
}

/// Says whether a folder is a collection, installed or as source.
pub fn is_collection(path: &Path) -> bool {
    path.join("galaxy.yml").is_file() || path.join("MANIFEST.json").is_file()
}

#[cfg(test)]
mod tests;

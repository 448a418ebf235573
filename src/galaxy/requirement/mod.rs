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

/// Which forms of a file will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A list of roles too, as it was before there were collections.
    Any,
    /// Only a dictionary.
    Dictionary,
    /// A list too; only the roles are wanted, so that signatures of collections are no matter.
    Roles,
}

impl Requirements {
    /// Reads a file: a list of roles, or `roles:` and `collections:`.
    ///
    /// # Errors
    /// It cannot be read, or an entry names nothing that can be had.
    pub fn read(path: &Path, form: Form) -> Result<Requirements> {
        let document = load(path)?;
        let root = &document.root;
        let mut all = Requirements::default();
        if root.is_null() {
            let text = format!("No requirements found in file '{}'", path.display());
            return Err(Error::input(text));
        }
        if let Some(roles) = root.items() {
            if form == Form::Dictionary {
                let text = "Expecting requirements file to be a dict with the key 'collections' that contains \
                            a list of collections to install";
                return Err(input(root, text).hint_if(roles_hint(roles)));
            }
            for role in roles {
                all.roles.extend(role_of(role, path)?);
            }
            return Ok(all);
        }
        if root.entries().is_none() {
            let text = format!(
                "Expecting requirements yaml to be a list or dictionary but got {}",
                root.value().type_name()
            );
            return Err(input(root, text));
        }
        check_keys(root)?;
        for role in listed(root, "roles")? {
            all.roles.extend(role_of(role, path)?);
        }
        for collection in listed(root, "collections")? {
            all.collections
                .push(collection_of(collection, form != Form::Roles)?);
        }
        Ok(all)
    }
}

/// The document of a file of requirements.
fn load(path: &Path) -> Result<yaml::Document> {
    let bytes = std::fs::read(path).map_err(|error| {
        let text = format!("The requirements file '{}' does not exist.", path.display());
        match error.kind() {
            std::io::ErrorKind::NotFound => Error::input(text),
            _ => Error::input(format!("failed to read `{}`", path.display())).because(error),
        }
    })?;
    let document =
        yaml::decode(&bytes, path).and_then(|source| yaml::load(&source, &yaml::Options::data()));
    document.map_err(|error| {
        let text = format!(
            "Failed to parse the requirements yml at '{}'",
            path.display()
        );
        let wrong = Error::input(text);
        match error.place() {
            Some(place) => wrong.at(place.clone()).because(error),
            None => wrong.because(error),
        }
    })
}

fn roles_hint(entries: &[Node]) -> Option<String> {
    let hint =
        "a list names roles, which `role install -r` takes; collections stand below `collections:`";
    (!entries.is_empty()).then(|| hint.to_owned())
}

fn check_keys(root: &Node) -> Result<()> {
    let known = |key: &&Node| !matches!(key.as_str(), Some("roles" | "collections"));
    let keys = root.entries().into_iter().flatten().map(|(key, _)| key);
    let strange: Vec<&Node> = keys.filter(known).collect();
    let Some(first) = strange.first() else {
        return Ok(());
    };
    let names: Vec<String> = strange.iter().map(|key| key.value().to_text()).collect();
    let text = format!(
        "Expecting only 'roles' and/or 'collections' as base keys in the requirements file. Found: {}",
        names.join(", ")
    );
    Err(input(first, text))
}

/// The entries of a key; what counts as false has none.
fn listed<'a>(root: &'a Node, key: &str) -> Result<&'a [Node]> {
    match root.get(key) {
        Some(value) if value.value().is_true() => value
            .items()
            .ok_or_else(|| input(value, format!("`{key}` wants a list"))),
        _ => Ok(&[]),
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
        return included(node, &include, file);
    }
    let version = text_of(node, "version").filter(|version| !version.is_empty());
    if let Some(name) = text_of(node, "role") {
        if name.contains(',') {
            let text = format!("Invalid old style role requirement: {name}");
            return Err(input(node, text).hint("write `src`, `version` and `name`"));
        }
        let wish = RoleWish::of_line(&name)?;
        return Ok(vec![RoleWish { version, ..wish }]);
    }
    let (source, name) = (text_of(node, "src"), text_of(node, "name"));
    let Some(source) = source.or_else(|| name.clone()) else {
        return Err(input(node, "Must specify name or src for role"));
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

/// The roles of a file that an entry includes: from the working directory, or from beside the file.
fn included(node: &Node, include: &str, file: &Path) -> Result<Vec<RoleWish>> {
    let mut path = PathBuf::from(include);
    if !path.is_file()
        && let Some(folder) = file.parent()
    {
        path = folder.join(include);
    }
    if !path.is_file() {
        let text = format!(
            "Failed to find include requirements file '{include}' in '{}'",
            file.display()
        );
        return Err(input(node, text));
    }
    let all = Requirements::read(&path, Form::Any).map_err(|error| {
        let text = format!(
            "Unable to load data from include requirements file: {}",
            file.display()
        );
        input(node, text).because(error)
    })?;
    Ok(all.roles)
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
                "Invalid role line ({line}). Proper format is 'role_name[,version[,name]]'"
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

//! `requirements.lock`: the exact versions and hashes that a file of requirements became.

use std::path::{Path, PathBuf};

use super::version::Version;
use crate::error::{Error, Result};
use crate::value::{Map, Value};
use crate::yaml::{self, Node};

/// The form of the file.
const FORM: i64 = 1;

/// A collection that was decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedCollection {
    /// `namespace.name`.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// galaxy, git, url, file or dir.
    pub kind: String,
    /// The server, or the address.
    pub source: String,
    /// The commit of a repository.
    pub commit: Option<String>,
    /// The hash of its archive.
    pub sha256: Option<String>,
}

/// A role that was decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedRole {
    /// The folder that it is installed as.
    pub name: String,
    /// Where it comes from.
    pub source: String,
    /// Its version, as it was asked for or found.
    pub version: Option<String>,
    /// The commit of a repository.
    pub commit: Option<String>,
    /// The hash over all its files: archives of a web page are packed anew now and then.
    pub tree: String,
}

/// What was decided on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The collections, by name.
    pub collections: Vec<LockedCollection>,
    /// The roles, in the order of the file.
    pub roles: Vec<LockedRole>,
}

impl Lock {
    /// The file beside a file of requirements.
    pub fn beside(requirements: &Path) -> PathBuf {
        requirements.with_extension("lock")
    }

    /// Reads a file; nothing where there is none.
    ///
    /// # Errors
    /// It is no lock.
    pub fn read(path: &Path) -> Result<Option<Lock>> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let text = format!("failed to read `{}`", path.display());
                return Err(Error::input(text).because(error));
            }
        };
        let source = yaml::decode(&bytes, path)?;
        let document = yaml::load(&source, &yaml::Options::data())?;
        let root = &document.root;
        if root.get("version").and_then(Node::as_int) != Some(FORM) {
            return Err(root.error(format!("this is not a lock of the form {FORM}")));
        }
        let items = |key: &str| root.get(key).and_then(Node::items).unwrap_or_default();
        let mut lock = Lock::default();
        for node in items("collections") {
            lock.collections.push(LockedCollection {
                name: needed(node, "name")?,
                version: Version::parse(&needed(node, "version")?)
                    .map_err(|error| error.at(node.place().clone()))?,
                kind: needed(node, "type")?,
                source: needed(node, "source")?,
                commit: optional(node, "commit"),
                sha256: optional(node, "sha256"),
            });
        }
        for node in items("roles") {
            lock.roles.push(LockedRole {
                name: needed(node, "name")?,
                source: needed(node, "source")?,
                version: optional(node, "version"),
                commit: optional(node, "commit"),
                tree: needed(node, "tree")?,
            });
        }
        Ok(Some(lock))
    }

    /// Writes the file, if it is not so already.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let collections = self.collections.iter().map(|locked| {
            row(&[
                ("name", Some(&locked.name)),
                ("version", Some(&locked.version.to_string())),
                ("type", Some(&locked.kind)),
                ("source", Some(&locked.source)),
                ("commit", locked.commit.as_ref()),
                ("sha256", locked.sha256.as_ref()),
            ])
        });
        let roles = self.roles.iter().map(|locked| {
            row(&[
                ("name", Some(&locked.name)),
                ("source", Some(&locked.source)),
                ("version", locked.version.as_ref()),
                ("commit", locked.commit.as_ref()),
                ("tree", Some(&locked.tree)),
            ])
        });
        let whole = crate::entries! {
            "version" => FORM,
            "collections" => Value::list(collections.collect()),
            "roles" => Value::list(roles.collect()),
        };
        let options = yaml::DumpOptions {
            sort_keys: false,
            ..yaml::DumpOptions::nice()
        };
        let text = format!(
            "# Exact versions and hashes, made by `play galaxy install -r`. Commit this file; `play galaxy\n\
             # update` makes it anew.\n{}",
            yaml::dump(&Value::map(whole), &options)?
        );
        if std::fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
            return Ok(());
        }
        let failed = |error: std::io::Error| {
            Error::input(format!("failed to write `{}`", path.display())).because(error)
        };
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let mut file =
            tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        file.as_file().set_permissions(mode).map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// What is locked of a collection.
    pub fn collection(&self, name: &str) -> Option<&LockedCollection> {
        self.collections.iter().find(|locked| locked.name == name)
    }

    /// What is locked of a role that comes from there.
    pub fn role(&self, name: &str, source: &str) -> Option<&LockedRole> {
        let is_it = |locked: &&LockedRole| locked.name == name && locked.source == source;
        self.roles.iter().find(is_it)
    }
}

fn row(entries: &[(&str, Option<&String>)]) -> Value {
    let mut map = Map::new();
    for (key, value) in entries {
        if let Some(value) = value {
            map.set(key, value.as_str());
        }
    }
    Value::map(map)
}

fn optional(node: &Node, key: &str) -> Option<String> {
    let found = node.get(key).filter(|value| !value.is_null())?;
    Some(found.value().to_text())
}

fn needed(node: &Node, key: &str) -> Result<String> {
    optional(node, key).ok_or_else(|| node.error(format!("`{key}` is missing in the lock")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = Lock::beside(&folder.path().join("requirements.yml"));
        assert!(path.ends_with("requirements.lock"));
        assert!(Lock::read(&path).unwrap().is_none());
        let lock = Lock {
            collections: vec![LockedCollection {
                name: "a.b".to_owned(),
                version: Version::parse("1.2.3").unwrap(),
                kind: "galaxy".to_owned(),
                source: "https://h/api/".to_owned(),
                commit: None,
                sha256: Some("ab".repeat(32)),
            }],
            roles: vec![LockedRole {
                name: "me.role".to_owned(),
                source: "me.role".to_owned(),
                // A version that YAML would read as a number.
                version: Some("1.10".to_owned()),
                commit: Some("1e10".to_owned()),
                tree: "sha256:00".to_owned(),
            }],
        };
        lock.write(&path).unwrap();
        assert_eq!(Lock::read(&path).unwrap().unwrap(), lock);
        std::fs::write(&path, "version: 2\n").unwrap();
        assert!(Lock::read(&path).is_err());
        std::fs::write(&path, "version: 1\ncollections: [{name: a.b}]\n").unwrap();
        assert!(Lock::read(&path).is_err());
    }
}

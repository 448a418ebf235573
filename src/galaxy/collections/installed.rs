//! Collections that are installed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::galaxy::metadata::Metadata;
use crate::galaxy::requirement::is_name;

/// An installed collection.
#[derive(Clone, Debug)]
pub struct Installed {
    /// `namespace.name`, by its folders.
    pub name: String,
    /// Its version; nothing where its metadata says none.
    pub metadata: Option<Metadata>,
    /// Its folder.
    pub folder: PathBuf,
}

impl Installed {
    /// Its version, `*` where nobody knows it.
    pub fn version(&self) -> String {
        let known = self.metadata.as_ref();
        known.map_or_else(|| "*".to_owned(), |metadata| metadata.version.to_string())
    }
}

/// The collections in a folder `ansible_collections`, by name, and what is wrong with some.
pub fn in_folder(root: &Path) -> (Vec<Installed>, Vec<Error>) {
    let mut all = Vec::new();
    let mut warnings = Vec::new();
    for namespace in folders(root) {
        for folder in folders(&namespace) {
            let part = |path: &Path| {
                let name = path.file_name().unwrap_or_default();
                name.to_string_lossy().into_owned()
            };
            let name = format!("{}.{}", part(&namespace), part(&folder));
            if !is_name(&name) {
                continue;
            }
            let mut metadata = None;
            match Metadata::of_folder(&folder) {
                Ok(found) if found.full_name() == name => metadata = Some(found),
                Ok(found) => warnings.push(Error::input(format!(
                    "collection at {} documents incorrect FQCN '{}', ignoring metadata",
                    folder.display(),
                    found.full_name()
                ))),
                Err(error) => {
                    let text = format!(
                        "collection at '{}' has no proper metadata: cannot detect version",
                        folder.display()
                    );
                    warnings.push(Error::input(text).because(error));
                }
            }
            all.push(Installed {
                name,
                metadata,
                folder,
            });
        }
    }
    (all, warnings)
}

/// The folders in a folder, by name.
fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut all: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && !is_hidden(path))
        .collect();
    all.sort();
    all
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// The folder `ansible_collections` of a path of collections: the path itself where it is called so.
pub fn root_of(path: &Path) -> PathBuf {
    match path
        .file_name()
        .is_some_and(|name| name == "ansible_collections")
    {
        true => path.to_owned(),
        false => path.join("ansible_collections"),
    }
}

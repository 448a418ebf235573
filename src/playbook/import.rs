//! `import_playbook`: playbooks inside of playbooks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::find::{similar_file, with_ending};
use super::keyword::{self, Object};
use super::keywords::{Keywords, unknown_on};
use super::loader::Loader;
use super::play::{Around, Play};
use super::task::read_vars;
use crate::error::{Error, Result};
use crate::value::{Map, Value};
use crate::yaml;

/// How deep imports may stand in one another.
pub(super) const DEEPEST: usize = 64;

impl Loader<'_> {
    /// The plays of an imported playbook.
    pub(super) fn import_playbook(
        &self,
        path: &Path,
        entry: &yaml::Node,
        import: &yaml::Node,
        around: &[Arc<Around>],
        depth: usize,
    ) -> Result<Vec<Play>> {
        if depth >= DEEPEST {
            return Err(Error::input(format!("`{}` imports itself", path.display()))
                .at(entry.place().clone()));
        }
        let mut keywords = Keywords::default();
        for (key, value) in entry.entries().unwrap_or_default() {
            match key.as_str() {
                Some("name" | "vars") => (),
                Some(word) if is_import(word) => (),
                Some(other) if keyword::find(other).is_some_and(is_for_imports) => {
                    let object = if other == "when" {
                        Object::Task
                    } else {
                        Object::Play
                    };
                    keywords.add(object, key, value)?;
                }
                _ => {
                    let name = key.value().to_text();
                    return Err(unknown_on(Object::Play, "PlaybookInclude", &name, key));
                }
            }
        }
        let mut inner = around.to_vec();
        let own = Around {
            keywords,
            vars: read_vars(entry, "PlaybookInclude")?,
        };
        let vars: Vec<Arc<Map>> = around
            .iter()
            .map(|a| Arc::clone(&a.vars))
            .chain([Arc::clone(&own.vars)])
            .collect();
        inner.push(Arc::new(own));
        let name = self.playbook_name(import, &vars)?;
        let file = self.imported_playbook(path, &name);
        self.playbook_inside(&readable(file, import)?, &inner, depth + 1)
    }

    /// What an import names, rendered.
    fn playbook_name(&self, import: &yaml::Node, vars: &[Arc<Map>]) -> Result<String> {
        let at = |text: String| Err(Error::syntax(text).at(import.place().clone()));
        match import.value() {
            Value::Null => {
                return at("The field 'import_playbook' is required but was not set.".to_owned());
            }
            Value::List(_) | Value::Map(_) => {
                return at(format!(
                    "The field 'import_playbook' is supposed to be a string type, got {}",
                    import.kind_name()
                ));
            }
            _ => (),
        }
        let name = self.world.render(import.value(), vars).map_err(|error| {
            let said = error.root().message();
            let text = format!("Error processing keyword 'import_playbook': {said}");
            let hint = error.root().hint_text().map(str::to_owned);
            Error::syntax(text).at(import.place().clone()).hint_if(hint)
        })?;
        Ok(name.to_text())
    }

    /// The file of an imported playbook: beside the importing one, or `namespace.collection.name`.
    fn imported_playbook(&self, path: &Path, name: &str) -> PathBuf {
        let beside = path.parent().unwrap_or(Path::new(".")).join(name);
        let parts: Vec<&str> = name.splitn(3, '.').collect();
        let [namespace, collection, playbook] = parts.as_slice() else {
            return beside;
        };
        if beside.is_file() || name.contains('/') {
            return beside;
        }
        self.paths
            .collections
            .iter()
            .map(|root| {
                root.join("ansible_collections")
                    .join(namespace)
                    .join(collection)
            })
            .find_map(|folder| with_ending(&folder.join("playbooks"), playbook))
            .unwrap_or(beside)
    }
}

/// The file of an import, where it can be read.
fn readable(file: PathBuf, import: &yaml::Node) -> Result<PathBuf> {
    if file.is_file() {
        return Ok(file);
    }
    let full = std::path::absolute(&file).unwrap_or_else(|_| file.clone());
    let shown = full.display();
    let error = match file.is_dir() {
        true => Error::syntax(format!(
            "An error occurred while trying to read the file '{shown}': it is a directory"
        )),
        false => Error::input(format!(
            "Unable to retrieve file contents. Could not find or access '{shown}' on the Ansible Controller."
        ))
        .hint_if(similar_file(&file)),
    };
    Err(error.at(import.place().clone()))
}

/// What an entry of a playbook imports, where it does.
pub(super) fn import_of(entry: &yaml::Node) -> Option<&yaml::Node> {
    let named = IMPORT.iter().filter_map(|name| entry.get(name));
    named.into_iter().next()
}

/// The names of `import_playbook`.
const IMPORT: [&str; 3] = [
    "import_playbook",
    "ansible.builtin.import_playbook",
    "ansible.legacy.import_playbook",
];

/// Says whether a word means `import_playbook`.
pub fn is_import(word: &str) -> bool {
    IMPORT.contains(&word)
}

fn is_for_imports(keyword: &keyword::Keyword) -> bool {
    keyword.inherit != keyword::Inherit::Never
}

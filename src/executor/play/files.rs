//! `vars_files`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::reserved;
use super::super::values::Values;
use super::super::walker::{Walker, Way};
use crate::error::{Error, Result};
use crate::value::{Map, Value};
use crate::vars::TaskScope;
use crate::yaml;

impl Walker {
    /// Reads `vars_files`; those whose names need what is not known yet are left for later.
    pub(in crate::executor) fn load_files(&self, way: &Way) -> Result<()> {
        let play = &self.batch.state.play;
        let Some(entry) = play.keywords.get("vars_files") else {
            return Ok(());
        };
        let items = match &entry.value {
            Value::List(items) => items.to_vec(),
            Value::Null => return Ok(()),
            single => vec![single.clone()],
        };
        let names = self.names(&way.frame, None);
        let mut files = Vec::new();
        for item in &items {
            let alternatives = match item {
                Value::List(names) => names.to_vec(),
                single => vec![single.clone()],
            };
            match self.first_file(&names, &alternatives) {
                Ok(vars) => {
                    if let Some(vars) = &vars {
                        reserved::map(&self.run().house, vars);
                    }
                    files.extend(vars);
                }
                Err(error) if error.is_undefined() && self.host.facts().raw.is_empty() => (),
                Err(error) => return Err(error.at(entry.place.clone())),
            }
        }
        self.batch.state.set_files(&self.host.name, files);
        Ok(())
    }

    /// The variables of the first file of several that is there. Where none is, the reference goes
    /// on in silence; so does this, with a warning.
    fn first_file(&self, names: &TaskScope, alternatives: &[Value]) -> Result<Option<Arc<Map>>> {
        let values = Values::new(&self.run().engine, names);
        let folder = self
            .batch
            .state
            .play
            .file
            .parent()
            .unwrap_or(Path::new("."));
        let mut looked = Vec::new();
        for alternative in alternatives {
            let name = file_name(&values.render(alternative)?)?;
            let places = [
                folder.join(&name),
                folder.join("vars").join(&name),
                PathBuf::from(&name),
            ];
            let found = places.iter().find(|place| place.is_file());
            match found {
                Some(path) => return self.read_vars(path).map(Some),
                None => looked.push(name),
            }
        }
        let place = alternatives.first().and_then(|value| value.place());
        let text = format!("no file of `vars_files` is there: {}", looked.join(", "));
        let warning = Error::input(text).at(place.cloned());
        let folder = names.playbook_dir().display();
        self.run()
            .house
            .warn_once(warning.hint(format!("looked in {folder}")));
        Ok(None)
    }

    fn read_vars(&self, path: &Path) -> Result<Arc<Map>> {
        let source = self.run().house.source(path)?;
        let document = yaml::load(&source, &yaml::Options::default())?;
        for warning in document.warnings {
            self.run().house.warn_once(warning);
        }
        match document.root.value() {
            Value::Null => Ok(Arc::default()),
            Value::Map(map) => Ok(Arc::clone(map)),
            Value::List(items) if items.iter().all(|item| item.as_map().is_some()) => {
                let mut all = Map::new();
                for map in items.iter().filter_map(Value::as_map) {
                    all.extend_from(map);
                }
                Ok(Arc::new(all))
            }
            _ => Err(Error::syntax(format!(
                "a variables file is a mapping, or a list of mappings, got {}",
                document.root.kind_name()
            ))
            .at(document.root.place().clone())),
        }
    }
}

/// The name of a file of variables.
pub(in crate::executor) fn file_name(value: &Value) -> Result<String> {
    match value {
        Value::Str(name) => Ok(name.to_string()),
        other => Err(Error::syntax(format!(
            "an entry of `vars_files` is a string or a list of strings, not a value of type `{}`",
            other.type_name()
        ))
        .at(other.place().cloned())),
    }
}

//! `first_found`: the first of several files that is there.

use super::super::Runtime;
use super::super::filters::{joined_path, normalised_path};
use super::{Options, Table};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("first_found", first_found)];

fn first_found(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    for value in options.values() {
        defined(value)?;
    }
    let mut search = Search {
        runtime,
        options: Options::new("first_found", options),
        names: Vec::new(),
    };
    if terms.is_empty() {
        let files = search.options.texts("files");
        search.add_terms(&files.into_iter().map(Value::str).collect::<Vec<_>>())?;
    } else {
        search.add_terms(&terms)?;
    }
    for name in &search.names {
        for kind in kinds(runtime)? {
            if let Ok(path) = runtime.scope().find(kind, name) {
                let path = normalised_path(&path.to_string_lossy());
                return Ok(vec![Value::str(path)]);
            }
        }
    }
    if search.options.flag("skip", false)? {
        return Ok(Vec::new());
    }
    Err(Error::input("No file was found when using first_found.")
        .hint(format!("it looked for {}", search.names.join(", "))))
}

fn defined(value: &Value) -> Result<()> {
    match value {
        Value::Undefined(undefined) => Err(undefined.error.clone()),
        _ => Ok(()),
    }
}

/// The kinds of folder to look in. The reference looks in that of the task's action alone; where
/// nobody says which action it is, all are tried.
fn kinds(runtime: &dyn Runtime) -> Result<Vec<&'static str>> {
    let task = runtime.variable("_task")?;
    let action = match &task {
        Some(task) => runtime.item(task, &Value::str("action"))?,
        None => Value::Null,
    };
    Ok(match action.as_str() {
        Some(action) if action.contains("template") => vec!["templates"],
        Some(action) if action.contains("var") => vec!["vars"],
        Some(_) => vec!["files"],
        None => vec!["files", "templates", "vars"],
    })
}

struct Search<'r> {
    runtime: &'r dyn Runtime,
    /// What the last dictionary among the terms said, or the lookup itself.
    options: Options,
    names: Vec<String>,
}

impl Search<'_> {
    fn add_terms(&mut self, terms: &[Value]) -> Result<()> {
        for term in terms {
            let term = self.runtime.resolve(term)?;
            defined(&term)?;
            match &term {
                Value::Map(_) => {
                    let plain = self.runtime.plain(&term)?;
                    let given = plain.as_map().map(|map| (**map).clone());
                    self.options = Options::new("first_found", given.unwrap_or_default());
                    let files = split(&self.options, "files", &[',', ';']);
                    self.add_files(&files);
                }
                Value::Str(name) => {
                    let files = name
                        .split([',', ';'])
                        .map(str::to_owned)
                        .collect::<Vec<_>>();
                    self.add_files(&files);
                }
                Value::List(_) | Value::Tuple(_) => {
                    let items = self.runtime.items(&term)?;
                    self.add_terms(&items)?;
                }
                other => {
                    return Err(Error::template(format!(
                        "Invalid term supplied. A string, dict or list is required, not '{}'",
                        other.type_name()
                    )));
                }
            }
        }
        Ok(())
    }

    /// Adds each file below each of the paths, or as it is where there are none.
    fn add_files(&mut self, files: &[String]) {
        let paths = split(&self.options, "paths", &[',', ':', ';']);
        if paths.is_empty() {
            self.names.extend(files.iter().cloned());
        }
        for path in &paths {
            for file in files {
                self.names.push(joined_path(&[path.clone(), file.clone()]));
            }
        }
    }
}

fn split(options: &Options, name: &str, marks: &[char]) -> Vec<String> {
    let texts = options.texts(name);
    texts
        .iter()
        .flat_map(|text| text.split(marks))
        .map(str::to_owned)
        .collect()
}

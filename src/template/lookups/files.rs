//! Files of the controller: `file`, `unvault`, `fileglob`.

use std::path::Path;

use super::super::Runtime;
use super::super::filters::{glob, is_blank};
use super::{Options, Table, read_text};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("file", file), ("fileglob", fileglob), ("unvault", unvault)];

fn file(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let options = Options::new("file", options);
    let strip_left = options.flag("lstrip", false)?;
    let strip_right = options.flag("rstrip", true)?;
    let mut answers = Vec::new();
    for term in &terms {
        let name = super::text("file", term)?;
        let content = found_text(runtime, name).map_err(|error| {
            Error::input(format!("Unable to access the file '{name}'"))
                .because(error.reworded(&|words| format!("File not found: {words}")))
        })?;
        let mut content = content.as_str();
        if strip_left {
            content = content.trim_start_matches(is_blank);
        }
        if strip_right {
            content = content.trim_end_matches(is_blank);
        }
        answers.push(Value::str(content));
    }
    Ok(answers)
}

fn found_text(runtime: &dyn Runtime, name: &str) -> Result<String> {
    read_text(runtime, &runtime.scope().find("files", name)?)
}

fn unvault(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    terms
        .iter()
        .map(|term| {
            let name = super::text("unvault", term)?;
            let path = runtime.scope().find("files", name).map_err(|error| {
                Error::input(format!("Unable to find file matching \"{name}\"")).because(error)
            })?;
            read_text(runtime, &path).map(Value::str)
        })
        .collect()
}

/// The files that fit a pattern, in the first folder that has some.
fn fileglob(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    let mut answers = Vec::new();
    for term in &terms {
        let pattern = super::text("fileglob", term)?;
        let (folder, name) = match pattern.rsplit_once('/') {
            Some(("", name)) => (Some("/"), name),
            Some((folder, name)) => (Some(folder), name),
            None => (None, pattern),
        };
        let folders = match folder {
            Some(folder) => runtime.scope().find("files", folder).into_iter().collect(),
            None => runtime.scope().search_path("files"),
        };
        for folder in folders {
            let whole = folder.join(name).to_string_lossy().into_owned();
            let mut found = glob(&whole)?;
            found.retain(|path| Path::new(path).is_file());
            if !found.is_empty() {
                answers.extend(found.into_iter().map(Value::str));
                break;
            }
        }
    }
    Ok(answers)
}

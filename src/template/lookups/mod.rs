//! The lookups: what a template may ask of the world outside of it.
//!
//! A lookup gets its terms and its options and gives the list of its answers. What it reads comes
//! through [`Scope`](super::Scope) and [`Outside`](super::Outside). Options that a lookup does not
//! know are left alone, as in the reference.

mod configuration;
mod csvfile;
mod data;
mod env;
mod files;
mod filetree;
mod first_found;
mod general;
mod hostnames;
mod ini;
mod kv;
mod lists;
mod merge_variables;
mod options;
mod password;
mod passwordstore;
mod programs;
mod sequence;
mod subelements;
mod template;
mod url;
mod variables;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::filters::short;
use super::{Lookup, Runtime};
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) use csvfile::rows;
pub(super) use ini::IniFile;
use options::Options;

/// One room's lookups by their names.
type Table = &'static [(&'static str, Lookup)];

const TABLES: &[Table] = &[
    configuration::LOOKUPS,
    csvfile::LOOKUPS,
    data::LOOKUPS,
    env::LOOKUPS,
    files::LOOKUPS,
    filetree::LOOKUPS,
    first_found::LOOKUPS,
    general::LOOKUPS,
    hostnames::LOOKUPS,
    ini::LOOKUPS,
    lists::LOOKUPS,
    merge_variables::LOOKUPS,
    password::LOOKUPS,
    passwordstore::LOOKUPS,
    programs::LOOKUPS,
    sequence::LOOKUPS,
    subelements::LOOKUPS,
    template::LOOKUPS,
    url::LOOKUPS,
    variables::LOOKUPS,
];

static LOOKUPS: LazyLock<HashMap<&'static str, Lookup>> = LazyLock::new(|| {
    TABLES
        .iter()
        .flat_map(|table| table.iter().copied())
        .collect()
});

/// The lookup called `name`, short or with its collection.
pub fn find(name: &str) -> Option<Lookup> {
    LOOKUPS.get(short(name)).copied()
}

/// Says whether there is a lookup called `name`.
pub fn is_known(name: &str) -> bool {
    find(name).is_some()
}

/// The names of all lookups, those of collections in full.
pub fn names() -> impl Iterator<Item = &'static str> {
    LOOKUPS.keys().copied()
}

/// A term as text.
fn text<'t>(lookup: &str, term: &'t Value) -> Result<&'t str> {
    match term {
        Value::Str(text) => Ok(text.as_str()),
        Value::Undefined(undefined) => Err(undefined.error.clone()),
        other => Err(Error::template(format!(
            "the lookup `{lookup}` wants strings, got a value of type `{}`",
            other.type_name()
        ))),
    }
}

/// The items of lists among the terms, and the other terms.
fn flat(runtime: &dyn Runtime, terms: &[Value]) -> Result<Vec<Value>> {
    let mut flat = Vec::new();
    for term in terms {
        let term = runtime.resolve(term)?;
        match &term {
            Value::List(_) | Value::Tuple(_) => flat.extend(runtime.items(&term)?),
            _ => flat.push(term),
        }
    }
    Ok(flat)
}

/// The text of a file of the controller.
fn read_text(runtime: &dyn Runtime, path: &std::path::Path) -> Result<String> {
    let bytes = runtime.scope().outside().read(path)?;
    String::from_utf8(bytes)
        .map_err(|_| Error::template(format!("`{}` is not UTF-8 text", path.display())))
}

/// The folder of the playbook, where relative paths of some lookups begin.
fn base_folder(runtime: &dyn Runtime) -> Result<Option<std::path::PathBuf>> {
    let folder = runtime.variable("playbook_dir")?;
    Ok(folder
        .as_ref()
        .and_then(Value::as_str)
        .map(std::path::PathBuf::from))
}

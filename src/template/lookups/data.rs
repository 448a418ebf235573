//! The lookups of `ansible.utils`, each a filter over its terms.

use super::super::{Args, Runtime};
use super::Table;
use crate::error::Result;
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[
    ("ansible.utils.get_path", path_value),
    ("ansible.utils.index_of", index_of),
    ("ansible.utils.to_paths", to_paths),
];

fn path_value(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    filtered(runtime, "ansible.utils.get_path", terms, options)
}

fn to_paths(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    filtered(runtime, "ansible.utils.to_paths", terms, options)
}

fn index_of(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    filtered(runtime, "ansible.utils.index_of", terms, options)
}

/// What the filter of the same name gives for the terms, as the answers.
fn filtered(
    runtime: &dyn Runtime,
    name: &str,
    terms: Vec<Value>,
    options: Map,
) -> Result<Vec<Value>> {
    let named = options
        .into_iter()
        .map(|(name, value)| (name.to_text(), value))
        .collect();
    let found = runtime.filter(name, Args::new(name, terms, named))?;
    Ok(match &found {
        Value::List(items) => items.to_vec(),
        _ => vec![found],
    })
}

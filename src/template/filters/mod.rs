//! The filters: plain functions over [`Runtime`] and [`Args`], by the names Ansible gives them.
//!
//! A filter refuses undefined arguments with the error of the undefined value itself; the few that
//! look at them (`default`, `mandatory`, …) say so in their table. An error of the kind
//! [`Undefined`](crate::error::Kind::Undefined) that a filter gives is its answer in the reference:
//! the caller makes an undefined value of it, so that `nope | upper | default('x')` works.

mod attribute;
mod comment;
mod data;
mod default;
mod dicts;
pub mod format;
mod general;
mod hash;
mod html;
mod jmespath;
mod json;
mod jwt;
mod lists;
mod net;
mod numbers;
pub(super) mod password;
mod paths;
mod pick;
mod random;
mod regex;
mod sets;
mod sort;
mod strings;
mod time;
mod urls;
mod vault;
mod yaml;

pub(super) use default::{shell_quoted as quoted, truth_word};
pub(super) use general::ansible_type;
pub(super) use hash::{decoded_text, encoded_text};
pub(super) use net::Network;
pub(super) use password::{Scheme, hashed, random_text};
pub(super) use paths::glob::{glob, translated as shell_pattern};
pub(super) use paths::{expand_user, join as joined_path, normalised as normalised_path};
pub(super) use random::Source as RandomSource;
pub(super) use sort::{order, sort_pairs};
pub(super) use strings::{is_blank, split_lines};
pub(super) use time::{Moment, written};
pub(super) use urls::Url;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::{Args, Filter, Runtime};
use crate::error::{Error, Kind, Result};
use crate::value::{Map, Str, Undefined, Value};

/// A table's entry for a filter that refuses undefined arguments.
macro_rules! strict {
    ($function:path) => {
        |runtime, args| $function(runtime, args.defined()?)
    };
}
pub(super) use strict;

/// One room's filters by their names.
type Table = &'static [(&'static str, Filter)];

const TABLES: &[Table] = &[
    comment::FILTERS,
    data::FILTERS,
    default::FILTERS,
    dicts::FILTERS,
    general::FILTERS,
    hash::FILTERS,
    format::FILTERS,
    html::FILTERS,
    jmespath::FILTERS,
    json::FILTERS,
    jwt::FILTERS,
    lists::FILTERS,
    net::FILTERS,
    numbers::FILTERS,
    password::FILTERS,
    paths::FILTERS,
    pick::FILTERS,
    random::FILTERS,
    regex::FILTERS,
    sets::FILTERS,
    sort::FILTERS,
    strings::FILTERS,
    time::FILTERS,
    urls::FILTERS,
    vault::FILTERS,
    yaml::FILTERS,
];

static FILTERS: LazyLock<HashMap<&'static str, Filter>> = LazyLock::new(|| {
    TABLES
        .iter()
        .flat_map(|table| table.iter().copied())
        .collect()
});

/// The filter called `name`, short or with its collection.
pub fn find(name: &str) -> Option<Filter> {
    FILTERS.get(short(name)).copied()
}

/// The names of all filters, those of collections in full.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILTERS.keys().copied()
}

/// The name without the collections that come with the language.
pub(super) fn short(name: &str) -> &str {
    name.strip_prefix("ansible.builtin.")
        .or_else(|| name.strip_prefix("ansible.legacy."))
        .unwrap_or(name)
}

/// `str(value)`; the text of a string itself.
pub(super) fn text(runtime: &dyn Runtime, value: &Value) -> Result<Str> {
    match value {
        Value::Str(text) => Ok(text.clone()),
        other => Ok(Str::new(runtime.plain(other)?.to_text())),
    }
}

/// What a loop over the value gives, none of it undefined.
pub(super) fn items(runtime: &dyn Runtime, value: &Value) -> Result<Vec<Value>> {
    let items = runtime.items(value)?;
    for item in &items {
        defined(item)?;
    }
    Ok(items)
}

/// The value, unless it is undefined.
pub(super) fn defined(value: &Value) -> Result<&Value> {
    match value {
        Value::Undefined(undefined) => Err(undefined.error.clone()),
        value => Ok(value),
    }
}

/// What the call gave; an undefined value where it failed for one.
pub(super) fn softened(result: Result<Value>) -> Result<Value> {
    match result {
        Err(error) if error.kind() == Kind::Undefined => Ok(undefined(error)),
        other => other,
    }
}

/// The undefined value whose use raises `error`.
pub(super) fn undefined(error: Error) -> Value {
    Value::Undefined(Arc::new(Undefined { error }))
}

/// The entries of a dictionary.
pub(super) fn entries(args: &Args, value: &Value) -> Result<Arc<Map>> {
    value.as_map().cloned().ok_or_else(|| {
        Error::template(format!(
            "`{}` wants a dictionary, got a value of type `{}`",
            args.who(),
            value.type_name()
        ))
    })
}

/// A tuple of `items`.
pub(super) fn tuple(items: Vec<Value>) -> Value {
    Value::tuple(items)
}

#[cfg(test)]
mod tests;

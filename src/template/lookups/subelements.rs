//! `subelements`: each dictionary with each item of a list inside it.
//!
//! As in the reference the dictionary of an answer has lost that list, and one that says it was
//! skipped is left out.

use super::super::Runtime;
use super::super::filters::tuple;
use super::{Options, Table};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("subelements", subelements)];

fn subelements(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    let wrong = |what: &str| {
        Error::template(format!(
            "subelements lookup expects a list of two or three items, {what}"
        ))
    };
    let (rows, key, flags) = match terms.as_slice() {
        [rows, key] => (rows, key, None),
        [rows, key, flags] => (rows, key, Some(flags)),
        _ => return Err(wrong("")),
    };
    let key = key
        .as_str()
        .ok_or_else(|| wrong("first a dict or a list, second a string pointing to the subkey"))?;
    let keys: Vec<&str> = key.split('.').collect();
    let rows: Vec<Value> = match rows {
        Value::Map(map) if is_skipped(runtime, map)? => return Ok(Vec::new()),
        Value::Map(map) => map.values().cloned().collect(),
        Value::List(_) | Value::Tuple(_) => runtime.items(rows)?,
        _ => {
            return Err(wrong(
                "first a dict or a list, second a string pointing to the subkey",
            ));
        }
    };
    let skip_missing = match flags {
        None => false,
        Some(Value::Map(map)) => {
            Options::new("subelements", (**map).clone()).flag("skip_missing", false)?
        }
        Some(_) => {
            return Err(wrong(
                "the optional third item must be a dict with flags ('skip_missing',)",
            ));
        }
    };
    let mut answers = Vec::new();
    for row in rows {
        let row = runtime.resolve(&row)?;
        let Value::Map(map) = &row else {
            return Err(Error::template(format!(
                "subelements lookup expects a dictionary, got '{}'",
                row.repr()
            )));
        };
        if is_skipped(runtime, map)? {
            continue;
        }
        let Some((rest, items)) = taken(runtime, &row, &keys, skip_missing)? else {
            continue;
        };
        answers.extend(
            items
                .into_iter()
                .map(|item| tuple(vec![rest.clone(), item])),
        );
    }
    Ok(answers)
}

fn is_skipped(runtime: &dyn Runtime, map: &Map) -> Result<bool> {
    match map.get("skipped") {
        None => Ok(false),
        Some(value) => Ok(runtime.resolve(value)? != Value::Bool(false)),
    }
}

/// The row without the list that the keys lead to, and the items of that list.
fn taken(
    runtime: &dyn Runtime,
    row: &Value,
    keys: &[&str],
    skip_missing: bool,
) -> Result<Option<(Value, Vec<Value>)>> {
    let (Some((key, deeper)), Value::Map(map)) = (keys.split_first(), row) else {
        return Ok(None);
    };
    let Some(value) = map.get(key) else {
        return match skip_missing {
            true => Ok(None),
            false => Err(Error::template(format!(
                "could not find '{key}' key in iterated item '{}'",
                row.repr()
            ))),
        };
    };
    let value = runtime.resolve(value)?;
    let mut rest = (**map).clone();
    if deeper.is_empty() {
        if !matches!(value, Value::List(_)) {
            return Err(points_elsewhere(key, "a list", &value));
        }
        rest.remove(key);
        return Ok(Some((Value::map(rest), runtime.items(&value)?)));
    }
    if !matches!(value, Value::Map(_)) {
        return match skip_missing {
            true => Ok(None),
            false => Err(points_elsewhere(key, "a dictionary", &value)),
        };
    }
    let Some((inner, items)) = taken(runtime, &value, deeper, skip_missing)? else {
        return Ok(None);
    };
    rest.set(key, inner);
    Ok(Some((Value::map(rest), items)))
}

fn points_elsewhere(key: &str, wanted: &str, value: &Value) -> Error {
    Error::template(format!(
        "the key {key} should point to {wanted}, got '{}'",
        value.repr()
    ))
}

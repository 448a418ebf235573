//! `subelements`: each dictionary with each item of a list inside it.

use super::super::super::{Args, Runtime};
use super::super::{items, tuple};
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) fn filter(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let keys = args.require("subelements")?;
    let skip_missing = args.flag("skip_missing", false)?;
    args.finish()?;
    let rows = match &value {
        Value::Map(map) => map.values().cloned().collect(),
        Value::List(_) => items(runtime, &value)?,
        other => {
            return Err(Error::template(format!(
                "obj must be a list of dicts or a nested dict, got a value of type `{}`",
                other.type_name()
            )));
        }
    };
    let keys: Vec<Value> = match &keys {
        Value::Str(text) => text.split('.').map(Value::str).collect(),
        Value::List(_) => items(runtime, &keys)?,
        other => {
            return Err(Error::template(format!(
                "subelements must be a list or a string, got a value of type `{}`",
                other.type_name()
            )));
        }
    };
    Ok(Value::list(subelements(
        runtime,
        &rows,
        &keys,
        skip_missing,
    )?))
}

/// The pairs of each row and each item of the list that `keys` leads to in it.
pub(in crate::template) fn subelements(
    runtime: &dyn Runtime,
    rows: &[Value],
    keys: &[Value],
    skip_missing: bool,
) -> Result<Vec<Value>> {
    let mut pairs = Vec::new();
    for row in rows {
        let row = runtime.resolve(row)?;
        let Some(found) = inside(runtime, &row, keys, skip_missing)? else {
            continue;
        };
        let Value::List(_) = &found else {
            return Err(Error::template(format!(
                "the key {} should point to a list, got {}",
                shown(keys),
                found.repr()
            )));
        };
        for item in items(runtime, &found)? {
            pairs.push(tuple(vec![row.clone(), item]));
        }
    }
    Ok(pairs)
}

/// What the keys lead to; nothing where one is missing and may be.
fn inside(
    runtime: &dyn Runtime,
    row: &Value,
    keys: &[Value],
    skip_missing: bool,
) -> Result<Option<Value>> {
    let mut value = row.clone();
    for key in keys {
        let Value::Map(map) = &value else {
            return Err(Error::template(format!(
                "the key {key} should point to a dictionary, got '{}'",
                value.repr()
            )));
        };
        match map.get_value(key) {
            Some(found) => value = runtime.resolve(found)?,
            None if skip_missing => return Ok(None),
            None => {
                return Err(Error::template(format!(
                    "could not find '{key}' key in iterated item {}",
                    value.repr()
                )));
            }
        }
        super::super::defined(&value)?;
    }
    Ok(Some(value))
}

fn shown(keys: &[Value]) -> String {
    let keys: Vec<String> = keys.iter().map(Value::to_text).collect();
    keys.join(".")
}

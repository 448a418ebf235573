//! Methods of dictionaries.

use super::super::Args;
use super::super::access::hashable;
use super::super::bounds;
use super::super::cell::{Cell, cell, into_cell};
use super::super::run::Run;
use crate::error::{Error, Result};
use crate::value::Map;
use crate::value::Value;

pub(super) const NAMES: &[&str] = &[
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];

/// The methods that change nothing.
pub(super) const READING: &[&str] = &["copy", "get", "items", "keys", "values"];

/// Calls a method on a dictionary that nothing else refers to.
pub(super) fn call_on_copy(run: &Run<'_>, map: &Value, args: Args) -> Result<Value> {
    let copy = into_cell(map.clone(), None, run.changes.get());
    match cell(&copy) {
        Some(cell) => call(run, cell, args),
        None => Err(Error::bug("a dictionary that cannot be changed")),
    }
}

/// Calls a method on a dictionary that is asked and not copied.
pub(super) fn call_on_view(run: &Run<'_>, view: &Value, mut args: Args) -> Result<Value> {
    if args.who() == "get" {
        let key = args.require("key")?;
        let default = args.take("default")?.unwrap_or_default();
        args.finish()?;
        let found = run.get_item(view, &key)?;
        return Ok(if found.is_undefined() { default } else { found });
    }
    let map = run.top(view.clone())?;
    call_on_copy(run, &map, args)
}

pub(super) fn call(run: &Run<'_>, map: &Cell, args: Args) -> Result<Value> {
    let name = args.who().to_owned();
    match &*name {
        "fromkeys" => return from_keys(run, args),
        "get" | "pop" | "setdefault" => return keyed(run, map, args),
        "update" => return update(run, map, args),
        _ => args.finish()?,
    }
    let snapshot = map.snapshot();
    let entries = snapshot
        .as_map()
        .ok_or_else(|| Error::bug("a dictionary that is none"))?;
    Ok(match &*name {
        "clear" => {
            map.change_map(|map| *map = Map::new());
            Value::Null
        }
        "copy" => snapshot,
        "items" => Value::list(
            entries
                .iter()
                .map(|(key, value)| pair(key, value))
                .collect(),
        ),
        "keys" => Value::list(entries.keys().cloned().collect()),
        "values" => Value::list(entries.values().cloned().collect()),
        _ => {
            let last = entries.len().checked_sub(1).and_then(|at| entries.at(at));
            let (key, value) =
                last.ok_or_else(|| Error::template("popitem(): dictionary is empty"))?;
            map.change_map(|map| map.remove_value(key));
            pair(key, value)
        }
    })
}

fn pair(key: &Value, value: &Value) -> Value {
    Value::tuple(vec![key.clone(), value.clone()])
}

/// The methods that begin with a key.
fn keyed(run: &Run<'_>, map: &Cell, mut args: Args) -> Result<Value> {
    let key = args.require("key")?;
    let key = run.deep(&key)?;
    hashable(&key)?;
    let default = args.take("default")?;
    args.finish()?;
    let found = map.child(&key);
    match (args.who(), found) {
        ("pop", Some(found)) => {
            map.change_map(|map| map.remove_value(&key));
            run.open(found)
        }
        ("pop", None) => default.ok_or_else(|| Error::template(key.repr())),
        (_, Some(found)) => run.open(found),
        ("get", None) => Ok(default.unwrap_or_default()),
        (_, None) => {
            let value = run.fresh(default.unwrap_or_default());
            map.change_map(|map| map.insert(key, value.clone()));
            Ok(value)
        }
    }
}

fn update(run: &Run<'_>, map: &Cell, mut args: Args) -> Result<Value> {
    let named = args.rest_named();
    let mut entries = Vec::new();
    if let Some(other) = args.take("other")? {
        match run.top(other)? {
            Value::Map(other) => entries.extend(
                other
                    .iter()
                    .map(|(key, value)| (key.clone(), value.clone())),
            ),
            pairs => {
                for pair in run.iterate(&pairs)? {
                    entries.push(two(run, &pair)?);
                }
            }
        }
    }
    args.finish()?;
    entries.extend(
        named
            .into_iter()
            .map(|(name, value)| (Value::str(name), value)),
    );
    bounds::allow_list(map.len().saturating_add(entries.len()) as u64)?;
    map.change_map(|map| {
        for (key, value) in entries {
            map.insert(key, value);
        }
    });
    Ok(Value::Null)
}

fn two(run: &Run<'_>, pair: &Value) -> Result<(Value, Value)> {
    let items = run.iterate(pair)?;
    let [key, value] = <[Value; 2]>::try_from(items).map_err(|items| {
        Error::template(format!(
            "dictionary update sequence element has length {}; 2 is required",
            items.len()
        ))
    })?;
    let key = run.deep(&key)?;
    hashable(&key)?;
    Ok((key, value))
}

/// `dict.fromkeys(keys, value)`.
pub(super) fn from_keys(run: &Run<'_>, mut args: Args) -> Result<Value> {
    let keys = args.require("iterable")?;
    let value = args.take("value")?.unwrap_or_default();
    args.finish()?;
    let mut map = Map::new();
    for key in run.iterate(&keys)? {
        let key = run.deep(&key)?;
        hashable(&key)?;
        map.insert(key, value.clone());
    }
    Ok(Value::map(map))
}

//! Dictionaries: `combine`, `dict2items`, `items2dict`, `subelements`, `extract` and their kin.

use super::super::{Args, Runtime};
use super::{Table, entries, items, softened, strict, tuple, undefined};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

mod combine;
mod subelements;

pub(super) use combine::{ListMerge, merge};

pub(super) const FILTERS: Table = &[
    ("attr", strict!(attribute)),
    ("combine", strict!(combine::combine)),
    ("dict2items", strict!(dict_to_items)),
    ("extract", strict!(extract)),
    ("items", strict!(dict_items)),
    ("items2dict", strict!(items_to_dict)),
    ("rekey_on_member", strict!(rekey_on_member)),
    ("subelements", strict!(subelements::filter)),
];

/// An attribute only, never an item: a dictionary has none but its methods.
fn attribute(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let name = args.require("name")?.to_text();
    args.finish()?;
    if matches!(value, Value::Map(_)) {
        return Ok(undefined(Error::undefined(format!(
            "object of type 'dict' has no attribute '{name}'"
        ))));
    }
    runtime.attribute(&value, &name)
}

fn dict_items(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    let map = entries(&args, &value)?;
    Ok(Value::list(
        map.iter()
            .map(|(key, value)| tuple(vec![key.clone(), value.clone()]))
            .collect(),
    ))
}

fn dict_to_items(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let key_name = args.take("key_name")?.unwrap_or_else(|| Value::str("key"));
    let value_name = args
        .take("value_name")?
        .unwrap_or_else(|| Value::str("value"));
    args.finish()?;
    let map = entries(&args, &value).map_err(|_| {
        Error::template(format!(
            "dict2items requires a dictionary, got {} instead.",
            value.type_name()
        ))
    })?;
    let entry = |(key, value): (&Value, &Value)| {
        Value::map(Map::from_iter([
            (key_name.clone(), key.clone()),
            (value_name.clone(), value.clone()),
        ]))
    };
    Ok(Value::list(map.iter().map(entry).collect()))
}

fn items_to_dict(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let key_name = args.take("key_name")?.unwrap_or_else(|| Value::str("key"));
    let value_name = args
        .take("value_name")?
        .unwrap_or_else(|| Value::str("value"));
    args.finish()?;
    if value.as_list().is_none() {
        return Err(Error::template(format!(
            "items2dict requires a list, got {} instead.",
            value.type_name()
        )));
    }
    let mut made = Map::new();
    for item in items(runtime, &value)? {
        let Value::Map(map) = &item else {
            return Err(Error::template(format!(
                "items2dict requires a list of dictionaries, got {} instead.",
                runtime.plain(&value)?.repr()
            )));
        };
        let part = |name: &Value| {
            map.get_value(name).ok_or_else(|| {
                Error::template(format!(
                    "items2dict requires each dictionary in the list to contain the keys \
                     '{key_name}' and '{value_name}', got {} instead.",
                    item.repr()
                ))
            })
        };
        let key = runtime.plain(part(&key_name)?)?;
        insert(&mut made, key, part(&value_name)?.clone())?;
    }
    Ok(Value::map(made))
}

/// Sets a key that must be one.
fn insert(map: &mut Map, key: Value, value: Value) -> Result<Option<Value>> {
    if !key.is_hashable() {
        return Err(Error::template(format!(
            "unhashable type: `{}` cannot be the key of a dictionary",
            key.type_name()
        )));
    }
    Ok(map.insert(key, value))
}

fn extract(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let key = args.subject()?;
    let container = args.require("container")?;
    let more = args.take("morekeys")?.filter(|more| !more.is_null());
    args.finish()?;
    let mut keys = vec![key];
    match &more {
        None => {}
        Some(Value::List(_)) => keys.extend(items(runtime, more.as_ref().unwrap_or(&Value::Null))?),
        Some(key) => keys.push(key.clone()),
    }
    let mut value = container;
    for key in &keys {
        if !value.is_undefined() {
            value = softened(runtime.item(&value, key))?;
        }
    }
    Ok(value)
}

fn rekey_on_member(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let key = args.require("key")?;
    let duplicates = args.text("duplicates", "error")?;
    args.finish()?;
    if duplicates != "error" && duplicates != "overwrite" {
        return Err(Error::template(format!(
            "duplicates parameter to rekey_on_member has unknown value '{duplicates}'"
        )));
    }
    let rows = match &value {
        Value::Map(map) => map.values().cloned().collect(),
        Value::List(_) | Value::Tuple(_) | Value::Set(_) => items(runtime, &value)?,
        _ => return Err(Error::template("Type is not a valid list, set, or dict")),
    };
    let mut made = Map::new();
    for row in rows {
        let row = runtime.resolve(&row)?;
        let map = row
            .as_map()
            .ok_or_else(|| Error::template("List item is not a valid dict"))?;
        let member = map
            .get_value(&key)
            .ok_or_else(|| Error::template(format!("Key '{key}' was not found.")))?;
        let member = runtime.plain(member)?;
        let shown = member.repr();
        if insert(&mut made, member, row)?.is_some() && duplicates == "error" {
            return Err(Error::template(format!(
                "Key {shown} is not unique, cannot convert to dict."
            )));
        }
    }
    Ok(Value::map(made))
}

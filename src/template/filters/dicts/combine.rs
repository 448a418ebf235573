//! `combine`: later dictionaries win, deeply where asked for.

use std::sync::Arc;

use super::super::super::{Args, Runtime};
use super::super::lists::flatten_into;
use crate::error::{Error, Result};
use crate::value::{List, Map, Value};

/// What becomes of two lists under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) enum ListMerge {
    Append,
    /// As `Append`, and what is in both comes once, from the later list.
    AppendNew,
    Keep,
    Prepend,
    /// As `Prepend`, and what is in both comes once, from the later list.
    PrependNew,
    Replace,
}

impl ListMerge {
    pub(in crate::template) fn new(name: &str) -> Result<Self> {
        Ok(match name {
            "append" => ListMerge::Append,
            "append_rp" => ListMerge::AppendNew,
            "keep" => ListMerge::Keep,
            "prepend" => ListMerge::Prepend,
            "prepend_rp" => ListMerge::PrependNew,
            "replace" => ListMerge::Replace,
            other => {
                return Err(Error::template(format!(
                    "merge_hash: 'list_merge' argument can only be equal to 'replace', 'keep', \
                     'append', 'prepend', 'append_rp' or 'prepend_rp', not `{other}`"
                )));
            }
        })
    }
}

pub(super) fn combine(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let given = args.rest();
    let recursive = args
        .take_named("recursive")
        .is_some_and(|recursive| recursive.is_true());
    let list_merge = args.take_named("list_merge");
    args.finish()?;
    let list_merge = list_merge.map_or_else(|| "replace".to_owned(), |name| name.to_text());
    let mut dictionaries = Vec::new();
    let given = Value::list(given);
    flatten_into(runtime, &given, Some(1), true, &mut dictionaries)?;
    let Some(mut result) = dictionaries.pop() else {
        return Ok(Value::map(Map::new()));
    };
    if dictionaries.is_empty() {
        return Ok(result);
    }
    let list_merge = ListMerge::new(&list_merge)?;
    while let Some(below) = dictionaries.pop() {
        result = merge(runtime, &below, &result, recursive, list_merge)?;
    }
    Ok(result)
}

/// `x` with all of `y`, whose values win.
pub(in crate::template) fn merge(
    runtime: &dyn Runtime,
    x: &Value,
    y: &Value,
    recursive: bool,
    list_merge: ListMerge,
) -> Result<Value> {
    let (Value::Map(below), Value::Map(above)) = (x, y) else {
        return Err(Error::template(format!(
            "failed to combine variables, expected dicts but got a '{}' and a '{}'.",
            x.type_name(),
            y.type_name()
        )));
    };
    if below.is_empty() || is_same(runtime, below, above) {
        return Ok(y.clone());
    }
    if above.is_empty() {
        return Ok(x.clone());
    }
    let mut merged = (**below).clone();
    for (key, new) in above.iter() {
        let value = match merged.get_value(key) {
            Some(old) if recursive || list_merge != ListMerge::Replace => {
                merged_value(runtime, old, new, recursive, list_merge)?
            }
            _ => new.clone(),
        };
        merged.insert(key.clone(), value);
    }
    Ok(Value::map(merged))
}

/// Equal dictionaries: the later one is the answer, with the order of its keys.
fn is_same(runtime: &dyn Runtime, below: &Arc<Map>, above: &Arc<Map>) -> bool {
    if below.len() != above.len() || !above.keys().all(|key| below.contains_value(key)) {
        return false;
    }
    let plain = |map: &Arc<Map>| runtime.plain(&Value::Map(map.clone())).ok();
    match (plain(below), plain(above)) {
        (Some(below), Some(above)) => below == above,
        _ => false,
    }
}

fn merged_value(
    runtime: &dyn Runtime,
    old: &Value,
    new: &Value,
    recursive: bool,
    list_merge: ListMerge,
) -> Result<Value> {
    let old = runtime.resolve(old)?;
    let new = runtime.resolve(new)?;
    match (&old, &new) {
        (Value::Map(_), Value::Map(_)) if recursive => {
            merge(runtime, &old, &new, recursive, list_merge)
        }
        (Value::List(x), Value::List(y)) => merged_list(runtime, x, y, list_merge),
        _ => Ok(new),
    }
}

fn merged_list(
    runtime: &dyn Runtime,
    old: &Arc<List>,
    new: &Arc<List>,
    list_merge: ListMerge,
) -> Result<Value> {
    let joined = |first: &[Value], second: &[Value]| {
        Value::list(first.iter().chain(second).cloned().collect())
    };
    Ok(match list_merge {
        ListMerge::Replace => Value::List(new.clone()),
        ListMerge::Keep => Value::List(old.clone()),
        ListMerge::Append => joined(old, new),
        ListMerge::Prepend => joined(new, old),
        ListMerge::AppendNew => joined(&only_in(runtime, old, new)?, new),
        ListMerge::PrependNew => joined(new, &only_in(runtime, old, new)?),
    })
}

/// The items of `old` that `new` does not have.
fn only_in(runtime: &dyn Runtime, old: &[Value], new: &[Value]) -> Result<Vec<Value>> {
    let plain = |items: &[Value]| -> Result<Vec<Value>> {
        items.iter().map(|item| runtime.plain(item)).collect()
    };
    let new = plain(new)?;
    let mut kept = plain(old)?;
    kept.retain(|item| !new.contains(item));
    Ok(kept)
}

//! `lists_mergeby`: lists of dictionaries merged by the value of a key.

use super::super::super::{Args, Runtime};
use super::super::dicts::{ListMerge, merge};
use super::super::{items, sort_pairs};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) fn lists_mergeby(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let mut terms = args.rest();
    let recursive = args
        .take_named("recursive")
        .is_some_and(|recursive| recursive.is_true());
    let list_merge = args
        .take_named("list_merge")
        .map_or_else(|| "replace".to_owned(), |name| name.to_text());
    args.finish()?;
    let index = terms.pop().filter(|_| !terms.is_empty());
    let index = index.ok_or_else(|| {
        Error::template("`lists_mergeby` wants at least one list and the name of a key")
    })?;
    let mut lists = flat(runtime, &args, &terms)?;
    let Some(mut merged) = lists.pop() else {
        return Ok(Value::list(Vec::new()));
    };
    if lists.is_empty() {
        return Ok(merged);
    }
    let Some(index) = index.as_str() else {
        return Err(args.wrong("index", "a string", &index));
    };
    let list_merge = ListMerge::new(&list_merge)?;
    while let Some(below) = lists.pop() {
        merged = merged_two(runtime, &below, &merged, index, recursive, list_merge)?;
    }
    Ok(merged)
}

/// The lists among the terms; a list of lists stands for its items.
pub(super) fn flat(runtime: &dyn Runtime, args: &Args, terms: &[Value]) -> Result<Vec<Value>> {
    let mut lists = Vec::new();
    for term in terms {
        if term.as_list().is_none() {
            return Err(args.wrong("lists", "lists", term));
        }
        let inside = items(runtime, term)?;
        if inside.is_empty() {
            continue;
        }
        if inside.iter().all(|item| item.as_list().is_some()) {
            lists.extend(inside);
        } else {
            lists.push(term.clone());
        }
    }
    Ok(lists)
}

fn merged_two(
    runtime: &dyn Runtime,
    below: &Value,
    above: &Value,
    index: &str,
    recursive: bool,
    list_merge: ListMerge,
) -> Result<Value> {
    let mut found = Map::new();
    for list in [below, above] {
        for item in items(runtime, list)? {
            let Value::Map(map) = &item else {
                return Err(Error::template(format!(
                    "`lists_mergeby` wants lists of dictionaries, got a value of type `{}`",
                    item.type_name()
                )));
            };
            let Some(key) = map.get(index) else { continue };
            let key = runtime.plain(key)?;
            let value = match found.get_value(&key) {
                None => item.clone(),
                Some(old) => merge(runtime, old, &item, recursive, list_merge)?,
            };
            found.insert(key, value);
        }
    }
    let mut pairs: Vec<(Value, Value)> = found.into_iter().collect();
    sort_pairs(&mut pairs, false)?;
    Ok(Value::list(
        pairs.into_iter().map(|(_, value)| value).collect(),
    ))
}

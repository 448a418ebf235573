//! Order: `sort`, `dictsort`, `groupby`, `min`, `max`, `unique`.

use std::cmp::Ordering;

use super::super::{Args, Runtime};
use super::attribute::Path;
use super::{Table, defined, entries, items, strict, tuple, undefined};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const FILTERS: Table = &[
    ("dictsort", strict!(dictsort)),
    ("groupby", strict!(groupby)),
    ("max", strict!(max)),
    ("min", strict!(min)),
    ("sort", strict!(sort)),
    ("unique", strict!(unique)),
];

/// Python's `a < b` as an order.
///
/// # Errors
/// The two have no order between them.
pub(in crate::template) fn order(a: &Value, b: &Value) -> Result<Ordering> {
    defined(a)?;
    defined(b)?;
    a.order(b).ok_or_else(|| {
        Error::template(format!(
            "'<' not supported between instances of '{}' and '{}'",
            a.type_name(),
            b.type_name()
        ))
    })
}

/// Sorts pairs of key and value by their keys, stably.
pub(in crate::template) fn sort_pairs<T>(pairs: &mut [(Value, T)], reverse: bool) -> Result<()> {
    let mut failed = None;
    pairs.sort_by(|(a, _), (b, _)| {
        let (a, b) = if reverse { (b, a) } else { (a, b) };
        order(a, b).unwrap_or_else(|error| {
            failed.get_or_insert(error);
            Ordering::Equal
        })
    });
    failed.map_or(Ok(()), Err)
}

/// Text without its case; other values as they are.
fn folded(value: Value, case_sensitive: bool) -> Value {
    match &value {
        Value::Str(text) if !case_sensitive => Value::str(text.to_lowercase()),
        _ => value,
    }
}

fn sort(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let reverse = args.flag("reverse", false)?;
    let case_sensitive = args.flag("case_sensitive", false)?;
    let attribute = args.take("attribute")?.filter(|name| !name.is_null());
    args.finish()?;
    let paths = match &attribute {
        Some(attribute) => Path::several(attribute),
        None => Vec::new(),
    };
    let mut pairs = Vec::new();
    for item in items(runtime, &value)? {
        let mut keys = Vec::new();
        for path in &paths {
            keys.push(folded(path.find(runtime, &item)?, case_sensitive));
        }
        if paths.is_empty() {
            keys.push(folded(item.clone(), case_sensitive));
        }
        pairs.push((runtime.plain(&tuple(keys))?, item));
    }
    sort_pairs(&mut pairs, reverse)?;
    Ok(Value::list(
        pairs.into_iter().map(|(_, item)| item).collect(),
    ))
}

fn dictsort(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let case_sensitive = args.flag("case_sensitive", false)?;
    let by = args.text("by", "key")?;
    let reverse = args.flag("reverse", false)?;
    args.finish()?;
    if by != "key" && by != "value" {
        return Err(Error::template(format!(
            "You can only sort by either \"key\" or \"value\", not by `{by}`"
        )));
    }
    let mut pairs = Vec::new();
    for (key, value) in entries(&args, &value)?.iter() {
        let chosen = if by == "key" {
            key.clone()
        } else {
            runtime.plain(value)?
        };
        let entry = tuple(vec![key.clone(), value.clone()]);
        pairs.push((folded(chosen, case_sensitive), entry));
    }
    sort_pairs(&mut pairs, reverse)?;
    Ok(Value::list(
        pairs.into_iter().map(|(_, entry)| entry).collect(),
    ))
}

fn groupby(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let attribute = args.require("attribute")?;
    let default = args.take("default")?;
    let case_sensitive = args.flag("case_sensitive", false)?;
    args.finish()?;
    let path = Path::new(&attribute).or(default);
    let mut pairs = Vec::new();
    for item in items(runtime, &value)? {
        let key = runtime.plain(&path.find(runtime, &item)?)?;
        pairs.push((folded(key.clone(), case_sensitive), (key, item)));
    }
    sort_pairs(&mut pairs, false)?;
    let mut groups: Vec<(Value, Value, Vec<Value>)> = Vec::new();
    for (folded, (key, item)) in pairs {
        match groups.last_mut() {
            Some((last, _, items)) if *last == folded => items.push(item),
            _ => groups.push((folded, key, vec![item])),
        }
    }
    Ok(Value::list(
        groups
            .into_iter()
            .map(|(_, key, items)| {
                Value::named_tuple(&["grouper", "list"], vec![key, Value::list(items)])
            })
            .collect(),
    ))
}

fn min(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    extreme(runtime, args, Ordering::Less)
}

fn max(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    extreme(runtime, args, Ordering::Greater)
}

/// The first item that is `wanted` than all others.
fn extreme(runtime: &dyn Runtime, mut args: Args, wanted: Ordering) -> Result<Value> {
    let value = args.subject()?;
    let case_sensitive = args.flag("case_sensitive", false)?;
    let attribute = args.take("attribute")?.filter(|name| !name.is_null());
    args.finish()?;
    let path = Path::new(&attribute.unwrap_or_default());
    let mut best: Option<(Value, Value)> = None;
    for item in items(runtime, &value)? {
        let key = runtime.plain(&path.find(runtime, &item)?)?;
        let key = folded(key, case_sensitive);
        let is_better = match &best {
            None => true,
            Some((best, _)) => order(&key, best)? == wanted,
        };
        if is_better {
            best = Some((key, item));
        }
    }
    Ok(best.map_or_else(
        || undefined(Error::undefined("No aggregated item, sequence was empty.")),
        |(_, item)| item,
    ))
}

/// The items without repetitions; texts that differ in case only are one, unless there is an item
/// that is no dictionary key (Jinja's way, then Ansible's).
fn unique(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let case_sensitive = args.take("case_sensitive")?.filter(|flag| !flag.is_null());
    let attribute = args.take("attribute")?.filter(Value::is_true);
    args.finish()?;
    let all = items(runtime, &value)?;
    let path = Path::new(&attribute.clone().unwrap_or_default());
    let keep_case = case_sensitive.as_ref().is_some_and(Value::is_true);
    let mut keys = Vec::with_capacity(all.len());
    for item in &all {
        let key = runtime.plain(&path.find(runtime, item)?)?;
        keys.push(folded(key, keep_case));
    }
    if keys.iter().all(Value::is_hashable) {
        return Ok(Value::list(first_of_each(keys, all)));
    }
    if attribute.is_some() || case_sensitive.is_some_and(|flag| flag == Value::Bool(false)) {
        return Err(Error::template(
            "Jinja2's unique filter failed and we cannot fall back to Ansible's version as it does \
             not support the parameters supplied: lists and dictionaries are not hashable",
        ));
    }
    let mut seen: Vec<Value> = Vec::new();
    let mut kept = Vec::new();
    for item in all {
        let plain = runtime.plain(&item)?;
        if !seen.contains(&plain) {
            seen.push(plain);
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

fn first_of_each(keys: Vec<Value>, items: Vec<Value>) -> Vec<Value> {
    let mut seen = Map::new();
    let mut kept = Vec::new();
    for (key, item) in keys.into_iter().zip(items) {
        if seen.insert(key, Value::Null).is_none() {
            kept.push(item);
        }
    }
    kept
}

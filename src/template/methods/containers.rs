//! Methods of tuples, ranges and sets.

use super::super::Args;
use super::super::operators::equal;
use super::super::run::Run;
use crate::error::{Error, Result};
use crate::value::Map;
use crate::value::Value;

pub(super) const SEQUENCE: &[&str] = &["count", "index"];

pub(super) const SET: &[&str] = &[
    "copy",
    "difference",
    "intersection",
    "isdisjoint",
    "issubset",
    "issuperset",
    "symmetric_difference",
    "union",
];

/// `count` and `index`.
pub(super) fn sequence(run: &Run<'_>, items: &[Value], mut args: Args) -> Result<Value> {
    let wanted = args.require("value")?;
    if args.who() == "count" {
        args.finish()?;
        let mut count = 0;
        for item in items {
            count += i64::from(equal(run, &run.open(item.clone())?, &wanted)?);
        }
        return Ok(Value::Int(count));
    }
    let start = args.int("start", 0)?;
    let stop = args.int("stop", i64::MAX)?;
    args.finish()?;
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let bound = |at: i64| if at < 0 { (at + length).max(0) } else { at };
    for (position, item) in (0_i64..).zip(items) {
        let inside = position >= bound(start) && position < bound(stop);
        if inside && equal(run, &run.open(item.clone())?, &wanted)? {
            return Ok(Value::Int(position));
        }
    }
    Err(Error::template(format!(
        "{} is not in list",
        run.deep(&wanted)?.repr()
    )))
}

/// The methods of sets that change nothing.
pub(super) fn set(run: &Run<'_>, set: &Map, mut args: Args) -> Result<Value> {
    let mut others = Vec::new();
    for other in args.rest() {
        let mut keys = Map::new();
        for item in run.iterate(&other)? {
            keys.insert(run.deep(&item)?, Value::Null);
        }
        others.push(keys);
    }
    args.finish()?;
    let everywhere = |key: &Value| others.iter().all(|other| other.contains_value(key));
    let nowhere = |key: &Value| !others.iter().any(|other| other.contains_value(key));
    let kept = |keep: &dyn Fn(&Value) -> bool| -> Map {
        set.keys()
            .filter(|key| keep(key))
            .map(|key| (key.clone(), Value::Null))
            .collect()
    };
    let others_without = |known: &Map| -> Map {
        others
            .iter()
            .flat_map(Map::keys)
            .filter(|key| !known.contains_value(key))
            .map(|key| (key.clone(), Value::Null))
            .collect()
    };
    let result = match args.who() {
        "isdisjoint" => return Ok(Value::Bool(set.keys().all(nowhere))),
        "issubset" => return Ok(Value::Bool(set.keys().all(everywhere))),
        "issuperset" => {
            let mut keys = others.iter().flat_map(Map::keys);
            return Ok(Value::Bool(keys.all(|key| set.contains_value(key))));
        }
        "difference" => kept(&nowhere),
        "intersection" => kept(&everywhere),
        "symmetric_difference" => {
            let mut result = kept(&nowhere);
            result.extend_from(&others_without(set));
            result
        }
        "union" => {
            let mut result = set.clone();
            result.extend_from(&others_without(set));
            result
        }
        _ => set.clone(),
    };
    Ok(Value::Set(result.into()))
}

//! What a task's result says: `changed`, `failed`, `skipped` and their kin.

use std::sync::Arc;

use super::super::filters::strict;
use super::super::{Args, Runtime};
use super::Table;
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const TESTS: Table = &[
    ("change", strict!(changed)),
    ("changed", strict!(changed)),
    ("failed", strict!(failed)),
    ("failure", strict!(failed)),
    ("finished", strict!(finished)),
    ("reachable", strict!(reachable)),
    ("skip", strict!(skipped)),
    ("skipped", strict!(skipped)),
    ("started", strict!(started)),
    ("succeeded", strict!(succeeded)),
    ("success", strict!(succeeded)),
    ("successful", strict!(succeeded)),
    ("timedout", strict!(timed_out)),
    ("unreachable", strict!(unreachable)),
];

/// The result, which must be a dictionary.
fn result(args: &mut Args) -> Result<Arc<Map>> {
    let value = args.subject()?;
    args.finish()?;
    value.as_map().cloned().ok_or_else(|| {
        Error::template(format!(
            "The '{}' test expects a dictionary, got a value of type `{}`",
            args.who(),
            value.type_name()
        ))
        .hint("give it the variable of a `register`")
    })
}

/// Whether the key is there and true.
fn says(runtime: &dyn Runtime, result: &Map, key: &str) -> Result<bool> {
    match result.get(key) {
        None => Ok(false),
        Some(value) => truth(runtime, value),
    }
}

fn truth(runtime: &dyn Runtime, value: &Value) -> Result<bool> {
    match runtime.resolve(value)? {
        Value::Undefined(undefined) => Err(undefined.error.clone()),
        value => Ok(value.is_true()),
    }
}

fn failed(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    says(runtime, &*result(&mut args)?, "failed")
}

fn succeeded(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(!failed(runtime, args)?)
}

fn unreachable(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    says(runtime, &*result(&mut args)?, "unreachable")
}

fn reachable(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(!unreachable(runtime, args)?)
}

fn skipped(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    says(runtime, &*result(&mut args)?, "skipped")
}

fn timed_out(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    let result = result(&mut args)?;
    let Some(value) = result.get("timedout") else {
        return Ok(false);
    };
    let value = runtime.resolve(value)?;
    match &value {
        Value::Map(map) => says(runtime, map, "period"),
        other if !other.is_true() => Ok(false),
        other => Err(args.wrong("timedout", "a dictionary", other)),
    }
}

/// A loop's result has no `changed` of its own in some modules: one of its items will do.
fn changed(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    let result = result(&mut args)?;
    if let Some(value) = result.get("changed") {
        return truth(runtime, value);
    }
    let Some(Value::List(items)) = result.get("results") else {
        return Ok(false);
    };
    for item in items.iter() {
        if let Value::Map(map) = runtime.resolve(item)?
            && says(runtime, &map, "changed")?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn started(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    asynchronous(runtime, &mut args, "started")
}

fn finished(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    asynchronous(runtime, &mut args, "finished")
}

fn asynchronous(runtime: &dyn Runtime, args: &mut Args, key: &str) -> Result<bool> {
    let result = result(args)?;
    if let Some(value) = result.get(key) {
        return truth(runtime, value);
    }
    runtime.warn(format!(
        "the test `{key}` expects an async task, but a task that is none was tested"
    ));
    Ok(true)
}

//! The methods and attributes of Python's types that templates use.

mod bytes;
mod containers;
mod dates;
mod field;
mod format;
mod lists;
mod maps;
mod numbers;
mod own;
mod strings;
mod text;

pub(super) use dates::strftime;

use super::Args;
use super::cell::cell;
use super::expr::Called;
use super::objects::{Cycler, Function, Loop, MacroValue, Range, object};
use super::run::Run;
use super::view::viewed;
use crate::error::{Error, Result};
use crate::value::Value;

/// Says whether values of this type have a method of that name.
pub(super) fn has(value: &Value, name: &str) -> bool {
    names(value).contains(&name)
}

fn names(value: &Value) -> &'static [&'static str] {
    match value {
        Value::Str(_) => strings::NAMES,
        Value::Bytes(_) => bytes::NAMES,
        Value::List(_) => lists::NAMES,
        Value::Tuple(_) => containers::SEQUENCE,
        Value::Map(_) => maps::NAMES,
        Value::Set(_) => containers::SET,
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) => numbers::INTEGER,
        Value::Float(_) => numbers::FLOAT,
        Value::Date(_) | Value::DateTime(..) => dates::NAMES,
        Value::Duration(_) => dates::DURATION,
        Value::Object(_) => names_of_object(value),
        _ => &[],
    }
}

fn names_of_object(value: &Value) -> &'static [&'static str] {
    if let Some(cell) = cell(value) {
        return if cell.is_map() {
            maps::NAMES
        } else {
            lists::NAMES
        };
    }
    if viewed(value).is_some() {
        return maps::READING;
    }
    if object::<Loop>(value).is_some() {
        return &["cycle", "changed"];
    }
    if object::<Cycler>(value).is_some() {
        return &["next", "reset"];
    }
    if object::<Range>(value).is_some() {
        return containers::SEQUENCE;
    }
    match object::<Function>(value) {
        Some(Function("dict")) => &["fromkeys"],
        _ => &[],
    }
}

/// An attribute that is no method: `now().year`, `(5).real`.
pub(super) fn property(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) => {
            numbers::property(value, name)
        }
        Value::Date(_) | Value::DateTime(..) | Value::Duration(_) => dates::property(value, name),
        Value::Object(_) => {
            if let Some(range) = object::<Range>(value) {
                return match name {
                    "start" => Some(Value::Int(range.start)),
                    "stop" => Some(Value::Int(range.stop)),
                    "step" => Some(Value::Int(range.step)),
                    _ => None,
                };
            }
            let found = object::<MacroValue>(value)?;
            own::macro_property(&found.code, name)
        }
        _ => None,
    }
}

/// Calls a method that [`has`] says is there.
pub(super) fn call(run: &Run<'_>, receiver: &Value, name: &str, called: Called) -> Result<Value> {
    let mut positional = Vec::with_capacity(called.positional.len());
    for value in called.positional {
        positional.push(run.open(value)?);
    }
    let mut named = Vec::with_capacity(called.named.len());
    for (key, value) in called.named {
        named.push((key, run.open(value)?));
    }
    let args = Args::new(name, positional, named);
    match receiver {
        Value::Str(text) => strings::call(run, text, args),
        Value::Bytes(bytes) => bytes::call(bytes, args),
        Value::List(_) => lists::call_on_copy(run, receiver, args),
        Value::Tuple(items) => containers::sequence(run, items, args),
        Value::Map(_) => maps::call_on_copy(run, receiver, args),
        Value::Set(set) => containers::set(run, set, args),
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) => {
            numbers::call(receiver, args)
        }
        Value::Date(_) | Value::DateTime(..) | Value::Duration(_) => dates::call(receiver, args),
        Value::Object(_) => call_on_object(run, receiver, args),
        other => Err(no_method(other, name)),
    }
}

fn call_on_object(run: &Run<'_>, receiver: &Value, args: Args) -> Result<Value> {
    if let Some(cell) = cell(receiver) {
        return if cell.is_map() {
            maps::call(run, cell, args)
        } else {
            lists::call(run, cell, args)
        };
    }
    if viewed(receiver).is_some() {
        return maps::call_on_view(run, receiver, args);
    }
    if let Some(range) = object::<Range>(receiver) {
        let list = run.range_list(range)?;
        let items = list.as_list().cloned().unwrap_or_default();
        return containers::sequence(run, &items, args);
    }
    if let Some(it) = object::<Loop>(receiver) {
        return own::loop_method(run, it, args);
    }
    if let Some(cycler) = object::<Cycler>(receiver) {
        return own::cycler_method(cycler, args);
    }
    match object::<Function>(receiver) {
        Some(Function("dict")) => maps::from_keys(run, args),
        _ => Err(no_method(receiver, args.who())),
    }
}

fn no_method(value: &Value, name: &str) -> Error {
    Error::undefined(format!(
        "object of type '{}' has no attribute '{name}'",
        value.type_name()
    ))
}

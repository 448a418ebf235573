//! `value.name`, `value[key]`, `value[a:b:c]`.

use super::cell::Content;
use super::cell::cell;
use super::methods;
use super::objects::{Cycler, Loop, Method, Module, Namespace, Range, object, wrap};
use super::run::{Run, undefined};
use super::view::viewed;
use crate::error::{Error, Result};
use crate::value::Value;

/// An attribute, else an item, else undefined.
pub(super) fn attribute(run: &Run<'_>, value: &Value, name: &str) -> Result<Value> {
    if value.is_undefined() {
        return Ok(value.clone());
    }
    if let Some(found) = named(value, name) {
        return run.open(found);
    }
    if let Some(found) = own_attribute(run, value, name)? {
        return Ok(found);
    }
    if let Some(found) = methods::property(value, name) {
        return Ok(found);
    }
    if methods::has(value, name) {
        return Ok(wrap(Method {
            receiver: value.clone(),
            name: name.into(),
        }));
    }
    if let Some(found) = child(run, value, &Value::str(name))? {
        return Ok(found);
    }
    Ok(undefined(missing(value, name, None)))
}

/// An item, else an attribute, else undefined.
pub(super) fn item(run: &Run<'_>, value: &Value, key: &Value) -> Result<Value> {
    if value.is_undefined() {
        return Ok(value.clone());
    }
    if let Some(found) = child(run, value, key)? {
        return Ok(found);
    }
    let Some(name) = key.as_str() else {
        return Ok(undefined(missing(value, "", Some(key))));
    };
    if let Some(found) = named(value, name) {
        return run.open(found);
    }
    if let Some(found) = own_attribute(run, value, name)? {
        return Ok(found);
    }
    if let Some(found) = methods::property(value, name) {
        return Ok(found);
    }
    if methods::has(value, name) {
        return Ok(wrap(Method {
            receiver: value.clone(),
            name: name.into(),
        }));
    }
    Ok(undefined(missing(value, name, None)))
}

/// The item that a named tuple calls `name`.
fn named(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Tuple(items) => items.named(name).cloned(),
        _ => None,
    }
}

/// The error of an attribute (or a key that is no text) that is not there.
fn missing(value: &Value, name: &str, key: Option<&Value>) -> Error {
    if let Some(message) = viewed(value).and_then(|view| view.missing(name)) {
        return Error::undefined(message);
    }
    let kind = value.type_name();
    if name.len() > 4 && name.starts_with("__") && name.ends_with("__") {
        return Error::undefined(format!(
            "access to attribute '{name}' of '{kind}' object is unsafe."
        ));
    }
    match key {
        Some(Value::Int(index @ 0..)) if kind == "list" => {
            Error::undefined(format!("{kind} object has no element {index}"))
        }
        Some(key) => Error::undefined(format!(
            "object of type '{kind}' has no attribute {}",
            key.repr()
        )),
        None => Error::undefined(format!("object of type '{kind}' has no attribute '{name}'"))
            .hint_if(near_key(value, name)),
    }
}

/// The nearest of a small dictionary's keys; a missing key is often no error at all.
fn near_key(value: &Value, name: &str) -> Option<String> {
    let map = match (value, cell(value).map(|cell| cell.content())) {
        (Value::Map(map), _) => map.clone(),
        (_, Some(Content::Map(map))) => map,
        _ => return None,
    };
    const FEW: usize = 30;
    // For so short a name every other one is near.
    if map.len() > FEW || name.len() < 3 {
        return None;
    }
    crate::error::nearest(name, map.keys().filter_map(Value::as_str))
}

/// The attributes that only a template's own objects have.
fn own_attribute(run: &Run<'_>, value: &Value, name: &str) -> Result<Option<Value>> {
    let Value::Object(_) = value else {
        return Ok(None);
    };
    if let Some(namespace) = object::<Namespace>(value) {
        return Ok(namespace.names().get(name).cloned());
    }
    if let Some(module) = object::<Module>(value) {
        return Ok(module.0.get(name).cloned());
    }
    if let Some(it) = object::<Loop>(value) {
        return it.attribute(name).map(|item| run.open(item)).transpose();
    }
    if let Some(cycler) = object::<Cycler>(value) {
        return Ok((name == "current").then(|| cycler.current()));
    }
    Ok(None)
}

/// The child of a container; nothing where there is none.
fn child(run: &Run<'_>, value: &Value, key: &Value) -> Result<Option<Value>> {
    let found = match value {
        Value::Map(map) => map.get_value(key).cloned(),
        Value::List(items) | Value::Tuple(items) => {
            position(key, items.len()).and_then(|at| items.get(at).cloned())
        }
        Value::Str(text) => character(text, key),
        Value::Bytes(bytes) => position(key, bytes.len())
            .and_then(|at| bytes.get(at))
            .map(|byte| Value::Int((*byte).into())),
        Value::Object(_) => return child_of_object(run, value, key),
        _ => None,
    };
    found.map(|child| run.open(child)).transpose()
}

fn child_of_object(run: &Run<'_>, value: &Value, key: &Value) -> Result<Option<Value>> {
    if let Some(cell) = cell(value) {
        let found = if cell.is_map() {
            cell.child(key)
        } else {
            position(key, cell.len()).and_then(|at| cell.child(&Value::from(at)))
        };
        return found.map(|child| run.open(child)).transpose();
    }
    if let Some(view) = viewed(value) {
        let Some(name) = key.as_str() else {
            return Ok(None);
        };
        view.check()?;
        return match view.get(name) {
            Some((raw, scope)) => {
                viewed(&raw).map_or(Ok(()), |inner| inner.check())?;
                let child = run.lazy(raw, scope.as_ref().unwrap_or(&run.scope));
                run.open(child).map(Some)
            }
            None => Ok(None),
        };
    }
    if let Some(range) = object::<Range>(value) {
        let length = usize::try_from(range.len()).unwrap_or(usize::MAX);
        return Ok(position(key, length)
            .and_then(|at| range.at(at as u64))
            .map(Value::Int));
    }
    Ok(None)
}

/// The character at a position, which may count from the end.
fn character(text: &str, key: &Value) -> Option<Value> {
    let index = key.as_int()?;
    let c = if index >= 0 {
        text.chars().nth(usize::try_from(index).ok()?)
    } else {
        text.chars().nth_back(usize::try_from(-(index + 1)).ok()?)
    };
    c.map(|c| Value::str(c.to_string()))
}

/// The position that an index means among `length` items.
pub(super) fn position(key: &Value, length: usize) -> Option<usize> {
    let index = key.as_int()?;
    let index = if index < 0 {
        index.checked_add(i64::try_from(length).ok()?)?
    } else {
        index
    };
    usize::try_from(index).ok().filter(|at| *at < length)
}

/// Refuses a key that no dictionary can have.
pub(super) fn hashable(key: &Value) -> Result<()> {
    if key.is_hashable() {
        return Ok(());
    }
    Err(Error::template(format!(
        "unhashable type: '{}'",
        key.type_name()
    )))
}

/// A bound of a slice: an integer or null.
pub(super) fn slice_bound(value: &Value) -> Result<Option<i64>> {
    match value {
        Value::Null => Ok(None),
        Value::BigInt(number) => Ok(Some(if number.sign() == num_bigint::Sign::Minus {
            i64::MIN
        } else {
            i64::MAX
        })),
        value => value.as_int().map(Some).ok_or_else(|| {
            Error::template("slice indices must be integers or None or have an __index__ method")
        }),
    }
}

impl Run<'_> {
    /// `value[start:stop:step]`.
    pub(super) fn get_slice(
        &self,
        value: &Value,
        start: Option<i64>,
        stop: Option<i64>,
        step: Option<i64>,
    ) -> Result<Value> {
        let positions = |length: usize| positions(length, start, stop, step.unwrap_or(1));
        match value {
            Value::List(items) => Ok(Value::list(pick(items, &positions(items.len())?))),
            Value::Tuple(items) => Ok(Value::tuple(pick(items, &positions(items.len())?))),
            Value::Str(text) => {
                let letters = text.chars().count();
                let wanted = positions(letters)?;
                let letters: Vec<char> = text.chars().collect();
                let text: String = wanted.iter().filter_map(|at| letters.get(*at)).collect();
                Ok(Value::str(text))
            }
            Value::Bytes(bytes) => {
                let wanted = positions(bytes.len())?;
                let bytes: Vec<u8> = wanted
                    .iter()
                    .filter_map(|at| bytes.get(*at).copied())
                    .collect();
                Ok(Value::Bytes(bytes.into()))
            }
            Value::Object(_) => {
                if let Some(cell) = cell(value).filter(|cell| !cell.is_map()) {
                    let items = cell.children();
                    return Ok(Value::list(pick(&items, &positions(items.len())?)));
                }
                if let Some(range) = object::<Range>(value) {
                    let list = self.range_list(range)?;
                    return self.get_slice(&list, start, stop, step);
                }
                Err(not_subscriptable(value))
            }
            other => Err(not_subscriptable(other)),
        }
    }
}

fn not_subscriptable(value: &Value) -> Error {
    Error::template(format!("'{}' object cannot be sliced", value.type_name()))
}

fn pick(items: &[Value], positions: &[usize]) -> Vec<Value> {
    positions
        .iter()
        .filter_map(|at| items.get(*at).cloned())
        .collect()
}

/// The positions of a slice among `length` items, by Python's rules.
fn positions(
    length: usize,
    start: Option<i64>,
    stop: Option<i64>,
    step: i64,
) -> Result<Vec<usize>> {
    if step == 0 {
        return Err(Error::template("slice step cannot be zero"));
    }
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let (lowest, highest) = if step > 0 {
        (0, length)
    } else {
        (-1, length - 1)
    };
    let clamp = |bound: i64| {
        let bound = if bound < 0 {
            bound.saturating_add(length)
        } else {
            bound
        };
        bound.clamp(lowest, highest)
    };
    let (first, end) = if step > 0 {
        (start.map_or(lowest, clamp), stop.map_or(highest, clamp))
    } else {
        (start.map_or(highest, clamp), stop.map_or(lowest, clamp))
    };
    let mut found = Vec::new();
    let mut at = first;
    while (step > 0 && at < end) || (step < 0 && at > end) {
        found.extend(usize::try_from(at).ok());
        at = at.saturating_add(step);
    }
    Ok(found)
}

//! Values as filters, loops and texts take them: opened, iterated, with no laziness left.

use std::collections::HashMap;
use std::sync::Arc;

use super::Scope;
use super::bounds;
use super::cell::Content;
use super::cell::Unopened;
use super::cell::{self, cell};
use super::objects::Loop;
use super::objects::Range;
use super::objects::object;
use super::run::{Run, is_silent};
use super::view::viewed;
use crate::error::{Error, Result};
use crate::value::Map;
use crate::value::Value;

/// What was made of lazy containers, by their address; each is held, so that none takes the address
/// of another.
type Known = HashMap<usize, (Value, Value)>;

/// About what a value in a container takes, in bytes.
const NODE: u64 = 64;

impl Run<'_> {
    /// The value as a filter gets it: ordinary at the top, perhaps lazy below.
    pub(super) fn top(&self, value: Value) -> Result<Value> {
        let value = self.open(value)?;
        if let Some(cell) = cell(&value) {
            return Ok(cell.snapshot());
        }
        if let Some(range) = object::<Range>(&value) {
            return self.range_list(range);
        }
        if let Some(view) = viewed(&value) {
            view.check()?;
            return Ok(self.view_map(&**view));
        }
        Ok(value)
    }

    pub(super) fn range_list(&self, range: &Range) -> Result<Value> {
        bounds::allow_list(range.len())?;
        self.shared.step(range.len() / 16)?;
        Ok(Value::list(
            (0..range.len())
                .filter_map(|position| range.at(position))
                .map(Value::Int)
                .collect(),
        ))
    }

    fn view_map(&self, view: &dyn super::View) -> Value {
        Value::map(
            view.keys()
                .into_iter()
                .filter_map(|key| {
                    let (raw, scope) = view.get(&key)?;
                    let child = self.lazy(raw, scope.as_ref().unwrap_or(&self.scope));
                    Some((Value::str(key), child))
                })
                .collect(),
        )
    }

    /// A raw value from outside, made so that its templates are rendered in `scope` when used.
    pub(super) fn lazy(&self, raw: Value, scope: &Arc<dyn Scope>) -> Value {
        match raw {
            Value::Str(text) if text.is_template() => cell::deferred(text, scope.clone()),
            Value::List(_) | Value::Map(_) if raw.has_templates() => {
                cell::into_cell(raw, Some(scope), self.changes.get())
            }
            Value::List(_) | Value::Map(_) if self.changes.get() => {
                cell::into_cell(raw, None, true)
            }
            Value::Sealed(_) => Value::Object(Arc::new(Unopened {
                sealed: raw,
                scope: scope.clone(),
            })),
            other => other,
        }
    }

    /// The value with no laziness at any depth.
    pub(super) fn deep(&self, value: &Value) -> Result<Value> {
        match value.size().special {
            true => self.deep_at(value, 0, &mut Known::default()),
            false => Ok(value.clone()),
        }
    }

    /// The same, `depth` levels down. What stands in several places is made once.
    fn deep_at(&self, value: &Value, depth: u32, known: &mut Known) -> Result<Value> {
        if depth > bounds::DEEPEST_VALUE {
            return Err(Error::template(
                "a value that is nested too deep, or in itself",
            ));
        }
        self.shared.check_stack()?;
        let open = self.open(value.clone())?;
        match &open {
            Value::Undefined(undefined) => match self.shared.instead_of(&undefined.error) {
                Some(stead) => Ok(Value::str(stead)),
                None => Err(undefined.error.clone()),
            },
            Value::List(items) if items.size().special => {
                Ok(Value::list(self.deep_items(items, depth, known)?))
            }
            Value::Tuple(items) if items.size().special => {
                let deep = self.deep_items(items, depth, known)?;
                Ok(Value::named_tuple(items.names(), deep))
            }
            Value::Map(map) if map.size().special => {
                self.shared.step(map.len() as u64)?;
                self.shared.charge(2 * NODE * map.len() as u64)?;
                let mut deep = Map::with_capacity(map.len());
                for (key, value) in &**map {
                    deep.insert(key.clone(), self.deep_at(value, depth + 1, known)?);
                }
                Ok(Value::map(deep))
            }
            Value::Object(object) if cell(&open).is_some() || viewed(&open).is_some() => {
                let address = Arc::as_ptr(object).cast::<()>() as usize;
                if let Some((made, _)) = known.get(&address) {
                    return Ok(made.clone());
                }
                let made = self.deep_at(&self.top(open.clone())?, depth + 1, known)?;
                bounds::allow(&made)?;
                known.insert(address, (made.clone(), open));
                Ok(made)
            }
            _ => Ok(open),
        }
    }

    fn deep_items(&self, items: &[Value], depth: u32, known: &mut Known) -> Result<Vec<Value>> {
        self.shared.step(items.len() as u64)?;
        self.shared.charge(NODE * items.len() as u64)?;
        items
            .iter()
            .map(|item| self.deep_at(item, depth + 1, known))
            .collect()
    }

    /// Charges what a filter or method made, and refuses what is too large.
    pub(super) fn taken(&self, value: &Value) -> Result<()> {
        bounds::allow(value)?;
        match value {
            Value::Str(text) => {
                bounds::allow_text(text.len() as u64)?;
                self.shared.charge(text.len() as u64)
            }
            Value::Bytes(bytes) => self.shared.charge(bytes.len() as u64),
            Value::List(items) | Value::Tuple(items) => {
                self.shared.charge(NODE * items.len() as u64)
            }
            Value::Map(map) | Value::Set(map) => self.shared.charge(2 * NODE * map.len() as u64),
            _ => Ok(()),
        }
    }

    /// What Python's `for x in value` gives.
    pub(super) fn iterate(&self, value: &Value) -> Result<Vec<Value>> {
        let open = self.open(value.clone())?;
        let items = match &open {
            Value::Undefined(undefined) if is_silent(undefined) => Vec::new(),
            Value::Undefined(undefined) => return Err(undefined.error.clone()),
            Value::List(items) | Value::Tuple(items) => items.to_vec(),
            Value::Map(map) | Value::Set(map) => map.keys().cloned().collect(),
            Value::Str(text) => bounds::collected(text.chars())?
                .into_iter()
                .map(|c| Value::str(c.to_string()))
                .collect(),
            Value::Bytes(bytes) => bounds::collected(bytes.iter())?
                .into_iter()
                .map(|byte| Value::Int((*byte).into()))
                .collect(),
            Value::Object(_) => return self.iterate_object(&open),
            other => return Err(not_iterable(other)),
        };
        self.shared.step(items.len() as u64 / 64)?;
        self.shared.charge(NODE * items.len() as u64)?;
        Ok(items)
    }

    fn iterate_object(&self, value: &Value) -> Result<Vec<Value>> {
        if let Some(cell) = cell(value) {
            self.shared.charge(NODE * cell.len() as u64)?;
            self.shared.step(cell.len() as u64 / 64)?;
            return Ok(match cell.content() {
                Content::List(_) => cell.children(),
                Content::Map(map) => map.keys().cloned().collect(),
            });
        }
        if let Some(range) = object::<Range>(value) {
            return Ok(self
                .range_list(range)?
                .as_list()
                .map(|items| items.to_vec())
                .unwrap_or_default());
        }
        if let Some(view) = viewed(value) {
            view.check()?;
            return Ok(view.keys().into_iter().map(Value::str).collect());
        }
        if let Some(it) = object::<Loop>(value) {
            return Ok(it.items.clone());
        }
        Err(not_iterable(value))
    }

    /// Python's `bool(value)`.
    pub(super) fn truth(&self, value: &Value) -> Result<bool> {
        match value {
            Value::Undefined(undefined) if !is_silent(undefined) => Err(undefined.error.clone()),
            Value::Object(_) | Value::Sealed(_) => {
                let open = self.open(value.clone())?;
                if let Some(cell) = cell(&open) {
                    return Ok(cell.len() > 0);
                }
                if let Some(range) = object::<Range>(&open) {
                    return Ok(range.len() > 0);
                }
                if let Some(view) = viewed(&open) {
                    view.check()?;
                    return Ok(!view.keys().is_empty());
                }
                match &open {
                    Value::Object(_) => Ok(true),
                    other => self.truth(other),
                }
            }
            other => Ok(other.is_true()),
        }
    }

    /// Converts a value that is an error into that error.
    pub(super) fn defined(&self, value: Value) -> Result<Value> {
        let open = self.open(value)?;
        match &open {
            Value::Undefined(undefined) => Err(undefined.error.clone()),
            _ => Ok(open),
        }
    }

    /// Python's `str(value)`, tuples kept.
    pub(super) fn string(&self, value: &Value) -> Result<String> {
        match value {
            Value::Str(text) => return Ok(text.to_string()),
            Value::Undefined(undefined) if is_silent(undefined) => return Ok(String::new()),
            _ => {}
        }
        let deep = self.deep(value)?;
        Ok(super::objects::object_text(&deep).unwrap_or_else(|| deep.to_text()))
    }
}

fn not_iterable(value: &Value) -> Error {
    Error::template(format!("'{}' object is not iterable", value.type_name()))
}

//! `attribute='a.b.0'`: the part of an item that a filter looks at.

use super::super::Runtime;
use super::defined;
use crate::error::Result;
use crate::value::Value;

/// A way into an item: the keys that follow each other.
pub(super) struct Path {
    keys: Vec<Value>,
    default: Option<Value>,
}

impl Path {
    /// Reads Jinja's dotted way; a part of digits is an integer.
    pub(super) fn new(attribute: &Value) -> Self {
        let keys = match attribute.as_str() {
            Some(text) => text.split('.').map(key).collect(),
            None if attribute.is_null() => Vec::new(),
            None => vec![attribute.clone()],
        };
        Path {
            keys,
            default: None,
        }
    }

    /// The ways that `a,b.c` names.
    pub(super) fn several(attribute: &Value) -> Vec<Self> {
        match attribute.as_str() {
            Some(text) => text
                .split(',')
                .map(|part| Path::new(&Value::str(part)))
                .collect(),
            None => vec![Path::new(attribute)],
        }
    }

    /// The same way, with `default` for what is not there (none where it is null).
    pub(super) fn or(mut self, default: Option<Value>) -> Self {
        self.default = default.filter(|value| !value.is_null());
        self
    }

    /// Follows the way; undefined where it ends early.
    pub(super) fn follow(&self, runtime: &dyn Runtime, item: &Value) -> Result<Value> {
        let mut value = item.clone();
        for key in &self.keys {
            if !value.is_undefined() {
                value = runtime.item(&value, key)?;
            }
            if value.is_undefined()
                && let Some(default) = &self.default
            {
                value = default.clone();
            }
        }
        Ok(value)
    }

    /// Follows the way to something that is there.
    pub(super) fn find(&self, runtime: &dyn Runtime, item: &Value) -> Result<Value> {
        let value = self.follow(runtime, item)?;
        defined(&value)?;
        Ok(value)
    }
}

fn key(part: &str) -> Value {
    if part.is_empty() || !part.chars().all(|c| c.is_ascii_digit()) {
        return Value::str(part);
    }
    part.parse().map_or_else(|_| Value::str(part), Value::Int)
}

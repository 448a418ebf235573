//! The end of a rendering: nothing lazy, nothing undefined, no tuple, no template is left.

use super::objects::object_text;
use super::run::Run;
use super::run::is_silent;
use crate::error::{Error, Result};
use crate::value::Map;
use crate::value::Value;

impl Run<'_> {
    /// The value as it leaves the template.
    pub(super) fn finished(&self, value: &Value) -> Result<Value> {
        if is_final(value) {
            return Ok(value.clone());
        }
        let deep = self.deep(value)?;
        finish(&deep, false)
    }

    /// The text that a value prints as: `str()` of what it would be as a variable.
    pub(super) fn printed(&self, value: &Value) -> Result<String> {
        match value {
            Value::Str(text) => return Ok(text.to_string()),
            Value::Int(number) => return Ok(number.to_string()),
            Value::Null | Value::Omit => return Ok(String::new()),
            Value::Undefined(undefined) if is_silent(undefined) => return Ok(String::new()),
            _ => {}
        }
        let open = self.open(value.clone())?;
        if let Value::Undefined(undefined) = &open
            && let Some(stead) = self.shared.instead_of(&undefined.error)
        {
            return Ok(stead);
        }
        if let Some(text) = object_text(&open) {
            return Ok(text);
        }
        let final_value = match is_final(&open) {
            true => open,
            false => finish(&self.deep(&open)?, true)?,
        };
        match final_value {
            Value::Null | Value::Omit => Ok(String::new()),
            value => Ok(value.to_text()),
        }
    }
}

/// Says whether a value can leave as it is.
fn is_final(value: &Value) -> bool {
    match value {
        Value::Str(text) => !text.is_template(),
        Value::Tuple(_)
        | Value::Undefined(_)
        | Value::Sealed(_)
        | Value::Object(_)
        | Value::Set(_)
        | Value::Duration(_) => false,
        Value::List(items) => items.iter().all(|item| is_final(item) && !is_omit(item)),
        Value::Map(map) => map.values().all(|item| is_final(item) && !is_omit(item)),
        _ => true,
    }
}

fn is_omit(value: &Value) -> bool {
    matches!(value, Value::Omit)
}

/// The value without what lives only in templates. A tuple becomes a list; where the value is `printed`,
/// one with names (`groupby`) stays what it is, as in the reference.
fn finish(value: &Value, printed: bool) -> Result<Value> {
    Ok(match value {
        Value::Tuple(items) if printed && !items.names().is_empty() => {
            let items = items.iter().map(|item| finish(item, printed));
            Value::tuple(items.collect::<Result<_>>()?)
        }
        Value::Str(text) if text.is_template() => Value::Str(text.untrusted()),
        Value::List(items) | Value::Tuple(items) => Value::list(
            items
                .iter()
                .filter(|item| !is_omit(item))
                .map(|item| finish(item, printed))
                .collect::<Result<_>>()?,
        ),
        Value::Map(map) => {
            let mut finished = Map::with_capacity(map.len());
            for (key, value) in map.iter().filter(|(_, value)| !is_omit(value)) {
                finished.insert(finish_key(key)?, finish(value, printed)?);
            }
            Value::map(finished)
        }
        Value::Duration(_) | Value::Object(_) => return Err(unsupported(value)),
        Value::Undefined(undefined) => return Err(undefined.error.clone()),
        other => other.clone(),
    })
}

/// A key stays what it is; a tuple can be one.
fn finish_key(key: &Value) -> Result<Value> {
    match key {
        Value::Object(_) => Err(unsupported(key)),
        key => Ok(key.clone()),
    }
}

fn unsupported(value: &Value) -> Error {
    Error::template(format!(
        "Type '{}' is unsupported for variable storage.",
        value.type_name()
    ))
}

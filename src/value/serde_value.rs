//! The bridge to serde: our own types read from a [`Value`] and written to one.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Value, from_json, to_json};
use crate::error::{Error, Result};

/// Reads a type of ours from a value.
///
/// # Errors
/// The value does not have the type's shape; the message says which field.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T> {
    serde_json::from_str(&to_json(value)).map_err(|error| Error::input(error.to_string()))
}

/// Writes a type of ours as a value.
///
/// # Errors
/// The type has something JSON cannot hold.
pub fn to_value<T: Serialize>(it: &T) -> Result<Value> {
    let text = serde_json::to_string(it).map_err(|error| Error::bug(error.to_string()))?;
    from_json(&text)
}

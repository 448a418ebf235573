//! Values as TOML.

use crate::error::Error;
use crate::error::Result;
use crate::value::Value;

/// A dictionary as a TOML text, its keys sorted.
///
/// # Errors
/// A value that TOML has no word for: a null, or a whole number beyond 64 bits.
pub fn to_toml(value: &Value) -> Result<String> {
    let table = convert(value, "")?;
    toml::to_string(&table).map_err(|error| Error::input(format!("cannot write TOML: {error}")))
}

/// The value at `path`, which is for messages.
fn convert(value: &Value, path: &str) -> Result<toml::Value> {
    Ok(match value {
        Value::Bool(value) => toml::Value::Boolean(*value),
        Value::Int(number) => toml::Value::Integer(*number),
        Value::Float(number) => toml::Value::Float(*number),
        Value::List(items) | Value::Tuple(items) => {
            let items = items.iter().map(|item| convert(item, path));
            toml::Value::Array(items.collect::<Result<_>>()?)
        }
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| {
                let key = key.to_text();
                let value = convert(value, &format!("{path}.{key}"))?;
                Ok((key, value))
            });
            toml::Value::Table(entries.collect::<Result<_>>()?)
        }
        Value::Null | Value::BigInt(_) => {
            let path = path.trim_start_matches('.');
            let text = format!("TOML cannot hold `{value}`, the value of `{path}`");
            return Err(Error::input(text).hint("use `--yaml` or JSON"));
        }
        Value::Sealed(sealed) => toml::Value::String(sealed.ciphertext.clone()),
        other => toml::Value::String(other.to_text()),
    })
}

//! What came out of a vault, and is not to be shown.

use super::explained::place;
use crate::template::Scope;
use crate::value::{Value, to_json};
use crate::vars::{Definition, TaskScope};

pub(super) fn is_of_sealed_file(definition: &Definition) -> bool {
    place(definition).is_some_and(|place| place.source.is_sealed())
}

/// The texts in a value that came out of a vault, as JSON shows them too.
pub(super) fn collect(scope: &TaskScope, value: &Value, hidden: bool, secrets: &mut Vec<String>) {
    match value {
        Value::Sealed(sealed) => {
            if let Ok(opened) = scope.unseal(sealed) {
                add(&opened.to_text(), secrets);
            }
        }
        Value::Map(map) => {
            map.values()
                .for_each(|value| collect(scope, value, hidden, secrets));
        }
        Value::List(items) => {
            items
                .iter()
                .for_each(|value| collect(scope, value, hidden, secrets));
        }
        Value::Str(text) if hidden => add(text, secrets),
        Value::Int(_) | Value::Float(_) if hidden => add(&value.to_text(), secrets),
        _ => (),
    }
}

fn add(secret: &str, secrets: &mut Vec<String>) {
    let trimmed = secret.trim();
    if trimmed.is_empty() {
        return;
    }
    let json = to_json(&Value::str(trimmed));
    secrets.push(json.trim_matches('"').to_owned());
    secrets.push(trimmed.to_owned());
}

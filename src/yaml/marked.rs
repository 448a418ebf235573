//! The dictionaries of JSON files that stand for one text: `{"__ansible_unsafe": "…"}` is text that is no
//! template, `{"__ansible_vault": "…"}` is encrypted text (`_internal/_json/_profiles/_legacy.py` of the
//! reference).

use std::sync::Arc;

use super::node::Node;
use crate::error::{Error, Place, Result};
use crate::value::{Sealed, Str, Value};

const UNSAFE: &str = "__ansible_unsafe";
const VAULT: &str = "__ansible_vault";

/// Whether a mapping stands for a text. Other keys beside the mark do not matter, as there.
pub(super) fn is_marked(pairs: &[(Node, Node)]) -> bool {
    find(pairs, UNSAFE).or_else(|| find(pairs, VAULT)).is_some()
}

/// The text that a marked mapping stands for.
///
/// # Errors
/// What it marks is no text.
pub(super) fn value(pairs: &[(Node, Node)], place: &Place) -> Result<Value> {
    let unsafe_text = find(pairs, UNSAFE);
    let name = if unsafe_text.is_some() { UNSAFE } else { VAULT };
    let marked = unsafe_text.or_else(|| find(pairs, VAULT));
    let Some(text) = marked.and_then(Node::as_str) else {
        let kind = marked.map_or("nothing", Node::kind_name);
        return Err(
            Error::syntax(format!("`{name}` must be a string, not {kind}")).at(place.clone()),
        );
    };
    Ok(match name {
        UNSAFE => Value::Str(Str::placed(text, Some(place.clone()))),
        _ => Value::Sealed(Arc::new(Sealed {
            ciphertext: text.to_owned(),
            place: Some(place.clone()),
        })),
    })
}

/// What JSON has for a value: dictionaries that stand for its encrypted texts, and for those of its texts that
/// are no templates though they look like one.
pub fn marked_json(value: &Value) -> Value {
    match value {
        Value::Str(text) if !text.is_trusted() && text.trusted().is_template() => {
            Value::from(crate::entries! { UNSAFE => Value::Str(text.clone()) })
        }
        Value::Sealed(sealed) => {
            Value::from(crate::entries! { VAULT => sealed.ciphertext.as_str() })
        }
        Value::Map(map) => Value::map(map.mapped(marked_json)),
        Value::List(items) => Value::list(items.iter().map(marked_json).collect()),
        other => other.clone(),
    }
}

fn find<'a>(pairs: &'a [(Node, Node)], name: &str) -> Option<&'a Node> {
    let mut pairs = pairs.iter().rev();
    pairs.find_map(|(key, node)| (key.as_str() == Some(name)).then_some(node))
}

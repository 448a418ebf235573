//! `loop_control`: its words, and what can be known to be wrong with them before a run.

use super::keywords::{truth, unconvertible};
use super::names::is_variable_name;
use crate::error::{Error, Result, nearest};
use crate::value::Value;
use crate::yaml::Node;

/// The words of `loop_control`.
pub const WORDS: &[&str] = &[
    "break_when",
    "extended",
    "extended_allitems",
    "index_var",
    "label",
    "loop_var",
    "pause",
];

/// Refuses words that are none, and values that no rendering can make right.
pub(super) fn check(node: &Node) -> Result<()> {
    if node.value().is_null() {
        return Ok(());
    }
    let entries = node.entries().ok_or_else(|| {
        Error::syntax(format!(
            "`loop_control` wants a mapping, got {}",
            node.kind_name()
        ))
        .at(node.place().clone())
    })?;
    for (key, value) in entries {
        let word = key.value().to_text();
        if !WORDS.contains(&word.as_str()) {
            return Err(Error::syntax(format!(
                "`{word}` is not a valid attribute for a LoopControl"
            ))
            .at(key.place().clone())
            .hint_if(nearest(&word, WORDS.iter().copied())));
        }
        if word == "label" && matches!(value.value(), Value::List(_) | Value::Map(_)) {
            return Err(Error::syntax(format!(
                "The field 'label' is supposed to be a string type, but it is {}",
                value.kind_name()
            ))
            .at(value.place().clone()));
        }
    }
    Ok(())
}

/// The first word of a `loop_control` that no rendering can make right.
///
/// # Errors
/// What is wrong with it.
pub fn check_words(control: &Value) -> Result<()> {
    for (word, value) in control.as_map().iter().flat_map(|map| map.iter()) {
        if !value.has_templates() {
            let place = value.place().or(word.place()).cloned();
            check_word(&word.to_text(), value).map_err(|error| error.at(place))?;
        }
    }
    Ok(())
}

/// Refuses a value that the word cannot have; templates in it are rendered.
///
/// # Errors
/// Its type is wrong, or it is no name for a variable.
pub fn check_word(word: &str, value: &Value) -> Result<()> {
    let kind = match word {
        _ if value.is_null() && word != "loop_var" => return Ok(()),
        "pause" if value.to_text().trim().parse::<f64>().is_err() => "float",
        "extended" | "extended_allitems" if truth(value).is_none() => "bool",
        "loop_var" | "index_var" if !value.as_str().is_some_and(is_variable_name) => {
            let name = format!("Invalid variable name {}.", value.repr());
            return Err(Error::input(format!("Invalid '{word}'")).because(
                Error::input(name).hint(
                    "a name has letters, digits and underscores, and does not begin with a digit",
                ),
            ));
        }
        _ => return Ok(()),
    };
    Err(unconvertible(word, value, kind))
}

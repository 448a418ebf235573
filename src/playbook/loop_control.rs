//! `loop_control`: its words, and what can be known to be wrong with them before a run.

use super::keywords::truth;
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
        if !value.value().has_templates() {
            check_word(&word, value.value()).map_err(|error| error.at(value.place().clone()))?;
        }
    }
    Ok(())
}

/// Refuses a value that the word cannot have; templates in it are rendered.
///
/// # Errors
/// Its type is wrong, or it is no name for a variable.
pub fn check_word(word: &str, value: &Value) -> Result<()> {
    let wanted = match word {
        _ if value.is_null() && word != "loop_var" => return Ok(()),
        "pause" if value.to_text().trim().parse::<f64>().is_err() => "a number",
        "extended" | "extended_allitems" if truth(value).is_none() => "a boolean",
        "loop_var" | "index_var" if !value.as_str().is_some_and(is_variable_name) => {
            "a name for a variable"
        }
        "label" if matches!(value, Value::List(_) | Value::Map(_)) => "a string",
        _ => return Ok(()),
    };
    Err(Error::syntax(format!(
        "`{word}` of `loop_control` wants {wanted}, got `{}`",
        value.to_text()
    )))
}

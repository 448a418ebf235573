//! The options of a lookup: by name, converted to the type they are declared with.

use crate::error::{Error, Result};
use crate::template::filters::truth_word;
use crate::value::{Map, Value};

/// The options that were given, for the lookup of a name.
#[derive(Clone)]
pub(super) struct Options {
    lookup: &'static str,
    given: Map,
}

impl Options {
    pub(super) fn new(lookup: &'static str, given: Map) -> Self {
        Options { lookup, given }
    }

    /// Whether nothing was given.
    pub(super) fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// Sets an option, as if it had been given.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.given.set(name, value);
    }

    /// The value of an option; none where it is null.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.given.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str, default: &str) -> String {
        self.value(name)
            .map_or_else(|| default.to_owned(), Value::to_text)
    }

    pub(super) fn flag(&self, name: &str, default: bool) -> Result<bool> {
        let Some(value) = self.value(name) else {
            return Ok(default);
        };
        let known = match value {
            Value::Bool(flag) => Some(*flag),
            Value::Str(text) => match text.trim().to_lowercase().as_str() {
                "y" | "t" => Some(true),
                "n" | "f" => Some(false),
                word => truth_word(word),
            },
            other => match other.as_float() {
                Some(0.0) => Some(false),
                Some(1.0) => Some(true),
                _ => None,
            },
        };
        // What is no truth value is false, as in the reference.
        Ok(known.unwrap_or(false))
    }

    pub(super) fn int(&self, name: &str) -> Result<Option<i64>> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let number = match value {
            Value::Str(text) => text.trim().parse().ok(),
            Value::Float(number) if number.fract() == 0.0 => Some(*number as i64),
            other => other.as_int(),
        };
        number
            .map(Some)
            .ok_or_else(|| self.wrong(name, "an integer", value))
    }

    pub(super) fn float(&self, name: &str, default: f64) -> Result<f64> {
        let Some(value) = self.value(name) else {
            return Ok(default);
        };
        let number = match value {
            Value::Str(text) => text.trim().parse().ok(),
            other => other.as_float(),
        };
        number.ok_or_else(|| self.wrong(name, "a number", value))
    }

    /// A list of texts; one text is split at commas.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            None => Vec::new(),
            Some(Value::Str(text)) => text.split(',').map(|part| part.trim().to_owned()).collect(),
            Some(Value::List(items) | Value::Tuple(items)) => {
                items.iter().map(Value::to_text).collect()
            }
            Some(other) => vec![other.to_text()],
        }
    }

    /// One of the words that are allowed.
    pub(super) fn choice(&self, name: &str, default: &str, allowed: &[&str]) -> Result<String> {
        let word = self.text(name, default);
        if allowed.contains(&word.as_str()) {
            return Ok(word);
        }
        Err(Error::template(format!(
            "Invalid value '{word}' for config '{name}' for '{}' lookup plugin.",
            self.lookup
        ))
        .hint(format!("use one of {}", allowed.join(", "))))
    }

    /// Refuses options that are known to the reference and not built here.
    pub(super) fn refuse(&self, names: &[&str]) -> Result<()> {
        match names.iter().find(|name| self.value(name).is_some()) {
            None => Ok(()),
            Some(name) => Err(Error::template(format!(
                "the option `{name}` of the lookup `{}` is not built",
                self.lookup
            ))),
        }
    }

    fn wrong(&self, name: &str, wanted: &str, got: &Value) -> Error {
        Error::template(format!(
            "the option `{name}` of the lookup `{}` has an invalid value: it wants {wanted}, got {}",
            self.lookup,
            got.repr()
        ))
    }
}

//! The keywords that stand on one play, role, block or task.

use std::sync::Arc;

use super::keyword::{self, Keyword, Kind, Object};
use super::loop_control;
use super::names::is_variable_name;
use crate::error::{Error, Place, Result, nearest};
use crate::value::Value;
use crate::yaml::Node;

/// Keywords with their values, templates in them not yet rendered. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Keywords(Arc<Vec<Entry>>);

/// One keyword with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The keyword.
    pub keyword: &'static Keyword,
    /// Its value, as written.
    pub value: Value,
    /// Where the value stands.
    pub place: Place,
}

impl Keywords {
    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.keyword.name == name)
    }

    /// The value of that name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.get(name).map(|entry| &entry.value)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }

    /// Adds a keyword, after checking that it may stand here and that its value can be right.
    ///
    /// # Errors
    /// The keyword does not exist on such an object, or its value has the wrong type.
    pub fn add(&mut self, object: Object, key: &Node, value: &Node) -> Result<()> {
        let name = key.value().to_text();
        let keyword = keyword::find(&name)
            .filter(|keyword| keyword.stands_on(object))
            .ok_or_else(|| unknown(object, &name, key))?;
        check_type(keyword, value)?;
        // What is wrong with a keyword of tasks, they fail with when they are reached.
        if matches!(object, Object::Play) || matches!(keyword.kind, Kind::Dict | Kind::Str) {
            misfit(keyword, value.value(), value.place()).map_or(Ok(()), |error| {
                Err(error.of_kind(crate::error::Kind::Syntax))
            })?;
        }
        self.set(keyword, value.value().clone(), value.place().clone());
        Ok(())
    }

    /// Puts a collection before those that are looked through.
    pub fn put_collection_first(&mut self, name: &str, place: &Place) {
        let Some(keyword) = keyword::find("collections") else {
            return;
        };
        let mut all = vec![Value::from(name)];
        match self.value("collections") {
            Some(Value::List(items)) if items.iter().any(|item| item.as_str() == Some(name)) => {
                return;
            }
            Some(Value::List(items)) => all.extend(items.iter().cloned()),
            Some(Value::Null) | None => (),
            Some(single) => all.push(single.clone()),
        }
        self.set(keyword, Value::list(all), place.clone());
    }

    /// The tags as they are written; templates are not rendered.
    pub fn written_tags(&self) -> Vec<String> {
        let parts = self.value("tags").map(tag_parts).unwrap_or_default();
        parts.iter().map(Value::to_text).collect()
    }

    /// Sets a keyword that is known to be right.
    pub fn set(&mut self, keyword: &'static Keyword, value: Value, place: Place) {
        let entries = Arc::make_mut(&mut self.0);
        entries.retain(|entry| entry.keyword.name != keyword.name);
        entries.push(Entry {
            keyword,
            value,
            place,
        });
    }
}

/// The tags of the keyword's value, not rendered: a text is split at its commas (but for those in a template), the
/// items of a list are not.
pub fn tag_parts(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::List(items) => items.to_vec(),
        Value::Str(text) => {
            let parts = split_outside(text.as_str()).into_iter();
            let parts = parts.map(|part| Value::Str(text.with_text(part.trim())));
            parts.collect()
        }
        other => vec![other.clone()],
    }
}

/// The parts of a text between commas that stand in no template.
fn split_outside(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, two) in text.as_bytes().windows(2).enumerate() {
        match two {
            b"{{" | b"{%" => depth += 1,
            b"}}" | b"%}" => depth = depth.saturating_sub(1),
            [b',', _] if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => (),
        }
    }
    match text[start..].strip_suffix(',') {
        Some(last) if depth == 0 => parts.extend([last, ""]),
        _ => parts.push(&text[start..]),
    }
    parts
}

/// The error for a word that is none of the language's.
pub(super) fn unknown(object: Object, name: &str, key: &Node) -> Error {
    unknown_on(object, object.name(), name, key)
}

/// The same for something that has the words of an object and a name of its own.
pub(super) fn unknown_on(object: Object, shown: &str, name: &str, key: &Node) -> Error {
    Error::syntax(format!("`{name}` is not a valid attribute for a {shown}"))
        .at(key.place().clone())
        .hint_if(nearest(name, keyword::names_on(object)))
}

/// Refuses values that no rendering can make right.
fn check_type(keyword: &Keyword, node: &Node) -> Result<()> {
    let value = node.value();
    if keyword.name == "loop_control" {
        return loop_control::check(node);
    }
    if keyword.name == "register"
        && let Value::Map(projections) = value
    {
        let wrong = projections
            .keys()
            .find(|key| !key.as_str().is_some_and(is_variable_name));
        return match wrong {
            Some(key) => Err(not_a_name(key, node)),
            None => Ok(()),
        };
    }
    if keyword.name == "register" && value.has_templates() {
        return Err(not_a_name(value, node));
    }
    if keyword.name == "tags" && !matches!(value, Value::List(_) | Value::Str(_)) {
        return Err(Error::input("tags must be specified as a list").at(node.place().clone()));
    }
    if value.is_null() || value.has_templates() {
        return Ok(());
    }
    if keyword.name == "register" && !value.as_str().is_some_and(is_variable_name) {
        return Err(not_a_name(value, node));
    }
    Ok(())
}

/// What is wrong with a keyword's value that no rendering can make right (`get_validated_value` of the
/// reference's `playbook/base.py`).
pub fn misfit(keyword: &Keyword, value: &Value, place: &Place) -> Option<Error> {
    if value.is_null() || value.has_templates() {
        return None;
    }
    let fits = match keyword.kind {
        Kind::Bool => is_bool(value),
        Kind::Int if keyword.name == "throttle" => throttle(value).is_some(),
        Kind::Int => number(value).is_some_and(|number| number.fract() == 0.0),
        Kind::Float => value.as_float().is_some() || parses::<f64>(value),
        Kind::Str => !matches!(value, Value::List(_) | Value::Map(_)),
        Kind::Dict => matches!(value, Value::Map(_)) || keyword.name == "vars" && all_maps(value),
        Kind::Percent => value
            .as_str()
            .is_none_or(|text| text.trim_end_matches('%').trim().parse::<f64>().is_ok()),
        Kind::List | Kind::Raw => true,
    };
    if fits {
        return None;
    }
    let error = match keyword.name {
        "throttle" => bad_throttle(&value.repr()),
        name => unconvertible(name, value, kind_name(keyword.kind)),
    };
    Some(error.at(place.clone()))
}

/// A number as Python's `decimal.Decimal` takes it from a value or a text.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Str(text) => text.trim().parse().ok(),
        other => other.as_float(),
    }
}

/// How many may do a task at once; 0 where `throttle` sets no bound. Nothing where it is no whole number;
/// Python's `int` takes no text with a point.
pub fn throttle(value: &Value) -> Option<usize> {
    let limit = match value {
        Value::Str(text) => {
            let text = text.trim();
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            let is_whole = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
            is_whole.then(|| text.parse::<f64>().ok())?
        }
        other => other.as_float(),
    }?;
    // A number that is too large for the type becomes its largest one.
    (limit.fract() == 0.0).then_some(limit.max(0.0) as usize)
}

/// The error of a `throttle` that is no number, in the reference's words.
pub fn bad_throttle(value: &str) -> Error {
    Error::input(format!(
        "Failed to convert the throttle value to an integer: invalid literal for int() with base 10: {value}"
    ))
}

/// The error of a value that has the wrong type, in the reference's words.
pub fn unconvertible(name: &str, value: &Value, kind: &str) -> Error {
    let name = match name {
        "async" => "async_val",
        other => other,
    };
    Error::input(format!("Error processing keyword '{name}'")).because(Error::input(format!(
        "The value {} could not be converted to '{kind}'.",
        value.repr()
    )))
}

fn not_a_name(value: &Value, node: &Node) -> Error {
    Error::syntax(format!(
        "`{}` is not a valid name for a variable: `register` cannot keep anything under it",
        value.to_text()
    ))
    .at(node.place().clone())
    .hint("a name has letters, digits and underscores, and does not begin with a digit")
}

/// The reference's name of a type.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "bool",
        Kind::Dict => "dict",
        Kind::Float => "float",
        Kind::Int => "int",
        Kind::Percent => "percent",
        Kind::Str => "string",
        Kind::List => "list",
        Kind::Raw => "raw",
    }
}

fn parses<T: std::str::FromStr>(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.trim().parse::<T>().is_ok())
}

fn all_maps(value: &Value) -> bool {
    value
        .as_list()
        .is_some_and(|items| items.iter().all(|item| matches!(item, Value::Map(_))))
}

fn is_bool(value: &Value) -> bool {
    truth(value).is_some()
}

/// A rendered value as a truth value, by the rules for keywords: `yes`, `on`, `1`, `true`.
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Int(1) => Some(true),
        Value::Int(0) => Some(false),
        Value::Float(number) if *number == 1.0 => Some(true),
        Value::Float(number) if *number == 0.0 => Some(false),
        Value::Str(text) => match text.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" | "on" | "1" | "true" | "t" | "1.0" => Some(true),
            "n" | "no" | "off" | "0" | "false" | "f" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

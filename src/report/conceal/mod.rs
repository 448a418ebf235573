//! Values whose names say that they are secret: hidden in differences and in the items of loops, unless the
//! user wants to see them (`--show-secrets`).

mod blocks;
mod names;
mod pairs;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

pub use names::is_secret_name;
use text::{Marks, conceal, may_hold_secrets};

use super::event::{Event, Listener, Result};
use crate::outcome::{Diff, Outcome};
use crate::value::{Map, Value};

/// What stands in place of a value.
const HIDDEN: &str = "***";

/// A listener that hears of no value whose name says that it is secret.
pub struct Concealing(Box<dyn Listener>);

impl Concealing {
    /// One that lets `inner` hear the rest.
    pub fn new(inner: Box<dyn Listener>) -> Self {
        Concealing(inner)
    }
}

impl Listener for Concealing {
    fn on(&mut self, event: &Event) {
        match concealed(event) {
            Some(event) => self.0.on(&event),
            None => self.0.on(event),
        }
    }
}

/// The event without secrets; nothing where it has none to hide.
fn concealed(event: &Event) -> Option<Event> {
    Some(match event {
        Event::ItemDone(result) => Event::ItemDone(of_result(result)?),
        Event::TaskDone(result) => Event::TaskDone(of_result(result)?),
        Event::Retrying { result, left } => Event::Retrying {
            result: of_result(result)?,
            left: *left,
        },
        Event::Included(included) => {
            let mut included = included.clone();
            included.item = Some(label(included.item.as_deref()?));
            Event::Included(included)
        }
        _ => return None,
    })
}

fn of_result(result: &Result) -> Option<Result> {
    let outcome = &result.outcome;
    let data = of_data(&outcome.data);
    if result.item.is_none() && outcome.diff.is_empty() && data.is_none() {
        return None;
    }
    let mut result = result.clone();
    if let Some(item) = &mut result.item {
        item.label = of_label(&item.label, looped(&outcome.data));
    }
    result.outcome = Arc::new(Outcome {
        data: data.unwrap_or_else(|| outcome.data.clone()),
        diff: outcome.diff.iter().map(of_diff).collect(),
        ..(**outcome).clone()
    });
    Some(result)
}

/// The name of the loop's variable in the result of an item.
fn loop_variable(data: &Map) -> &str {
    let named = data.get("ansible_loop_var").and_then(Value::as_str);
    named.unwrap_or("item")
}

fn looped(data: &Map) -> Option<&Value> {
    data.get(loop_variable(data))
}

/// What a task returned, with secrets hidden in its item, its arguments, and those of each result of its
/// loop; nothing where there are none.
fn of_data(data: &Map) -> Option<Map> {
    let mut shown: Option<Map> = None;
    for name in [loop_variable(data), "invocation"] {
        if let Some(value) = data.get(name).and_then(changed) {
            shown.get_or_insert_with(|| data.clone()).set(name, value);
        }
    }
    if let Some(Value::List(results)) = data.get("results")
        && let Some(results) = each(results.iter(), |result| match result {
            Value::Map(map) => of_data(map).map(Value::map),
            _ => None,
        })
    {
        let shown = shown.get_or_insert_with(|| data.clone());
        shown.set("results", Value::list(results));
    }
    shown
}

/// All values, where one is another by `change`.
fn each<'a>(
    values: impl Iterator<Item = &'a Value> + Clone,
    change: impl Fn(&Value) -> Option<Value>,
) -> Option<Vec<Value>> {
    let mut shown: Option<Vec<Value>> = None;
    for (at, value) in values.clone().enumerate() {
        let new = change(value);
        if new.is_some() && shown.is_none() {
            shown = Some(values.clone().take(at).cloned().collect());
        }
        if let Some(shown) = &mut shown {
            shown.push(new.unwrap_or_else(|| value.clone()));
        }
    }
    shown
}

/// The label of an item: made anew where it is the item as it is written.
fn of_label(text: &str, item: Option<&Value>) -> String {
    let written = item.filter(|item| matches!(item, Value::Map(_) | Value::List(_)));
    match written.filter(|item| item.to_text() == text) {
        Some(item) => of_value(item).to_text(),
        None => label(text),
    }
}

/// A text of any kind with `***` in place of what secret names hold in it.
pub(super) fn concealed_text(text: &str) -> String {
    label(text)
}

fn label(text: &str) -> String {
    conceal(text, &mut Marks::default())
}

fn of_diff(diff: &Diff) -> Diff {
    match diff {
        Diff::Text {
            before,
            after,
            before_header,
            after_header,
        } => {
            let mut marks = Marks::default();
            let before = conceal(before, &mut marks);
            // A secret that became another one is still a difference.
            marks.tell_new();
            Diff::Text {
                before,
                after: conceal(after, &mut marks),
                before_header: before_header.clone(),
                after_header: after_header.clone(),
            }
        }
        Diff::Prepared(text) => Diff::Prepared(label(text)),
        Diff::Omitted(why) => Diff::Omitted(why.clone()),
    }
}

/// A value with `***` in place of what secret names hold in it.
pub fn of_value(value: &Value) -> Value {
    changed(value).unwrap_or_else(|| value.clone())
}

/// [`of_value`]; nothing where there is nothing to hide.
fn changed(value: &Value) -> Option<Value> {
    match value {
        Value::Map(map) => of_map(map).map(Value::map),
        Value::List(items) | Value::Tuple(items) => each(items.iter(), changed).map(Value::list),
        Value::Str(text) => {
            let shown = may_hold_secrets(text.as_str()).then(|| label(text.as_str()));
            shown.filter(|shown| shown != text.as_str()).map(Value::str)
        }
        _ => None,
    }
}

fn of_map(map: &Map) -> Option<Map> {
    let named = names_a_secret(map);
    let change = |name: &Value, value: &Value| {
        let name = name.as_str().unwrap_or_default();
        let hides = is_secret_name(name) || named && name == "value";
        match hides && holds_something(value) {
            true => Some(Value::str(HIDDEN)),
            false => changed(value),
        }
    };
    let mut shown: Option<Map> = None;
    for (name, value) in map.iter() {
        if let Some(value) = change(name, value) {
            let shown = shown.get_or_insert_with(|| map.clone());
            shown.insert(name.clone(), value);
        }
    }
    shown
}

/// Says whether a dictionary is a pair of a secret's name and its value, as `dict2items` and lists of
/// environment variables have them.
fn names_a_secret(map: &Map) -> bool {
    const NAMES: [&str; 6] = ["key", "name", "option", "param", "variable", "setting"];
    let named = |name: &&str| {
        let name = map.get(name).and_then(Value::as_str);
        name.is_some_and(is_secret_name)
    };
    map.get("value").is_some() && NAMES.iter().any(named)
}

/// Nothing, truth values and empty containers are no secrets by themselves.
fn holds_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::Map(map) => !map.is_empty(),
        Value::List(items) | Value::Tuple(items) => !items.is_empty(),
        other => !other.to_text().is_empty(),
    }
}

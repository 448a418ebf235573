//! Values whose names say that they are secret: hidden in differences and in the items of loops, unless the
//! user wants to see them (`--show-secrets`).

mod names;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

pub use names::is_secret_name;
use text::{Marks, conceal};

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
    if result.item.is_none() && result.outcome.diff.is_empty() {
        return None;
    }
    let mut result = result.clone();
    if let Some(item) = &mut result.item {
        item.label = label(&item.label);
    }
    let outcome = &result.outcome;
    let mut data = outcome.data.clone();
    let variable = outcome.text("ansible_loop_var").unwrap_or("item");
    for name in [variable, "invocation"] {
        if let Some(value) = outcome.data.get(name) {
            data.set(name, of_value(value));
        }
    }
    result.outcome = Arc::new(Outcome {
        data,
        diff: outcome.diff.iter().map(of_diff).collect(),
        ..(**outcome).clone()
    });
    Some(result)
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
    match value {
        Value::Map(map) => {
            let mut shown = Map::new();
            for (name, value) in map.iter() {
                let hides = name.as_str().is_some_and(is_secret_name) && holds_something(value);
                let value = match hides {
                    true => Value::str(HIDDEN),
                    false => of_value(value),
                };
                shown.insert(name.clone(), value);
            }
            Value::map(shown)
        }
        Value::List(items) => Value::list(items.iter().map(of_value).collect()),
        other => other.clone(),
    }
}

/// Nothing, truth values and containers are no secrets by themselves.
fn holds_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::Map(map) => !map.is_empty(),
        other => !other.to_text().is_empty(),
    }
}

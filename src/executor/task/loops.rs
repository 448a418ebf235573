//! Loops: what is looped over, the names an item brings, and what comes out of the whole.

use std::time::Duration;

use super::job::{Attempted, Job, NO_TRACEBACK};
use super::judge::failed_expression;
use crate::error::{Error, Result};
use crate::outcome::Outcome;
use crate::playbook::{Repeat, Task, loop_control, truth};
use crate::report::Event;
use crate::value::{Map, Str, Value};
use crate::vars::{Values, seconds};

/// The items of a loop.
pub struct Items(pub Vec<Value>);

/// What a task loops over; nothing where it has no loop.
///
/// # Errors
/// It cannot be rendered, or is no list.
pub fn items(values: &Values<'_>, task: &Task) -> Result<Option<Items>> {
    let Some(repeat) = &task.repeat else {
        return Ok(None);
    };
    let found = match &repeat.lookup {
        None => of_loop(values, repeat),
        Some(lookup) => of_lookup(values, lookup, repeat),
    };
    found
        .map(|items| Some(Items(items)))
        .map_err(|error| error.at(repeat.place.clone()))
}

fn of_loop(values: &Values<'_>, repeat: &Repeat) -> Result<Vec<Value>> {
    match values.render(&repeat.value)? {
        Value::List(items) | Value::Tuple(items) => Ok(items.to_vec()),
        other => Err(not_a_list(&other, repeat)),
    }
}

/// The error of a loop over something that is no list.
pub fn not_a_list(value: &Value, repeat: &Repeat) -> Error {
    Error::input(format!(
        "The `loop` value must resolve to a 'list', not '{}'.",
        value.type_name()
    ))
    .at(repeat.place.clone())
    .hint(hint_for(value))
}

fn hint_for(value: &Value) -> &'static str {
    match value {
        Value::Map(_) => "loop over a dictionary with `{{ name | dict2items }}`",
        Value::Str(_) => "write a list, or `{{ name }}` where `name` is one",
        _ => "write a list of one item: `[value]`",
    }
}

/// A term of `with_first_found` without the names in it that are undefined; nothing where it is one itself.
fn known(values: &Values<'_>, term: &Value) -> Result<Option<Value>> {
    match term {
        Value::Map(map) => {
            let mut kept = Map::new();
            for (key, value) in map.iter() {
                if let Some(value) = known(values, value)? {
                    kept.insert(key.clone(), value);
                }
            }
            Ok(Some(Value::map(kept)))
        }
        Value::List(items) => {
            let items = items.iter().map(|item| known(values, item));
            let items: Result<Vec<Value>> = items.filter_map(Result::transpose).collect();
            Ok(Some(Value::list(items?)))
        }
        other => match values.render(other) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_undefined() => Ok(None),
            Err(error) => Err(error),
        },
    }
}

fn of_lookup(values: &Values<'_>, lookup: &str, repeat: &Repeat) -> Result<Vec<Value>> {
    let terms = match &repeat.value {
        // `with_items: [a, "{{ list }}"]`: a template in the list may give a list of its own.
        Value::List(items) => {
            // What is undefined is passed over where files are looked for, as in the reference.
            let passes = lookup == "first_found";
            let rendered: Result<Vec<Value>> = items
                .iter()
                .map(|item| match passes {
                    true => known(values, item),
                    false => values.render(item).map(Some),
                })
                .filter_map(Result::transpose)
                .collect();
            rendered?
        }
        other => match values.render(other)? {
            Value::List(items) | Value::Tuple(items) => items.to_vec(),
            single => vec![single],
        },
    };
    values.engine.lookup(lookup, terms, &values.scope)
}

/// `loop_control`.
pub struct Control {
    /// Seconds between items.
    pub pause: Duration,
    variable: String,
    index: Option<String>,
    label: Option<Value>,
    extended: bool,
    all_items: bool,
    breaks: Vec<Value>,
}

/// Warns of names of a loop that stand for something else already (`_check_loop_control` of the reference's
/// `task_executor.py`).
fn warn_of_names(job: &Job<'_>, variable: &str, index: Option<&str>) {
    let values = job.values();
    let words = [("loop_var", Some(variable)), ("index_var", index)];
    for (word, name) in words {
        let Some(name) = name else { continue };
        let conflict = if values.scope.variable(name).is_some() {
            "already in use"
        } else if is_reserved(name) {
            "reserved"
        } else if index == Some(variable) {
            "used more than once"
        } else {
            continue;
        };
        let place = job.task.repeat.as_ref().map(|repeat| repeat.place.clone());
        let warning = Error::input(format!("The variable '{name}' is {conflict}."))
            .at(place)
            .hint(format!("give another name with `{word}` in `loop_control`"));
        job.actor.run().house.warn_once(warning);
    }
}

fn is_reserved(name: &str) -> bool {
    const OF_LOOPS: [&str; 3] = ["ansible_index_var", "ansible_loop", "ansible_loop_var"];
    OF_LOOPS.contains(&name) || crate::executor::wire::VARIABLES.contains(&name)
}

impl Control {
    /// Reads the task's `loop_control`.
    ///
    /// # Errors
    /// A word in it cannot be rendered or has the wrong type.
    pub fn read(job: &Job<'_>) -> Result<Control> {
        let values = job.values();
        let entry = job.task.keywords.get("loop_control");
        let place = entry.map(|entry| entry.place.clone());
        let map = entry
            .and_then(|entry| entry.value.as_map().cloned())
            .unwrap_or_default();
        let word = |name: &str| -> Result<Option<Value>> {
            let Some(value) = map.get(name) else {
                return Ok(None);
            };
            let value = values.render(value)?;
            loop_control::check_word(name, &value).map_err(|error| error.at(place.clone()))?;
            Ok(Some(value).filter(|value| !value.is_null()))
        };
        let text = |name| Ok::<_, Error>(word(name)?.map(|value| value.to_text()));
        let flag = |name| Ok::<_, Error>(word(name)?.and_then(|value| truth(&value)));
        let pause = text("pause")?.and_then(|text| text.trim().parse::<f64>().ok());
        let variable = text("loop_var")?.unwrap_or_else(|| "item".to_owned());
        let index = text("index_var")?;
        warn_of_names(job, &variable, index.as_deref());
        Ok(Control {
            pause: seconds(pause.unwrap_or(0.0)),
            variable,
            index,
            label: map.get("label").filter(|label| is_given(label)).cloned(),
            extended: flag("extended")?.unwrap_or(false),
            all_items: flag("extended_allitems")?.unwrap_or(true),
            breaks: match map.get("break_when") {
                None | Some(Value::Null) => Vec::new(),
                Some(Value::List(items)) => items.to_vec(),
                Some(other) => vec![other.clone()],
            },
        })
    }

    /// The names that the item at `number` brings.
    pub fn locals(&self, items: &[Value], number: usize) -> Map {
        let mut locals = Map::new();
        let item = items.get(number).cloned().unwrap_or_default();
        locals.set(&self.variable, item);
        locals.set("ansible_loop_var", self.variable.as_str());
        if let Some(index) = &self.index {
            locals.set(index, number);
            locals.set("ansible_index_var", index.as_str());
        }
        if self.extended {
            locals.set("ansible_loop", self.extended_facts(items, number));
        }
        locals
    }

    fn extended_facts(&self, items: &[Value], number: usize) -> Map {
        let length = items.len();
        let mut facts = Map::new();
        if self.all_items {
            facts.set("allitems", items.to_vec());
        }
        facts.set("index", number + 1);
        facts.set("index0", number);
        facts.set("first", number == 0);
        facts.set("last", number + 1 == length);
        facts.set("length", length);
        facts.set("revindex", length - number);
        facts.set("revindex0", length - number - 1);
        if let Some(next) = items.get(number + 1) {
            facts.set("nextitem", next.clone());
        }
        if let Some(previous) = number.checked_sub(1).and_then(|before| items.get(before)) {
            facts.set("previtem", previous.clone());
        }
        facts
    }

    /// What a result says about its item.
    pub fn marks(&self, locals: &Map) -> Map {
        locals.clone()
    }

    /// How the item is shown.
    pub fn label(&self, job: &Job<'_>, locals: &Map, item: &Value) -> String {
        let Some(label) = &self.label else {
            return show(item);
        };
        let names = job.names.with_locals(locals);
        let values = Values::new(&job.actor.run().engine, &names);
        match values.render(label) {
            Ok(label) => show(&label),
            Err(error) => {
                let why = format!("Failed to template loop_control label: {}", error.chain());
                values.scope.warn(why);
                show(item)
            }
        }
    }

    /// Says whether `break_when` ends the loop after this item, and keeps that with its result. One
    /// that cannot be evaluated fails the item and ends the loop.
    pub fn judge(&self, job: &Job<'_>, locals: &Map, attempted: &mut Attempted) -> bool {
        if self.breaks.is_empty() {
            return false;
        }
        let mut names = locals.clone();
        names.extend_from(&job.registered(&attempted.value()));
        let names = job.names.with_locals(&names);
        match job.holds_all(&Value::list(self.breaks.clone()), &names) {
            Ok(breaks) => {
                attempted.outcome.data.set("break_when_result", breaks);
                breaks
            }
            Err(error) => {
                let data = &mut attempted.outcome.data;
                data.set("break_when_result", error.chain());
                if attempted.outcome.failed {
                    data.set("break_when_suppressed_exception", NO_TRACEBACK);
                }
                attempted.outcome.failed = true;
                let ignored = job.values().keyword_flag("ignore_errors");
                attempted.ignored = ignored.ok().flatten() == Some(true);
                let error = failed_expression("break_when", error);
                job.actor.tell(Event::TaskError(error));
                true
            }
        }
    }
}

/// Says whether a label is one: an empty one leaves the item as it is.
fn is_given(label: &Value) -> bool {
    !label.is_null() && label.as_str() != Some("")
}

/// An item as a line shows it.
fn show(item: &Value) -> String {
    match item {
        Value::Str(text) => Str::to_string(text),
        other => other.to_text(),
    }
}

/// The outcome of a whole loop.
pub fn combine(all: &[Attempted], results: Vec<Value>) -> Attempted {
    let mut outcome = Outcome::default();
    let any = |test: fn(&Outcome) -> bool| all.iter().any(|one| test(&one.outcome));
    outcome.changed = any(|one| one.changed);
    outcome.failed = any(|one| one.failed);
    outcome.unreachable = any(|one| one.unreachable);
    outcome.skipped = all.iter().all(|one| one.outcome.skipped);
    outcome.shown = any(|one| one.shown);
    for one in all {
        let own = &one.outcome;
        outcome
            .told
            .extend(own.warnings.iter().chain(&own.told).cloned());
        outcome
            .deprecations
            .extend(own.deprecations.iter().cloned());
    }
    let unknown = all.iter().map(|one| &one.outcome);
    if let Some(one) = unknown.clone().find(|one| one.unknown_why().is_some()) {
        outcome.outlook = one.outlook.clone();
    }
    let message = match (all.is_empty(), outcome.skipped, outcome.failed) {
        (true, _, _) => None,
        (_, true, _) => Some("All items skipped"),
        (_, _, true) => Some("One or more items failed"),
        _ => Some("All items completed"),
    };
    if all.is_empty() {
        outcome.data.set("skip_reason", "No items in the list");
        outcome.data.set("skipped_reason", "No items in the list");
    }
    outcome.data.set("results", results);
    if let Some(message) = message {
        outcome.data.set("msg", message);
    }
    Attempted {
        ignored: all.iter().any(|one| one.ignored),
        delegated: all.iter().find_map(|one| one.delegated.clone()),
        facts_for: None,
        hidden: all.iter().any(|one| one.hidden),
        exhausted: true, // a loop has no exception of its own
        outcome,
    }
}

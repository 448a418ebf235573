//! What can be said of the words of a task alone.

use crate::error::{Error, Result, nearest};
use crate::executor::run::{Catalogue, elsewhere};
use crate::executor::task::{check_defaults, not_a_list};
use crate::executor::walk::debugger;
use crate::playbook::{Keywords, Task, loop_control, names_nothing, short_name};
use crate::value::Value;

/// The entries of a dictionary, or of a list of them.
pub(super) fn entries(value: &Value) -> Vec<(Value, Value)> {
    match value {
        Value::Map(map) => map.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        Value::List(items) => items.iter().flat_map(entries).collect(),
        _ => Vec::new(),
    }
}

/// Says whether a condition holds whatever happens.
pub(super) fn is_true(when: &Value) -> bool {
    match when {
        Value::List(items) => items.iter().all(is_true),
        Value::Str(text) => matches!(text.trim().to_lowercase().as_str(), "true"),
        other => *other == Value::Bool(true),
    }
}

/// Says whether a value is `{{ omit }}`.
pub(super) fn is_omitted(value: &Value) -> bool {
    let text = value.as_str().map(str::trim);
    let inside = text.and_then(|text| text.strip_prefix("{{")?.strip_suffix("}}"));
    inside.is_some_and(|inside| inside.trim() == "omit")
}

/// Says whether a task is done at least once, for all that its loop says.
pub(super) fn loops_for_certain(task: &Task) -> bool {
    let Some(repeat) = &task.repeat else {
        return true;
    };
    match &repeat.value {
        _ if repeat.lookup.is_some() => false,
        Value::List(items) => !items.is_empty(),
        other => !other.has_templates(),
    }
}

/// The collections that the keyword `collections` names.
pub fn collections(keywords: &Keywords) -> Vec<String> {
    match keywords.value("collections") {
        Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
        Some(Value::Str(name)) => vec![name.to_string()],
        _ => Vec::new(),
    }
}

/// Checks the keywords whose values can be known to be wrong.
///
/// # Errors
/// The first that is wrong.
pub fn keywords(catalogue: &Catalogue, keywords: &Keywords) -> Result<()> {
    debugger::check(keywords)?;
    check_defaults(catalogue, keywords)
}

pub(super) fn is_of_other_collection(name: &str) -> bool {
    let short = short_name(name);
    short.matches('.').count() >= 2 || elsewhere::full_name(short).is_some()
}

/// A loop over something that can never be a list.
pub(super) fn check_loop(task: &Task) -> Result<()> {
    let Some(repeat) = &task.repeat else {
        return Ok(());
    };
    if let Some(control) = task.keyword("loop_control") {
        loop_control::check_words(control)?;
    }
    if repeat.lookup.is_some() || repeat.value.has_templates() {
        return Ok(());
    }
    match &repeat.value {
        Value::List(_) | Value::Null => Ok(()),
        other => Err(not_a_list(other, repeat)),
    }
}

pub(super) fn check_words(task: &Task, word: &str) -> Result<()> {
    let known: &[&str] = match word {
        "include_tasks" => &["_raw_params", "apply", "file"],
        "include_role" => &[
            "_raw_params",
            "allow_duplicates",
            "apply",
            "defaults_from",
            "handlers_from",
            "name",
            "public",
            "role",
            "rolespec_validate",
            "rescuable",
            "tasks_from",
            "vars_from",
        ],
        _ => return Ok(()),
    };
    for key in task.action.args.keys() {
        let name = key.to_text();
        if !known.contains(&name.as_str()) {
            return Err(Error::syntax(format!("`{word}` has no argument `{name}`"))
                .at(key.place().or(Some(&task.action.place)).cloned())
                .hint_if(nearest(&name, known.iter().copied())));
        }
    }
    for (key, value) in &task.action.args {
        let name = key.to_text();
        let is_text = matches!(value, Value::Str(_));
        if word == "include_role" && name.ends_with("_from") && !is_text {
            let text = format!(
                "Expected a string for {name} but got <class '{}'> instead",
                value.type_name()
            );
            return Err(Error::syntax(text).at(value.place().or(key.place()).cloned()));
        }
    }
    let names = match word {
        "include_tasks" => ["file", "_raw_params"],
        _ => ["name", "role"],
    };
    let args = &task.action.args;
    let is_named = |name: &&str| args.get(name).is_some_and(|value| value.is_true());
    if task.action.variable.is_none() && !names.iter().any(is_named) {
        return Err(names_nothing(task, names[0]));
    }
    const ALLOWED: &[&str] = &[
        "args",
        "collections",
        "debugger",
        "ignore_errors",
        "ignore_unreachable",
        "loop_control",
        "no_log",
        "register",
        "run_once",
        "tags",
        "timeout",
        "vars",
        "when",
        "listen",
        "notify",
    ];
    for entry in task.keywords.iter() {
        if !ALLOWED.contains(&entry.keyword.name) {
            return Err(Error::syntax(format!(
                "`{}` is not a valid attribute for a {}",
                entry.keyword.name,
                if word == "include_role" {
                    "IncludeRole"
                } else {
                    "TaskInclude"
                }
            ))
            .at(entry.place.clone())
            .hint("put it below `apply:`, or on a block around the include"));
        }
    }
    Ok(())
}

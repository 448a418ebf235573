//! What a task is called.

use crate::playbook::Task;
use crate::report::CENSORED;
use crate::value::Value;
use crate::vars::{Frame, Values};

/// `role : name`, the name alone, or the module where there is no name.
pub fn full_name(task: &Task, values: &Values<'_>) -> String {
    let own = match &task.name {
        Some(name) if !name.to_text().is_empty() => shown_name(name, values),
        _ => unnamed(task, values),
    };
    match values.frame.and_then(|frame| frame.role()) {
        Some(role) if role.hidden && !stands_alone(task) => format!("{CENSORED} : {own}"),
        Some(role) if !stands_alone(task) => format!("{} : {own}", role.role.full_name()),
        _ => own,
    }
}

/// Says whether the role around is left out of a task's name (`IncludeRole.get_name` of the
/// reference's `playbook/role_include.py`).
fn stands_alone(task: &Task) -> bool {
    task.action.short_name() == "include_role"
}

/// A task's name, rendered; each template that cannot be is replaced by what is wrong with it.
fn shown_name(name: &Value, values: &Values<'_>) -> String {
    if let Ok(name) = values.render(name) {
        return name.to_text();
    }
    let Value::Str(name) = name else {
        return name.to_text();
    };
    let mut shown = String::new();
    let mut errors = 0;
    let mut rest: &str = name;
    while let Some((before, from)) = rest.split_once("{{") {
        let (inside, after) = from.split_once("}}").unwrap_or((from, ""));
        let part = Value::Str(name.with_text(format!("{{{{{inside}}}}}")));
        shown.push_str(before);
        match values.render(&part) {
            Ok(part) => shown.push_str(&part.to_text()),
            Err(error) => {
                errors += 1;
                shown.push_str(&format!(
                    "<< error {errors} - {} >>",
                    error.root().message()
                ));
            }
        }
        rest = after;
    }
    shown + rest
}

/// What a task without a name is called: its module, and the role that it includes.
fn unnamed(task: &Task, values: &Values<'_>) -> String {
    let action = &task.action.name;
    if task.action.short_name() != "include_role" {
        return action.clone();
    }
    let args = &task.action.args;
    let hides = || {
        values
            .keyword_flag("no_log")
            .map_or(true, |said| said == Some(true))
    };
    match args.get("name").or_else(|| args.get("role")) {
        Some(role) if role.has_templates() && hides() => format!("{action} : {CENSORED}"),
        Some(role) => {
            let role = values.render(role).unwrap_or_else(|_| role.clone());
            format!("{action} : {}", role.to_text())
        }
        None => action.clone(),
    }
}

/// The name as `--list-tasks` shows it: templates as written, and the role only before a name.
pub fn listed_name(task: &Task, frame: &Frame) -> String {
    let named = task.name.as_ref().map(Value::to_text);
    match (named.filter(|name| !name.is_empty()), frame.role()) {
        (Some(name), Some(role)) if !stands_alone(task) => {
            format!("{} : {name}", role.role.full_name())
        }
        (Some(name), _) => name,
        (None, _) => task.action.name.clone(),
    }
}

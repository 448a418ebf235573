//! Results as the reference's callbacks are given them.

use crate::report::event::{Result, Status};
use crate::value::{Map, Value};

/// The result without what the machinery alone needs; the items of a loop are kept.
pub fn whole(result: &Result) -> Map {
    let value = result.outcome.to_value();
    let mut map = value
        .as_map()
        .map(|map| (**map).clone())
        .unwrap_or_default();
    for name in [
        "diff",
        "warnings",
        "deprecations",
        "failed",
        "skipped",
        "ansible_loop",
    ] {
        map.remove(name);
    }
    if let Some(Value::List(items)) = map.get("results") {
        let items = items.iter().map(item).collect();
        map.set("results", Value::list(items));
    }
    map
}

fn item(value: &Value) -> Value {
    let Some(map) = value.as_map() else {
        return value.clone();
    };
    let mut map = (**map).clone();
    for name in ["failed", "ansible_loop"] {
        map.remove(name);
    }
    Value::map(map)
}

/// What `debug` leaves: its message alone, or the variable.
pub fn of_debug(mut map: Map) -> Map {
    if let Some(message) = map.get("msg").cloned() {
        return crate::entries! { "msg" => message };
    }
    for name in [
        "changed",
        "skip_reason",
        "ansible_loop_var",
        "ansible_index_var",
    ] {
        map.remove(name);
    }
    map
}

/// `command` and its like, whose output is shown as it is; `script` is none of them.
pub fn is_command(result: &Result) -> bool {
    let action = &result.task.action;
    let windows = action.strip_prefix("ansible.windows.");
    matches!(
        windows.unwrap_or_else(|| short(action)),
        "command" | "shell" | "raw" | "win_command" | "win_shell"
    )
}

/// Says whether it is `debug`.
pub fn is_debug(result: &Result) -> bool {
    short(&result.task.action) == "debug"
}

/// Says whether the result is shown without `-v`, as that of `debug` and `assert`.
pub fn shows_always(result: &Result) -> bool {
    result.outcome.shown
}

/// A module's name without its collection.
pub fn short(action: &str) -> &str {
    for collection in ["ansible.builtin.", "ansible.legacy."] {
        if let Some(short) = action.strip_prefix(collection) {
            return short;
        }
    }
    action
}

/// A key's text; nothing where there is none.
pub fn text<'a>(map: &'a Map, key: &str) -> &'a str {
    map.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Failed, ignored or not, and not for want of the host.
pub fn is_failed(result: &Result) -> bool {
    matches!(result.status, Status::Failed | Status::Ignored) && !result.outcome.unreachable
}

/// The host could not be reached.
pub fn is_unreachable(result: &Result) -> bool {
    result.status == Status::Unreachable || result.outcome.unreachable
}

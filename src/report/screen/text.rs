//! A result as text.

use super::ScreenOptions;
use super::dumped::dumped;
use crate::report::event::{Cut, Recap, Result, Status};
use crate::value::{Map, Value};

/// The host, and the one it was delegated to.
pub(in crate::report) fn host_text(result: &Result) -> String {
    match &result.delegated {
        Some(other) => format!("{} -> {other}", result.host),
        None => result.host.to_string(),
    }
}

pub(super) fn is_failure(result: &Result) -> bool {
    matches!(
        result.status,
        Status::Failed | Status::Ignored | Status::Unreachable
    )
}

/// What goes away, of what, and when.
pub fn deprecation(told: &Value) -> String {
    let text = |key: &str| {
        let value = told.get(key).filter(|value| value.is_true());
        value.map(Value::to_text)
    };
    let message = text("msg").unwrap_or_default();
    let from = match text("collection_name").as_deref() {
        None => String::new(),
        Some("ansible.builtin") => " from ansible-core".to_owned(),
        Some(collection) => format!(" from collection '{collection}'"),
    };
    let when = match (text("date"), text("version")) {
        (Some(date), _) => format!(" in a release after {date}"),
        (None, Some(version)) => format!(" version {version}"),
        (None, None) => " in a future release".to_owned(),
    };
    let message = message.trim_end_matches('.');
    format!("{message}. This feature will be removed{from}{when}.")
}

/// The result after ` => `, where it is to be shown.
pub(super) fn dump(result: &Result, options: &ScreenOptions) -> String {
    let silent = result.task.no_log || result.status == Status::Skipped;
    let always = (result.outcome.shown || result.task.always_verbose) && !silent;
    if !always && options.verbosity == 0 {
        return String::new();
    }
    let mut value = shown(result);
    if silent && result.task.always_verbose {
        value = without_flags(value, result);
    }
    if always {
        value = without_flags(value, result);
    }
    format!(" => {}", dumped(&value, options, None, always))
}

/// A failure's result after ` =>`.
pub(super) fn failure(result: &Result, options: &ScreenOptions) -> String {
    format!(" {}", dumped(&shown(result), options, None, false))
}

/// The result without what only the machinery needs.
pub(in crate::report) fn shown(result: &Result) -> Value {
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
        "results",
        "ansible_loop",
    ] {
        let keep = name == "results" && !is_failure(result) && result.status != Status::Skipped;
        if !keep || name != "results" {
            map.remove(name);
        }
    }
    let private: Vec<String> = map
        .keys()
        .map(Value::to_text)
        .filter(|key| key.starts_with("_ansible"))
        .collect();
    for key in private {
        map.remove(&key);
    }
    let mut sorted: Vec<(Value, Value)> = map.into_iter().collect();
    sorted.sort_by_key(|entry| entry.0.to_text());
    Value::map(sorted.into_iter().collect())
}

/// What `debug` shows: neither `changed` nor the loop's names.
fn without_flags(value: Value, result: &Result) -> Value {
    let mut map = value
        .as_map()
        .map(|map| (**map).clone())
        .unwrap_or_default();
    if result.task.always_verbose {
        // A message stands alone (`_clean_results` of the reference's `plugins/callback`).
        if let Some(message) = map.get("msg") {
            let message = message.clone();
            map = Map::new();
            map.set("msg", message);
            return Value::map(map);
        }
        for name in [
            "ansible_index_var",
            "ansible_loop_var",
            "attempts",
            "changed",
            "changed_when_result",
            "failed_when_result",
            "skip_reason",
        ] {
            map.remove(name);
        }
        if result.item.is_some() && result.status != Status::Skipped {
            let variable = result
                .outcome
                .text("ansible_loop_var")
                .unwrap_or("item")
                .to_owned();
            let index = result.outcome.text("ansible_index_var").map(str::to_owned);
            let of_loop = |key: &str| key == variable || Some(key) == index.as_deref();
            // `debug: var=item` has nothing else to show.
            if !map.keys().all(|key| key.as_str().is_some_and(of_loop)) {
                map.remove(&variable);
                index.and_then(|index| map.remove(&index));
            }
        }
    }
    Value::map(map)
}

/// What an interrupt has left undone; nothing where there was none.
pub fn interrupted_lines(recap: &Recap) -> Vec<String> {
    if !recap.interrupted {
        return Vec::new();
    }
    if recap.cut.is_empty() {
        let text = "Interrupted: running tasks were finished, no new ones were started.";
        return vec![text.to_owned()];
    }
    let line = |cut: &Cut| {
        let doubt = match cut.ended {
            true => "",
            false => " (the host did not answer: it may still run there)",
        };
        format!("  {}: {}{doubt}", cut.host, cut.task)
    };
    let head = "Interrupted: these tasks were stopped before they were done:".to_owned();
    std::iter::once(head)
        .chain(recap.cut.iter().map(line))
        .collect()
}

/// Output of several lines, to be read below the result: in JSON it is one long line.
pub(super) fn output_below(result: &Result, verbosity: u8) -> Vec<String> {
    if result.task.no_log || verbosity > 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for name in ["stdout", "stderr", "module_stdout", "module_stderr"] {
        let text = result.outcome.text(name).unwrap_or_default().trim_end();
        if text.contains('\n') {
            lines.push(format!("    {name}:"));
            lines.extend(last_lines(text, 20));
        }
    }
    lines
}

/// The last lines of a text, and how many are left out.
fn last_lines(text: &str, count: usize) -> Vec<String> {
    let all: Vec<&str> = text.lines().collect();
    let left = all.len().saturating_sub(count);
    let mut lines = Vec::new();
    if left > 0 {
        lines.push(format!("        ({left} lines before these)"));
    }
    lines.extend(all[left..].iter().map(|line| format!("        {line}")));
    lines
}

/// A length of time as a person says it: `0.4 s`, `12.3 s`, `2 min 5 s`, `1 h 3 min`.
pub(in crate::report) fn time_text(time: std::time::Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

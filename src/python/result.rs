//! What a module printed, as an outcome. It is a stranger's data: nothing in it is rendered.

use super::session::{MOST_OUTPUT, Printed};
use crate::outcome::{Diff, Outcome, Source, conform};
use crate::value::{Map, Value, from_json, to_json_nice};

/// Where a tagged value of ansible-core 2.19 and later says its type.
const TYPE: &str = "__ansible_type";

/// The outcome of a module that ran to its end.
pub fn outcome(printed: &Printed, minimum: &[i64], verbosity: u8) -> Outcome {
    if let Some(version) = &printed.unsupported {
        let minimum: Vec<String> = minimum.iter().map(i64::to_string).collect();
        let version: String = version.lines().collect();
        return Outcome::failed(format!(
            "Ansible requires Python {} or newer on the target. Current version: {version}",
            minimum.join(".")
        ));
    }
    if printed.too_much {
        return Outcome::failed(format!(
            "the module was ended: it printed more than {} MiB",
            MOST_OUTPUT / 1024 / 1024
        ));
    }
    let stdout = String::from_utf8_lossy(&printed.stdout);
    match result_in(&stdout) {
        Ok((result, junk)) => {
            let mut outcome = of_result(&result, Source::Module, verbosity);
            outcome.warnings.extend(junk);
            outcome
        }
        Err(why) => no_result(printed, &stdout, &why),
    }
}

/// A module that printed no result: what it printed instead, and how it ended.
fn no_result(printed: &Printed, stdout: &str, why: &str) -> Outcome {
    let stderr = String::from_utf8_lossy(&printed.stderr);
    let mut why = format!("Module result deserialization failed: {why}");
    if printed.status < 0 {
        why = format!("{why} (the module was ended by signal {})", -printed.status);
    } else if let Some(last) = stderr.lines().rev().find(|line| !line.trim().is_empty())
        && stderr.contains("Traceback (most recent call last)")
    {
        why = format!("{why} ({}{})", last.trim(), place_in(&stderr));
    }
    let status = match printed.status {
        signal if signal < 0 => 128 - signal,
        status => status,
    };
    Outcome::failed(why)
        .with("module_stdout", clipped(stdout))
        .with("module_stderr", clipped(&stderr))
        .with("rc", status)
}

/// The file and line in which a traceback ends.
fn place_in(stderr: &str) -> String {
    let last = stderr
        .lines()
        .rev()
        .find(|line| line.trim_start().starts_with("File \""));
    let place = last.and_then(|line| {
        let mut parts = line.trim_start().splitn(3, ", ");
        let file = parts.next()?.strip_prefix("File \"/play/")?;
        Some(format!(
            " at {}, {}",
            file.trim_end_matches('"'),
            parts.next()?
        ))
    });
    place.unwrap_or_default()
}

/// The most of a module's output that a failed task keeps.
fn clipped(text: &str) -> String {
    const MOST: usize = 64 * 1024;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

/// The JSON object in a module's output: from the first line that begins one to the last that ends
/// one, as the reference's `_filter_non_json_lines` has it; and a warning of what follows.
fn result_in(stdout: &str) -> Result<(Map, Option<String>), String> {
    let lines: Vec<&str> = stdout.lines().collect();
    let start = lines.iter().position(|line| line.trim().starts_with('{'));
    let start = start.ok_or("No start of json char found")?;
    let end = lines.iter().rposition(|line| line.trim().ends_with('}'));
    let end = end.filter(|end| *end >= start);
    let end = end.ok_or("No end of json char found")?;
    let junk = lines[end + 1..].join("\n");
    let junk = (!junk.trim().is_empty())
        .then(|| format!("Module invocation had junk after the JSON data: {junk}"));
    let value = from_json(&lines[start..=end].join("\n")).map_err(|error| error.chain())?;
    let map = value.as_map().ok_or("it is not a dictionary")?;
    Ok(((**map).clone(), junk))
}

/// The outcome that a result says.
pub fn of_result(result: &Map, source: Source, verbosity: u8) -> Outcome {
    let mut outcome = Outcome::default();
    let mut exception = None;
    let (result, odd) = conform(result, source);
    for (key, value) in result.iter() {
        let name = key.to_text();
        match name.as_str() {
            "changed" => outcome.changed = value.is_true(),
            "failed" => outcome.failed = value.is_true(),
            "skipped" => outcome.skipped = value.is_true(),
            "unreachable" => outcome.unreachable = value.is_true(),
            "exception" => exception = Some(value),
            "warnings" => outcome.warnings = messages(value),
            "deprecations" => outcome.data.set("deprecations", deprecations(value)),
            "diff" => {
                outcome.diff = diffs(value);
                outcome.data.set("diff", plain(value));
            }
            "ansible_facts" if value.as_map().is_some() => {
                if let Value::Map(facts) = plain(value) {
                    outcome.facts = (*facts).clone();
                }
            }
            "invocation" if verbosity < 3 => {}
            "_ansible_no_log" if !value.is_null() => {
                let told = matches!(value, Value::Bool(false));
                outcome.data.set(&name, !told);
            }
            name if name.starts_with("_ansible_") => {}
            name => outcome.data.set(name, plain(value)),
        }
    }
    if !result.contains("failed") {
        outcome.failed = result.get("rc").is_some_and(Value::is_true);
    }
    if let Some(exception) = exception {
        keep_traceback(&mut outcome, exception);
    }
    let event = exception.and_then(|exception| exception.get("event"));
    source.give_message(&mut outcome, event.map(brief));
    outcome.warnings.extend(odd);
    outcome.look_for_words();
    outcome
}

/// An exception is a text in older versions, and a chain of messages in newer ones.
fn keep_traceback(outcome: &mut Outcome, exception: &Value) {
    let trace = match exception.get("event") {
        Some(event) => event.get("formatted_traceback").and_then(Value::as_str),
        None => exception.as_str(),
    };
    if let Some(trace) = trace.filter(|trace| trace.contains('\n')) {
        outcome.data.set("exception", trace);
    }
}

/// The messages of an event and of what caused it, in one line.
fn brief(event: &Value) -> String {
    let mut all: Vec<String> = Vec::new();
    let mut next = Some(event);
    while let Some(event) = next.filter(|_| all.len() < 20) {
        let text = event.get("msg").map(Value::to_text).unwrap_or_default();
        let text = text.trim().to_owned();
        match all.last_mut() {
            Some(last) if text.starts_with(last.trim_end_matches(['.', ':'])) => *last = text,
            Some(last) => {
                *last = last.trim_end_matches(['.', ':']).to_owned();
                all.push(text);
            }
            None => all.push(text),
        }
        next = event.get("chain").and_then(|chain| chain.get("event"));
    }
    all.join(": ")
}

fn messages(value: &Value) -> Vec<String> {
    let items = match value {
        Value::List(items) => items.to_vec(),
        Value::Null => Vec::new(),
        single => vec![single.clone()],
    };
    let texts = items.iter().map(|item| match item.get("event") {
        Some(event) => brief(event),
        None => item.to_text(),
    });
    texts.collect()
}

/// Deprecations as a registered result has them: `msg`, and when what goes.
fn deprecations(value: &Value) -> Value {
    let Value::List(items) = value else {
        return plain(value);
    };
    let told = items.iter().map(|item| {
        let Some(event) = item.get("event") else {
            return plain(item);
        };
        let mut told = crate::entries! { "msg" => brief(event) };
        for key in ["version", "date", "collection_name"] {
            if let Some(value) = item.get(key).filter(|value| !value.is_null()) {
                told.set(key, plain(value));
            }
        }
        if let Some(deprecator) = item.get("deprecator").and_then(Value::as_map) {
            let name = deprecator.get("resolved_name").cloned().unwrap_or_default();
            told.set("collection_name", name.clone());
            let kind = deprecator.get("type").map(plain).unwrap_or_default();
            told.set(
                "deprecator",
                crate::entries! { "resolved_name" => name, "type" => kind },
            );
        }
        Value::map(told)
    });
    Value::list(told.collect())
}

/// A value without the types that ansible-core 2.19 and later tag it with.
fn plain(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::list(items.iter().map(plain).collect()),
        Value::Map(map) => match map.get(TYPE) {
            Some(_) if map.contains("value") => map.get("value").map(plain).unwrap_or_default(),
            Some(_) => {
                let mut map = (**map).clone();
                map.remove(TYPE);
                Value::map(map.mapped(plain))
            }
            None => Value::map(map.mapped(plain)),
        },
        other => other.clone(),
    }
}

/// The differences that a module tells.
fn diffs(value: &Value) -> Vec<Diff> {
    let items = match value {
        Value::List(items) => items.to_vec(),
        single => vec![single.clone()],
    };
    let mut all = Vec::new();
    for item in items {
        let text = |key: &str| item.get(key).filter(|value| !value.is_null()).map(side);
        if let Some(prepared) = text("prepared") {
            all.push(Diff::Prepared(prepared));
        }
        if let (Some(before), Some(after)) = (text("before"), text("after")) {
            all.push(Diff::Text {
                before_header: text("before_header").unwrap_or_default(),
                after_header: text("after_header").unwrap_or_default(),
                before,
                after,
            });
        }
    }
    all
}

/// A side of a difference; what is no text is shown as JSON.
fn side(value: &Value) -> String {
    match value {
        Value::Map(_) | Value::List(_) => to_json_nice(&plain(value), 4, true) + "\n",
        other => other.to_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Printed, outcome};
    use crate::value::to_json;

    fn of(stdout: &str) -> crate::outcome::Outcome {
        let printed = Printed {
            stdout: stdout.as_bytes().to_vec(),
            ..Printed::default()
        };
        outcome(&printed, &[], 0)
    }

    #[test]
    fn a_result_is_found_between_noise() {
        let found = of("noise\n{\"changed\": true,\n \"rc\": 0}\n");
        assert!(found.changed && !found.failed && found.warnings.is_empty());
        let found = of("{\"changed\": false}\nbye\n");
        assert_eq!(
            found.warnings,
            ["Module invocation had junk after the JSON data: bye"]
        );
    }

    #[test]
    fn what_is_no_result_fails_and_is_shown() {
        for (text, why) in [
            ("", "No start of json char found"),
            ("[1, 2]", "No start of json char found"),
            ("{\"a\": 1", "No end of json char found"),
        ] {
            let found = of(text);
            assert!(found.failed, "{text}");
            let message = format!("Module result deserialization failed: {why}");
            assert_eq!(found.text("msg"), Some(message.as_str()));
            assert_eq!(found.text("module_stdout"), Some(text));
        }
    }

    #[test]
    fn an_exception_gives_the_message() {
        let found = of(
            "{\"failed\": true, \"exception\": {\"__ansible_type\": \"ErrorSummary\", \"event\": \
             {\"__ansible_type\": \"Event\", \"msg\": \"top.\", \"chain\": {\"event\": {\"msg\": \"boom\"}}}}}",
        );
        assert_eq!(
            found.text("msg"),
            Some("Task failed: Module failed: top: boom")
        );
    }

    #[test]
    fn a_return_code_fails_where_nothing_else_is_said() {
        assert!(of("{\"rc\": 3}").failed);
        assert!(!of("{\"rc\": 3, \"failed\": false}").failed);
        assert!(!of("{\"rc\": null}").failed);
    }

    #[test]
    fn templates_of_a_host_stay_text() {
        let found = of(
            "{\"ansible_facts\": {\"a\": \"{{ x }}\"}, \"b\": {\"__ansible_type\": \"_AnsibleTaggedStr\", \"value\": \"v\", \"tags\": []}}",
        );
        let value = found.to_value();
        assert!(!value.has_templates());
        assert_eq!(found.text("b"), Some("v"));
        assert!(to_json(&value).contains("{{ x }}"));
    }
}

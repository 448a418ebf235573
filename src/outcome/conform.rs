//! The result of a module or an action plugin that is not ours, with the types that its keys have.
//!
//! The reference (`UnifiedTaskResult`) converts what has another type by Python's rules and warns: any text
//! that is not empty is true, `"3"` is a return code, and what cannot be converted is dropped.

use super::Outcome;
use crate::value::{Map, Value};

/// Who made a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A module on the host.
    Module,
    /// An action plugin on the controller, which may use names that begin with `_ansible_`.
    Action,
}

impl Source {
    /// Gives a failure without a message the one of its exception, where it has any.
    pub fn give_message(self, outcome: &mut Outcome, said: Option<String>) {
        if !outcome.failed || outcome.data.get("msg").is_some_and(Value::is_true) {
            return;
        }
        let whose = match self {
            Source::Module => "Module",
            Source::Action => "Action",
        };
        let said = said.unwrap_or_else(|| "Unknown error.".into());
        let message = format!("Task failed: {whose} failed: {said}");
        outcome.data.set("msg", message);
    }
}

/// What a key of a result holds.
#[derive(Clone, Copy)]
enum Kind {
    Bool,
    Int,
    Text,
    Dict,
    List,
}

impl Kind {
    /// The kind of a key that means something to a run.
    fn of(key: &str) -> Option<Kind> {
        Some(match key {
            "changed" | "failed" | "skipped" | "unreachable" | "finished" => Kind::Bool,
            "rc" => Kind::Int,
            "ansible_job_id" => Kind::Text,
            "ansible_facts" | "ansible_stats" => Kind::Dict,
            "warnings" | "deprecations" => Kind::List,
            _ => return None,
        })
    }

    /// Python's name of the type.
    fn name(self) -> &'static str {
        match self {
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Text => "str",
            Kind::Dict => "dict",
            Kind::List => "list",
        }
    }

    fn holds(self, value: &Value) -> bool {
        match self {
            Kind::Bool => matches!(value, Value::Bool(_)),
            Kind::Int => matches!(value, Value::Bool(_) | Value::Int(_) | Value::BigInt(_)),
            Kind::Text => matches!(value, Value::Str(_)),
            Kind::Dict => matches!(value, Value::Map(_)),
            Kind::List => matches!(value, Value::List(_)),
        }
    }

    /// The value as Python's constructor of the type makes it.
    fn convert(self, value: &Value) -> Option<Value> {
        match self {
            Kind::Bool => Some(Value::Bool(value.is_true())),
            Kind::Int => int(value),
            Kind::Text => Some(value.to_text().into()),
            Kind::Dict => dict(value),
            // A text or a mapping is no list of messages.
            Kind::List => None,
        }
    }
}

/// The result with each key in its type, and what is warned of.
///
/// A key without a value counts as absent, `_ansible_` names of a module are taken away, `results` that are
/// no list are `ansible_module_results` too, and `stdout_lines` stand beside an empty `stdout`.
pub fn conform(result: &Map, source: Source) -> (Map, Vec<String>) {
    let mut all = Map::new();
    let mut warnings = Vec::new();
    for (key, value) in result.iter() {
        let name = key.to_text();
        match Kind::of(&name) {
            _ if source == Source::Module && name.starts_with("_ansible_") => {
                warnings.push(format!("Removed reserved key '{name}' from module result."));
            }
            Some(_) if value.is_null() => {}
            Some(kind) => {
                if let Some(value) = typed(&name, kind, value, &mut warnings) {
                    all.set(&name, value);
                }
            }
            None if name == "exception" && !value.is_true() => {}
            None => all.set(&name, value.clone()),
        }
    }
    let results = all
        .get("results")
        .filter(|results| !Kind::List.holds(results));
    if let Some(results) = results.filter(|_| source == Source::Module).cloned() {
        all.set("ansible_module_results", results);
    }
    for name in ["stdout", "stderr"] {
        let listed = format!("{name}_lines");
        if all.get(name).is_some_and(|text| !text.is_true()) && !all.contains(&listed) {
            all.set(&listed, Value::list(Vec::new()));
        }
    }
    (all, warnings)
}

/// A key's value in its type; nothing where it has none.
fn typed(name: &str, kind: Kind, value: &Value, warnings: &mut Vec<String>) -> Option<Value> {
    if name == "ansible_stats" && !value.get("data").is_some_and(|data| Kind::Dict.holds(data)) {
        warnings.push("Ignoring invalid ansible_stats value in task result.".into());
    } else if kind.holds(value) {
        return Some(value.clone());
    }
    let (was, is) = (value.type_name(), kind.name());
    if matches!(kind, Kind::List) && value.is_true() {
        warnings.push(format!(
            "Task result `{name}` was {was} instead of {is} and has been discarded."
        ));
    }
    let made = kind.convert(value).filter(|_| name != "ansible_stats");
    warnings.push(
        match made.is_some() || matches!(name, "ansible_stats" | "warnings" | "deprecations") {
            true => format!("Value for result key '{name}' of type {was} was converted to {is}."),
            false => format!("Value for result key '{name}' of type {was} was replaced with None."),
        },
    );
    made
}

/// Python's `int(value)`.
fn int(value: &Value) -> Option<Value> {
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        Value::Float(number) if number.abs() < 9e18 => Some((number.trunc() as i64).into()),
        Value::Str(_) => {
            let text = value.to_text();
            let text = text.trim();
            let digits = text.strip_prefix('+').unwrap_or(text);
            let single =
                !digits.starts_with('_') && !digits.ends_with('_') && !digits.contains("__");
            let number = digits.replace('_', "").parse::<i64>().ok();
            number
                .filter(|_| single && !digits.starts_with("+"))
                .map(Value::from)
        }
        _ => None,
    }
}

/// Python's `dict(value)` of pairs.
fn dict(value: &Value) -> Option<Value> {
    let items = match value {
        Value::List(items) => items.to_vec(),
        Value::Str(_) if !value.is_true() => Vec::new(),
        _ => return None,
    };
    let mut map = Map::new();
    for item in items {
        let pair = match item {
            Value::List(pair) => pair.to_vec(),
            _ => return None,
        };
        let [key, value] = pair.as_slice() else {
            return None;
        };
        map.set(&key.to_text(), value.clone());
    }
    Some(Value::map(map))
}

#[cfg(test)]
mod tests {
    use super::{Source, conform};
    use crate::value::{from_json, to_json};

    fn of(text: &str, source: Source) -> (String, Vec<String>) {
        let result = from_json(text).unwrap();
        let (map, warnings) = conform(result.as_map().unwrap(), source);
        (to_json(&crate::value::Value::map(map)), warnings)
    }

    /// What ansible-core 2.21.5 registers of a module that prints these.
    #[test]
    fn keys_have_the_types_of_the_reference() {
        let converted = |key: &str, was: &str, is: &str| {
            vec![format!(
                "Value for result key '{key}' of type {was} was converted to {is}."
            )]
        };
        let dropped = |key: &str, was: &str| {
            vec![format!(
                "Value for result key '{key}' of type {was} was replaced with None."
            )]
        };
        for (given, kept, warned) in [
            (
                r#"{"changed": "no"}"#,
                r#"{"changed": true}"#,
                converted("changed", "str", "bool"),
            ),
            (
                r#"{"failed": ""}"#,
                r#"{"failed": false}"#,
                converted("failed", "str", "bool"),
            ),
            (
                r#"{"skipped": 1}"#,
                r#"{"skipped": true}"#,
                converted("skipped", "int", "bool"),
            ),
            (r#"{"failed": null}"#, "{}", vec![]),
            (
                r#"{"rc": " 1_0 "}"#,
                r#"{"rc": 10}"#,
                converted("rc", "str", "int"),
            ),
            (
                r#"{"rc": -1.7}"#,
                r#"{"rc": -1}"#,
                converted("rc", "float", "int"),
            ),
            (r#"{"rc": "abc"}"#, "{}", dropped("rc", "str")),
            (r#"{"rc": []}"#, "{}", dropped("rc", "list")),
            (r#"{"rc": true}"#, r#"{"rc": true}"#, vec![]),
            (
                r#"{"ansible_job_id": 3}"#,
                r#"{"ansible_job_id": "3"}"#,
                converted("ansible_job_id", "int", "str"),
            ),
            (
                r#"{"ansible_facts": [["a", 1]]}"#,
                r#"{"ansible_facts": {"a": 1}}"#,
                converted("ansible_facts", "list", "dict"),
            ),
            (
                r#"{"ansible_facts": "x"}"#,
                "{}",
                dropped("ansible_facts", "str"),
            ),
            (r#"{"exception": ""}"#, "{}", vec![]),
            (
                r#"{"stdout": null}"#,
                r#"{"stdout": null, "stdout_lines": []}"#,
                vec![],
            ),
            (
                r#"{"results": "x"}"#,
                r#"{"results": "x", "ansible_module_results": "x"}"#,
                vec![],
            ),
        ] {
            assert_eq!(
                of(given, Source::Module),
                (kept.to_owned(), warned),
                "{given}"
            );
        }
    }

    #[test]
    fn names_of_ansibles_own_are_an_action_plugins_alone() {
        let text = r#"{"_ansible_no_log": true}"#;
        assert_eq!(of(text, Source::Action), (text.to_owned(), vec![]));
        let warned = "Removed reserved key '_ansible_no_log' from module result.";
        assert_eq!(
            of(text, Source::Module),
            ("{}".to_owned(), vec![warned.to_owned()])
        );
    }

    #[test]
    fn messages_that_are_no_list_are_discarded() {
        let (kept, warned) = of(r#"{"warnings": {"a": 1}}"#, Source::Module);
        assert_eq!(kept, "{}");
        assert_eq!(
            warned,
            [
                "Task result `warnings` was dict instead of list and has been discarded.",
                "Value for result key 'warnings' of type dict was converted to list."
            ]
        );
    }
}

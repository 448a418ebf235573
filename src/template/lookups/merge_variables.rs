//! `community.general.merge_variables`: the variables whose names fit, merged into one.

use std::sync::Arc;

use super::super::Runtime;
use super::super::regex::{Flags, Pattern, compile, escape};
use super::{Options, Table};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("community.general.merge_variables", merge_variables)];

fn merge_variables(runtime: &dyn Runtime, terms: Vec<Value>, given: Map) -> Result<Vec<Value>> {
    let options = Options::new("community.general.merge_variables", given);
    options.refuse(&["groups", "list_transformations"])?;
    let rules = Rules::new(&options)?;
    let mut names = runtime.scope().names();
    names.sort_unstable();
    let mut answers = Vec::new();
    for term in &terms {
        let pattern = pattern(super::text("merge_variables", term)?, &options)?;
        let mut found = Vec::new();
        for name in &names {
            if pattern.is_found(name)? {
                let value = runtime.variable(name)?.unwrap_or_default();
                found.push((name.as_str(), runtime.plain(&value)?));
            }
        }
        answers.push(rules.all(runtime, options.value("initial_value"), &found)?);
    }
    Ok(answers)
}

fn pattern(term: &str, options: &Options) -> Result<Arc<Pattern>> {
    let kinds = ["prefix", "regex", "suffix"];
    let text = match options.choice("pattern_type", "regex", &kinds)?.as_str() {
        "prefix" => format!("^{}", escape(term)),
        "suffix" => format!("{}$", escape(term)),
        _ => term.to_owned(),
    };
    compile(&text, Flags::default())
}

/// What is done where two values meet.
struct Rules {
    dict: String,
    list: String,
    other: String,
    conflict: String,
    overrides: String,
}

impl Rules {
    fn new(options: &Options) -> Result<Self> {
        let keep_or_replace = ["keep", "replace"];
        Ok(Rules {
            dict: options.choice(
                "dict_merge",
                "deep",
                &["deep", "keep", "replace", "shallow"],
            )?,
            list: options.choice(
                "list_merge",
                "append",
                &["append", "keep", "merge", "prepend", "replace"],
            )?,
            other: options.choice("default_merge", "replace", &keep_or_replace)?,
            conflict: options.choice("type_conflict_merge", "replace", &keep_or_replace)?,
            overrides: options.choice("override", "error", &["error", "ignore", "warn"])?,
        })
    }

    fn all(
        &self,
        runtime: &dyn Runtime,
        initial: Option<&Value>,
        found: &[(&str, Value)],
    ) -> Result<Value> {
        let mut result = initial.cloned();
        for (name, value) in found {
            if !matches!(value, Value::List(_) | Value::Map(_)) {
                return Err(Error::template(format!(
                    "`merge_variables` merges lists or dictionaries, and `{name}` is {}",
                    value.repr()
                )));
            }
            result = Some(match &result {
                None => value.clone(),
                Some(old) if old.type_name() != value.type_name() => {
                    let text = format!("`{name}` cannot be merged: it is of another type");
                    return Err(Error::template(text));
                }
                Some(old) => self.merged(runtime, name, old, value, true)?,
            });
        }
        Ok(result.unwrap_or_default())
    }

    fn merged(
        &self,
        runtime: &dyn Runtime,
        path: &str,
        old: &Value,
        new: &Value,
        outermost: bool,
    ) -> Result<Value> {
        match (old, new) {
            (Value::Map(below), Value::Map(above)) => match self.dict.as_str() {
                "keep" => Ok(old.clone()),
                "replace" => Ok(new.clone()),
                "shallow" if !outermost => Ok(new.clone()),
                _ => self.dicts(runtime, path, below, above),
            },
            (Value::List(below), Value::List(above)) => match self.list.as_str() {
                "keep" => Ok(old.clone()),
                "replace" => Ok(new.clone()),
                "append" => Ok(joined(below, above)),
                "prepend" => Ok(joined(above, below)),
                _ => self.lists(runtime, path, below, above),
            },
            _ if old == new => Ok(old.clone()),
            _ => self.other(runtime, path, old, new),
        }
    }

    fn dicts(&self, runtime: &dyn Runtime, path: &str, old: &Map, new: &Map) -> Result<Value> {
        let mut merged = old.clone();
        for (key, value) in new {
            let value = match old.get_value(key) {
                Some(known) => {
                    let path = format!("{path}.{}", key.to_text());
                    self.merged(runtime, &path, known, value, false)?
                }
                None => value.clone(),
            };
            merged.insert(key.clone(), value);
        }
        Ok(Value::map(merged))
    }

    /// The items with the same position merged.
    fn lists(
        &self,
        runtime: &dyn Runtime,
        path: &str,
        old: &[Value],
        new: &[Value],
    ) -> Result<Value> {
        let mut merged = old.to_vec();
        for (position, value) in new.iter().enumerate() {
            match merged.get_mut(position) {
                Some(known) => {
                    let path = format!("{path}.{position}");
                    *known = self.merged(runtime, &path, known, value, false)?;
                }
                None => merged.push(value.clone()),
            }
        }
        Ok(Value::list(merged))
    }

    fn other(&self, runtime: &dyn Runtime, path: &str, old: &Value, new: &Value) -> Result<Value> {
        let text = format!("`{path}` takes {} for {}", new.repr(), old.repr());
        match self.overrides.as_str() {
            "error" => {
                return Err(Error::template(text).hint("say override='ignore' where that is meant"));
            }
            "warn" => runtime.warn(text),
            _ => (),
        }
        let rule = match old.type_name() == new.type_name() {
            true => &self.other,
            false => &self.conflict,
        };
        Ok(match rule.as_str() {
            "keep" => old.clone(),
            _ => new.clone(),
        })
    }
}

fn joined(first: &[Value], second: &[Value]) -> Value {
    Value::list(first.iter().chain(second).cloned().collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::template::testing::Table;
    use crate::template::{Engine, Scope, Settings};
    use crate::value::{Str, from_json, to_json};

    /// What `community.general` 12 gives.
    #[test]
    fn variables_are_merged_as_the_reference_does() {
        let names = r#"{"a__l": [1, 2], "b__l": [2, 3], "a__d": {"x": {"p": 1}, "l": [1]},
            "b__d": {"x": {"q": 2}, "l": [2]}, "c__d": {"x": {"p": 9}}, "s__s": 1, "t__s": 1,
            "a__m": [1], "b__m": {"k": 1}, "same__e": {"k": 1}, "tame__e": {"k": 1}}"#;
        let names = from_json(names).unwrap();
        let names = names.as_map().unwrap().as_ref().clone();
        let scope: Arc<dyn Scope> = Arc::new(Table::new(names));
        let engine = Engine::new(Settings::default());
        for (arguments, gives) in [
            ("'__l', pattern_type='suffix'", Some("[1, 2, 2, 3]")),
            (
                "'^[ab]__d$'",
                Some(r#"{"x": {"p": 1, "q": 2}, "l": [1, 2]}"#),
            ),
            ("'__d'", None),
            (
                "'__d', override='ignore'",
                Some(r#"{"x": {"p": 9, "q": 2}, "l": [1, 2]}"#),
            ),
            (
                "'__d', dict_merge='keep'",
                Some(r#"{"x": {"p": 1}, "l": [1]}"#),
            ),
            ("'__d', dict_merge='replace'", Some(r#"{"x": {"p": 9}}"#)),
            (
                "'__d', dict_merge='shallow', override='ignore'",
                Some(r#"{"x": {"p": 9}, "l": [1, 2]}"#),
            ),
            ("'__s', override='ignore'", None),
            ("'__m', override='ignore'", None),
            ("'__e'", Some(r#"{"k": 1}"#)),
            ("'__l', list_merge='merge'", None),
            (
                "'__l', list_merge='merge', override='ignore'",
                Some("[2, 3]"),
            ),
            ("'__l', list_merge='prepend'", Some("[2, 3, 1, 2]")),
            ("'__l', list_merge='keep'", Some("[1, 2]")),
            ("'nothing'", Some("null")),
            ("'nothing', initial_value=[1]", Some("[1]")),
            ("'__l', initial_value=[0]", Some("[0, 1, 2, 2, 3]")),
            ("'__l', groups=['all']", None),
        ] {
            let text = format!("lookup('community.general.merge_variables', {arguments})");
            let value = engine.expression(&Str::template(text, None), &scope);
            assert_eq!(
                value.ok().map(|value| to_json(&value)).as_deref(),
                gives,
                "{arguments}"
            );
        }
    }
}

//! A task's arguments, rendered.

use std::sync::Arc;

use super::job::Job;
use crate::error::{Error, Result};
use crate::executor::run::Action;
use crate::playbook::FREE_TEXT;
use crate::value::{Map, Value};
use crate::vars::Values;

impl Job<'_> {
    /// The arguments, rendered: `module_defaults` below the task's own, omitted ones left out.
    pub(super) fn arguments(&self, values: &Values<'_>, action: &Action) -> Result<Map> {
        self.over(self.defaults(values, action)?, values, action)
    }

    /// The same where the module only chooses others: these have their own defaults.
    pub(super) fn own_arguments(&self, values: &Values<'_>, action: &Action) -> Result<Map> {
        self.over(self.defaults_of(values, action)?, values, action)
    }

    /// The task's own arguments over `raw`, rendered.
    fn over(&self, mut raw: Map, values: &Values<'_>, action: &Action) -> Result<Map> {
        let task = &self.task.action;
        if let Some(stray) = &task.stray {
            return Err(stray.clone());
        }
        if let Some(variable) = &task.variable {
            let given = values.render(&Value::Str(variable.clone()))?;
            let given = match given {
                Value::Omit => Arc::default(),
                other => other.as_map().cloned().ok_or_else(|| {
                    Error::input(format!(
                        "Finalization of task args for '{}' failed: Task args must resolve to a 'dict' not '{}'.",
                        action.full_name(),
                        other.type_name()
                    ))
                    .at(variable.place().cloned())
                })?,
            };
            raw.extend_from(&given);
        }
        raw.extend_from(&task.args);
        let kept = super::language::unrendered(task.short_name());
        let mut rendered = Map::with_capacity(raw.len());
        for (key, value) in &raw {
            let key = match key.has_templates() {
                true => values.render(key)?,
                false => key.clone(),
            };
            // A sealed value stays one under the name that `set_fact` gives it.
            let sealed = task.short_name() == "set_fact" && matches!(value, Value::Sealed(_));
            let value = match sealed || key.as_str().is_some_and(|key| kept.contains(&key)) {
                true => value.clone(),
                false => Self::render_argument(values, action, (&key, value))?,
            };
            if !matches!(value, Value::Omit) {
                rendered.insert(key, value);
            }
        }
        if task.short_name() == "add_host"
            && let Some(Value::Map(given)) = rendered.remove(FREE_TEXT)
        {
            let own = std::mem::replace(&mut rendered, (*given).clone());
            rendered.extend_from(&own);
        }
        Ok(rendered)
    }

    fn render_argument(
        values: &Values<'_>,
        action: &Action,
        (key, value): (&Value, &Value),
    ) -> Result<Value> {
        let written = value;
        let value = values.render(value).map_err(|error| {
            Error::template(format!(
                "Finalization of task args for '{}' failed: Error while resolving value for '{}'",
                action.full_name(),
                key.to_text()
            ))
            .at(value.place().or(key.place()).cloned())
            .because(error)
        })?;
        let value = match action {
            Action::Custom(custom) if custom.action.is_some() => as_written(written, value),
            _ => value,
        };
        Ok(without_omitted(value))
    }
}

/// Texts of the user's own that needed no rendering stay what an action plugin may take for an
/// expression; what was rendered is not.
fn as_written(written: &Value, rendered: Value) -> Value {
    match (written, &rendered) {
        (Value::Str(text), Value::Str(same)) if !text.is_template() && **text == **same => {
            written.clone()
        }
        (Value::List(written), Value::List(items)) if written.len() == items.len() => {
            let pairs = written.iter().zip(items.iter());
            Value::list(
                pairs
                    .map(|(one, item)| as_written(one, item.clone()))
                    .collect(),
            )
        }
        (Value::Map(written), Value::Map(map)) => Value::map(
            map.iter()
                .map(|(key, value)| {
                    let value = value.clone();
                    let kept = match written.get_value(key) {
                        Some(one) => as_written(one, value),
                        None => value,
                    };
                    (key.clone(), kept)
                })
                .collect(),
        ),
        _ => rendered,
    }
}

/// Takes entries out that are `omit`, at every depth.
fn without_omitted(value: Value) -> Value {
    match &value {
        Value::Map(map) => Value::map(
            map.iter()
                .filter(|(_, value)| !matches!(value, Value::Omit))
                .map(|(key, value)| (key.clone(), without_omitted(value.clone())))
                .collect(),
        ),
        Value::List(items) => Value::list(
            items
                .iter()
                .filter(|item| !matches!(item, Value::Omit))
                .map(|item| without_omitted(item.clone()))
                .collect(),
        ),
        _ => value,
    }
}

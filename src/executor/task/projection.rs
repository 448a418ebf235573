//! `register`: a name for the result, or a mapping of names to expressions that say what of it each keeps
//! (register projections, `finalize_registered_values` of the reference's `_internal/_task.py`).

use std::sync::Arc;

use super::job::{Job, unknown_value};
use crate::error::Error;
use crate::template::Engine;
use crate::value::{Map, Str, Undefined, Value};
use crate::vars::{TaskScope, Values};

/// What `register` keeps of a result.
#[derive(Debug, Default)]
pub struct Registered {
    /// The variables.
    pub values: Map,
    /// Why some have no value: an error for each.
    pub errors: Vec<Error>,
    /// How many there are.
    pub count: usize,
}

/// What a task has to show: its result, that of the last item, and that of a whole loop.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The last result: `_task.result`.
    pub result: &'a Value,
    /// The result of the loop, where there is one: `_task.loop_result`.
    pub whole: Option<&'a Value>,
}

/// What `register` keeps.
pub fn registered(
    engine: &Arc<Engine>,
    names: &TaskScope,
    register: &Value,
    shown: Shown<'_>,
) -> Registered {
    let mut kept = Registered::default();
    let Value::Map(projections) = register else {
        match Values::new(engine, names).render(register) {
            Ok(name) => kept
                .values
                .set(&name.to_text(), shown.whole.unwrap_or(shown.result).clone()),
            Err(error) => kept.errors.push(error),
        }
        return kept;
    };
    let mut task = crate::entries! { "result" => shown.result.clone() };
    if let Some(whole) = shown.whole {
        task.set("loop_result", whole.clone());
    }
    let scope = names
        .with_locals(&crate::entries! { "_task" => Value::map(task) })
        .shared();
    kept.count = projections.len();
    for (name, expression) in projections.iter() {
        let name = name.to_text();
        let text = Str::template(expression.to_text(), expression.place().cloned());
        match engine.expression(&text, &scope) {
            Ok(value) if !value.is_undefined() => kept.values.set(&name, value),
            Ok(value) => {
                let why = match &value {
                    Value::Undefined(undefined) => undefined.error.clone(),
                    _ => Error::undefined("it is undefined"),
                };
                kept.lose(&name, why);
            }
            Err(error) => kept.lose(&name, error),
        }
    }
    kept
}

impl Registered {
    /// Notes that a projection has no value: whoever uses it is told why.
    fn lose(&mut self, name: &str, why: Error) {
        // In a plan: whoever uses it is known later, too.
        if let Some(why) = why.unknown() {
            self.values.set(name, unknown_value(why));
            return;
        }
        let error = Error::undefined(format!(
            "The variable '{name}' is undefined because its register expression failed: {}",
            why.chain()
        ));
        self.values
            .set(name, Value::Undefined(Arc::new(Undefined { error })));
        let failed = Error::input(format!("Register projection '{name}' failed"));
        self.errors.push(failed.because(why));
    }

    /// The error of a task some of whose projections have no value.
    pub fn error(&self) -> Option<Error> {
        let first = self.errors.first()?;
        let (lost, all) = (self.errors.len(), self.count);
        let text = format!("Task failed due to errors in {lost} out of {all} register projections");
        Some(Error::input(text).because(first.clone()))
    }
}

impl Job<'_> {
    /// The variables that `register` gives while the task is not over: a projection that has no value yet is
    /// left out.
    pub fn registered(&self, result: &Value) -> Map {
        let Some(register) = self.task.register() else {
            return Map::new();
        };
        let shown = Shown {
            result,
            whole: None,
        };
        let kept = registered(&self.actor.run().engine, self.names, register, shown).values;
        let known = kept.iter().filter(|(_, value)| !value.is_undefined());
        known
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Why the task has failed although its module has not: a projection of `register` has no value.
    pub fn lost_projection(&self, result: &Value) -> Option<Error> {
        let register = self.task.register().filter(|it| it.as_map().is_some())?;
        let shown = Shown {
            result,
            whole: None,
        };
        registered(&self.actor.run().engine, self.names, register, shown).error()
    }
}

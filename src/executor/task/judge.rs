//! What a result is judged by: `changed_when`, `failed_when`, `until`.

use super::job::Job;
use crate::error::{Error, Result};
use crate::outcome::Outcome;
use crate::report::Event;
use crate::value::{Map, Value};
use crate::vars::{TaskScope, Values, is_refused_fact};

impl Job<'_> {
    /// The outcome of a task that did its work, but whose result cannot be judged.
    pub(super) fn misjudged(&self, mut outcome: Outcome, error: Error) -> Outcome {
        outcome.failed = true;
        outcome.data.set("msg", error.chain());
        self.actor.tell(Event::TaskError(error));
        outcome
    }

    /// `changed_when` and `failed_when`, with the result under its registered name. Gives the
    /// names for `until`.
    ///
    /// # Errors
    /// A condition cannot be evaluated.
    pub(super) fn judge(&self, names: &TaskScope, outcome: &mut Outcome) -> Result<TaskScope> {
        let names = self.with_result(names, outcome);
        if outcome.unreachable {
            return Ok(names);
        }
        if let Some(conditions) = self.conditions("changed_when") {
            outcome.changed = self.verdict("changed_when", conditions, &names, outcome)?;
        }
        let names = self.with_result(&names, outcome);
        if let Some(conditions) = self.conditions("failed_when") {
            outcome.failed = self.verdict("failed_when", conditions, &names, outcome)?;
        }
        Ok(self.with_result(&names, outcome))
    }

    /// The conditions of a keyword that has any.
    pub(super) fn conditions(&self, keyword: &str) -> Option<&Value> {
        let conditions = self.task.keyword(keyword)?;
        match conditions {
            Value::Null => None,
            Value::List(items) if items.is_empty() => None,
            _ => Some(conditions),
        }
    }

    /// Says whether all conditions of a keyword hold, and keeps that with the result, or why it
    /// cannot be said.
    fn verdict(
        &self,
        keyword: &str,
        conditions: &Value,
        names: &TaskScope,
        outcome: &mut Outcome,
    ) -> Result<bool> {
        let key = format!("{keyword}_result");
        let verdict = self.holds_all(keyword, conditions, names);
        match &verdict {
            Ok(holds) => outcome.data.set(&key, *holds),
            Err(error) => outcome.data.set(&key, error.chain()),
        }
        verdict
    }

    fn with_result(&self, names: &TaskScope, outcome: &Outcome) -> TaskScope {
        let mut locals = Map::new();
        if let Some(register) = self.register_name() {
            locals.set(&register, outcome.to_value());
        }
        // What a host may not set, it does not set for a moment either.
        for (name, value) in &outcome.facts {
            if !is_refused_fact(&name.to_text()) {
                locals.insert(name.clone(), value.clone());
            }
        }
        names.with_locals(&locals)
    }

    /// Says whether all conditions of a keyword hold.
    ///
    /// # Errors
    /// One of them cannot be evaluated.
    pub(super) fn holds_all(
        &self,
        keyword: &str,
        conditions: &Value,
        names: &TaskScope,
    ) -> Result<bool> {
        let values = Values::new(&self.actor.run().engine, names);
        let conditions = match conditions {
            Value::List(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        for condition in conditions {
            let holds = values
                .engine
                .condition(&condition, &values.scope)
                .map_err(|error| {
                    Error::template(format!("the condition of `{keyword}` cannot be evaluated"))
                        .at(condition.place().cloned())
                        .because(error)
                })?;
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

//! Retries, and what a task's result is judged by: `until`, `changed_when`, `failed_when`.

use std::sync::Arc;
use std::time::Duration;

use super::attempt::{Attempted, Job, Where};
use super::values::Values;
use crate::error::{Error, Result};
use crate::outcome::Outcome;
use crate::report::{self, Event, Status};
use crate::value::{Map, Value};
use crate::vars::TaskScope;

impl Job<'_> {
    /// Does the task until it is good: `until`, `retries`, `delay`.
    pub(super) async fn retry(
        &self,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Attempted> {
        let until = self.task.keyword("until");
        let retries = match (values.keyword_number("retries")?, until) {
            (Some(retries), _) => retries.max(0.0) as u32,
            (None, Some(_)) => 3,
            (None, None) => 0,
        };
        let delay = values.keyword_number("delay")?.unwrap_or(5.0).max(0.0);
        // `retries: 0` asks for no repetition at all: `until` is not even looked at.
        let repeats = retries > 0;
        let until = until.filter(|_| repeats);
        let mut tries = 1;
        loop {
            let mut outcome = self.run_module(values, names, place).await?;
            if outcome.skipped {
                return Ok(self.done(outcome));
            }
            if repeats {
                outcome.data.set("attempts", i64::from(tries.min(retries)));
            }
            let good = match self
                .judge(names, &mut outcome)
                .and_then(|judged| match until {
                    Some(until) => self.holds_all("until", until, &judged),
                    None => Ok(!outcome.failed),
                }) {
                Ok(good) => good,
                Err(error) => return Ok(self.done(self.misjudged(outcome, error))),
            };
            if !repeats || good || outcome.unreachable {
                return Ok(self.done(outcome));
            }
            if tries > retries || self.walker.run().is_interrupted() {
                // `failed_when` has the last word.
                outcome.failed |= self.conditions("failed_when").is_none();
                return Ok(self.done(outcome));
            }
            self.tell_retry(&outcome, retries - tries);
            tries += 1;
            tokio::time::sleep(super::values::seconds(delay)).await;
        }
    }

    /// The outcome of a task that did its work, but whose result cannot be judged.
    fn misjudged(&self, mut outcome: Outcome, error: Error) -> Outcome {
        outcome.failed = true;
        outcome.data.set("msg", error.chain());
        self.walker.tell(Event::TaskError(error));
        outcome
    }

    fn tell_retry(&self, outcome: &Outcome, left: u32) {
        let mut outcome = outcome.clone();
        outcome.data.set("retries", i64::from(left));
        self.walker.tell(Event::Retrying {
            result: report::Result {
                task: Arc::clone(self.info),
                host: Arc::clone(&self.walker.host.name),
                delegated: None,
                item: None,
                status: Status::Failed,
                outcome: Arc::new(outcome),
                duration: Duration::ZERO,
                of_loop: false,
            },
            left,
        });
    }

    /// `changed_when` and `failed_when`, with the result under its registered name. Gives the
    /// names for `until`.
    fn judge(&self, names: &TaskScope, outcome: &mut Outcome) -> Result<TaskScope> {
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
    fn conditions(&self, keyword: &str) -> Option<&Value> {
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
        for (name, value) in &outcome.facts {
            locals.insert(name.clone(), value.clone());
        }
        names.with_locals(&locals)
    }

    /// Says whether all conditions of a keyword hold.
    fn holds_all(&self, keyword: &str, conditions: &Value, names: &TaskScope) -> Result<bool> {
        let values = Values::new(&self.walker.run().engine, names);
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

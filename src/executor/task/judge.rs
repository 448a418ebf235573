//! What a result is judged by: `changed_when`, `failed_when`, `until`.

use super::job::{Job, NO_TRACEBACK, registered};
use crate::error::{Error, Result};
use crate::outcome::Outcome;
use crate::report::Event;
use crate::value::Value;
use crate::vars::{TaskScope, Values, is_refused_fact};

impl Job<'_> {
    /// `changed_when` and `failed_when`, with the result under its registered name. Gives the
    /// names for `until`. Where a condition cannot be evaluated, the task has failed, and its result
    /// is its own with why.
    pub(super) fn judge(&self, names: &TaskScope, outcome: &mut Outcome) -> TaskScope {
        let names = self.with_result(names, outcome);
        if outcome.unreachable || outcome.unknown_why().is_some() {
            return names;
        }
        let own = outcome.changed;
        let judged = self.conditions("changed_when").is_none_or(|conditions| {
            let verdict = self.verdict("changed_when", conditions, &names, outcome);
            verdict.map(|changed| outcome.changed = changed).is_some()
        });
        outcome.acts = own && !outcome.changed;
        let names = self.with_result(&names, outcome);
        if let (true, Some(conditions)) = (judged, self.conditions("failed_when"))
            && let Some(failed) = self.verdict("failed_when", conditions, &names, outcome)
        {
            outcome.failed = failed;
            if failed {
                said(outcome, "A 'failed_when' expression evaluated to 'True'.");
            }
        }
        self.with_result(&names, outcome)
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

    /// Says whether all conditions of a keyword hold, and keeps that with the result; nothing, and
    /// a failure, where it cannot be said (`set_changed_when_result` and `set_failed_when_result` of
    /// the reference's `_internal/_task.py`).
    fn verdict(
        &self,
        keyword: &str,
        conditions: &Value,
        names: &TaskScope,
        outcome: &mut Outcome,
    ) -> Option<bool> {
        let key = format!("{keyword}_result");
        let verdict = self.holds_all(conditions, names);
        if outcome.failed && (verdict.is_err() || keyword == "failed_when") {
            let suppressed = format!("{keyword}_suppressed_exception");
            outcome.data.set(&suppressed, NO_TRACEBACK);
        }
        match verdict {
            Ok(holds) => {
                outcome.data.set(&key, holds);
                Some(holds)
            }
            Err(error) => {
                outcome.data.set(&key, error.chain());
                outcome.failed = true;
                let error = failed_expression(keyword, error);
                said(outcome, &error.chain());
                self.actor.tell(Event::TaskError(error));
                None
            }
        }
    }

    fn with_result(&self, names: &TaskScope, outcome: &Outcome) -> TaskScope {
        let mut locals = self.registered(&registered(outcome));
        // What a host may not set, it does not set for a moment either.
        for (name, value) in &outcome.facts {
            if !is_refused_fact(&name.to_text()) {
                locals.insert(name.clone(), value.clone());
            }
        }
        names.with_locals(&locals)
    }

    /// Says whether all conditions hold.
    ///
    /// # Errors
    /// One of them cannot be evaluated.
    pub(super) fn holds_all(&self, conditions: &Value, names: &TaskScope) -> Result<bool> {
        let values = Values::new(&self.actor.run().engine, names);
        let conditions = match conditions {
            Value::List(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        for condition in conditions {
            if !values.engine.condition(&condition, &values.scope)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The error of a keyword whose condition cannot be evaluated.
pub fn failed_expression(keyword: &str, error: Error) -> Error {
    let article = if keyword == "until" { "An" } else { "A" };
    Error::template(format!("{article} '{keyword}' expression failed"))
        .at(error.place().cloned())
        .because(error)
}

/// Gives an outcome a message, where its module gave it none but that of its exception.
fn said(outcome: &mut Outcome, message: &str) {
    const EXCEPTION: &str = "Task failed: Module failed: ";
    let whose = match outcome.data.get("msg") {
        None | Some(Value::Null) => "Action",
        Some(own) if own.as_str() == Some("") => "Action",
        Some(own) if own.as_str().is_some_and(|own| own.starts_with(EXCEPTION)) => "Module",
        Some(_) => return,
    };
    let message = format!("Task failed: {whose} failed: {message}");
    outcome.data.set("msg", message);
}

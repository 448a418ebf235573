//! `when`.

use super::job::{Attempted, Job};
use crate::error::{Error, Result};
use crate::outcome::Outcome;
use crate::value::Value;
use crate::vars::Values;

impl Job<'_> {
    /// The skipped outcome of a task whose loop cannot be rendered, where its condition is false
    /// without it.
    pub fn is_skipped_anyway(&self) -> Option<Attempted> {
        match self.condition(&self.values()) {
            Ok(Some(skipped)) => Some(self.done(skipped)),
            _ => None,
        }
    }

    /// Says whether a condition is false.
    ///
    /// # Errors
    /// A condition cannot be evaluated.
    pub fn skipped(&self, values: &Values<'_>) -> Result<bool> {
        self.condition(values).map(|skipped| skipped.is_some())
    }

    /// The skipped outcome where a condition of the task, or of what stands around, is false.
    ///
    /// # Errors
    /// A condition cannot be evaluated.
    pub(super) fn condition(&self, values: &Values<'_>) -> Result<Option<Outcome>> {
        for entry in self.frame.keywords_of("when") {
            let conditions = match &entry.value {
                Value::Null => Vec::new(),
                Value::List(items) => items.to_vec(),
                other => vec![other.clone()],
            };
            for condition in conditions {
                let holds =
                    values
                        .engine
                        .condition(&condition, &values.scope)
                        .map_err(|error| {
                            Error::template("A 'when' expression failed")
                                .at(condition.place().cloned().or(Some(entry.place.clone())))
                                .because(error)
                        })?;
                if !holds {
                    let mut skipped = Outcome::ok()
                        .with("skip_reason", "Conditional result was False")
                        .with("false_condition", condition.untrusted());
                    skipped.skipped = true;
                    return Ok(Some(skipped));
                }
            }
        }
        Ok(None)
    }
}

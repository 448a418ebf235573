//! A task on a host, and what came out of it.

use std::sync::Arc;

use super::actor::Actor;
use crate::error::{Error, Kind, Result};
use crate::memory::Key;
use crate::outcome::Outcome;
use crate::playbook::Task;
use crate::report::{Event, Status, TaskInfo};
use crate::value::{Undefined, Value};
use crate::vars::{Frame, TaskScope, Values};

/// A task that is done on a host.
pub struct Job<'a> {
    /// The host.
    pub actor: &'a Actor,
    /// The task.
    pub task: &'a Arc<Task>,
    /// What stands around, the task included.
    pub frame: &'a Arc<Frame>,
    /// The names.
    pub names: &'a TaskScope,
    /// How it is told of.
    pub info: &'a Arc<TaskInfo>,
    /// What its results are kept by, where they are.
    pub key: Option<&'a Key>,
    /// Whether it only looks, as in check mode: before a plan is applied.
    pub looks: bool,
}

/// What came out of an attempt.
pub struct Attempted {
    /// The outcome.
    pub outcome: Outcome,
    /// Whether a failure is ignored.
    pub ignored: bool,
    /// Where it was done, in words, where that is another host.
    pub delegated: Option<String>,
    /// The host that facts are for, where that is another one.
    pub facts_for: Option<String>,
    /// Whether what came out is not to be told (`no_log`).
    pub hidden: bool,
    /// Whether it counts as failed only because `retries` were not enough.
    pub exhausted: bool,
}

/// What the reference keeps of a failure where no traceback is asked for.
pub const NO_TRACEBACK: &str = "(traceback unavailable)";

/// The value of an outcome as a registered variable has it: a failure has its `exception`.
pub fn registered(outcome: &Outcome) -> Value {
    match outcome.failed && !outcome.data.contains("exception") {
        true => outcome.clone().with("exception", NO_TRACEBACK).to_value(),
        false => outcome.to_value(),
    }
}

/// The value of what is not known yet: whoever uses it does not know either.
pub fn unknown_value(why: &str) -> Value {
    let error = Error::new(Kind::Unknown, why);
    Value::Undefined(Arc::new(Undefined { error }))
}

impl Attempted {
    /// A failure by an error.
    pub fn failed(error: &Error) -> Self {
        Attempted {
            outcome: Outcome::failed(format!("Task failed: {}", error.chain())),
            ignored: false,
            delegated: None,
            facts_for: None,
            hidden: false,
            exhausted: false,
        }
    }

    /// A failure by an error before the task was begun: it is told in the error's own words.
    pub fn failed_before(error: &Error) -> Self {
        let mut attempted = Attempted::failed(error);
        attempted.outcome = Outcome::failed(error.chain());
        attempted
    }

    /// What `register` keeps.
    pub fn value(&self) -> Value {
        if let Some(why) = self.outcome.unknown_why() {
            return unknown_value(why);
        }
        match self.exhausted {
            true => self.outcome.to_value(),
            false => registered(&self.outcome),
        }
    }

    /// How it ended.
    pub fn status(&self) -> Status {
        let outcome = &self.outcome;
        match () {
            () if outcome.unreachable && self.ignored => Status::Ignored,
            () if outcome.unreachable => Status::Unreachable,
            () if outcome.failed && self.ignored => Status::Ignored,
            () if outcome.failed => Status::Failed,
            () if outcome.skipped => Status::Skipped,
            () if outcome.changed => Status::Changed,
            () => Status::Ok,
        }
    }
}

impl Job<'_> {
    /// The keywords and variables of the task.
    pub fn values(&self) -> Values<'_> {
        Values::new(&self.actor.run().engine, self.names)
    }

    /// What the task is told as, hidden or not.
    pub(super) fn told(&self, hidden: bool) -> Arc<TaskInfo> {
        match hidden == self.info.no_log {
            true => Arc::clone(self.info),
            false => Arc::new(TaskInfo {
                no_log: hidden,
                ..(**self.info).clone()
            }),
        }
    }

    /// An outcome that nothing else is to be said of.
    pub fn done(&self, outcome: Outcome) -> Attempted {
        Attempted {
            outcome,
            ignored: false,
            delegated: None,
            facts_for: None,
            hidden: false,
            exhausted: false,
        }
    }

    /// The failure of a task that cannot be done for an error in what the user wrote.
    pub fn broken(&self, values: &Values<'_>, error: Error) -> Attempted {
        let mut attempted = Attempted::failed(&error);
        attempted.ignored = values.keyword_flag("ignore_errors").ok().flatten() == Some(true);
        attempted.hidden = self.is_hidden(values).unwrap_or(true);
        self.actor.tell(Event::TaskError(error));
        attempted
    }

    /// Says whether what comes out is not to be told.
    ///
    /// # Errors
    /// `no_log` cannot be rendered.
    pub fn is_hidden(&self, values: &Values<'_>) -> Result<bool> {
        let said = values.keyword_flag("no_log")?;
        Ok(said.unwrap_or(self.actor.run().options.no_log))
    }
}

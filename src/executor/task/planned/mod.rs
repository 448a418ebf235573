//! Tasks of a plan: what is not known yet, what would change; and whether a host is still as the plan
//! saw it.

mod apply;
mod kinds;
mod make;

use std::time::Duration;

use super::actor::Actor;
use super::job::{Attempted, Job};
use super::place::Where;
use crate::error::{Error, Kind, Result};
use crate::memory::Print;
use crate::outcome::Outcome;
use crate::plan::{Book, Entry};
use crate::report::Status;
use crate::value::Value;
use crate::vars::{TaskScope, Values};

impl Actor {
    /// Tells of a task of a plan of which it is not known yet whether it is done.
    pub fn leave_open(&self, job: &Job<'_>, why: &str) {
        let attempted = job.done(Outcome::unknown(why, false));
        if let Some(plan) = job.making() {
            job.leave_unknown(plan, &attempted.outcome);
        }
        self.tell_done(
            job,
            &attempted,
            None,
            Status::Skipped,
            Duration::ZERO,
            false,
        );
        self.register(job.task, job.frame, &attempted.value());
    }
}

impl Job<'_> {
    /// What is not known before another task is done, where a plan is made and that is what an error
    /// says.
    ///
    /// A file of the controller may come with an earlier task that changes something there, and a variable with
    /// facts that are not known.
    pub fn not_known_yet(&self, error: &Error) -> Option<String> {
        let plan = self.making()?;
        if let Some(why) = error.unknown() {
            return Some(why.to_owned());
        }
        let after = match error.root().kind() {
            Kind::Input => plan.changed_here(),
            Kind::Undefined => plan.facts_after(&self.actor.host.name),
            _ => None,
        };
        let after = format!("known after `{}`", after?);
        Some(match self.info.no_log {
            true => after,
            false => format!("{after}: now it fails ({})", error.root().message()),
        })
    }

    /// The plan, where one is made.
    pub(super) fn making(&self) -> Option<&Book> {
        let plan = self.actor.run().options.plan.as_deref();
        plan.filter(|plan| !plan.applies())
    }

    /// A task that uses what is not known yet.
    pub(super) fn unknown(&self, why: String) -> Attempted {
        let attempted = self.done(Outcome::unknown(why, false));
        if let Some(plan) = self.making() {
            self.note_outcome(plan, &attempted.outcome);
            self.leave_unknown(plan, &attempted.outcome);
        }
        attempted
    }

    /// A task that cannot be done for an error in what the user wrote: a plan knows that too.
    pub(super) fn broken_as_planned(&self, values: &Values<'_>, error: Error) -> Attempted {
        let broken = self.broken(values, error);
        if let Some(plan) = self.making() {
            self.note_outcome(plan, &broken.outcome);
        }
        broken
    }

    /// A task that its condition skips: a plan keeps that, and where it is applied, that must be as it was.
    pub(super) fn skipped_as_planned(&self, skipped: Attempted) -> Attempted {
        match self.actor.run().options.plan.as_deref() {
            None => skipped,
            Some(plan) if plan.applies() => self.skipped_still(plan, skipped),
            Some(plan) => {
                self.note_outcome(plan, &skipped.outcome);
                skipped
            }
        }
    }

    /// Keeps what a task loops over; where a plan is applied and that is something else, the host is left alone.
    pub(super) fn loop_moved(&self, items: &[Value]) -> Option<Attempted> {
        let plan = self.actor.run().options.plan.as_deref()?;
        if items.iter().any(is_unknown) {
            return None;
        }
        let entry = Entry::of_loop(Print::of_value(&Value::list(items.to_vec())));
        if !plan.applies() {
            self.note(plan, entry);
            return None;
        }
        let planned = plan.planned(&self.actor.host.name, self.key?)?;
        let moved = planned.unknown.is_none() && planned.print != entry.print;
        moved.then(|| self.moved("it loops over something else"))
    }

    /// Does the task; or says what it would do; or does it as it was planned.
    pub(super) async fn do_or_plan(
        &self,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Attempted> {
        match self.actor.run().options.plan.as_deref() {
            None => self.retry(values, names, place).await,
            Some(plan) if plan.applies() => self.apply(plan, values, names, place).await,
            Some(plan) => self.plan(plan, values, names, place).await,
        }
    }
}

/// Says whether something in a value is known only when a task is done.
fn is_unknown(value: &Value) -> bool {
    match value {
        Value::Undefined(undefined) => undefined.error.unknown().is_some(),
        Value::List(items) => items.iter().any(is_unknown),
        Value::Map(map) => map.iter().any(|(_, value)| is_unknown(value)),
        _ => false,
    }
}

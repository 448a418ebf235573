//! A task is done as it was planned, where the host is as the plan saw it.

use super::kinds::QUIET;
use crate::error::Result;
use crate::executor::task::job::{Attempted, Job};
use crate::executor::task::place::Where;
use crate::memory::reading;
use crate::outcome::{Outcome, Outlook};
use crate::plan::{Book, Entry};
use crate::playbook::truth;
use crate::vars::{TaskScope, Values};

impl Job<'_> {
    /// Looks first whether the host is as the plan saw it.
    pub(super) async fn apply(
        &self,
        plan: &Book,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Attempted> {
        let host = &self.actor.host.name;
        let Some(entry) = self.key.and_then(|key| plan.planned(host, key)) else {
            return match plan.is_open(host) {
                true => self.retry(values, names, place).await,
                false => Ok(self.moved("it is not in the plan")),
            };
        };
        let always_done = values.keyword_flag("check_mode")? == Some(false)
            || self.task.keyword("until").is_some()
            || self.task.keyword("retries").is_some();
        if entry.args.is_some() && self.print_of_arguments(values) != entry.args {
            return Ok(self.moved("its arguments are not those of the plan"));
        }
        if entry.unknown.is_some() || entry.loose || always_done {
            return self.retry(values, names, place).await;
        }
        let look = Job {
            looks: true,
            ..*self
        };
        let (seen, read) = reading(Box::pin(look.retry(values, names, place))).await;
        let seen = seen?;
        if seen.outcome.unreachable {
            return Ok(seen);
        }
        if let Some(file) = plan.stranger(&read) {
            return Ok(self.moved(&format!("the plan was made without `{}`", file.display())));
        }
        if Entry::print_of(&seen.outcome) != entry.print {
            let now = match (entry.changed, seen.outcome.changed) {
                (true, false) => "nothing has to change any more",
                (false, true) => "something has to change now",
                _ => "what it changes is not what it was",
            };
            return Ok(self.moved(now));
        }
        match entry.changed || self.acts_quietly(values) {
            true => self.retry(values, names, place).await,
            false => Ok(seen),
        }
    }

    /// A task whose condition does not hold any more, where the plan has something for it.
    pub(super) fn skipped_still(&self, plan: &Book, skipped: Attempted) -> Attempted {
        let entry = self
            .key
            .and_then(|key| plan.planned(&self.actor.host.name, key));
        let moved = entry.is_some_and(|entry| {
            entry.unknown.is_none() && entry.print != Entry::print_of(&skipped.outcome)
        });
        match moved {
            true => self.moved("its condition does not hold any more"),
            false => skipped,
        }
    }

    /// Says whether the task also does what is never told as a change.
    fn acts_quietly(&self, values: &Values<'_>) -> bool {
        let args = &self.task.action.args;
        let mut asked = QUIET.iter().filter_map(|name| args.get(name));
        asked.any(|value| {
            values
                .render(value)
                .is_ok_and(|value| truth(&value) == Some(true))
        })
    }

    /// A host that is not as the plan saw it is left alone from here on.
    pub(super) fn moved(&self, how: &str) -> Attempted {
        let text = format!(
            "the host is not as the plan saw it, and is left alone: at `{}`, {how}",
            self.info.name
        );
        self.done(Outcome {
            outlook: Outlook::Moved,
            ..Outcome::unreachable(text)
        })
    }
}

//! `until`, `retries`, `delay`.

use std::sync::Arc;
use std::time::Duration;

use super::include_vars::NO_LOG;
use super::job::{Attempted, Job};
use super::judge::failed_expression;
use super::place::Where;
use crate::error::Result;
use crate::executor::wire::Walk;
use crate::outcome::Outcome;
use crate::playbook::truth;
use crate::report::{self, Event, Status};
use crate::value::Map;
use crate::vars::{TaskScope, Values, seconds};

impl Job<'_> {
    /// Does the task until it is good: `until`, `retries`, `delay`. A failure that counts is then
    /// explained, as far as the host knows why.
    pub(super) async fn retry(
        &self,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Attempted> {
        let mut asks = None;
        let tries = self.try_until_good(values, names, place, &mut asks);
        let mut attempted = tries.await?;
        if let Some((walk, args)) = asks
            && !self.info.rescued
            && !says_no_log(&attempted.outcome)
            && !self.is_ignored(values, &attempted.outcome)?
        {
            self.explain(&walk, &args, place, &mut attempted.outcome)
                .await;
        }
        Ok(attempted)
    }

    async fn try_until_good(
        &self,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
        asks: &mut Option<(Walk, Map)>,
    ) -> Result<Attempted> {
        let until = self.conditions("until");
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
            let ran = self.run_module(values, names, place).await?;
            let mut outcome = ran.outcome;
            *asks = ran.asks;
            if outcome.skipped {
                return Ok(self.done(outcome));
            }
            if repeats {
                outcome.data.set("attempts", i64::from(tries));
            }
            let judged = self.judge(names, &mut outcome);
            if !repeats || outcome.unreachable {
                return Ok(self.done(outcome));
            }
            let good = match until {
                Some(until) => self
                    .holds_all(until, &judged)
                    .map_err(|error| failed_expression("until", error))?,
                None => !outcome.failed,
            };
            if good {
                return Ok(self.done(outcome));
            }
            if self.making().is_some() {
                let message = "it is tried again until it is good";
                return Ok(self.done(Outcome::unpredicted(message)));
            }
            if tries > retries || self.actor.run().is_interrupted() {
                // The reference counts one less once it has given up.
                outcome.data.set("attempts", i64::from(tries.min(retries)));
                let mut done = self.done(outcome);
                // `failed_when` has the last word.
                if !done.outcome.failed && self.conditions("failed_when").is_none() {
                    done.outcome.failed = true;
                    done.exhausted = true;
                }
                return Ok(done);
            }
            self.tell_retry(values, &outcome, retries - tries);
            tries += 1;
            self.actor.run().stopping.sleep(seconds(delay)).await;
        }
    }

    fn tell_retry(&self, values: &Values<'_>, outcome: &Outcome, left: u32) {
        let hidden = says_no_log(outcome) || self.is_hidden(values).unwrap_or(true);
        let mut outcome = outcome.clone();
        outcome.data.remove(NO_LOG);
        outcome.data.set("retries", i64::from(left));
        self.actor.tell(Event::Retrying {
            result: report::Result {
                task: self.told(hidden),
                host: Arc::clone(&self.actor.host.name),
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
}

/// Says whether a result asks by itself not to be told (`_ansible_no_log`).
pub(super) fn says_no_log(outcome: &Outcome) -> bool {
    outcome.data.get(NO_LOG).and_then(truth) == Some(true)
}

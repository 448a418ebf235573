//! A task on a host: once, or for each item of its loop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::actor::Actor;
use super::job::{Attempted, Job, unknown_value};
use super::loops::{self, Items};
use crate::error::Error;
use crate::memory::{LONG_LOOP, Part, reading};
use crate::outcome::Outcome;
use crate::report::{Event, Status, hidden, hidden_now};
use crate::value::{Map, Value};
use crate::vars::noting_now;

/// What came out of a task on a host.
pub struct Done {
    /// What `register` keeps.
    pub value: Value,
    /// The outcome, of the whole loop where there is one.
    pub outcome: Outcome,
    /// How it ended.
    pub status: Status,
    /// What came out of the items, or of the one attempt.
    pub parts: Vec<Part>,
    /// Whether it has a loop.
    pub looped: bool,
    /// Whether nothing was left out: an interrupt ends a loop between two items.
    pub whole: bool,
}

impl Actor {
    /// Does a task and tells of it.
    pub async fn perform(&self, job: &Job<'_>) -> Done {
        hidden(job.info.no_log, self.do_all(job)).await
    }

    async fn do_all(&self, job: &Job<'_>) -> Done {
        let began = Instant::now();
        let items = match loops::items(&job.values(), job.task) {
            Ok(items) => items,
            Err(error) => match job.is_skipped_anyway() {
                Some(skipped) => return self.finish_single(job, skipped, began),
                None => {
                    return match job.not_known_yet(&error) {
                        Some(why) => self.finish_single(job, job.unknown(why), began),
                        None => self.fail(job, error, began),
                    };
                }
            },
        };
        match items {
            None => {
                let mut attempted = job.attempt(&Map::new()).await;
                self.regroup(&mut attempted.outcome);
                self.finish_single(job, attempted, began)
            }
            Some(items) => match job.loop_moved(&items.0) {
                Some(moved) => self.finish_single(job, moved, began),
                None => self.do_loop(job, items, began).await,
            },
        }
    }

    /// Fails a task that cannot be begun, with an error of the user's text.
    pub fn fail(&self, job: &Job<'_>, error: Error, began: Instant) -> Done {
        // What cannot be rendered has failed as a task; what is written wrong, before it.
        let mut attempted = match error.is_undefined() {
            true => Attempted::failed(&error),
            false => Attempted::failed_before(&error),
        };
        attempted.ignored = job.values().keyword_flag("ignore_errors").ok().flatten() == Some(true);
        attempted.hidden = job.info.no_log;
        hidden_now(attempted.hidden, || self.tell(Event::TaskError(error)));
        self.finish_single(job, attempted, began)
    }

    fn finish_single(&self, job: &Job<'_>, mut attempted: Attempted, began: Instant) -> Done {
        if let Some(error) = job.lost_projection(&attempted.value()) {
            attempted.outcome.failed = true;
            attempted.ignored =
                job.values().keyword_flag("ignore_errors").ok().flatten() == Some(true);
            if attempted.outcome.text("msg").is_none() {
                attempted.outcome.data.set("msg", error.message());
            }
            hidden_now(attempted.hidden, || self.tell(Event::TaskError(error)));
        }
        let value = attempted.value();
        let status = attempted.status();
        self.tell_done(job, &attempted, None, status, began.elapsed(), false);
        Done {
            value,
            status,
            outcome: attempted.outcome.clone(),
            parts: vec![Part::from(attempted)],
            looped: false,
            whole: true,
        }
    }

    async fn do_loop(&self, job: &Job<'_>, items: Items, began: Instant) -> Done {
        let control = match loops::Control::read(job) {
            Ok(control) => control,
            Err(error) => return self.fail(job, error, began),
        };
        let mut results = Vec::new();
        let mut all = Vec::new();
        let mut whole = true;
        for (number, item) in items.0.iter().enumerate() {
            if number > 0 && control.pause > Duration::ZERO {
                self.run().stopping.sleep(control.pause).await;
            }
            let locals = control.locals(&items.0, number);
            let (attempted, breaks) = match job.recalled_item(number, item) {
                Some(attempted) => (attempted, false),
                None => self.do_item(job, &control, &locals, (number, item)).await,
            };
            // The item's names are the user's own words, whatever a host says of them.
            let mut value = attempted.value().as_map().cloned().unwrap_or_default();
            Arc::make_mut(&mut value).extend_from(&control.marks(&locals));
            results.push(Value::Map(value));
            self.keep_for_next(job.task, &attempted);
            let lost = attempted.outcome.unreachable;
            // The result has it, and nobody else asks for it.
            let mut attempted = attempted;
            if attempted.outcome.skipped && items.0.len() > LONG_LOOP {
                attempted.outcome.data = Map::new();
            }
            all.push(attempted);
            if breaks || lost || self.run().is_interrupted() {
                whole = breaks || lost || number + 1 == items.0.len();
                break;
            }
        }
        let done = self.finish_loop(job, results, all, began);
        Done { whole, ..done }
    }

    /// Does one item and tells of it; gives whether `break_when` ends the loop.
    async fn do_item(
        &self,
        job: &Job<'_>,
        control: &loops::Control,
        locals: &Map,
        (number, item): (usize, &Value),
    ) -> (Attempted, bool) {
        let began = Instant::now();
        let key = job.key.map(|key| key.item(number, item));
        let inner = Job {
            key: key.as_ref(),
            ..*job
        };
        let (mut attempted, reads) = reading(Box::pin(inner.attempt(locals))).await;
        self.regroup(&mut attempted.outcome);
        let breaks = control.judge(job, locals, &mut attempted);
        attempted.outcome.data.extend_from(&control.marks(locals));
        let (label, noted) = noting_now(|| {
            let mut seen = locals.clone();
            seen.extend_from(&job.registered(&attempted.value()));
            control.label(job, &seen, item)
        });
        attempted.outcome.told.extend(noted.warnings);
        let status = attempted.status();
        self.tell_done(job, &attempted, Some(label), status, began.elapsed(), false);
        if !breaks {
            job.keep_item(number, item, &attempted, reads);
        }
        (attempted, breaks)
    }

    fn finish_loop(
        &self,
        job: &Job<'_>,
        results: Vec<Value>,
        all: Vec<Attempted>,
        began: Instant,
    ) -> Done {
        let (done, whole) = Done::of_loop(results, all);
        self.tell_done(job, &whole, None, done.status, began.elapsed(), true);
        done
    }
}

impl Done {
    /// What comes of a loop, of which this is known; and the loop as one attempt.
    pub(super) fn of_loop(results: Vec<Value>, all: Vec<Attempted>) -> (Done, Attempted) {
        let kept = Value::list(results.clone());
        let whole = loops::combine(&all, results);
        let value = whole.outcome.to_value();
        let mut value = value.as_map().cloned().unwrap_or_default();
        Arc::make_mut(&mut value).set("results", kept);
        let done = Done {
            value: match whole.outcome.unknown_why() {
                Some(why) => unknown_value(why),
                None => Value::Map(value),
            },
            status: whole.status(),
            parts: all.into_iter().map(Part::from).collect(),
            looped: true,
            whole: true,
            outcome: whole.outcome.clone(),
        };
        (done, whole)
    }

    /// A task that was not begun at all.
    pub fn skipped() -> Self {
        let outcome = Outcome {
            skipped: true,
            ..Outcome::default()
        };
        Done {
            value: outcome.to_value(),
            status: Status::Skipped,
            parts: Vec::new(),
            looped: false,
            whole: false,
            outcome,
        }
    }
}

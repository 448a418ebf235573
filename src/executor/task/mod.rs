//! A task on a host: its loop, what it leaves behind, and what is told of it.

mod keep;
mod name;
mod telling;

pub use name::listed_name;

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::attempt::{Attempted, Job};
use super::debugger::{Next, Session};
use super::loops::{self, Items};
use super::position::Position;
use super::values::Values;
use super::walker::{Flow, Walker, Way};
use crate::error::Error;
use crate::outcome::Outcome;
use crate::playbook::Task;
use crate::report::{Counts, Event, Status};
use crate::value::{Map, Value};

/// What one host leaves for the others of its batch.
#[derive(Clone)]
pub enum Shared {
    /// What came out of a `run_once` task.
    Done(Arc<Done>),
    /// The includes that a host comes to.
    Includes(Arc<Vec<super::include::Include>>),
}

/// What came out of a task on a host.
pub struct Done {
    /// How the host goes on.
    pub flow: Flow,
    /// What `register` keeps.
    pub value: Value,
    /// The outcome, of the whole loop where there is one.
    pub outcome: Outcome,
    /// How it ended.
    pub status: Status,
    /// The outcomes of the items, or the one outcome, each with the host that its facts are for
    /// where that is another one.
    pub parts: Vec<(Outcome, Option<String>)>,
}

impl Walker {
    /// Runs an ordinary task.
    pub async fn perform(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Flow {
        let names = self.names(&way.frame, Some(task));
        let values = Values::new(&self.run().engine, &names);
        let once = match values.keyword_flag("run_once") {
            Ok(once) => once.unwrap_or(false),
            Err(error) => return self.fail_announced(task, way, at, error),
        };
        // `BYPASS_HOST_LOOP` of the reference: these are for the whole batch at once.
        let alone = matches!(task.action.short_name(), "add_host" | "pause");
        if (once || alone) && self.batch.turnstile.is_linear() {
            return self.perform_once(task, way, at, once).await;
        }
        let done = self.do_task(task, way, at).await;
        self.keep(task, way, &done);
        done.flow
    }

    /// A `run_once` task: the first host runs it, and what comes out is everybody's where it is
    /// `shared`.
    async fn perform_once(&self, task: &Arc<Task>, way: &Way, at: &Position, shared: bool) -> Flow {
        let leads = self.batch.turnstile.leads(self.number, at);
        if leads {
            let done = Arc::new(self.do_task(task, way, at).await);
            self.batch
                .turnstile
                .deposit(self.number, at, Shared::Done(Arc::clone(&done)));
            self.keep(task, way, &done);
            if done.flow != Flow::Next {
                return done.flow;
            }
        }
        if let Err(stop) = self.batch.turnstile.settle(self.number, at).await {
            return Flow::Stopped(stop);
        }
        if leads || !shared {
            return Flow::Next;
        }
        for (_, shared) in self.batch.turnstile.deposits(self.number, at) {
            if let Shared::Done(done) = shared {
                self.keep(task, way, &done);
                return done.flow;
            }
        }
        Flow::Next
    }

    /// Runs a task and tells of it, but keeps nothing; again, where a person wants that.
    async fn do_task(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Done {
        let mut session = Session::new(task);
        loop {
            let mut before = Counts::default();
            self.run().count(&self.host.name, |counts| before = *counts);
            let done = self.do_once(&session, way, at).await;
            match self.debug(&mut session, way, &done).await {
                Next::GoOn => return done,
                Next::Redo => self.run().count(&self.host.name, |counts| *counts = before),
                Next::Quit => {
                    self.run().interrupt();
                    return done;
                }
            }
        }
    }

    async fn do_once(&self, session: &Session, way: &Way, at: &Position) -> Done {
        let task = &session.task;
        let info = self.announce(task, way, at);
        if !self.may_step(&info) {
            return Done::skipped();
        }
        let began = Instant::now();
        let names = self
            .names(&way.frame, Some(task))
            .with_locals(&session.vars);
        let job = Job {
            walker: self,
            task,
            frame: &way.frame,
            names: &names,
            info: &info,
        };
        let values = Values::new(&self.run().engine, &names);
        let items = match loops::items(&values, task) {
            Ok(items) => items,
            Err(error) => match job.is_skipped_anyway() {
                Some(skipped) => return self.finish_single(&job, way, skipped, began),
                None => return self.failed_before(&job, way, error, began),
            },
        };
        match items {
            None => {
                let mut attempted = job.attempt(&Map::new()).await;
                self.regroup(&mut attempted.outcome);
                self.finish_single(&job, way, attempted, began)
            }
            Some(items) => self.do_loop(&job, way, items, began).await,
        }
    }

    fn failed_before(&self, job: &Job<'_>, way: &Way, error: Error, began: Instant) -> Done {
        let mut attempted = Attempted::failed(&error);
        attempted.ignored = job.values().keyword_flag("ignore_errors").ok().flatten() == Some(true);
        attempted.hidden = job.info.no_log;
        self.tell(Event::TaskError(error));
        self.finish_single(job, way, attempted, began)
    }

    fn finish_single(
        &self,
        job: &Job<'_>,
        way: &Way,
        attempted: Attempted,
        began: Instant,
    ) -> Done {
        let value = attempted.outcome.to_value();
        let status = attempted.status();
        self.tell_done(job, &attempted, None, status, began.elapsed(), false);
        let flow = self.settle_status(job.task, way, status, &value);
        Done {
            flow,
            value,
            status,
            parts: vec![(attempted.outcome.clone(), attempted.facts_for)],
            outcome: attempted.outcome,
        }
    }

    async fn do_loop(&self, job: &Job<'_>, way: &Way, items: Items, began: Instant) -> Done {
        let control = match loops::Control::read(job) {
            Ok(control) => control,
            Err(error) => return self.failed_before(job, way, error, began),
        };
        let mut results = Vec::new();
        let mut all = Vec::new();
        for (number, item) in items.0.iter().enumerate() {
            if number > 0 && control.pause > Duration::ZERO {
                tokio::time::sleep(control.pause).await;
            }
            let item_began = Instant::now();
            let locals = control.locals(&items.0, number);
            let mut attempted = job.attempt(&locals).await;
            self.regroup(&mut attempted.outcome);
            let done = attempted.outcome.to_value();
            let breaks = control.breaks(job, &locals, &done).unwrap_or_else(|error| {
                attempted = job.broken(&job.values(), error);
                true
            });
            attempted.outcome.data.extend_from(&control.marks(&locals));
            let label = control.label(job, &locals, item);
            let status = attempted.status();
            self.tell_done(
                job,
                &attempted,
                Some(label),
                status,
                item_began.elapsed(),
                false,
            );
            results.push(attempted.outcome.to_value());
            self.keep_for_next(job.task, &attempted);
            let lost = attempted.outcome.unreachable;
            all.push(attempted);
            if breaks || lost || self.run().is_interrupted() {
                break;
            }
        }
        self.finish_loop(job, way, results, all, began)
    }

    fn finish_loop(
        &self,
        job: &Job<'_>,
        way: &Way,
        results: Vec<Value>,
        all: Vec<Attempted>,
        began: Instant,
    ) -> Done {
        let whole = loops::combine(&all, results);
        let value = whole.outcome.to_value();
        let status = whole.status();
        self.tell_done(job, &whole, None, status, began.elapsed(), true);
        let flow = self.settle_status(job.task, way, status, &value);
        Done {
            flow,
            value,
            status,
            parts: all
                .into_iter()
                .map(|one| (one.outcome, one.facts_for))
                .collect(),
            outcome: whole.outcome,
        }
    }

    /// Counts how the task ended and says how the host goes on.
    fn settle_status(&self, task: &Task, way: &Way, status: Status, value: &Value) -> Flow {
        self.run().count(&self.host.name, |counts| match status {
            Status::Ok => counts.ok += 1,
            Status::Changed => {
                counts.ok += 1;
                counts.changed += 1;
            }
            Status::Skipped => counts.skipped += 1,
            Status::Ignored => {
                counts.changed += u32::from(value.get("changed").is_some_and(Value::is_true));
                counts.ok += 1;
                counts.ignored += 1;
            }
            Status::Failed if way.rescuable => counts.rescued += 1,
            Status::Failed => counts.failed += 1,
            Status::Unreachable => counts.unreachable += 1,
        });
        if status != Status::Skipped {
            self.touch_role(&way.frame);
        }
        match status {
            Status::Failed => {
                if way.rescuable {
                    self.remember_failure(task, way, value);
                }
                Flow::Failed
            }
            Status::Unreachable => Flow::Gone,
            _ => Flow::Next,
        }
    }
}

impl Done {
    fn skipped() -> Self {
        let outcome = Outcome {
            skipped: true,
            ..Outcome::default()
        };
        Done {
            flow: Flow::Next,
            value: outcome.to_value(),
            status: Status::Skipped,
            parts: Vec::new(),
            outcome,
        }
    }
}

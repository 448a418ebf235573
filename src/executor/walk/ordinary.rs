//! An ordinary task of a host: done once for all or by each, again for the debugger, and what it
//! notifies.

use std::sync::Arc;

use super::debugger::{Next, Session};
use super::position::Position;
use super::shared::Shared;
use super::walker::{Flow, Walker, Way};
use crate::executor::task::{Done, Job};
use crate::memory::{Key, reading};
use crate::playbook::Task;
use crate::report::Counts;
use crate::vars::{FrameKind, Values};

impl Walker {
    /// Runs an ordinary task.
    pub async fn perform(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Flow {
        let names = self.actor.names(&way.frame, Some(task));
        let values = Values::new(&self.run().engine, &names);
        let once = match values.keyword_flag("run_once") {
            Ok(once) => once.unwrap_or(false),
            Err(error) => match error.unknown() {
                Some(why) => {
                    self.tell_unknown_here(task, way, why);
                    return Flow::Next;
                }
                None => return self.fail_announced(task, way, at, error),
            },
        };
        // `BYPASS_HOST_LOOP` of the reference: these are for the whole batch at once.
        let alone = matches!(task.action.short_name(), "add_host" | "pause");
        let together = (once || alone) && self.batch.turnstile.is_linear();
        let key = self.key_of(task, way, together);
        if together {
            return self.perform_once(task, way, at, (once, key.as_ref())).await;
        }
        let done = self.do_task(task, way, at, key.as_ref()).await;
        self.keep(task, way, &done);
        Flow::of(done.status)
    }

    /// A `run_once` task: the first host runs it, and what comes out is everybody's where it is
    /// `shared`.
    async fn perform_once(
        &self,
        task: &Arc<Task>,
        way: &Way,
        at: &Position,
        (shared, key): (bool, Option<&Key>),
    ) -> Flow {
        let leads = self.batch.turnstile.leads(self.number, at);
        if leads {
            let done = Arc::new(self.do_task(task, way, at, key).await);
            self.batch
                .turnstile
                .deposit(self.number, at, Shared::Done(Arc::clone(&done)));
            self.keep(task, way, &done);
            let flow = Flow::of(done.status);
            if flow != Flow::Next {
                return flow;
            }
            let included = way
                .frame
                .upward()
                .any(|frame| matches!(frame.kind, FrameKind::Include));
            if shared && included {
                let others = self
                    .batch
                    .hosts
                    .iter()
                    .filter(|name| **name != self.actor.host.name);
                others.for_each(|name| self.actor.keep_for(task, &way.frame, &done, name));
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
                // The others keep what came out, but are not notified, and no rescue is theirs.
                self.actor.keep(task, &way.frame, &done, false);
                return match Flow::of(done.status) {
                    Flow::Failed => Flow::FailedElsewhere,
                    flow => flow,
                };
            }
        }
        Flow::Next
    }

    /// Runs a task and tells of it, unless an earlier run has done it.
    async fn do_task(&self, task: &Arc<Task>, way: &Way, at: &Position, key: Option<&Key>) -> Done {
        if let Some(done) = self.recalled(key, task, way) {
            return done;
        }
        let work = self.do_until_content(task, way, at, key);
        let ((done, hidden), reads) = reading(Box::pin(work)).await;
        self.remember(key, way, (&done, hidden), reads);
        done
    }

    /// Runs a task; again, where a person wants that. Gives whether its result is hidden, too.
    async fn do_until_content(
        &self,
        task: &Arc<Task>,
        way: &Way,
        at: &Position,
        key: Option<&Key>,
    ) -> (Done, bool) {
        let mut session = Session::new(task);
        loop {
            let mut before = Counts::default();
            self.run()
                .count(&self.actor.host.name, |counts| before = *counts);
            let (done, hidden) = self.do_once(&session, way, at, key).await;
            match self.debug(&mut session, way, &done).await {
                Next::GoOn => return (done, hidden),
                Next::Redo => self
                    .run()
                    .count(&self.actor.host.name, |counts| *counts = before),
                Next::Quit => {
                    self.run().interrupt();
                    return (done, hidden);
                }
            }
        }
    }

    async fn do_once(
        &self,
        session: &Session,
        way: &Way,
        at: &Position,
        key: Option<&Key>,
    ) -> (Done, bool) {
        let task = &session.task;
        let info = self.announce(task, way, at);
        if !self.actor.may_step(&info) {
            return (Done::skipped(), false);
        }
        let names = self
            .actor
            .names(&way.frame, Some(task))
            .with_locals(&session.vars);
        let done = self
            .actor
            .perform(&Job {
                actor: &self.actor,
                task,
                frame: &way.frame,
                names: &names,
                info: &info,
                key,
                looks: false,
            })
            .await;
        self.settle(task, way, &done);
        (done, info.no_log)
    }

    /// Keeps what a task leaves behind, and notifies its handlers.
    fn keep(&self, task: &Arc<Task>, way: &Way, done: &Done) {
        self.actor.keep(task, &way.frame, done, true);
        let changed =
            done.outcome.changed && !done.outcome.failed && Flow::of(done.status) == Flow::Next;
        // One item that changed something notifies for all that were not skipped.
        for part in &done.parts {
            let outcome = &part.outcome;
            if !(changed && !outcome.skipped || outcome.unknown_why().is_some()) {
                continue;
            }
            if let Err(error) = self.notify(way, task, part) {
                self.run().abort(error);
            }
        }
    }
}

//! How a task begins for all hosts, and what its end means for one.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::position::Position;
use super::walker::{Doubt, Flow, Walker, Way};
use crate::error::{Error, Kind};
use crate::executor::task::{Attempted, Done, Job};
use crate::playbook::Task;
use crate::report::{Event, Status, TaskInfo, hidden_now};
use crate::value::Value;
use crate::vars::FrameKind;

impl Walker {
    /// Says that a task begins, once for all hosts; gives its description.
    pub fn announce(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Arc<TaskInfo> {
        let info = self.info(task, way);
        if self.batch.turnstile.is_linear() && self.batch.turnstile.announce(at) {
            self.actor
                .tell(Event::TaskStarted(self.as_first(task, way, at, &info)));
        }
        self.actor.tell(Event::HostStarted {
            task: Arc::clone(&info),
            host: Arc::clone(&self.actor.host.name),
        });
        info
    }

    fn info(&self, task: &Arc<Task>, way: &Way) -> Arc<TaskInfo> {
        Arc::new(TaskInfo {
            rescued: way.rescuable,
            ..self.actor.describe(task, &way.frame)
        })
    }

    /// The description with the name as the first of the hosts that are here has it.
    fn as_first(
        &self,
        task: &Arc<Task>,
        way: &Way,
        at: &Position,
        own: &Arc<TaskInfo>,
    ) -> Arc<TaskInfo> {
        let first = self.batch.turnstile.first(at);
        let first = first.and_then(|number| self.batch.hosts.get(number));
        match first.filter(|first| **first != self.actor.host.name) {
            Some(first) => {
                let host = self.run().store.host(first);
                let info = self.actor.describe_for(host, task, &way.frame);
                Arc::new(TaskInfo {
                    rescued: way.rescuable,
                    ..info
                })
            }
            None => Arc::clone(own),
        }
    }

    /// Counts how the task ended and says how the host goes on.
    pub(super) fn settle(&self, task: &Task, way: &Way, done: &Done) -> Flow {
        let (status, value) = (done.status, &done.value);
        let changed = value.get("changed").is_some_and(Value::is_true);
        self.run().count(&self.actor.host.name, |counts| {
            counts.count(status, changed, way.rescuable)
        });
        let lost = value.get("unreachable").is_some_and(Value::is_true);
        if status != Status::Skipped && !lost {
            self.touch_role(&way.frame);
        }
        if status == Status::Failed && way.rescuable {
            self.actor.remember_failure(task, &way.frame, value);
        }
        Flow::of(status)
    }

    /// Fails a task that was not announced yet.
    pub fn fail_announced(&self, task: &Arc<Task>, way: &Way, at: &Position, error: Error) -> Flow {
        self.announce(task, way, at);
        self.fail(task, way, error)
    }

    /// Fails an include whose file or role cannot be had: no `ignore_errors` helps, and it counts
    /// as a failure even where a rescue follows.
    ///
    /// What cannot be parsed ends the run (`AnsibleParserError` of the reference's strategies).
    pub fn fail_include(&self, task: &Arc<Task>, way: &Way, error: Error) -> Flow {
        if error.kind() == Kind::Syntax {
            self.run().abort(error);
            return Flow::Interrupted;
        }
        let mut attempted = Attempted::failed_before(&error);
        let host = Arc::clone(&self.actor.host.name);
        self.actor.tell(Event::IncludeFailed { host });
        self.with_job(task, way, |job| {
            let status = Status::Failed;
            let none = Duration::ZERO;
            attempted.hidden = job.info.no_log;
            hidden_now(attempted.hidden, || {
                self.actor.tell(Event::TaskError(error))
            });
            self.actor
                .tell_done(job, &attempted, None, status, none, false);
        });
        self.run()
            .count(&self.actor.host.name, |counts| counts.failed += 1);
        if way.rescuable {
            self.actor
                .remember_failure(task, &way.frame, &attempted.outcome.to_value());
        }
        Flow::Failed
    }

    /// Fails a task with an error of the user's text.
    pub fn fail(&self, task: &Arc<Task>, way: &Way, error: Error) -> Flow {
        let failed = |job: &Job<'_>| self.actor.fail(job, error, Instant::now());
        let done = self.with_job(task, way, failed);
        self.actor.register(task, &way.frame, &done.value);
        self.settle(task, way, &done)
    }

    /// In a plan: tells of a task of which it is not known yet whether it is done.
    pub(super) fn tell_unknown(&self, task: &Arc<Task>, way: &Way, why: &str) {
        let frame = way.frame.below(
            FrameKind::Task,
            task.keywords.clone(),
            Arc::clone(&task.vars),
        );
        let way = Way {
            frame,
            rescuable: way.rescuable,
        };
        self.tell_unknown_here(task, &way, why);
    }

    /// The same for a task whose own frame is there.
    pub(super) fn tell_unknown_here(&self, task: &Arc<Task>, way: &Way, why: &str) {
        self.with_job(task, way, |job| self.actor.leave_open(job, why));
    }

    /// In a plan: from here on it is not known whether the host, or the hosts of the batch, are still in the
    /// play, or in the role.
    pub(super) fn doubt(&self, action: &str, why: &str) {
        let place = match action {
            "end_play" | "end_batch" => &self.batch.doubt,
            _ => &self.doubt,
        };
        let mut doubt = place.lock().unwrap_or_else(PoisonError::into_inner);
        doubt.get_or_insert_with(|| Doubt {
            why: why.to_owned(),
            of_role: action == "end_role",
        });
    }

    /// In a plan: why it is not known whether the host comes to a task.
    pub(super) fn doubted(&self) -> Option<String> {
        [&self.batch.doubt, &self.doubt]
            .into_iter()
            .find_map(|doubt| {
                let doubt = doubt.lock().unwrap_or_else(PoisonError::into_inner);
                doubt.as_ref().map(|doubt| doubt.why.clone())
            })
    }

    /// The end of a role, behind which a host is that may have left it.
    pub(super) fn trust_again(&self) {
        let mut doubt = self.doubt.lock().unwrap_or_else(PoisonError::into_inner);
        doubt.take_if(|doubt| doubt.of_role);
    }

    /// Does something with a task that is told of, but never attempted.
    fn with_job<T>(&self, task: &Arc<Task>, way: &Way, act: impl FnOnce(&Job<'_>) -> T) -> T {
        let names = self.actor.names(&way.frame, Some(task));
        let info = self.info(task, way);
        act(&Job {
            actor: &self.actor,
            task,
            frame: &way.frame,
            names: &names,
            info: &info,
            key: None,
            looks: false,
        })
    }

    /// A task that fails before it begins, because its keywords cannot be understood.
    pub(super) async fn fail_before(
        &self,
        task: &Arc<Task>,
        way: &Way,
        at: &Position,
        error: Error,
    ) -> Flow {
        if let Err(stop) = self.batch.turnstile.enter(self.number, at).await {
            return Flow::Stopped(stop);
        }
        self.announce(task, way, at);
        self.fail(task, way, error)
    }
}

//! What is told of a task: that it begins, how it ended, why it failed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::attempt::{Attempted, Job};
use super::super::position::Position;
use super::super::values::Values;
use super::super::walker::{Flow, Walker, Way};
use super::name::full_name;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::playbook::{Task, short_name};
use crate::report::{self, Event, Item, Status, TaskInfo};
use crate::value::Map;
use crate::vars::{HostState, TaskScope};

impl Walker {
    /// Says that a task begins, once for all hosts; gives its description.
    pub fn announce(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Arc<TaskInfo> {
        let info = Arc::new(self.describe(task, way));
        if self.batch.turnstile.is_linear() && self.batch.turnstile.announce(at) {
            self.tell(Event::TaskStarted(self.as_first(task, way, at, &info)));
        }
        self.tell(Event::HostStarted {
            task: Arc::clone(&info),
            host: Arc::clone(&self.host.name),
        });
        info
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
        match first.filter(|first| **first != self.host.name) {
            Some(first) => {
                let host = self.run().store.host(first);
                Arc::new(self.describe_for(host, task, way))
            }
            None => Arc::clone(own),
        }
    }

    pub(in crate::executor) fn describe(&self, task: &Task, way: &Way) -> TaskInfo {
        self.describe_for(Arc::clone(&self.host), task, way)
    }

    fn describe_for(&self, host: Arc<HostState>, task: &Task, way: &Way) -> TaskInfo {
        let names = TaskScope {
            host,
            ..self.names(&way.frame, Some(task))
        };
        let values = Values::new(&self.run().engine, &names);
        let options = &self.run().options;
        let flag = |name: &str| values.keyword_flag(name).ok().flatten();
        let template = task.action.name_template();
        let action = template.and_then(|name| values.render(&name).ok());
        let action = action.map_or_else(|| task.action.name.clone(), |name| name.to_text());
        TaskInfo {
            name: full_name(task, &values),
            always_verbose: short_name(&action) == "debug",
            action,
            handler: task.handler,
            place: Some(task.place.clone()),
            check: flag("check_mode").unwrap_or(options.check),
            no_log: flag("no_log").unwrap_or(options.no_log),
            arguments: None,
            hosts: self.batch.size,
        }
    }

    /// `--step`: asks whether the task is to run.
    pub(super) fn may_step(&self, info: &TaskInfo) -> bool {
        if !self.run().is_stepping() {
            return true;
        }
        let question = format!(
            "Perform task: {} on {} (N)o/(y)es/(c)ontinue: ",
            info.name, self.host.name
        );
        let answer = self.run().person.ask(&question, true, None);
        match answer
            .ok()
            .flatten()
            .unwrap_or_default()
            .trim()
            .to_lowercase()
            .as_str()
        {
            "y" | "yes" => true,
            "c" | "continue" => {
                self.run().stop_stepping();
                true
            }
            _ => false,
        }
    }

    pub(super) fn tell_done(
        &self,
        job: &Job<'_>,
        attempted: &Attempted,
        label: Option<String>,
        status: Status,
        duration: Duration,
        of_loop: bool,
    ) {
        let outcome = match attempted.hidden {
            true => censored(&attempted.outcome),
            false => attempted.outcome.clone(),
        };
        let is_item = label.is_some();
        let task = match attempted.hidden == job.info.no_log {
            true => Arc::clone(job.info),
            false => Arc::new(TaskInfo {
                no_log: attempted.hidden,
                ..(**job.info).clone()
            }),
        };
        let result = report::Result {
            task,
            host: Arc::clone(&self.host.name),
            delegated: attempted.delegated.clone(),
            item: label.map(|label| Item {
                label: if attempted.hidden {
                    "(censored due to no_log)".to_owned()
                } else {
                    label
                },
            }),
            status,
            outcome: Arc::new(outcome),
            duration,
            of_loop,
        };
        self.tell(match is_item {
            true => Event::ItemDone(result),
            false => Event::TaskDone(result),
        });
    }

    /// Fails a task that was not announced yet.
    pub fn fail_announced(&self, task: &Arc<Task>, way: &Way, at: &Position, error: Error) -> Flow {
        self.announce(task, way, at);
        self.fail(task, way, error)
    }

    /// Fails an include whose file or role cannot be had: no `ignore_errors` helps, and it counts
    /// as a failure even where a rescue follows.
    pub fn fail_include(&self, task: &Arc<Task>, way: &Way, error: Error) -> Flow {
        let attempted = Attempted::failed(&error);
        self.tell(Event::TaskError(error));
        self.with_job(task, way, |job| {
            let status = Status::Failed;
            self.tell_done(job, &attempted, None, status, Duration::ZERO, false);
        });
        self.run()
            .count(&self.host.name, |counts| counts.failed += 1);
        if way.rescuable {
            self.remember_failure(task, way, &attempted.outcome.to_value());
        }
        Flow::Failed
    }

    /// Fails a task with an error of the user's text.
    pub fn fail(&self, task: &Arc<Task>, way: &Way, error: Error) -> Flow {
        let failed = |job: &Job<'_>| self.failed_before(job, way, error, Instant::now());
        self.with_job(task, way, failed).flow
    }

    /// Does something with a task that is told of, but never attempted.
    fn with_job<T>(&self, task: &Arc<Task>, way: &Way, act: impl FnOnce(&Job<'_>) -> T) -> T {
        let names = self.names(&way.frame, Some(task));
        let info = Arc::new(self.describe(task, way));
        act(&Job {
            walker: self,
            task,
            frame: &way.frame,
            names: &names,
            info: &info,
        })
    }
}

/// What may be told of a task with `no_log`.
fn censored(outcome: &Outcome) -> Outcome {
    let words = "the output has been hidden due to the fact that 'no_log: true' was specified for this result";
    Outcome {
        data: crate::entries! { "censored" => words },
        facts: Map::new(),
        diff: Vec::new(),
        warnings: Vec::new(),
        wishes: Vec::new(),
        ..outcome.clone()
    }
}

//! What is told of a task: what it is, how it ended.

use std::sync::Arc;
use std::time::Duration;

use super::actor::Actor;
use super::job::{Attempted, Job};
use super::name::full_name;
use crate::playbook::{Task, short_name};
use crate::report::{self, CENSORED, Event, Item, Status, TaskInfo};
use crate::value::Map;
use crate::vars::{Frame, HostState, TaskScope, Values};

/// Arguments as they are written, templates and all.
fn written(args: &Map) -> String {
    let all = args.iter();
    let all = all.map(|(name, value)| format!("{}={}", name.to_text(), value.to_text()));
    all.collect::<Vec<_>>().join(", ")
}

impl Actor {
    /// What is told of a task.
    pub fn describe(&self, task: &Task, frame: &Arc<Frame>) -> TaskInfo {
        self.describe_for(Arc::clone(&self.host), task, frame)
    }

    /// What is told of a task as another host has it.
    pub fn describe_for(&self, host: Arc<HostState>, task: &Task, frame: &Arc<Frame>) -> TaskInfo {
        let names = TaskScope {
            host,
            ..self.names(frame, Some(task))
        };
        let values = Values::new(&self.run().engine, &names);
        let options = &self.run().options;
        let flag = |name: &str| values.keyword_flag(name).ok().flatten();
        let template = task.action.name_template();
        let action = template.and_then(|name| values.render(&name).ok());
        let action = action.map_or_else(|| task.action.name.clone(), |name| name.to_text());
        let no_log = flag("no_log").unwrap_or(options.no_log);
        TaskInfo {
            name: full_name(task, &values),
            always_verbose: short_name(&action) == "debug",
            action,
            role: frame.roles().next().map(|role| match role.hidden {
                true => CENSORED.to_owned(),
                false => role.role.name.clone(),
            }),
            handler: task.handler,
            // The path of a role has its name.
            place: match frame.roles().any(|role| role.hidden) {
                true => None,
                false => Some(task.place.clone()),
            },
            check: flag("check_mode").unwrap_or(options.check),
            diff: flag("diff").unwrap_or(options.diff),
            no_log,
            arguments: (options.tells_arguments && !no_log).then(|| written(&task.action.args)),
            hosts: self.batch_size,
            rescued: false,
        }
    }

    /// `--step`: asks whether the task is to run.
    pub fn may_step(&self, info: &TaskInfo) -> bool {
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

    /// The host a task was delegated to, as it may be told: what a template makes of a value that is not to be
    /// told is not, unless it is a host that everybody sees.
    fn delegate_told(&self, job: &Job<'_>, attempted: &Attempted) -> Option<String> {
        let delegated = attempted.delegated.clone()?;
        let written = job.frame.keyword("delegate_to");
        let made = written.is_some_and(|entry| entry.value.has_templates());
        let name = delegated.split('(').next().unwrap_or_default();
        let is_seen = self.run().store.inventory().host(name).is_some();
        match attempted.hidden && made && !is_seen {
            true => Some(CENSORED.to_owned()),
            false => Some(delegated),
        }
    }

    /// Tells how a task, or an item of its loop, ended.
    pub fn tell_done(
        &self,
        job: &Job<'_>,
        attempted: &Attempted,
        label: Option<String>,
        status: Status,
        duration: Duration,
        of_loop: bool,
    ) {
        let is_item = label.is_some();
        // The gate of the report hides what `no_log` hides.
        let result = report::Result {
            task: job.told(attempted.hidden),
            host: Arc::clone(&self.host.name),
            delegated: self.delegate_told(job, attempted),
            item: label.map(|label| Item { label }),
            status,
            outcome: Arc::new(attempted.outcome.clone()),
            duration,
            of_loop,
        };
        self.tell(match is_item {
            true => Event::ItemDone(result),
            false => Event::TaskDone(result),
        });
    }
}

//! `meta`: what a task can ask of the run itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::position::Position;
use super::turnstile::Stop;
use super::walker::{Flow, Walker, Way};
use crate::error::{Error, Result, nearest};
use crate::executor::task::Job;
use crate::executor::wire::target;
use crate::outcome::Outcome;
use crate::playbook::{FREE_TEXT, Task};
use crate::report::{Event, Status};
use crate::vars::Values;

/// The actions of `meta`, in alphabetical order.
pub const ACTIONS: &[&str] = &[
    "clear_facts",
    "clear_host_errors",
    "end_batch",
    "end_host",
    "end_play",
    "end_role",
    "flush_handlers",
    "noop",
    "refresh_inventory",
    "reset_connection",
];

/// Those that the first host does for all, its condition deciding.
const ONCE: &[&str] = &[
    "clear_facts",
    "clear_host_errors",
    "end_batch",
    "end_play",
    "refresh_inventory",
];

/// The action that a `meta` task asks for.
///
/// # Errors
/// There is none of that name.
pub fn action(task: &Task) -> Result<&'static str> {
    let text = task
        .action
        .free_text()
        .map(|value| value.to_text())
        .unwrap_or_default();
    ACTIONS
        .iter()
        .find(|known| **known == text)
        .copied()
        .ok_or_else(|| {
            let place = task
                .action
                .args
                .get_entry(FREE_TEXT)
                .and_then(|(_, value)| value.place());
            Error::input(format!("`{text}` is not a valid meta action"))
                .at(place.or(Some(&task.action.place)).cloned())
                .hint_if(nearest(&text, ACTIONS.iter().copied()))
        })
}

impl Walker {
    /// Does a `meta` task.
    pub async fn meta(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Flow {
        let names = self.actor.names(&way.frame, Some(task));
        let values = Values::new(&self.run().engine, &names);
        let info = Arc::default();
        let job = Job {
            actor: &self.actor,
            task,
            frame: &way.frame,
            names: &names,
            info: &info,
            key: None,
            looks: false,
        };
        let skipped = match job.skipped(&values) {
            Ok(skipped) => skipped,
            Err(error) => match job.not_known_yet(&error) {
                Some(why) => return self.may_end(task, way, at, &why).await,
                None => return self.fail_announced(task, way, at, error),
            },
        };
        match action(task) {
            Err(error) => self.fail_announced(task, way, at, error),
            Ok("noop") => Flow::Next,
            Ok(action)
                if ONCE.contains(&action) && !self.batch.turnstile.leads(self.number, at) =>
            {
                self.flow_of_settled(at).await
            }
            Ok(action) if skipped => {
                let goes_on = self.what_goes_on(action, way);
                let words = format!("{action} conditional evaluated to False{goes_on}");
                self.tell_meta(task, way, at, &words, Status::Skipped);
                Flow::Next
            }
            Ok("flush_handlers") if task.handler => {
                let error = Error::input("flush_handlers cannot be used as a handler");
                self.run().abort(error.at(task.action.place.clone()));
                Flow::Interrupted
            }
            Ok("flush_handlers") => self.flush_here(at, way.rescuable).await,
            Ok(action) => self.do_meta(action, task, way, at, &values).await,
        }
    }

    /// In a plan: whether it is done is not known yet. What would come behind the end of something is not
    /// known then either.
    async fn may_end(&self, task: &Arc<Task>, way: &Way, at: &Position, why: &str) -> Flow {
        let action = action(task).unwrap_or_default();
        if ONCE.contains(&action) && !self.batch.turnstile.leads(self.number, at) {
            return self.flow_of_settled(at).await;
        }
        if action.starts_with("end_") {
            self.doubt(action, why);
        }
        self.tell_unknown_here(task, way, why);
        Flow::Next
    }

    async fn flush_here(&self, at: &Position, rescuable: bool) -> Flow {
        let flow = self.flush(&at.child(0), rescuable).await;
        if flow != Flow::Next {
            return flow;
        }
        self.flow_of_settled(at).await
    }

    /// Waits until every host is done here.
    async fn flow_of_settled(&self, at: &Position) -> Flow {
        match self.batch.turnstile.settle(self.number, at).await {
            Ok(()) => Flow::Next,
            Err(stop) => Flow::Stopped(stop),
        }
    }

    async fn do_meta(
        &self,
        action: &str,
        task: &Arc<Task>,
        way: &Way,
        at: &Position,
        values: &Values<'_>,
    ) -> Flow {
        match action {
            "clear_facts" => {
                for host in &self.batch.hosts {
                    self.run().store.host(host).clear_facts();
                }
            }
            "clear_host_errors" => {
                self.run().forgive();
                self.batch.forgiven.fetch_add(1, Ordering::Relaxed);
                self.batch.turnstile.forgive();
            }
            "refresh_inventory" => {
                if self.batch.turnstile.leads(self.number, at)
                    && let Err(error) = self.run().refresh_inventory()
                {
                    return self.fail_announced(task, way, at, error);
                }
            }
            "reset_connection" => {
                let access = &self.run().options.access;
                match target(values, access, false) {
                    Ok(target) => self.actor.means.links.forget(&target),
                    Err(error) => return self.fail_announced(task, way, at, error),
                }
            }
            "end_host" => {
                let words = format!("ending play for {}", self.actor.host.name);
                self.tell_meta(task, way, at, &words, Status::Ok);
                self.batch.state.end(&self.actor.host.name);
                return Flow::EndHost;
            }
            "end_role" if way.frame.role().is_none() => {
                let error = Error::syntax("Cannot execute 'end_role' from outside of a role");
                let error = error.at(task.action.place.clone());
                return self.fail_announced(task, way, at, error);
            }
            "end_role" => {
                let role = way.frame.role().map(|role| role.role.full_name());
                let role = role.unwrap_or_default();
                let words = format!("ending role {role} for {}", self.actor.host.name);
                self.tell_meta(task, way, at, &words, Status::Ok);
                return Flow::EndRole;
            }
            "end_play" => {
                self.tell_meta(task, way, at, "ending play", Status::Ok);
                return self.end(Stop::Play);
            }
            "end_batch" => {
                self.tell_meta(task, way, at, "ending batch", Status::Ok);
                return self.end(Stop::Batch);
            }
            _ => (),
        }
        Flow::Next
    }

    /// What a `meta` task that is skipped leaves as it was, in the reference's words.
    fn what_goes_on(&self, action: &str, way: &Way) -> String {
        let host = &self.actor.host.name;
        match action {
            "clear_facts" => format!(", not clearing facts and fact cache for {host}"),
            "clear_host_errors" => format!(", not clearing host error state for {host}"),
            "end_batch" => ", continuing current batch".to_owned(),
            "end_host" => format!(", continuing execution for {host}"),
            "end_play" => ", continuing play".to_owned(),
            "end_role" => {
                let role = way.frame.role().map(|role| role.role.full_name());
                let role = role.unwrap_or_default();
                format!(", continuing role {role} for {host}")
            }
            "flush_handlers" => format!(", not running handlers for {host}"),
            "refresh_inventory" => ", not refreshing inventory".to_owned(),
            _ => String::new(),
        }
    }

    fn end(&self, stop: Stop) -> Flow {
        self.batch.turnstile.stop(stop);
        Flow::Stopped(stop)
    }

    fn tell_meta(&self, task: &Arc<Task>, way: &Way, at: &Position, words: &str, status: Status) {
        let info = self.announce(task, way, at);
        self.actor.tell(Event::Note {
            level: 2,
            text: format!("META: {words}"),
        });
        if status == Status::Skipped {
            // Only this one has more to say than its name, and writes the truth value otherwise.
            let message = match words.split_once(' ') {
                Some(("end_host", _)) => words.replace("evaluated to False", "evaluated to false"),
                Some((action, _)) => action.to_owned(),
                None => words.to_owned(),
            };
            let mut outcome = Outcome::ok()
                .with("msg", message)
                .with("skip_reason", words);
            outcome.skipped = true;
            self.actor.tell(Event::TaskDone(crate::report::Result {
                task: info,
                host: Arc::clone(&self.actor.host.name),
                delegated: None,
                item: None,
                status,
                outcome: Arc::new(outcome),
                duration: std::time::Duration::ZERO,
                of_loop: false,
            }));
        }
    }
}

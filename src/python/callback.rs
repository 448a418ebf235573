//! Callback plugins of others: told of a run's events, and what they show is shown.

use std::collections::HashMap;
use std::sync::Arc;

use super::Python;
use super::plugins::{Line, NoNames, waiting};
use super::shelf::PluginKind;
use crate::error::{Error, Result};
use crate::report::{
    Event, Included, PlayInfo, Recap, Result as TaskResult, Status, TaskInfo, Teller,
};
use crate::value::{Crossing, Map, Value, encode};

/// How the screen is, for a callback.
#[derive(Clone, Copy, Debug, Default)]
pub struct Screen {
    /// Whether colours are shown.
    pub colour: bool,
    /// How many columns there are.
    pub width: usize,
    /// How many `-v`.
    pub verbosity: u8,
}

/// A callback plugin in Python that listens.
pub struct Callback {
    name: String,
    line: Option<Line>,
    /// What it showed while it was loaded.
    begun: String,
    /// The id of the last task that began at a place.
    tasks: HashMap<String, String>,
    begun_tasks: u64,
    /// The task that each host is at.
    at: HashMap<Arc<str>, String>,
    plays: u64,
    warn: Box<dyn Fn(Error) + Send>,
}

impl Python {
    /// Whether there is a file of a callback of that name.
    pub fn has_callback(&self, name: &str) -> bool {
        self.plugin_file(PluginKind::Callback, name)
            .is_ok_and(|file| file.is_some())
    }

    /// The callbacks beside the playbook, and in the configuration's folders, that are on without
    /// being named.
    ///
    /// # Errors
    /// No Python with ansible-core is there.
    pub fn own_callbacks(&self) -> Result<Vec<String>> {
        let folders = self.own_folders(PluginKind::Callback);
        let Some(some) = folders
            .iter()
            .find(|folder| super::plugins::holds_python(folder))
        else {
            return Ok(Vec::new());
        };
        let what = format!("the callback plugins in `{}`", some.display());
        let enabled = self.settings.callbacks_enabled.iter();
        let head = crate::entries! {
            "do" => "callback",
            "list" => true,
            "enabled" => Value::strings(enabled.map(String::as_str)),
            "places" => self.places(PluginKind::Callback),
        };
        let frame = waiting(|| self.new_line(&what)?.converse(&what, head, &NoNames))?;
        if let Some(error) = frame.text("error") {
            return Err(Error::input(format!("{what} cannot be loaded: {error}")));
        }
        Ok(match frame.head.get("names") {
            Some(Value::List(names)) => names.iter().map(Value::to_text).collect(),
            _ => Vec::new(),
        })
    }

    /// Loads a callback plugin. What goes wrong with it later is told to `warn`.
    ///
    /// # Errors
    /// It cannot be loaded, or no Python with ansible-core is there.
    pub fn callback(
        &self,
        name: &str,
        screen: Screen,
        warn: Box<dyn Fn(Error) + Send>,
    ) -> Result<Callback> {
        let what = format!("the callback plugin `{name}`");
        let head = crate::entries! {
            "do" => "callback",
            "name" => name,
            "colour" => screen.colour,
            "width" => i64::try_from(screen.width).unwrap_or(79),
            "verbosity" => i64::from(screen.verbosity),
            "places" => self.places(PluginKind::Callback),
        };
        let (line, frame) = waiting(|| {
            let line = self.new_line(&what)?;
            let frame = line.converse(&what, head, &NoNames)?;
            Ok::<_, Error>((line, frame))
        })?;
        if let Some(error) = frame.text("error") {
            let place = frame.text("where");
            return Err(Error::input(format!("{what} cannot be loaded: {error}"))
                .hint_if(place.map(|place| format!("it was raised in {place}"))));
        }
        if frame.head.contains("missing") {
            return Err(Error::input(format!(
                "there is no callback plugin `{name}`"
            )));
        }
        Ok(Callback {
            name: name.to_owned(),
            line: Some(line),
            begun: frame.text("text").unwrap_or_default().to_owned(),
            tasks: HashMap::new(),
            begun_tasks: 0,
            at: HashMap::new(),
            plays: 0,
            warn,
        })
    }
}

impl Teller for Callback {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        out.extend(std::mem::take(&mut self.begun).into_bytes());
        let Some(head) = self.head(event) else {
            return;
        };
        let Some(line) = &self.line else {
            return;
        };
        let what = format!("the callback plugin `{}`", self.name);
        match waiting(|| line.converse(&what, head, &NoNames)) {
            Ok(frame) => {
                out.extend(frame.text("text").unwrap_or_default().bytes());
                if let Some(error) = frame.text("error") {
                    (self.warn)(Error::input(format!("{what} failed: {error}")));
                }
                if let Some(Value::List(failures)) = frame.head.get("failures") {
                    for failure in failures.iter() {
                        (self.warn)(Error::input(format!(
                            "{what} failed in {}",
                            failure.to_text()
                        )));
                    }
                }
            }
            // It hears of nothing more; the run goes on.
            Err(error) => {
                self.line = None;
                (self.warn)(error);
            }
        }
    }
}

impl Callback {
    /// What the plugin is told of an event; nothing of those that the reference has no method for.
    fn head(&mut self, event: &Event) -> Option<Map> {
        let mut head = match event {
            Event::PlaybookStarted { path } => crate::entries! {
                "event" => "playbook",
                "path" => path.to_string_lossy().into_owned(),
            },
            Event::PlayStarted(play) => {
                self.plays += 1;
                of_play(play, self.plays)
            }
            Event::NoHostsMatched => crate::entries! { "event" => "no_hosts" },
            Event::TooManyFailed => crate::entries! { "event" => "none_left" },
            Event::TaskStarted(task) => {
                let id = self.id(task);
                of_task(task, &id)
            }
            Event::HostStarted { task, host } => {
                let id = self.known(task)?;
                self.at.insert(Arc::clone(host), id.clone());
                crate::entries! { "event" => "start", "task" => id, "host" => &**host }
            }
            Event::AsyncPolled {
                host,
                job,
                finished,
                failed,
            } => of_poll(self.at.get(host)?, host, job, (*finished, *failed)),
            Event::ItemDone(result) => self.of_result("item", result),
            Event::TaskDone(result) => self.of_result("done", result),
            Event::Retrying { result, left } => {
                let mut head = self.of_result("retry", result);
                head.set("left", i64::from(*left));
                head
            }
            Event::Included(included) => of_included(included),
            Event::Notified { handler, host } => crate::entries! {
                "event" => "notified",
                "handler" => handler.as_str(),
                "host" => &**host,
            },
            Event::Finished(recap) => of_recap(recap),
            _ => return None,
        };
        head.set("do", "event");
        Some(head)
    }

    fn id(&mut self, task: &TaskInfo) -> String {
        self.begun_tasks += 1;
        let id = uuid(self.begun_tasks);
        self.tasks.insert(key(task), id.clone());
        id
    }

    fn known(&self, task: &TaskInfo) -> Option<String> {
        self.tasks.get(&key(task)).cloned()
    }

    fn of_result(&self, event: &str, result: &TaskResult) -> Map {
        let status = match result.status {
            _ if result.outcome.unreachable => "unreachable",
            Status::Ok | Status::Changed => "ok",
            Status::Skipped => "skipped",
            Status::Failed => "failed",
            Status::Ignored => "ignored",
            Status::Unreachable => "unreachable",
        };
        crate::entries! {
            "event" => event,
            "task" => self.known(&result.task).unwrap_or_default(),
            "host" => &*result.host,
            "name" => result.task.name.as_str(),
            "status" => status,
            "delegated" => Value::str_or_null(result.delegated.as_deref()),
            "differs" => !result.outcome.diff.is_empty(),
            "result" => encode(&result.outcome.to_value(), Crossing::Data),
        }
    }
}

/// What tells a task from others: its place, for its name may differ from host to host.
fn key(task: &TaskInfo) -> String {
    match &task.place {
        Some(place) => format!("{place} {}", task.handler),
        None => task.name.clone(),
    }
}

fn uuid(number: u64) -> String {
    format!("00000000-0000-0000-0000-{number:012x}")
}

fn of_play(play: &PlayInfo, number: u64) -> Map {
    crate::entries! {
        "event" => "play",
        "id" => uuid(number),
        "name" => play.name.as_str(),
        "hosts" => Value::strings(play.hosts.iter().map(|host| &**host)),
        "check" => play.check,
        "path" => place(play.place.as_ref()),
    }
}

fn of_task(task: &TaskInfo, id: &str) -> Map {
    let own = task
        .role
        .as_ref()
        .and_then(|role| task.name.strip_prefix(&format!("{role} : ")));
    crate::entries! {
        "event" => "task",
        "task" => id,
        "name" => own.unwrap_or(&task.name),
        "full" => task.name.as_str(),
        "action" => task.action.as_str(),
        "role" => Value::str_or_null(task.role.as_deref()),
        "handler" => task.handler,
        "check" => task.check,
        "no_log" => task.no_log,
        "path" => place(task.place.as_ref()),
    }
}

fn of_poll(task: &str, host: &str, job: &str, (finished, failed): (bool, bool)) -> Map {
    let status = match (finished, failed) {
        (false, _) => "poll",
        (true, true) => "failed",
        (true, false) => "ok",
    };
    let result = crate::entries! {
        "ansible_job_id" => job,
        "finished" => finished,
        "started" => true,
    };
    crate::entries! {
        "event" => "poll",
        "task" => task,
        "host" => host,
        "status" => status,
        "result" => result,
    }
}

fn of_included(included: &Included) -> Map {
    crate::entries! {
        "event" => "included",
        "path" => included.path.as_str(),
        "hosts" => Value::strings(included.hosts.iter().map(|host| &**host)),
    }
}

fn of_recap(recap: &Recap) -> Map {
    let hosts = recap.hosts.iter().map(|(name, counts)| {
        let counts = crate::entries! {
            "ok" => i64::from(counts.ok),
            "changed" => i64::from(counts.changed),
            "unreachable" => i64::from(counts.unreachable),
            "failed" => i64::from(counts.failed),
            "skipped" => i64::from(counts.skipped),
            "rescued" => i64::from(counts.rescued),
            "ignored" => i64::from(counts.ignored),
        };
        Value::list(vec![Value::str(&**name), Value::map(counts)])
    });
    crate::entries! {
        "event" => "stats",
        "hosts" => Value::list(hosts.collect()),
        "custom" => encode(&Value::map(recap.stats.clone()), Crossing::Data),
    }
}

fn place(place: Option<&crate::error::Place>) -> Value {
    place.map_or(Value::Null, |place| {
        Value::str(format!("{}:{}", place.path().display(), place.line))
    })
}

//! Callback plugins of others: told of a run's events, and what they show is shown.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::Python;
use super::frame::Frame;
use super::plugins::{Line, NoNames, Said, waiting};
use super::shelf::PluginKind;
use super::told::{
    full_connection, key, of_implicit, of_included, of_play, of_poll, of_recap, of_task, uuid,
};
use crate::error::{Error, Result};
use crate::report::{Event, Result as TaskResult, Status, TaskInfo, Teller};
use crate::template::PluginNames;
use crate::value::{Crossing, Map, Value, encode};

/// How long what a callback wants done at its end (`atexit`) may take.
const END: Duration = Duration::from_secs(10);

/// Where what a callback says beside its text goes.
pub trait Aside: Send {
    /// A warning: the plugin's own, or of the plugin.
    fn warn(&self, warning: Error);
    /// Text for standard error, as it is.
    fn print(&self, text: &str);
}

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
    /// How the background job of each host's task ended, until its result is told.
    polled: HashMap<Arc<str>, &'static str>,
    plays: u64,
    /// Whether it wants to hear of tasks that nobody has written.
    implicit: bool,
    /// Whether each host of the play tells by itself that a task begins (`strategy: free`).
    free: bool,
    deprecations: bool,
    /// The warnings that were told: each is told once.
    told: HashSet<String>,
    aside: Box<dyn Aside>,
}

impl Python {
    /// Whether there is a file of a callback of that name.
    pub fn has_callback(&self, name: &str) -> bool {
        self.callback_name(name).is_ok_and(|found| found.is_some())
    }

    /// What a name of a callback leads to: itself, or the full name that routing gives it.
    ///
    /// # Errors
    /// The routing says that it is gone.
    pub fn callback_name(&self, name: &str) -> Result<Option<String>> {
        let what = format!("the callback plugin `{name}`");
        let found = self.routed(PluginKind::Callback, name)?;
        if found.is_some() || !self.ask_for_shelf(&what) {
            return Ok(found);
        }
        self.routed(PluginKind::Callback, name)
    }

    /// The callbacks beside the playbook, and in the configuration's folders, that are on without
    /// being named. Of a folder whose every name is `answered` without Python, none is asked for:
    /// ansible-runner names one that holds nothing but `awx_display`.
    ///
    /// # Errors
    /// No Python with ansible-core is there.
    pub fn own_callbacks(&self, answered: &dyn Fn(&str) -> bool) -> Result<Vec<String>> {
        let folders = self.own_folders(PluginKind::Callback);
        let Some(some) = folders
            .iter()
            .find(|folder| super::plugins::holds_others(folder, "callback", answered))
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

    /// Loads a callback plugin; its options may stand among the variables `extra`. What it says
    /// beside its text goes to `aside`.
    ///
    /// # Errors
    /// It cannot be loaded, or no Python with ansible-core is there.
    pub fn callback(
        &self,
        name: &str,
        screen: Screen,
        extra: &dyn PluginNames,
        aside: Box<dyn Aside>,
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
            let frame = line.converse(&what, head, extra)?;
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
        let mut callback = Callback {
            name: name.to_owned(),
            line: Some(line),
            begun: String::new(),
            tasks: HashMap::new(),
            begun_tasks: 0,
            at: HashMap::new(),
            polled: HashMap::new(),
            plays: 0,
            implicit: frame.head.get("implicit").is_some_and(Value::is_true),
            free: false,
            deprecations: self.settings.deprecations,
            told: HashSet::new(),
            aside,
        };
        callback.begun = callback.said(&frame);
        Ok(callback)
    }
}

impl Teller for Callback {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        out.extend(std::mem::take(&mut self.begun).into_bytes());
        let ends = matches!(event, Event::RunEnded { .. });
        let head = match ends {
            true => Some(crate::entries! { "do" => "end" }),
            false => self.head(event),
        };
        let Some((head, line)) = head.zip(self.line.as_ref()) else {
            return;
        };
        let what = format!("the callback plugin `{}`", self.name);
        let limit = ends.then_some(END);
        let heard = waiting(|| line.converse_for(limit, &what, head, &NoNames));
        match &heard {
            Ok(frame) => {
                out.extend(self.said(frame).into_bytes());
                self.tell_failures(&what, frame);
            }
            Err(error) => self.aside.warn(error.clone()),
        }
        // It hears of nothing more; the run goes on.
        if ends || heard.is_err() {
            self.line = None;
        }
    }
}

impl Callback {
    /// What it shows; what it says beside that is told.
    fn said(&mut self, frame: &Frame) -> String {
        let said = Said::of(frame, self.deprecations);
        for warning in said.warnings {
            if self.told.insert(warning.to_string()) {
                self.aside.warn(warning);
            }
        }
        if !said.stderr.is_empty() {
            self.aside.print(&said.stderr);
        }
        said.stdout
    }

    fn tell_failures(&self, what: &str, frame: &Frame) {
        if let Some(error) = frame.text("error") {
            let text = format!("{what} failed: {error}");
            self.aside.warn(Error::input(text));
        }
        if let Some(Value::List(failures)) = frame.head.get("failures") {
            for failure in failures.iter() {
                let text = format!("{what} failed in {}", failure.to_text());
                self.aside.warn(Error::input(text));
            }
        }
    }

    /// What the plugin is told of an event; nothing of those that the reference has no method for.
    fn head(&mut self, event: &Event) -> Option<Map> {
        let mut head = match event {
            Event::PlaybookStarted { path } => crate::entries! {
                "event" => "playbook",
                "path" => path.to_string_lossy().into_owned(),
            },
            Event::PlayStarted(play) => {
                self.plays += 1;
                self.free = false;
                of_play(play, self.plays)
            }
            Event::Asked { name, words } => crate::entries! {
                "event" => "asked",
                "name" => name.as_str(),
                "words" => encode(&Value::map(words.clone()), Crossing::Data),
            },
            Event::NoHostsMatched => crate::entries! { "event" => "no_hosts" },
            Event::TooManyFailed => crate::entries! { "event" => "none_left" },
            Event::TaskStarted(task) => {
                let id = self.id(task);
                of_task(task, &id)
            }
            Event::HostStarted { task, host } => {
                let known = self.known(task);
                // Where hosts go their own ways, nobody tells that a task begins for all.
                self.free |= known.is_none();
                let id = known.filter(|_| !self.free);
                let id = id.unwrap_or_else(|| self.id(task));
                self.at.insert(Arc::clone(host), id.clone());
                let begins = self.free.then(|| Value::map(of_task(task, &id)));
                crate::entries! {
                    "event" => "start",
                    "task" => id,
                    "host" => &**host,
                    "begins" => begins.unwrap_or_default(),
                }
            }
            Event::IncludeFailed { host } => crate::entries! {
                "event" => "include_failed",
                "task" => self.at.get(host)?.as_str(),
                "hosts" => Value::strings([&**host]),
                "path" => "",
            },
            Event::AsyncPolled {
                host,
                finished: true,
                failed,
                ..
            } => {
                // It is told with the result, which is known then.
                let status = if *failed { "failed" } else { "ok" };
                self.polled.insert(Arc::clone(host), status);
                return None;
            }
            Event::AsyncPolled { host, job, .. } => of_poll(self.at.get(host)?, host, job),
            Event::ItemDone(result) => self.with_poll("item", result),
            Event::TaskDone(result) => self.with_poll("done", result),
            Event::Retrying { result, left } => {
                let mut head = self.of_result("retry", result);
                head.set("left", i64::from(*left));
                head
            }
            Event::Included(included) => {
                let at = included.hosts.first().and_then(|host| self.at.get(host));
                of_included(included, at)
            }
            Event::Implicit { host, role, action } if self.implicit => {
                self.begun_tasks += 1;
                of_implicit(&uuid(self.begun_tasks), host, role.as_deref(), action)
            }
            Event::Notified { handler, host } => crate::entries! {
                "event" => "notified",
                "handler" => handler.as_str(),
                "host" => &**host,
            },
            Event::PlaybookDone(recap) | Event::Finished(recap) => of_recap(recap),
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

    /// A result, after how its background job ended.
    fn with_poll(&mut self, event: &str, result: &TaskResult) -> Map {
        let mut head = self.of_result(event, result);
        if let Some(status) = self.polled.remove(&result.host) {
            head.set("polled", status);
        }
        head
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
            "connection" => Value::str_or_null(result.outcome.connection.map(full_connection).as_deref()),
            "differs" => !result.outcome.diff.is_empty(),
            "result" => encode(&result.outcome.to_value(), Crossing::Data),
        }
    }
}

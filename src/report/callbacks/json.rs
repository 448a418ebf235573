//! `ansible.posix.json`: everything as one JSON object, when the run is over.

use std::sync::Arc;

use jiff::Timestamp;

use super::Settings;
use super::result::{is_failed, whole};
use crate::report::clean::escaped;
use crate::report::event::{Counts, Event, PlayInfo, Recap, Result, Status, TaskInfo};
use crate::report::printed::Teller;
use crate::value::{Map, Value, to_json_with};

/// Collects plays and tasks.
pub struct Json {
    indent: Option<usize>,
    stats: bool,
    plays: Vec<Play>,
}

struct Play {
    info: Arc<PlayInfo>,
    start: String,
    end: Option<String>,
    tasks: Vec<Task>,
}

struct Task {
    info: Arc<TaskInfo>,
    start: String,
    end: Option<String>,
    hosts: Vec<(Arc<str>, Value)>,
}

impl Json {
    /// One that indents as the settings say.
    pub fn new(settings: &Settings) -> Self {
        Json {
            indent: settings.json_indent,
            stats: settings.screen.stats,
            plays: Vec::new(),
        }
    }

    fn task(&mut self, info: &Arc<TaskInfo>) {
        if let Some(play) = self.plays.last_mut() {
            play.tasks.push(Task {
                info: Arc::clone(info),
                start: now(),
                end: None,
                hosts: Vec::new(),
            });
        }
    }

    fn result(&mut self, result: &Result) {
        let known = self.plays.last().and_then(|play| {
            let tasks = play.tasks.iter().enumerate().rev();
            let mut tasks = tasks.map(|(number, task)| (number, &task.info));
            tasks
                .find(|(_, info)| info.name == result.task.name && info.place == result.task.place)
                .map(|(number, _)| number)
        });
        if known.is_none() {
            self.task(&result.task);
        }
        let Some(play) = self.plays.last_mut() else {
            return;
        };
        let last = play.tasks.len().saturating_sub(1);
        let Some(task) = play.tasks.get_mut(known.unwrap_or(last)) else {
            return;
        };
        let value = value(result);
        match task.hosts.iter_mut().find(|(host, _)| *host == result.host) {
            Some((_, old)) => *old = value,
            None => task.hosts.push((Arc::clone(&result.host), value)),
        }
        let end = now();
        task.end = Some(end.clone());
        play.end = Some(end);
    }

    fn whole(&self, recap: &Recap) -> Value {
        let mut stats = Map::new();
        let mut of_hosts = Map::new();
        for (host, counts) in &recap.hosts {
            stats.set(host, summary(counts));
        }
        let mut of_run = Map::new();
        for (host, figures) in recap.stats.iter().filter(|_| self.stats) {
            match (host.as_str(), figures.as_map()) {
                (Some("_run"), Some(figures)) => of_run = (**figures).clone(),
                _ => {
                    of_hosts.insert(host.clone(), figures.clone());
                }
            }
        }
        Value::map(crate::entries! {
            "plays" => Value::list(self.plays.iter().map(Play::value).collect()),
            "stats" => stats,
            "custom_stats" => of_hosts,
            "global_custom_stats" => of_run,
        })
    }
}

/// The time as Python's `isoformat` writes it, in UTC.
fn now() -> String {
    Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        .to_string()
}

fn duration(start: &str, end: Option<&String>) -> Value {
    let mut map = crate::entries! { "start" => start };
    if let Some(end) = end {
        map.set("end", end.as_str());
    }
    Value::map(map)
}

/// An id that no other play or task of the run has.
fn id(place: Option<&crate::error::Place>, start: &str) -> String {
    let name = format!("{place:?} {start}");
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
}

fn place(place: Option<&crate::error::Place>) -> Value {
    let text = place.map(|place| {
        let path = std::path::absolute(place.path()).unwrap_or(place.path().to_owned());
        format!("{}:{}", path.display(), place.line)
    });
    Value::str_or_null(text)
}

impl Play {
    fn value(&self) -> Value {
        Value::map(crate::entries! {
            "play" => crate::entries! {
                "name" => self.info.name.as_str(),
                "id" => id(self.info.place.as_ref(), &self.start),
                "path" => place(self.info.place.as_ref()),
                "duration" => duration(&self.start, self.end.as_ref()),
            },
            "tasks" => Value::list(self.tasks.iter().map(Task::value).collect()),
        })
    }
}

impl Task {
    fn value(&self) -> Value {
        let mut hosts = Map::new();
        for (host, value) in &self.hosts {
            hosts.set(host, value.clone());
        }
        Value::map(crate::entries! {
            "task" => crate::entries! {
                "name" => self.info.name.as_str(),
                "id" => id(self.info.place.as_ref(), &self.start),
                "path" => place(self.info.place.as_ref()),
                "duration" => duration(&self.start, self.end.as_ref()),
            },
            "hosts" => hosts,
        })
    }
}

/// A result as the reference hands it to callbacks, and its action.
pub(super) fn value(result: &Result) -> Value {
    let mut map = whole(result);
    if is_failed(result) {
        map.set("failed", true);
        if !result.task.no_log {
            map.set("exception", "(traceback unavailable)");
        }
    }
    if result.status == Status::Skipped {
        map.set("skipped", true);
    }
    if result.outcome.shown {
        map.set("_ansible_verbose_always", true);
    }
    if result.task.no_log {
        map.set("_ansible_no_log", true);
    }
    if !result.outcome.diff.is_empty() {
        let diffs = result.outcome.diff.iter();
        map.set(
            "diff",
            Value::list(diffs.map(crate::outcome::Diff::to_value).collect()),
        );
    }
    map.set("action", result.task.action.as_str());
    Value::map(map)
}

fn summary(counts: &Counts) -> Map {
    crate::entries! {
        "ok" => i64::from(counts.ok),
        "failures" => i64::from(counts.failed),
        "unreachable" => i64::from(counts.unreachable),
        "changed" => i64::from(counts.changed),
        "skipped" => i64::from(counts.skipped),
        "rescued" => i64::from(counts.rescued),
        "ignored" => i64::from(counts.ignored),
    }
}

impl Teller for Json {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::PlayStarted(play) => self.plays.push(Play {
                info: Arc::clone(play),
                start: now(),
                end: None,
                tasks: Vec::new(),
            }),
            Event::TaskStarted(task) => self.task(task),
            Event::TaskDone(result) => self.result(result),
            Event::PlaybookDone(recap) | Event::Finished(recap) => {
                let text = to_json_with(&self.whole(recap), self.indent, true, true);
                out.extend_from_slice(escaped(&text).as_bytes());
                out.push(b'\n');
            }
            _ => (),
        }
    }
}

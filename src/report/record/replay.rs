//! Lines become events again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use super::line::{Body, ErrorLine, Finished, PlaceLine, PlayLine, TaskLine};
use super::result_line::{DiffLine, ResultLine};
use crate::error::{Error, Place, Source};
use crate::outcome::{Aside, Diff, Outcome, Outlook};
use crate::report::event::{Event, Included, Item, PlayInfo, Recap, Result, TaskInfo};
use crate::shell::Stream;
use crate::value::{Map, Value, from_json};

/// Remembers what lines only name.
#[derive(Default)]
pub struct Replay {
    tasks: HashMap<u32, Arc<TaskInfo>>,
}

impl Replay {
    /// The event that a line tells of; nothing for a line that only describes.
    pub fn event(&mut self, body: &Body) -> Option<Event> {
        Some(match body {
            Body::Task(task) => {
                self.tasks.insert(task.task, Arc::new(task_info(task)));
                return None;
            }
            Body::RunStarted(run) => Event::RunStarted(Arc::new(run.run.clone())),
            Body::PlaybookStarted(line) => Event::PlaybookStarted {
                path: line.path.clone().into(),
            },
            Body::PlayStarted(play) => Event::PlayStarted(Arc::new(play_info(play))),
            Body::NoHostsMatched(_) => Event::NoHostsMatched,
            Body::TooManyFailed(_) => Event::TooManyFailed,
            Body::TaskStarted(line) => Event::TaskStarted(self.task(line.task)),
            Body::HostStarted(line) => Event::HostStarted {
                task: self.task(line.task),
                host: line.host.as_str().into(),
            },
            Body::ItemDone(line) => Event::ItemDone(self.result(line)),
            Body::TaskDone(line) => Event::TaskDone(self.result(line)),
            Body::Retrying(line) => Event::Retrying {
                result: self.result(line),
                left: line.left.unwrap_or(0),
            },
            other => return small(other),
        })
    }

    fn task(&self, number: u32) -> Arc<TaskInfo> {
        self.tasks.get(&number).cloned().unwrap_or_default()
    }

    fn result(&self, line: &ResultLine) -> Result {
        let mut task = self.task(line.task);
        if task.no_log != line.no_log {
            task = Arc::new(TaskInfo {
                no_log: line.no_log,
                ..(*task).clone()
            });
        }
        Result {
            task,
            host: line.host.as_str().into(),
            delegated: line.delegated.clone(),
            item: line.item.clone().map(|label| Item { label }),
            status: line.status,
            outcome: Arc::new(outcome(line)),
            duration: duration(line.seconds),
            of_loop: line.of_loop,
        }
    }
}

fn small(body: &Body) -> Option<Event> {
    Some(match body {
        Body::Line(line) => Event::Line {
            host: line.host.as_str().into(),
            stream: match line.stream.as_deref() {
                Some("stderr") => Stream::Stderr,
                _ => Stream::Stdout,
            },
            text: line.text.clone(),
        },
        Body::Sent(line) => Event::Sent {
            host: line.host.as_str().into(),
            text: line.text.clone(),
        },
        Body::Included(line) => Event::Included(Included {
            path: line.path.clone(),
            hosts: line.hosts.iter().map(|host| host.as_str().into()).collect(),
            item: line.item.clone(),
        }),
        Body::Notified(line) => Event::Notified {
            handler: line.handler.clone(),
            host: line.host.as_str().into(),
        },
        Body::AsyncPolled(line) => Event::AsyncPolled {
            host: line.host.as_str().into(),
            job: line.job.clone(),
            finished: line.finished,
            failed: line.failed,
        },
        Body::Note(line) => Event::Note {
            level: line.level,
            text: line.text.clone(),
        },
        Body::Warning(line) => Event::Warning(error(line)),
        Body::TaskError(line) => Event::TaskError(error(line)),
        Body::Finished(line) => Event::Finished(Arc::new(recap(line))),
        Body::RunEnded(line) => Event::RunEnded {
            code: line.code,
            error: line.error.as_ref().map(error),
        },
        _ => return None,
    })
}

fn recap(line: &Finished) -> Recap {
    let hosts = line.hosts.iter();
    Recap {
        hosts: hosts
            .map(|(host, counts)| (host.as_str().into(), *counts))
            .collect(),
        stats: map(&line.stats),
        duration: duration(line.seconds),
        interrupted: line.interrupted,
        cut: Vec::new(),
    }
}

/// A length of time that a file names: whatever stands there, it is one.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

fn map(raw: &RawValue) -> Map {
    let value = from_json(raw.get()).unwrap_or(Value::Null).untrusted();
    value
        .as_map()
        .map(|map| (**map).clone())
        .unwrap_or_default()
}

fn outcome(line: &ResultLine) -> Outcome {
    Outcome {
        acts: false,
        changed: line.changed,
        failed: line.failed,
        skipped: line.skipped,
        unreachable: line.unreachable,
        data: map(&line.data),
        facts: line.facts.as_deref().map(map).unwrap_or_default(),
        diff: line.diff.iter().map(DiffLine::to_diff).collect(),
        warnings: line.warnings.clone(),
        told: Vec::new(),
        deprecations: Vec::new(),
        connection: None,
        wishes: Vec::new(),
        shown: line.shown,
        lists_diff: false,
        aside: line.cause.is_some().then(|| {
            Box::new(Aside {
                cause: line.cause.clone(),
                hint: line.hint.clone(),
                ..Aside::default()
            })
        }),
        outlook: Outlook::Known,
    }
}

impl DiffLine {
    /// The difference.
    pub fn to_diff(&self) -> Diff {
        match self.clone() {
            DiffLine::Text {
                before,
                after,
                before_header,
                after_header,
            } => Diff::Text {
                before,
                after,
                before_header,
                after_header,
            },
            DiffLine::Prepared(text) => Diff::Prepared(text),
            DiffLine::Omitted(why) => Diff::Omitted(why),
        }
    }
}

fn play_info(line: &PlayLine) -> PlayInfo {
    PlayInfo {
        name: line.name.clone(),
        pattern: line.pattern.clone(),
        hosts: line.hosts.iter().map(|host| host.as_str().into()).collect(),
        check: line.check,
        batch: line.batch,
        place: line.place.as_ref().map(place),
    }
}

fn task_info(line: &TaskLine) -> TaskInfo {
    TaskInfo {
        name: line.name.clone(),
        action: line.action.clone(),
        role: line.role.clone(),
        handler: line.handler,
        place: line.place.as_ref().map(place),
        check: line.check,
        diff: false,
        no_log: line.no_log,
        always_verbose: line.verbose,
        arguments: None,
        hosts: line.hosts,
        rescued: line.rescued,
    }
}

fn error(line: &ErrorLine) -> Error {
    let error = Error::input(line.message.clone())
        .at(line.place.as_ref().map(place))
        .hint_if(line.hint.clone());
    match &line.cause {
        Some(cause) => error.because(self::error(cause)),
        None => error,
    }
}

/// The most lines a file is believed to have: the number comes from a file that may be anything.
const LONGEST: u32 = 1_000_000;

/// A place whose file has only the lines that were kept.
fn place(line: &PlaceLine) -> Place {
    let shown = !line.excerpt.is_empty() && line.line <= LONGEST;
    let before = (line.line as usize).saturating_sub(line.excerpt.len());
    let source = match shown {
        true => {
            let text = "\n".repeat(before) + &line.excerpt.join("\n");
            Source::new(line.path.as_str(), text)
        }
        false => Source::sealed(line.path.as_str(), ""),
    };
    Place::new(source, line.line, line.column)
}

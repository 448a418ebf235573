//! Events become lines.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::json;
use super::line::{
    AsyncPolled, Body, ErrorLine, Finished, HostStarted, IncludedLine, Line, Note, Nothing,
    Notified, Output, PlaceLine, PlayLine, PlaybookLine, RunEnded, RunLine, SCHEMA, TaskLine,
    TaskStarted,
};
use super::result_line::{DiffLine, ResultLine};
use crate::error::{Error, Place};
use crate::outcome::Diff;
use crate::report::cause::cause;
use crate::report::conceal::concealed_text;
use crate::report::event::{Event, PlayInfo, Recap, Result, RunInfo, TaskInfo};
use crate::shell::Stream;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything.
    Full,
    /// What is needed to look at the run again: no live lines, no shell text, long texts cut.
    Kept,
}

/// The longest text of a kept record: what is longer is cut in its middle.
const LONGEST: usize = 64 * 1024;

/// Makes lines of events.
pub struct Recorder {
    detail: Detail,
    number: u64,
    play: u32,
    verbosity: u8,
    tasks: HashMap<Key, u32>,
    /// What each host waits for: since when it has been free, and how long it was before its task.
    free: HashMap<Arc<str>, (Instant, Duration)>,
    /// How long each host has connected for the task that it is at.
    connecting: HashMap<Arc<str>, Duration>,
}

/// What makes two descriptions the same task.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    play: u32,
    name: String,
    handler: bool,
    place: Option<(PathBuf, u32, u32)>,
}

impl Recorder {
    /// One that has told nothing yet.
    pub fn new(detail: Detail) -> Self {
        Recorder {
            detail,
            number: 0,
            play: 0,
            verbosity: 0,
            tasks: HashMap::new(),
            free: HashMap::new(),
            connecting: HashMap::new(),
        }
    }

    /// Writes the lines of an event; none where it is not told of.
    pub fn record(&mut self, event: &Event, out: &mut Vec<u8>) {
        let task = match event {
            Event::TaskStarted(task) | Event::HostStarted { task, .. } => Some(task),
            Event::ItemDone(result) | Event::TaskDone(result) | Event::Retrying { result, .. } => {
                Some(&result.task)
            }
            _ => None,
        };
        let task = task.map_or(0, |task| self.task(task, out));
        if let Some(body) = self.body(event, task) {
            self.push(body, out);
        }
    }

    fn push(&mut self, body: Body, out: &mut Vec<u8>) {
        self.number += 1;
        let line = Line {
            number: self.number,
            time: Timestamp::now(),
            body,
        };
        line.write(out);
    }

    /// The number of a task; it is described when it is first met.
    fn task(&mut self, info: &Arc<TaskInfo>, out: &mut Vec<u8>) -> u32 {
        let place = info.place.as_ref();
        let key = Key {
            play: self.play,
            name: info.name.clone(),
            handler: info.handler,
            place: place.map(|place| (place.path().to_owned(), place.line, place.column)),
        };
        let next = u32::try_from(self.tasks.len() + 1).unwrap_or(u32::MAX);
        let number = *self.tasks.entry(key).or_insert(next);
        if number == next {
            let body = Body::Task(TaskLine {
                task: number,
                play: self.play,
                name: info.name.clone(),
                action: info.action.clone(),
                role: info.role.clone(),
                handler: info.handler,
                check: info.check,
                no_log: info.no_log,
                verbose: info.always_verbose,
                hosts: info.hosts,
                rescued: info.rescued,
                place: place.map(place_line),
            });
            self.push(body, out);
        }
        number
    }

    fn body(&mut self, event: &Event, task: u32) -> Option<Body> {
        let full = self.detail == Detail::Full;
        Some(match event {
            Event::RunStarted(run) => self.run(run),
            Event::PlaybookStarted { path } => Body::PlaybookStarted(PlaybookLine {
                path: path.display().to_string(),
            }),
            Event::PlayStarted(play) => self.play(play),
            Event::NoHostsMatched => Body::NoHostsMatched(Nothing {}),
            Event::TooManyFailed => Body::TooManyFailed(Nothing {}),
            Event::TaskStarted(_) => Body::TaskStarted(TaskStarted { task }),
            Event::HostStarted { host, .. } => {
                self.begin(host);
                Body::HostStarted(HostStarted {
                    task,
                    host: host.to_string(),
                })
            }
            Event::Connected { host, duration } => {
                *self.connecting.entry(Arc::clone(host)).or_default() += *duration;
                return None;
            }
            Event::Line { host, stream, text } if full => Body::Line(Output {
                host: host.to_string(),
                stream: Some(stream_name(*stream).to_owned()),
                text: text.clone(),
            }),
            Event::Sent { host, text } if full => Body::Sent(Output {
                host: host.to_string(),
                stream: None,
                text: text.clone(),
            }),
            Event::Line { .. } | Event::Sent { .. } => return None,
            Event::Note { level, .. } if *level > self.verbosity => return None,
            Event::ItemDone(result) => Body::ItemDone(self.result(result, task)),
            Event::TaskDone(result) => {
                let line = self.result(result, task);
                self.end(&result.host);
                Body::TaskDone(line)
            }
            Event::Retrying { result, left } => Body::Retrying(ResultLine {
                left: Some(*left),
                ..self.result(result, task)
            }),
            other => return small(other),
        })
    }

    fn run(&mut self, run: &RunInfo) -> Body {
        self.verbosity = run.verbosity;
        Body::RunStarted(RunLine {
            schema: SCHEMA,
            run: run.clone(),
        })
    }

    fn play(&mut self, play: &PlayInfo) -> Body {
        self.play += 1;
        let now = Instant::now();
        for host in &play.hosts {
            self.free.insert(Arc::clone(host), (now, Duration::ZERO));
        }
        Body::PlayStarted(PlayLine {
            play: self.play,
            name: play.name.clone(),
            pattern: play.pattern.clone(),
            hosts: play.hosts.iter().map(|host| host.to_string()).collect(),
            check: play.check,
            batch: play.batch,
            place: play.place.as_ref().map(place_line),
        })
    }

    fn begin(&mut self, host: &Arc<str>) {
        let now = Instant::now();
        let (since, waited) = self
            .free
            .entry(Arc::clone(host))
            .or_insert((now, Duration::ZERO));
        *waited = now.duration_since(*since);
        *since = now;
    }

    fn end(&mut self, host: &Arc<str>) {
        let entry = (Instant::now(), Duration::ZERO);
        self.free.insert(Arc::clone(host), entry);
        self.connecting.remove(host);
    }

    fn result(&self, result: &Result, task: u32) -> ResultLine {
        let limit = match self.detail {
            Detail::Full => usize::MAX,
            Detail::Kept => LONGEST,
        };
        let outcome = &result.outcome;
        let waited = self.free.get(&result.host).map(|(_, waited)| *waited);
        let connected = self.connecting.get(&result.host).copied();
        let whole = result.item.is_none();
        let told = (outcome.failed || outcome.unreachable) && !result.task.no_log;
        let why = told.then(|| cause(result));
        let aside = outcome.aside.as_ref().filter(|_| told);
        ResultLine {
            task,
            name: result.task.name.clone(),
            host: result.host.to_string(),
            delegated: result.delegated.clone(),
            item: result.item.as_ref().map(|item| item.label.clone()),
            status: result.status,
            changed: outcome.changed,
            failed: outcome.failed,
            skipped: outcome.skipped,
            unreachable: outcome.unreachable,
            of_loop: result.of_loop,
            no_log: result.task.no_log,
            shown: outcome.shown,
            seconds: seconds(result.duration),
            wait: waited.filter(|_| whole).map_or(0.0, seconds),
            connect: connected.filter(|_| whole).map_or(0.0, seconds),
            left: None,
            cause: why.filter(|why| !why.is_empty()),
            hint: aside.and_then(|aside| aside.hint.clone()),
            data: json::raw(&outcome.data, limit),
            facts: (!outcome.facts.is_empty()).then(|| json::raw(&outcome.facts, limit)),
            diff: outcome
                .diff
                .iter()
                .map(|diff| diff_line(diff, limit))
                .collect(),
            warnings: outcome.warnings.clone(),
        }
    }
}

/// The lines that need no memory.
fn small(event: &Event) -> Option<Body> {
    Some(match event {
        Event::Included(included) => Body::Included(IncludedLine {
            path: included.path.clone(),
            hosts: included.hosts.iter().map(|host| host.to_string()).collect(),
            item: included.item.clone(),
        }),
        Event::Notified { handler, host } => Body::Notified(Notified {
            handler: handler.clone(),
            host: host.to_string(),
        }),
        Event::AsyncPolled {
            host,
            job,
            finished,
            failed,
        } => Body::AsyncPolled(AsyncPolled {
            host: host.to_string(),
            job: job.clone(),
            finished: *finished,
            failed: *failed,
        }),
        Event::Note { level, text } => Body::Note(Note {
            level: *level,
            text: text.clone(),
        }),
        Event::Warning(error) => Body::Warning(error_line(error)),
        Event::TaskError(error) => Body::TaskError(error_line(error)),
        Event::Finished(recap) => Body::Finished(finished(recap)),
        Event::RunEnded { code, error } => Body::RunEnded(RunEnded {
            code: *code,
            error: error.as_ref().map(error_line),
        }),
        _ => return None,
    })
}

fn finished(recap: &Recap) -> Finished {
    let hosts = recap.hosts.iter();
    Finished {
        hosts: hosts
            .map(|(host, counts)| (host.to_string(), *counts))
            .collect(),
        stats: json::raw(&recap.stats, usize::MAX),
        seconds: seconds(recap.duration),
        interrupted: recap.interrupted,
    }
}

/// Seconds with microseconds: more says nothing.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e6
}

fn stream_name(stream: Stream) -> &'static str {
    match stream {
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
    }
}

fn diff_line(diff: &Diff, limit: usize) -> DiffLine {
    match diff {
        Diff::Text {
            before,
            after,
            before_header,
            after_header,
        } => DiffLine::Text {
            before: json::cut(before, limit),
            after: json::cut(after, limit),
            before_header: before_header.clone(),
            after_header: after_header.clone(),
        },
        Diff::Prepared(text) => DiffLine::Prepared(json::cut(text, limit)),
        Diff::Omitted(why) => DiffLine::Omitted(why.clone()),
    }
}

fn error_line(error: &Error) -> ErrorLine {
    ErrorLine {
        message: error.message().to_owned(),
        place: error.place().map(place_line),
        hint: error.hint_text().map(str::to_owned),
        cause: error.cause().map(|cause| Box::new(error_line(cause))),
    }
}

/// The widest line of a file that an excerpt shows.
const WIDEST: usize = 400;

fn place_line(place: &Place) -> PlaceLine {
    let line = place.line as usize;
    let shown = !place.source.is_sealed() && line > 0;
    let lines = place.source.text().split('\n');
    let window = lines.skip(line.saturating_sub(2)).take(line.min(2));
    let window: Vec<String> = window
        .map(|text| concealed_text(text.trim_end_matches('\r')))
        .collect();
    let fits = window.len() == line.min(2) && window.iter().all(|text| text.len() <= WIDEST);
    PlaceLine {
        path: place.path().display().to_string(),
        line: place.line,
        column: place.column,
        excerpt: if shown && fits { window } else { Vec::new() },
    }
}

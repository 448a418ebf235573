//! One line of the record: what each kind of line holds. `docs/schema/events-1.json` describes the
//! same for others; a test holds the two together.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::result_line::ResultLine;

use crate::error::{Error, Result};
use crate::report::event::{Counts, RunInfo};

/// The version of the schema. It grows when a reader of the old one would misread the new one; new
/// fields and new kinds of lines do not count, and readers pass over them.
pub const SCHEMA: u32 = 1;

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number in the record, from 1.
    pub number: u64,
    /// When it happened.
    pub time: Timestamp,
    /// What happened.
    pub body: Body,
}

#[derive(Deserialize)]
struct Head<'a> {
    number: u64,
    time: &'a str,
    #[serde(borrow)]
    event: &'a str,
}

/// Makes [`Body`] of the kinds of lines, and what writes and reads each.
macro_rules! bodies {
    ($($(#[$doc:meta])* $name:literal $variant:ident($type:ty),)*) => {
        /// What a line tells.
        #[derive(Clone, Debug)]
        pub enum Body {
            $($(#[$doc])* $variant($type),)*
        }

        impl Body {
            /// The names of all kinds of lines.
            pub const NAMES: &[&str] = &[$($name),*];

            /// The name that the line has under `event`.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Body::$variant(_) => $name,)*
                }
            }

            fn json(&self) -> serde_json::Result<String> {
                match self {
                    $(Body::$variant(body) => serde_json::to_string(body),)*
                }
            }

            fn read(name: &str, text: &str) -> serde_json::Result<Option<Body>> {
                match name {
                    $($name => serde_json::from_str(text).map(|body| Some(Body::$variant(body))),)*
                    _ => Ok(None),
                }
            }
        }
    };
}

bodies! {
    /// A background task was asked for its state.
    "async_polled" AsyncPolled(AsyncPolled),
    /// The run is over: the recap.
    "finished" Finished(Finished),
    /// A host begins a task.
    "host_started" HostStarted(HostStarted),
    /// Tasks were included at run time.
    "included" Included(IncludedLine),
    /// One item of a loop is done on a host.
    "item_done" ItemDone(ResultLine),
    /// A line that a task printed while it ran.
    "line" Line(Output),
    /// A play's pattern matched no host.
    "no_hosts_matched" NoHostsMatched(Nothing),
    /// Something worth a line at a certain number of `-v`.
    "note" Note(Note),
    /// A handler was notified.
    "notified" Notified(Notified),
    /// A play, or one batch of it, begins.
    "play_started" PlayStarted(PlayLine),
    /// A playbook begins.
    "playbook_started" PlaybookStarted(PlaybookLine),
    /// A task failed and is tried again.
    "retrying" Retrying(ResultLine),
    /// Nothing follows.
    "run_ended" RunEnded(RunEnded),
    /// The run begins.
    "run_started" RunStarted(RunLine),
    /// Shell text that was sent.
    "sent" Sent(Output),
    /// A task is described, before anything is told of it.
    "task" Task(TaskLine),
    /// A task is done on a host.
    "task_done" TaskDone(ResultLine),
    /// A task's error, with its place.
    "task_error" TaskError(ErrorLine),
    /// A task begins.
    "task_started" TaskStarted(TaskStarted),
    /// More hosts have failed than the play allows.
    "too_many_failed" TooManyFailed(Nothing),
    /// Something the user should know.
    "warning" Warning(ErrorLine),
}

impl Line {
    /// The line as text, with its end.
    pub fn write(&self, out: &mut Vec<u8>) {
        let body = self.body.json().unwrap_or_else(|_| "{}".to_owned());
        let printer = jiff::fmt::temporal::DateTimePrinter::new().precision(Some(6));
        let head = format!(
            "{{\"number\":{},\"time\":\"{}\",\"event\":\"{}\"",
            self.number,
            printer.timestamp_to_string(&self.time),
            self.body.name(),
        );
        out.extend_from_slice(head.as_bytes());
        if body.len() > 2 {
            out.push(b',');
        }
        out.extend_from_slice(&body.as_bytes()[1..]);
        out.push(b'\n');
    }

    /// Reads a line; nothing where its kind is not known to this version.
    ///
    /// # Errors
    /// It is not a line of a record.
    pub fn read(text: &str) -> Result<Option<Line>> {
        let wrong = |error: serde_json::Error| {
            Error::input("this is not a line of a record").because(Error::input(error.to_string()))
        };
        let head: Head<'_> = serde_json::from_str(text).map_err(wrong)?;
        let time = head.time.parse().map_err(|error: jiff::Error| {
            Error::input(format!("`{}` is not a time", head.time))
                .because(Error::input(error.to_string()))
        })?;
        let body = Body::read(head.event, text).map_err(wrong)?;
        Ok(body.map(|body| Line {
            number: head.number,
            time,
            body,
        }))
    }
}

/// The kind of line says it all.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Nothing {}

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunLine {
    /// [`SCHEMA`] of whoever wrote it.
    pub schema: u32,
    /// The run.
    pub run: RunInfo,
}

/// A playbook.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlaybookLine {
    /// Its file.
    pub path: String,
}

/// A place in a file of the user's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlaceLine {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// The line before it and the line itself, where they may be shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excerpt: Vec<String>,
}

/// A play, or one batch of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlayLine {
    /// The play's number in the record, from 1; every batch has its own.
    pub play: u32,
    /// Its name, or its pattern.
    pub name: String,
    /// Its pattern, as written.
    #[serde(default)]
    pub pattern: String,
    /// The hosts of the batch.
    pub hosts: Vec<String>,
    /// Whether it runs in check mode.
    pub check: bool,
    /// Which batch this is, from 1, and of how many, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<(usize, usize)>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceLine>,
}

/// A task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskLine {
    /// The task's number in the record, from 1.
    pub task: u32,
    /// The play's number.
    pub play: u32,
    /// `role : name`, or the name, or the module.
    pub name: String,
    /// The module.
    pub action: String,
    /// The role it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Whether it is a handler.
    pub handler: bool,
    /// Whether it runs in check mode.
    pub check: bool,
    /// Whether its results are hidden.
    pub no_log: bool,
    /// Whether its result is shown without `-v`, as that of `debug` is.
    pub verbose: bool,
    /// How many hosts will run it, as far as is known.
    pub hosts: usize,
    /// Whether a block around it has a `rescue` for its failure.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rescued: bool,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceLine>,
}

/// A task begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskStarted {
    /// The task.
    pub task: u32,
}

/// A host begins a task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HostStarted {
    /// The task.
    pub task: u32,
    /// The host.
    pub host: String,
}

/// What a host printed, or was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    /// The host.
    pub host: String,
    /// `stdout` or `stderr`; nothing for what was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// The text.
    pub text: String,
}

/// Tasks that were included.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IncludedLine {
    /// The file or role.
    pub path: String,
    /// The hosts that include it.
    pub hosts: Vec<String>,
    /// The item's label, in a loop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

/// A handler was notified.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notified {
    /// The handler.
    pub handler: String,
    /// The host.
    pub host: String,
}

/// A background task was asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AsyncPolled {
    /// The host.
    pub host: String,
    /// The job.
    pub job: String,
    /// Whether it is finished.
    pub finished: bool,
    /// Whether it failed.
    pub failed: bool,
}

/// A line for some.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Note {
    /// How many `-v` show it.
    pub level: u8,
    /// The line.
    pub text: String,
}

/// An error or a warning.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ErrorLine {
    /// What it says.
    pub message: String,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceLine>,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Box<ErrorLine>>,
}

/// The recap.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finished {
    /// Each host's numbers.
    pub hosts: BTreeMap<String, Counts>,
    /// `set_stats`.
    pub stats: Box<RawValue>,
    /// How long the run took, in seconds.
    pub seconds: f64,
    /// Whether the run was interrupted.
    pub interrupted: bool,
}

/// The end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunEnded {
    /// The exit code.
    pub code: u8,
    /// The error that ended the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorLine>,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

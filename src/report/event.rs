//! What can happen in a run.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::error::Place;
use crate::outcome::Outcome;
use crate::shell::Stream;
use crate::value::Map;

/// Somebody who wants to know what happens.
pub trait Listener: Send {
    /// Hears of one event. A listener never stops a run.
    fn on(&mut self, event: &Event);
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A run begins: told before everything else.
    RunStarted(Arc<RunInfo>),
    /// A playbook begins.
    PlaybookStarted {
        /// Its file.
        path: PathBuf,
    },
    /// A play (or one batch of it) begins.
    PlayStarted(Arc<PlayInfo>),
    /// A play whose pattern matched no host.
    NoHostsMatched,
    /// More hosts have failed than `max_fail_percentage` allows: the play ends.
    TooManyFailed,
    /// A task begins: the first host has come to it.
    TaskStarted(Arc<TaskInfo>),
    /// A host begins a task (or goes on with its next step).
    HostStarted {
        /// The task.
        task: Arc<TaskInfo>,
        /// The host.
        host: Arc<str>,
    },
    /// A connection, or a shell of another user, was opened for a task.
    Connected {
        /// The host whose task it was opened for.
        host: Arc<str>,
        /// How long that took.
        duration: Duration,
    },
    /// A line that a task printed on a host, while it runs.
    Line {
        /// The host.
        host: Arc<str>,
        /// Where it was printed.
        stream: Stream,
        /// The line, without its end.
        text: String,
    },
    /// One item of a loop is done on a host.
    ItemDone(Result),
    /// A task is done on a host.
    TaskDone(Result),
    /// A task failed and is tried again.
    Retrying {
        /// What came out.
        result: Result,
        /// How many tries are left.
        left: u32,
    },
    /// Tasks were included at run time.
    Included(Included),
    /// What an include names cannot be loaded: it begun well, and its failure is told next.
    IncludeFailed {
        /// The host.
        host: Arc<str>,
    },
    /// A host comes to a `meta` that nobody has written: the end of a role, handlers behind a section, an empty section
    /// with `force_handlers`.
    Implicit {
        /// The host.
        host: Arc<str>,
        /// The role that ends.
        role: Option<String>,
        /// `role_complete`, `flush_handlers` or `noop`.
        action: &'static str,
    },
    /// A handler was notified.
    Notified {
        /// The handler.
        handler: String,
        /// The host.
        host: Arc<str>,
    },
    /// A play asks for a variable (`vars_prompt`).
    Asked {
        /// Its name.
        name: String,
        /// The words of its entry: `private`, `prompt`, `default`.
        words: Map,
    },
    /// A background task was asked for its state.
    AsyncPolled {
        /// The host.
        host: Arc<str>,
        /// The job.
        job: String,
        /// Whether it is finished.
        finished: bool,
        /// Whether it failed.
        failed: bool,
    },
    /// Shell text that was sent, secrets masked (`-vvvv`).
    Sent {
        /// The host.
        host: Arc<str>,
        /// The text.
        text: String,
    },
    /// Something worth a line at a certain number of `-v`.
    Note {
        /// How many `-v` show it.
        level: u8,
        /// The line.
        text: String,
    },
    /// Something the user should know.
    Warning(Error),
    /// A task's error, with its place, before the task's result is told.
    TaskError(Error),
    /// A playbook is over, and another follows: the numbers of all so far. What follows the last one is
    /// [`Event::Finished`].
    PlaybookDone(Arc<Recap>),
    /// The run is over.
    Finished(Arc<Recap>),
    /// Nothing follows: told after everything else.
    RunEnded {
        /// The exit code.
        code: u8,
        /// The error that ended the run, where one did.
        error: Option<Error>,
    },
}

/// A run, as it is announced. No secret is in it: of extra variables the names alone are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RunInfo {
    /// Its id: ids sort by the time a run began.
    pub id: String,
    /// The version of `play`.
    pub play: String,
    /// `run` or `adhoc`.
    pub verb: String,
    /// The playbooks, or the pattern and the module.
    pub what: Vec<String>,
    /// Who runs it.
    pub user: String,
    /// The machine it is run on.
    pub controller: String,
    /// The process.
    pub pid: u32,
    /// The folder it was begun in.
    pub folder: String,
    /// Whether it runs in check mode.
    pub check: bool,
    /// Whether differences are shown.
    pub diff: bool,
    /// How many `-v`.
    pub verbosity: u8,
    /// `--limit`.
    pub limit: Vec<String>,
    /// `--tags`.
    pub tags: Vec<String>,
    /// `--skip-tags`.
    pub skip_tags: Vec<String>,
    /// Where the hosts come from.
    pub inventory: Vec<String>,
    /// The names of the extra variables.
    pub extra_vars: Vec<String>,
    /// `--partition`, as `2/8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
    /// The run that it resumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<String>,
}

/// A play, as it is announced.
#[derive(Clone, Debug, Default)]
pub struct PlayInfo {
    /// Its name, or its pattern.
    pub name: String,
    /// Its pattern, as written.
    pub pattern: String,
    /// The hosts of the batch.
    pub hosts: Vec<Arc<str>>,
    /// Whether it runs in check mode.
    pub check: bool,
    /// Which batch this is, from 1, and of how many; nothing where all hosts are one batch.
    pub batch: Option<(usize, usize)>,
    /// Where it stands.
    pub place: Option<Place>,
}

/// A task, as it is announced.
#[derive(Clone, Debug, Default)]
pub struct TaskInfo {
    /// `role : name`, or the name, or the module.
    pub name: String,
    /// The module.
    pub action: String,
    /// The role it stands in.
    pub role: Option<String>,
    /// Whether it is a handler.
    pub handler: bool,
    /// Where it stands.
    pub place: Option<Place>,
    /// Whether it runs in check mode.
    pub check: bool,
    /// Whether differences are shown.
    pub diff: bool,
    /// Whether its results are hidden.
    pub no_log: bool,
    /// `debug` and the like: the result is shown without `-v`.
    pub always_verbose: bool,
    /// The arguments as written, where the configuration wants them shown.
    pub arguments: Option<String>,
    /// How many hosts will run it, as far as is known.
    pub hosts: usize,
    /// Whether a block around it has a `rescue` for its failure.
    pub rescued: bool,
}

/// How a task ended on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing had to change.
    Ok,
    /// Something changed.
    Changed,
    /// Nothing was done on purpose.
    Skipped,
    /// The task failed.
    Failed,
    /// The task failed and the failure is ignored.
    Ignored,
    /// The host could not be reached.
    Unreachable,
}

/// What came out of a task, or of one item, on a host.
#[derive(Clone, Debug)]
pub struct Result {
    /// The task.
    pub task: Arc<TaskInfo>,
    /// The host.
    pub host: Arc<str>,
    /// The host it was done on instead, with its address where that differs.
    pub delegated: Option<String>,
    /// The item, for one item of a loop.
    pub item: Option<Item>,
    /// How it ended.
    pub status: Status,
    /// What came out.
    pub outcome: Arc<Outcome>,
    /// How long it took.
    pub duration: Duration,
    /// Whether the results of the items were told before (for the whole of a loop).
    pub of_loop: bool,
}

/// An item of a loop.
#[derive(Clone, Debug)]
pub struct Item {
    /// How the item is shown.
    pub label: String,
}

/// Tasks that were included.
#[derive(Clone, Debug)]
pub struct Included {
    /// The file or role.
    pub path: String,
    /// The hosts that include it.
    pub hosts: Vec<Arc<str>>,
    /// The item's label, in a loop.
    pub item: Option<String>,
}

/// A host's numbers in the recap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// Tasks that went well, changed ones too.
    pub ok: u32,
    /// Tasks that changed something.
    pub changed: u32,
    /// Times the host could not be reached.
    pub unreachable: u32,
    /// Tasks that failed.
    pub failed: u32,
    /// Tasks that were skipped.
    pub skipped: u32,
    /// Failures that a rescue took care of.
    pub rescued: u32,
    /// Failures that were ignored.
    pub ignored: u32,
}

/// The numbers of the whole run.
#[derive(Clone, Debug, Default)]
pub struct Recap {
    /// Each host's numbers, in the order of the names.
    pub hosts: Vec<(Arc<str>, Counts)>,
    /// `set_stats` of the run, then of each host.
    pub stats: Map,
    /// How long the run took.
    pub duration: Duration,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// What was ended on the hosts before it was done, where the run was stopped at once.
    pub cut: Vec<Cut>,
}

/// A task that was ended on a host before it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The host.
    pub host: Arc<str>,
    /// The task's name.
    pub task: String,
    /// Whether the host says that nothing of it runs any more.
    pub ended: bool,
}

impl Counts {
    /// Counts a task that is done; `changed` is what it says itself, `rescued` whether a rescue follows its failure.
    pub fn count(&mut self, status: Status, changed: bool, rescued: bool) {
        match status {
            Status::Ok => self.ok += 1,
            Status::Changed => {
                self.ok += 1;
                self.changed += 1;
            }
            Status::Skipped => self.skipped += 1,
            Status::Ignored => {
                self.changed += u32::from(changed);
                self.ok += 1;
                self.ignored += 1;
            }
            Status::Failed if rescued => self.rescued += 1,
            Status::Failed => self.failed += 1,
            Status::Unreachable => self.unreachable += 1,
        }
    }

    /// Adds another host's numbers.
    pub fn add(&mut self, other: &Counts) {
        self.ok += other.ok;
        self.changed += other.changed;
        self.unreachable += other.unreachable;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.rescued += other.rescued;
        self.ignored += other.ignored;
    }
}

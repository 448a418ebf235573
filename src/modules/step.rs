//! What a module wants done next.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::module::Cx;
use crate::error::Result;
use crate::outcome::Outcome;
use crate::shell::{Reply, Script};
use crate::template::{Fetch, Fetched, Finished};
use crate::value::Map;

/// What follows a step: reads what came back and gives the next one.
pub type Then<T> = Box<dyn FnOnce(T) -> Result<Step> + Send>;

/// One step of a module. An error in `plan` or `then` fails the task with its message.
pub enum Step {
    /// The task is done with this outcome.
    Done(Outcome),
    /// One round trip: run a script on the host.
    Run(Script, Then<Reply>),
    /// Bring bytes to a file of the host, mode 0600, written anew. The path is not expanded: it is
    /// one that a script answered (a temporary file beside the target).
    Put {
        /// The bytes, or the controller's file that holds them.
        body: Body,
        /// The file on the host.
        path: String,
        /// What follows; the reply's status is not 0 where the file could not be written.
        then: Then<Reply>,
    },
    /// Fetch a file of the host. The path is not expanded.
    Get {
        /// The file on the host.
        path: String,
        /// The most bytes that are taken; more is an error.
        limit: u64,
        /// What follows.
        then: Then<Vec<u8>>,
    },
    /// Ask the controller for something.
    Ask(Ask, Then<Answer>),
}

/// Bytes for the host.
#[derive(Clone, Debug)]
pub enum Body {
    /// In memory.
    Bytes(Arc<[u8]>),
    /// A file of the controller, sent as it is.
    File(PathBuf),
}

/// What a module may ask of the controller.
#[derive(Debug)]
pub enum Ask {
    /// Find a file in the search path of `kind` (`files`, `templates`, `vars`): [`Answer::Path`].
    Find {
        /// The kind of file.
        kind: &'static str,
        /// The name as the user wrote it.
        name: String,
    },
    /// The absolute path that the user's words mean on the controller: `~` expands, and what is
    /// relative is below the playbook's folder: [`Answer::Path`].
    Absolute(String),
    /// Read a file; a vault file is opened where `open` says so: [`Answer::Bytes`].
    Read {
        /// The file.
        path: PathBuf,
        /// Whether to open a vault.
        open: bool,
    },
    /// List everything below a folder, sorted by path, links not followed: [`Answer::Entries`].
    List(PathBuf),
    /// What stands at a path of the controller, behind links: [`Answer::Looked`].
    Look(PathBuf),
    /// Render a template file: [`Answer::Text`].
    Template {
        /// The file.
        path: PathBuf,
        /// The module's options by Ansible's names: `trim_blocks`, `newline_sequence`, …
        options: Map,
        /// `dest` as the user wrote it, for `template_destpath`.
        destination: String,
    },
    /// Write a file on the controller beside its target and rename it; the folders above it are
    /// made: [`Answer::Nothing`].
    Write {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        bytes: Vec<u8>,
        /// The folder that the file must stand below, wherever links lead.
        below: Option<PathBuf>,
    },
    /// The SHA-1 of a file on the controller, or nothing where there is none: [`Answer::Checksum`].
    Checksum(PathBuf),
    /// Run a program on the controller with these arguments: [`Answer::Finished`].
    Run {
        /// The program and its arguments.
        command: Vec<String>,
        /// What it reads.
        stdin: Vec<u8>,
    },
    /// A web page, fetched by the controller: [`Answer::Fetched`].
    Fetch(Fetch),
    /// Wait: [`Answer::Nothing`].
    Sleep(Duration),
    /// Ask the person at the terminal: [`Answer::Text`].
    Prompt {
        /// What is said first, also where nobody is at the terminal.
        said: Option<String>,
        /// The words.
        text: String,
        /// Whether the task's name stands before them.
        named: bool,
        /// Whether what is typed is shown.
        echo: bool,
        /// Go on after this time; what is typed counts for nothing then.
        wait: Option<Duration>,
    },
    /// Run a script on the host where the connection may break: [`Answer::Tried`].
    Try(Script),
    /// Drop the connection and its shells; the next step connects anew: [`Answer::Nothing`].
    Disconnect,
    /// Try to connect within this time: [`Answer::Reached`].
    Connect(Duration),
    /// How the controller logs in to the host, for programs that connect on their own (rsync):
    /// [`Answer::Login`].
    Login,
    /// Run a module that is written in Python on the host: [`Answer::Outcome`].
    Python(Box<PythonModule>),
}

/// A module that is written in Python and uses Ansible's own library.
#[derive(Clone, Debug, Default)]
pub struct PythonModule {
    /// Its name in the task, with its collection where it has one.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// The folders `module_utils/` of roles and playbook.
    pub utils: Vec<PathBuf>,
    /// The arguments: final values.
    pub args: Map,
    /// What else it may know of the task and the host.
    pub cx: Arc<Cx>,
    /// The action plugin that does it, by its name, where there is one.
    pub action: Option<String>,
    /// The folders of the roles around, whose plugins count.
    pub folders: Vec<PathBuf>,
    /// The collections that the task looks through.
    pub collections: Vec<String>,
    /// `ansible_python_interpreter`, where that names one.
    pub interpreter: Option<String>,
    /// `ansible_remote_tmp`.
    pub remote_tmp: Option<String>,
}

/// The controller's answer to an [`Ask`].
#[derive(Debug)]
pub enum Answer {
    /// To `Find` and `Absolute`.
    Path(PathBuf),
    /// To `Read`.
    Bytes(Arc<[u8]>),
    /// To `List`.
    Entries(Vec<Entry>),
    /// To `Look`; nothing where nothing is there.
    Looked(Option<Entry>),
    /// To `Template` and `Prompt`.
    Text(String),
    /// To `Checksum`.
    Checksum(Option<String>),
    /// To `Run`.
    Finished(Finished),
    /// To `Fetch`.
    Fetched(Fetched),
    /// To `Connect`: whether the host answered, and if not, why.
    Reached(std::result::Result<(), String>),
    /// To `Try`: the reply, or how the connection was lost.
    Tried(std::result::Result<Reply, String>),
    /// To `Python`.
    Outcome(Box<Outcome>),
    /// To `Login`: by Ansible's names (`ansible_host`, `ansible_port`, `ansible_user`, …).
    Login(Map),
    /// To the others.
    Nothing,
}

/// Something at a path of the controller or below a folder of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path below the folder; the whole path for [`Ask::Look`].
    pub path: PathBuf,
    /// A folder, or a link to one.
    pub is_dir: bool,
    /// What it says, for a symbolic link; the other fields tell of what is behind it, where there
    /// is something.
    pub link: Option<PathBuf>,
    /// Where a folder, or a link to one, really stands: without a link on the way.
    pub real: Option<PathBuf>,
    /// The permission bits.
    pub mode: u32,
    /// The size in bytes.
    pub size: u64,
    /// Whether it is a file that begins as a vault does.
    pub sealed: bool,
}

impl Step {
    /// A script whose reply `then` reads. A reply that is a failure does not reach `then`: the
    /// task fails with its message.
    pub fn run(script: Script, then: impl FnOnce(Reply) -> Result<Step> + Send + 'static) -> Step {
        Step::Run(
            script.finding_tools(),
            Box::new(move |reply| match reply.failure() {
                Some(outcome) => Ok(Step::Done(outcome)),
                None => then(reply),
            }),
        )
    }

    /// A script whose every reply `then` reads, failures too.
    pub fn run_any(
        script: Script,
        then: impl FnOnce(Reply) -> Result<Step> + Send + 'static,
    ) -> Step {
        Step::Run(script.finding_tools(), Box::new(then))
    }

    /// A question to the controller.
    pub fn ask(ask: Ask, then: impl FnOnce(Answer) -> Result<Step> + Send + 'static) -> Step {
        Step::Ask(ask, Box::new(then))
    }

    /// Bytes to a file of the host; a failure to write fails the task.
    pub fn put(
        body: Body,
        path: String,
        then: impl FnOnce(Reply) -> Result<Step> + Send + 'static,
    ) -> Step {
        Step::Put {
            body,
            path,
            then: Box::new(move |reply| match reply.failure() {
                Some(outcome) => Ok(Step::Done(outcome)),
                None => then(reply),
            }),
        }
    }

    /// The same step, whose outcome will have one more warning.
    #[must_use]
    pub fn warned(self, warning: impl Into<String>) -> Step {
        let warning = warning.into();
        self.finally(move |outcome| outcome.with_warning(warning))
    }

    /// The same step, with its outcome changed in the end.
    #[must_use]
    pub fn finally(self, change: impl FnOnce(Outcome) -> Outcome + Send + 'static) -> Step {
        match self {
            Step::Done(outcome) => Step::Done(change(outcome)),
            Step::Run(script, then) => {
                Step::Run(script, Box::new(|reply| Ok(then(reply)?.finally(change))))
            }
            Step::Put { body, path, then } => Step::Put {
                body,
                path,
                then: Box::new(|reply| Ok(then(reply)?.finally(change))),
            },
            Step::Get { path, limit, then } => Step::Get {
                path,
                limit,
                then: Box::new(|bytes| Ok(then(bytes)?.finally(change))),
            },
            Step::Ask(ask, then) => {
                Step::Ask(ask, Box::new(|answer| Ok(then(answer)?.finally(change))))
            }
        }
    }

    /// The same step, and where it ends well, what follows from its outcome.
    #[must_use]
    pub fn followed_by(self, next: impl FnOnce(Outcome) -> Result<Step> + Send + 'static) -> Step {
        self.followed_by_boxed(Box::new(next))
    }

    fn followed_by_boxed(self, next: Then<Outcome>) -> Step {
        match self {
            Step::Done(outcome) if outcome.failed => Step::Done(outcome),
            Step::Done(outcome) => match next(outcome) {
                Ok(step) => step,
                Err(error) => Step::Done(Outcome::failed(error.chain())),
            },
            Step::Run(script, then) => Step::Run(
                script,
                Box::new(|reply| Ok(then(reply)?.followed_by_boxed(next))),
            ),
            Step::Put { body, path, then } => Step::Put {
                body,
                path,
                then: Box::new(|reply| Ok(then(reply)?.followed_by_boxed(next))),
            },
            Step::Get { path, limit, then } => Step::Get {
                path,
                limit,
                then: Box::new(|bytes| Ok(then(bytes)?.followed_by_boxed(next))),
            },
            Step::Ask(ask, then) => Step::Ask(
                ask,
                Box::new(|answer| Ok(then(answer)?.followed_by_boxed(next))),
            ),
        }
    }

    /// A failed task.
    pub fn failed(message: impl Into<String>) -> Result<Step> {
        Ok(Step::Done(Outcome::failed(message)))
    }
}

impl From<Outcome> for Step {
    fn from(outcome: Outcome) -> Self {
        Step::Done(outcome)
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Done(outcome) => f.debug_tuple("Done").field(outcome).finish(),
            Step::Run(script, _) => f.debug_tuple("Run").field(&script.shown()).finish(),
            Step::Put { path, .. } => f.debug_struct("Put").field("path", path).finish(),
            Step::Get { path, .. } => f.debug_struct("Get").field("path", path).finish(),
            Step::Ask(ask, _) => f.debug_tuple("Ask").field(ask).finish(),
        }
    }
}

//! Python, where a repository brings it: modules and plugins that need Ansible's own library.
//!
//! [`Python`] is the door. Nothing is started or looked for until something asks. On the
//! controller a [`Worker`] runs under the user's own Python with his ansible-core; it finds out
//! what a module imports and runs plugins. On a host a [`session::Session`] takes the texts over
//! its pipe and runs each module in a forked child: no file is written there.

mod action;
mod arguments;
mod bundle;
mod callback;
mod documents;
mod find;
mod frame;
mod halt;
mod plugins;
mod pool;
mod result;
mod session;
mod shelf;
mod sources;
#[cfg(test)]
mod tests;
mod told;
mod worker;

pub use action::{Action, Next, Wanted};
pub use arguments::Told;
pub use bundle::Source;
pub use callback::{Aside, Callback, Screen as CallbackScreen};
pub use documents::{Described, Document};
pub use find::{Interpreter, Surroundings};
pub use halt::within;
pub use plugins::Said;
pub use pool::{Key, read_at_start};
pub use result::outcome as module_outcome;
pub use session::Printed;
pub use shelf::{PluginKind, Route, Shelf};
pub use worker::{Hello, Worker};

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::connection::{self, Lost, LostKind};
use crate::error::{Error, Result};
use crate::outcome::Outcome;
use crate::value::{Map, Value};
use session::{Call, Session, Trouble};

/// Python on the controller and on the hosts of a run.
#[derive(Default)]
pub struct Python {
    settings: Settings,
    /// The first that is found without starting any.
    known: OnceLock<Option<Interpreter>>,
    shelf: OnceLock<Shelf>,
    /// The shelf of the Python that runs, where files did not tell what it has.
    asked: OnceLock<Option<Shelf>>,
    worker: Mutex<Option<Arc<Worker>>>,
    bundles: bundle::Bundles,
    sessions: pool::Pool,
    plugins: plugins::Plugins,
    halt: Arc<halt::Halt>,
    vars_plugins: OnceLock<Option<String>>,
    /// The interpreter of each place.
    discovered: Mutex<HashMap<String, String>>,
}

/// What a run says of Python.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `python` in `[play]`, or `PLAY_PYTHON`.
    pub program: Option<String>,
    /// `collections_path` and what stands beside the playbook.
    pub collections: Vec<PathBuf>,
    /// Whether collections of the interpreter's own count (`collections_scan_sys_path`).
    pub system: bool,
    /// The folders of `module_utils` that the configuration names.
    pub utils: Vec<PathBuf>,
    /// The folders of playbooks, whose `filter_plugins/` and the like are looked into.
    pub playbook_dirs: Vec<PathBuf>,
    /// The folders of plugins that the configuration names, each with its kind (`filter`).
    pub plugin_folders: Vec<(String, PathBuf)>,
    /// `vars_plugins_enabled`.
    pub vars_enabled: Vec<String>,
    /// `callbacks_enabled`.
    pub callbacks_enabled: Vec<String>,
    /// Whether deprecations that plugins tell of are shown (`deprecation_warnings`).
    pub deprecations: bool,
}

/// A module to be run on a host.
pub struct Work<'a> {
    /// Where it stands.
    pub source: Source,
    /// Its arguments.
    pub args: &'a Map,
    /// What it is told beside them.
    pub told: Told,
    /// Where it runs.
    pub key: Key,
    /// `environment`.
    pub environment: &'a [(String, String)],
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// How long a Python may take to start.
    pub start: Duration,
}

impl std::fmt::Debug for Python {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Python").finish_non_exhaustive()
    }
}

impl Python {
    /// A Python that is not looked for yet.
    pub fn new(settings: Settings) -> Self {
        Python {
            settings,
            ..Python::default()
        }
    }

    /// The interpreter that would be used, as far as files tell.
    pub fn interpreter(&self) -> Option<&Interpreter> {
        let find = || Surroundings::of_process(self.settings.program.clone()).find();
        self.known.get_or_init(find).as_ref()
    }

    /// The collections: configured ones, those beside the playbook, and the interpreter's own.
    pub fn shelf(&self) -> &Shelf {
        if let Some(Some(asked)) = self.asked.get() {
            return asked;
        }
        self.shelf.get_or_init(|| {
            let interpreter = self.interpreter();
            let places = interpreter.map(|known| known.places.clone());
            let mut roots = self.settings.collections.clone();
            roots.extend(places.filter(|_| self.settings.system).unwrap_or_default());
            Shelf::new(roots, interpreter.and_then(|known| known.core.clone()))
        })
    }

    /// Asks Python itself for its collections, where files alone do not tell which one has
    /// ansible-core: behind a script that starts another, as those of pyenv do. Says whether it told.
    pub fn ask_for_shelf(&self, what: &str) -> bool {
        let seen = self.interpreter().and_then(|known| known.core.as_ref());
        if seen.is_some() || self.asked.get().is_some() {
            return false;
        }
        let ask = || {
            let worker = plugins::waiting(|| self.worker(what)).ok()?;
            let mut roots = self.settings.collections.clone();
            roots.extend(
                worker
                    .hello
                    .path
                    .iter()
                    .filter(|_| self.settings.system)
                    .cloned(),
            );
            Some(Shelf::new(roots, Some(worker.hello.core.clone()?)))
        };
        self.asked.get_or_init(ask).is_some()
    }

    /// The folders of `module_utils` that the configuration names.
    pub fn utils(&self) -> &[PathBuf] {
        &self.settings.utils
    }

    /// The run is to end: nobody is waited for much longer, and with `cut` nobody at all.
    pub fn stop(&self, cut: bool) {
        self.halt.stop(cut);
    }

    /// The controller's own interpreter, which has ansible-core.
    ///
    /// # Errors
    /// None has.
    pub fn program(&self, what: &str) -> Result<PathBuf> {
        match self.interpreter().filter(|known| known.core.is_some()) {
            Some(known) => Ok(known.program.clone()),
            None => Ok(PathBuf::from(&self.worker(what)?.hello.executable)),
        }
    }

    /// The worker, which is started where none runs. `what` is what needs it, in words.
    ///
    /// # Errors
    /// No Python with a fitting ansible-core is there.
    pub fn worker(&self, what: &str) -> Result<Arc<Worker>> {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = worker.as_ref().filter(|worker| worker.is_alive()) {
            return Ok(Arc::clone(running));
        }
        let started = Arc::new(self.start(what)?);
        *worker = Some(Arc::clone(&started));
        Ok(started)
    }

    fn start(&self, what: &str) -> Result<Worker> {
        let around = Surroundings::of_process(self.settings.program.clone());
        let seen = self.interpreter().map(|known| known.program.clone());
        let others = around.candidates().into_iter().map(|found| found.program);
        let mut programs: Vec<PathBuf> = seen.into_iter().chain(others).collect();
        programs.dedup();
        let mut cause = None;
        for program in &programs {
            match Worker::start(program, &self.halt) {
                Ok(worker) => match &worker.hello.version {
                    Some(version) => {
                        find::check_version(version, &worker.hello.executable)
                            .map_err(|error| error.because(needed(what)))?;
                        worker.ask("settings", self.told())?;
                        return Ok(worker);
                    }
                    None => {
                        let text = format!("`{}` has no ansible-core", program.display());
                        cause = cause.or(Some(Error::input(text)));
                    }
                },
                Err(error) => cause = cause.or(Some(error)),
            }
        }
        let program = programs.first().map_or_else(
            || "python3".to_owned(),
            |program| program.display().to_string(),
        );
        let error = Error::input(format!("{what} needs ansible-core, which is not installed"))
            .hint(format!("run: {program} -m pip install ansible-core"));
        Err(match cause {
            Some(cause) => error.because(cause),
            None => error.because(Error::input("there is no python3 on PATH")),
        })
    }

    /// What the worker is told of the run.
    fn told(&self) -> Map {
        let texts = |paths: &[PathBuf]| {
            let texts = paths.iter().map(|path| path.to_string_lossy().into_owned());
            Value::strings(texts)
        };
        let settings = crate::entries! {
            "collections" => texts(&self.settings.collections),
            "playbook_dirs" => texts(&self.settings.playbook_dirs),
        };
        crate::entries! { "settings" => settings }
    }

    /// Runs a module on a host. `open` gives a shell there, for where no session is idle.
    ///
    /// # Errors
    /// The host was lost, or the module took too long.
    pub async fn run<F>(
        self: &Arc<Self>,
        work: Work<'_>,
        open: impl FnOnce() -> F,
    ) -> std::result::Result<Outcome, Lost>
    where
        F: Future<Output = std::result::Result<connection::Session, Lost>>,
    {
        let prepared = match self.prepare(&work.source).await {
            Ok(prepared) => prepared,
            Err(error) => return Ok(Outcome::failed(error.told())),
        };
        let (base, bundle, version) = prepared;
        let mut session = match self.session(&work, open).await {
            Ok(session) => session,
            Err(Trouble::Python(why)) => return Ok(Outcome::failed(why).with("rc", 127)),
            Err(Trouble::Lost(lost)) => return Err(lost),
        };
        let told = Told {
            version,
            ..work.told.clone()
        };
        let arguments = told.json(work.args, &base.names);
        let call = Call {
            bundle: &bundle,
            arguments: &arguments,
            environment: work.environment,
        };
        match session.run(&base, &call, work.timeout).await {
            Ok(printed) => {
                self.sessions.give_back(work.key.clone(), session);
                Ok(result::outcome(&printed, &base.minimum, told.verbosity))
            }
            Err(lost) if lost.kind == LostKind::Timeout => Err(lost),
            Err(lost) => Ok(Outcome::failed(format!("{}: {}", told.name, lost.message))),
        }
    }

    /// What has to be there before a module runs. The worker's answers are waited for apart from
    /// the other hosts.
    async fn prepare(
        self: &Arc<Self>,
        source: &Source,
    ) -> Result<(Arc<bundle::Bundle>, Arc<bundle::Bundle>, String)> {
        let (python, source) = (Arc::clone(self), source.clone());
        let work = move || {
            let what = format!("the module `{}` ({})", source.name, source.path.display());
            let worker = python.worker(&what)?;
            let base = python.bundles.base(&worker)?;
            let bundle = python.bundles.module(&worker, &source)?;
            let version = worker.hello.version.clone().unwrap_or_default();
            Ok((base, bundle, version))
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| Error::bug("looking for a module's imports panicked"))?
    }

    async fn session<F>(
        &self,
        work: &Work<'_>,
        open: impl FnOnce() -> F,
    ) -> std::result::Result<Session, Trouble>
    where
        F: Future<Output = std::result::Result<connection::Session, Lost>>,
    {
        if let Some(session) = self.sessions.take(&work.key).await {
            return Ok(session);
        }
        let shell = open().await?;
        let interpreters = &work.key.interpreters;
        let session = Session::open(shell, interpreters, &work.key.environment, work.start).await?;
        let mut discovered = self
            .discovered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        discovered.insert(work.key.place.clone(), session.executable.clone());
        Ok(session)
    }

    /// The interpreter that was found at a place, where one was looked for.
    pub fn discovered(&self, place: &str) -> Option<String> {
        let discovered = self
            .discovered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        discovered
            .get(place)
            .filter(|path| !path.is_empty())
            .cloned()
    }

    /// Ends the sessions on hosts; the worker ends with us.
    pub async fn close(&self) {
        self.sessions.close().await;
    }
}

fn needed(what: &str) -> Error {
    Error::input(format!("{what} needs it"))
}

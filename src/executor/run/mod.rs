//! What all hosts of a run share.

mod catalogue;
mod house;
mod listed;
mod options;
mod person;
mod reading;
pub mod reserved;
mod sink;
mod stats;
mod stopping;
mod surroundings;
mod tags;

pub use catalogue::rejected::read as rejected_modules;
pub use catalogue::{Action, Catalogue, Custom, LANGUAGE, elsewhere};
pub use house::{Bare, House};
pub use listed::InventoryReader;
pub use options::{Access, Gathering, Options};
pub use person::{Nobody, Person, aborted};
pub use sink::Sink;
pub use stopping::Stopping;
pub use surroundings::Surroundings;
pub use tags::Tags;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Semaphore;

use self::stats::Stats;
use crate::error::Error;
use crate::memory::{Memory, Print};
use crate::playbook::{Loader, Paths};
use crate::report::{Counts, Event};
use crate::template::Engine;
use crate::value::Map;
use crate::vars::Store;

/// Reads the inventory from its sources.
pub type Refresh = Arc<dyn Fn() -> crate::error::Result<crate::inventory::Inventory> + Send + Sync>;

/// What a task adds to the inventory.
pub type Addition =
    Box<dyn Fn(&mut crate::inventory::Inventory) -> crate::error::Result<bool> + Send + Sync>;

/// A run.
pub struct Run {
    /// What it is asked to do.
    pub options: Options,
    /// The variables.
    pub store: Arc<Store>,
    /// What renders.
    pub engine: Arc<Engine>,
    /// Where files are looked for.
    pub paths: Paths,
    /// The modules there are, custom ones too.
    pub catalogue: Catalogue,
    /// How many hosts are worked on at once.
    pub forks: Arc<Semaphore>,
    /// The person at the terminal.
    pub person: Arc<dyn Person>,
    /// The house around, for the loader.
    pub house: Arc<House>,
    refresh: Refresh,
    added: Arc<Mutex<Vec<Addition>>>,
    sink: Sink,
    counts: Mutex<BTreeMap<Arc<str>, Counts>>,
    lost: Mutex<HashMap<Arc<str>, Lost>>,
    throttles: Mutex<HashMap<(usize, usize), Arc<Semaphore>>>,
    stats: Mutex<Stats>,
    aborted: Mutex<Option<Error>>,
    memory: OnceLock<Memory>,
    plays: Mutex<HashMap<Print, usize>>,
    /// The prints of variables of plays, roles and blocks, which are the same for every host and task.
    prints: Mutex<HashMap<usize, (Arc<Map>, Print)>>,
    /// Whether it was asked to end.
    pub stopping: Stopping,
    started: AtomicBool,
    stepping: AtomicBool,
    /// Whose turn it is to be debugged.
    pub debugging: tokio::sync::Mutex<()>,
}

/// Why a host takes no further part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// A task failed.
    Failed,
    /// It cannot be reached.
    Unreachable,
}

/// The parts a run is made of.
pub struct Parts {
    /// What it is asked to do.
    pub options: Options,
    /// The variables.
    pub store: Arc<Store>,
    /// What renders.
    pub engine: Arc<Engine>,
    /// Where files are looked for.
    pub paths: Paths,
    /// The modules there are.
    pub catalogue: Catalogue,
    /// The person at the terminal.
    pub person: Arc<dyn Person>,
    /// The house around.
    pub house: Arc<House>,
    /// Who hears of events.
    pub sink: Sink,
    /// Reads the inventory anew.
    pub refresh: Refresh,
}

impl Run {
    /// A run that is about to begin.
    pub fn new(parts: Parts) -> Self {
        Run {
            forks: Arc::new(Semaphore::new(parts.options.forks.max(1))),
            started: AtomicBool::new(parts.options.start_at.is_none()),
            stepping: AtomicBool::new(parts.options.step),
            debugging: tokio::sync::Mutex::default(),
            options: parts.options,
            store: parts.store,
            engine: parts.engine,
            paths: parts.paths,
            catalogue: parts.catalogue,
            person: parts.person,
            house: parts.house,
            refresh: parts.refresh,
            added: Arc::default(),
            sink: parts.sink,
            counts: Mutex::default(),
            lost: Mutex::default(),
            throttles: Mutex::default(),
            stats: Mutex::default(),
            aborted: Mutex::default(),
            memory: OnceLock::new(),
            plays: Mutex::default(),
            prints: Mutex::default(),
            stopping: Stopping::default(),
        }
    }

    /// Another run on the same ground: what is known of the hosts stays, and none of them is out.
    pub fn again(&self, options: Options) -> Self {
        let parts = Parts {
            options,
            store: Arc::clone(&self.store),
            engine: Arc::clone(&self.engine),
            paths: self.paths.clone(),
            catalogue: self.catalogue.clone(),
            person: Arc::clone(&self.person),
            house: Arc::clone(&self.house),
            sink: Arc::clone(&self.sink),
            refresh: Arc::clone(&self.refresh),
        };
        Run {
            added: Arc::clone(&self.added),
            ..Run::new(parts)
        }
    }

    /// What reads playbooks, roles and task files.
    pub fn loader(&self) -> Loader<'_> {
        Loader {
            world: &self.house,
            paths: &self.paths,
        }
    }

    /// From now on, results are kept for a run that resumes this one.
    pub fn remember(&self, memory: Memory) {
        let _ = self.memory.set(memory);
    }

    /// What is kept of this run, and known of the one that it resumes.
    pub fn memory(&self) -> Option<&Memory> {
        self.memory.get()
    }

    /// The print of variables that many tasks and hosts share; they are kept, so that none other is
    /// taken for them.
    pub fn print_of_vars(&self, vars: &Arc<Map>) -> Print {
        let mut prints = lock(&self.prints);
        let known = prints.entry(Arc::as_ptr(vars) as usize);
        known
            .or_insert_with(|| (Arc::clone(vars), Print::of_map(vars)))
            .1
    }

    /// The word that a play of these words is known by: the second one of the same words has another.
    pub fn play_word(&self, print: Print) -> String {
        let mut plays = lock(&self.plays);
        let nth = plays.entry(print).or_default();
        *nth += 1;
        format!("{print}:{nth}")
    }

    /// Tells an event.
    pub fn tell(&self, event: Event) {
        (self.sink)(event);
    }

    /// Tells the user of something that is not an error.
    pub fn warn(&self, warning: Error) {
        self.tell(Event::Warning(warning));
    }

    /// Changes a host's numbers.
    pub fn count(&self, host: &Arc<str>, change: impl FnOnce(&mut Counts)) {
        change(lock(&self.counts).entry(Arc::clone(host)).or_default());
    }

    /// Every host's numbers, by name.
    pub fn counts(&self) -> Vec<(Arc<str>, Counts)> {
        lock(&self.counts)
            .iter()
            .map(|(host, counts)| (Arc::clone(host), *counts))
            .collect()
    }

    /// Takes a host out of the rest of the run.
    pub fn lose(&self, host: &Arc<str>, why: Lost) {
        lock(&self.lost).insert(Arc::clone(host), why);
    }

    /// Why a host is out of the run, if it is.
    pub fn lost(&self, host: &str) -> Option<Lost> {
        lock(&self.lost).get(host).copied()
    }

    /// Takes all hosts back in (`meta: clear_host_errors`).
    pub fn forgive(&self) {
        lock(&self.lost).clear();
    }

    /// The hosts that are out of the run.
    pub fn all_lost(&self) -> Vec<(Arc<str>, Lost)> {
        lock(&self.lost)
            .iter()
            .map(|(host, why)| (Arc::clone(host), *why))
            .collect()
    }

    /// Adds to the figures of `set_stats`.
    pub fn add_stats(&self, change: impl FnOnce(&mut Stats)) {
        change(&mut lock(&self.stats));
    }

    /// The figures of `set_stats`.
    pub fn stats(&self) -> Stats {
        lock(&self.stats).clone()
    }

    /// The semaphore of a task with `throttle`.
    pub fn throttle(&self, task: usize, limit: usize) -> Arc<Semaphore> {
        let mut throttles = lock(&self.throttles);
        Arc::clone(
            throttles
                .entry((task, limit))
                .or_insert_with(|| Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)))),
        )
    }

    /// Keeps the first error that ends the run.
    fn set_aborted(&self, error: Error) {
        lock(&self.aborted).get_or_insert(error);
    }

    /// Ends the run with an error: what belongs to no host.
    pub fn abort(&self, error: Error) {
        self.set_aborted(error);
        self.interrupt();
    }

    /// The exit code of what has run so far.
    pub fn exit_code(&self) -> u8 {
        if self.is_interrupted() && self.aborted().is_none() {
            return self.stopping.code();
        }
        let lost = self.all_lost();
        if lost.iter().any(|(_, why)| *why == Lost::Unreachable) {
            return 4;
        }
        if lost.is_empty() { 0 } else { 2 }
    }

    /// The error that ended the run.
    pub fn aborted(&self) -> Option<Error> {
        lock(&self.aborted).clone()
    }

    /// Reads the inventory anew (`meta: refresh_inventory`).
    ///
    /// # Errors
    /// A source cannot be read.
    pub fn refresh_inventory(&self) -> crate::error::Result<()> {
        let mut loaded = (self.refresh)()?;
        for addition in lock(&self.added).iter() {
            // What was said of a host that is gone has no more meaning.
            let _ = addition(&mut loaded);
        }
        self.store.change_inventory(|inventory| *inventory = loaded);
        Ok(())
    }

    /// Changes the inventory as a task asks (`add_host`, `group_by`); the change outlives
    /// `meta: refresh_inventory`. Gives whether anything is different now.
    ///
    /// # Errors
    /// The inventory cannot be changed so.
    pub fn add_to_inventory(&self, addition: Addition) -> crate::error::Result<bool> {
        let changed = self
            .store
            .change_inventory(|inventory| addition(inventory))?;
        if changed {
            lock(&self.added).push(addition);
        }
        Ok(changed)
    }

    /// Asks the run to end: what runs is finished, nothing new begins.
    pub fn interrupt(&self) {
        self.stopping.finish();
    }

    /// Says whether the run was asked to end.
    pub fn is_interrupted(&self) -> bool {
        self.stopping.is_asked()
    }

    /// Says whether `--start-at-task` has been met.
    pub fn has_started(&self) -> bool {
        self.started.load(Ordering::SeqCst)
    }

    /// `--start-at-task` has been met.
    pub fn start(&self) {
        self.started.store(true, Ordering::SeqCst);
    }

    /// Says whether `--step` asks before each task.
    pub fn is_stepping(&self) -> bool {
        self.stepping.load(Ordering::SeqCst)
    }

    /// `--step` was answered with "continue".
    pub fn stop_stepping(&self) {
        self.stepping.store(false, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

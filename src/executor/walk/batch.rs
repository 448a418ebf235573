//! One batch of a play that runs: what its hosts share.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex, PoisonError};

use super::handlers::Handlers;
use super::shared::Shared;
use super::turnstile::Turnstile;
use super::walker::Doubt;
use crate::executor::run::Run;
use crate::executor::task::Means;
use crate::vars::{Frame, PlayState};

/// One batch of a play that runs.
pub struct Batch {
    /// The run, its connections and background jobs.
    pub means: Arc<Means>,
    /// The play.
    pub state: Arc<PlayState>,
    /// What keeps the hosts in step.
    pub turnstile: Turnstile<Shared>,
    /// The handlers.
    pub handlers: Handlers,
    /// The play as the outermost frame.
    pub frame: Arc<Frame>,
    /// Whether failed hosts run the handlers they were notified for.
    pub force_handlers: bool,
    /// The share of hosts that may fail, in percent.
    pub max_fail_percentage: Option<f64>,
    /// The word that the play is known by (`Run::play_word`).
    pub word: String,
    /// The number of the batch in the play.
    pub batch: usize,
    /// Whether the strategy is `debug`.
    pub debugs: bool,
    /// Whether a host begins only when another is done (`host_pinned`).
    pub takes_turns: bool,
    /// How many hosts the batch began with.
    pub size: usize,
    /// How many of them have failed.
    pub failed: Mutex<usize>,
    /// The names of the hosts it began with.
    pub hosts: Vec<Arc<str>>,
    /// How often `meta: clear_host_errors` forgave.
    pub forgiven: AtomicUsize,
    /// Whether `any_errors_fatal` failed a host that could not be reached.
    pub counts_twice: AtomicBool,
    /// Whether the task of `--start-at-task` was met before the batch, so that all of it runs.
    pub started: bool,
    /// In a plan: why it is not known whether the play goes on.
    pub(super) doubt: Mutex<Option<Doubt>>,
    seen: Mutex<HashSet<String>>,
}

impl Batch {
    /// A batch that is about to begin.
    pub fn new(
        means: &Arc<Means>,
        state: &Arc<PlayState>,
        frame: &Arc<Frame>,
        hosts: &[Arc<str>],
        free: bool,
        force_handlers: bool,
        max_fail_percentage: Option<f64>,
    ) -> Self {
        let run = &means.run;
        Batch {
            started: run.has_started(),
            means: Arc::clone(means),
            state: Arc::clone(state),
            turnstile: match run.options.forks {
                0 | 1 => Turnstile::new(hosts.len(), free).one_by_one(),
                _ => Turnstile::new(hosts.len(), free),
            },
            handlers: Handlers::default(),
            frame: Arc::clone(frame),
            force_handlers,
            max_fail_percentage,
            word: String::new(),
            batch: 0,
            debugs: false,
            takes_turns: false,
            size: hosts.len(),
            failed: Mutex::default(),
            hosts: hosts.to_vec(),
            forgiven: AtomicUsize::new(0),
            counts_twice: AtomicBool::new(false),
            doubt: Mutex::default(),
            seen: Mutex::default(),
        }
    }

    /// The run.
    pub fn run(&self) -> &Arc<Run> {
        &self.means.run
    }

    /// Says once for each key that it is new.
    pub fn is_new(&self, key: &str) -> bool {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.to_owned())
    }

    /// Says whether more hosts have failed than `max_fail_percentage` allows.
    pub fn too_many_failed(&self) -> bool {
        let Some(most) = self.max_fail_percentage else {
            return false;
        };
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed as f64 * 100.0 / self.size.max(1) as f64 > most
    }
}

//! One host on its way through a play.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use super::batch::Batch;
use super::turnstile::Stop;
use crate::executor::run::Run;
use crate::executor::task::Actor;
use crate::memory::Print;
use crate::report::Status;
use crate::vars::{Frame, HostState};

/// How a part of a play ended for a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The host goes on.
    Next,
    /// A task failed: rescue, or the end of the play for this host.
    Failed,
    /// A `run_once` task failed that another host did: the end of the play for this one too, without
    /// its rescue.
    FailedElsewhere,
    /// The host cannot be reached.
    Gone,
    /// `meta: end_host`.
    EndHost,
    /// `meta: end_role`.
    EndRole,
    /// Something ends the play for every host.
    Stopped(Stop),
    /// The run was asked to end.
    Interrupted,
}

impl Flow {
    /// How a host goes on after a task that ended so.
    pub fn of(status: Status) -> Self {
        match status {
            Status::Failed => Flow::Failed,
            Status::Unreachable => Flow::Gone,
            _ => Flow::Next,
        }
    }
}

/// What surrounds the tasks that are walked.
#[derive(Clone)]
pub struct Way {
    /// The frames.
    pub frame: Arc<Frame>,
    /// Whether a block around has a rescue for a failure here.
    pub rescuable: bool,
}

/// One host on its way.
pub struct Walker {
    /// The batch it belongs to.
    pub batch: Arc<Batch>,
    /// The host as its tasks know it.
    pub actor: Actor,
    /// Its number in the batch.
    pub number: usize,
    /// What it was notified for.
    pub(super) notified: Mutex<Notified>,
    /// The roles that it has met.
    pub(super) roles: Mutex<Roles>,
    /// Whether it has met the task of `--start-at-task`.
    pub(super) started: AtomicBool,
    /// How often it came to tasks of the same words.
    pub(super) met: Mutex<HashMap<Print, usize>>,
    /// In a plan: why it is not known whether the host is still in the play, or in its role.
    pub(super) doubt: Mutex<Option<Doubt>>,
}

/// In a plan: a `meta` task may have taken the host out of the play.
#[derive(Clone, Debug)]
pub struct Doubt {
    /// What its condition waits for.
    pub(super) why: String,
    /// Whether it is out of the role alone.
    pub(super) of_role: bool,
}

/// What a host was notified for. Names mean handlers only when these are run: one that is defined
/// later has the name then (`_process_pending_results` of the reference's `plugins/strategy`).
#[derive(Default)]
pub struct Notified {
    /// The names, each once.
    pub(super) names: Vec<String>,
    /// The handlers that are to run, by number.
    pub(super) due: BTreeSet<usize>,
    /// In a plan: names that a task notifies if it changes something, which is not known yet, and why.
    pub(super) maybe: BTreeMap<String, String>,
    /// Whether they run now: a name then means its handlers at once.
    pub(super) runs: bool,
}

/// The uses of roles that a host has met, by their keys.
#[derive(Default)]
pub struct Roles {
    /// Those of which a task ran: it was not skipped.
    pub(super) touched: HashSet<String>,
    /// Those of them that came to their end.
    pub(super) done: HashSet<String>,
}

impl Walker {
    /// A host at the beginning of its way.
    pub fn new(batch: Arc<Batch>, host: Arc<HostState>, number: usize) -> Self {
        Walker {
            started: AtomicBool::new(batch.started),
            actor: Actor {
                means: Arc::clone(&batch.means),
                play: Arc::clone(&batch.state),
                host,
                batch_size: batch.size,
            },
            batch,
            number,
            notified: Mutex::default(),
            roles: Mutex::default(),
            met: Mutex::default(),
            doubt: Mutex::default(),
        }
    }

    /// The run.
    pub fn run(&self) -> &Run {
        self.actor.run()
    }

    /// Says whether handlers wait for this host.
    pub fn is_notified(&self) -> bool {
        let notified = self.notified.lock().unwrap_or_else(PoisonError::into_inner);
        !notified.names.is_empty() || !notified.due.is_empty()
    }
}

//! One host on its way through a play: plain recursion over the tree of tasks.

use std::collections::{BTreeSet, HashSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::handlers::Handlers;
use super::position::Position;
use super::run::{Lost, Run};
use super::task::Shared;
use super::turnstile::{Stop, Turnstile};
use super::values::Values;
use crate::error::Error;
use crate::playbook::{Block, Node, Origin, Task};
use crate::report::Event;
use crate::vars::{Frame, FrameKind, Here, HostState, PlayState, TaskScope};

/// How a part of a play ended for a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The host goes on.
    Next,
    /// A task failed: rescue, or the end of the play for this host.
    Failed,
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

/// One batch of a play that runs.
pub struct Batch {
    /// The run.
    pub run: Arc<Run>,
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
    /// Whether the strategy is `debug`.
    pub debugs: bool,
    /// How many hosts the batch began with.
    pub size: usize,
    /// How many of them have failed.
    pub failed: Mutex<usize>,
    /// The names of the hosts it began with.
    pub hosts: Vec<Arc<str>>,
    /// Whether `any_errors_fatal` failed a host that could not be reached.
    pub counts_twice: AtomicBool,
    /// Whether the task of `--start-at-task` was met before the batch, so that all of it runs.
    started: bool,
    seen: Mutex<HashSet<String>>,
}

impl Batch {
    /// A batch that is about to begin.
    pub fn new(
        run: &Arc<Run>,
        state: &Arc<PlayState>,
        hosts: &[Arc<str>],
        free: bool,
        force_handlers: bool,
        max_fail_percentage: Option<f64>,
    ) -> Self {
        Batch {
            started: run.has_started(),
            run: Arc::clone(run),
            state: Arc::clone(state),
            turnstile: match run.options.forks {
                0 | 1 => Turnstile::new(hosts.len(), free).one_by_one(),
                _ => Turnstile::new(hosts.len(), free),
            },
            handlers: Handlers::default(),
            frame: super::play::play_frame(&state.play),
            force_handlers,
            max_fail_percentage,
            debugs: false,
            size: hosts.len(),
            failed: Mutex::default(),
            hosts: hosts.to_vec(),
            counts_twice: AtomicBool::new(false),
            seen: Mutex::default(),
        }
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

/// One host on its way.
pub struct Walker {
    /// The batch it belongs to.
    pub batch: Arc<Batch>,
    /// What it has gathered.
    pub host: Arc<HostState>,
    /// Its number in the batch.
    pub number: usize,
    /// The handlers it was notified for, by number.
    pub notified: Mutex<BTreeSet<usize>>,
    roles: Mutex<Roles>,
    started: AtomicBool,
}

/// The uses of roles that a host has met, by their keys.
#[derive(Default)]
struct Roles {
    /// Those of which a task ran: it was not skipped.
    touched: HashSet<String>,
    /// Those of them that came to their end.
    done: HashSet<String>,
}

/// What surrounds the tasks that are walked.
#[derive(Clone)]
pub struct Way {
    /// The frames.
    pub frame: Arc<Frame>,
    /// Whether a block around has a rescue for a failure here.
    pub rescuable: bool,
}

type Walk<'a> = Pin<Box<dyn Future<Output = Flow> + Send + 'a>>;

impl Walker {
    /// A host at the beginning of its way.
    pub fn new(batch: Arc<Batch>, host: Arc<HostState>, number: usize) -> Self {
        Walker {
            started: AtomicBool::new(batch.started),
            batch,
            host,
            number,
            notified: Mutex::default(),
            roles: Mutex::default(),
        }
    }

    /// The run.
    pub fn run(&self) -> &Run {
        &self.batch.run
    }

    /// The names as a task under `frame` sees them.
    pub fn names(&self, frame: &Arc<Frame>, task: Option<&Task>) -> TaskScope {
        TaskScope {
            store: Arc::clone(&self.run().store),
            play: Some(Arc::clone(&self.batch.state)),
            host: Arc::clone(&self.host),
            frame: Some(Arc::clone(frame)),
            locals: Arc::default(),
            here: Here {
                file: task.map(|task| task.place.path().to_owned()),
                action: task.map(|task| task.action.name.clone()),
            },
        }
    }

    /// Walks a list of tasks and blocks.
    pub fn walk<'a>(&'a self, nodes: &'a [Node], way: &'a Way, at: Position) -> Walk<'a> {
        Box::pin(async move {
            for (number, node) in nodes.iter().enumerate() {
                let place = at.child(number);
                let flow = match node {
                    Node::Task(task) => self.task(task, way, &place).await,
                    Node::Block(block) => self.block(block, way, &place).await,
                };
                if flow != Flow::Next {
                    return flow;
                }
            }
            Flow::Next
        })
    }

    async fn block(&self, block: &Block, way: &Way, at: &Position) -> Flow {
        let kind = match &block.origin {
            Origin::Block | Origin::Import => FrameKind::Block,
            Origin::Role(role) => FrameKind::Role(Arc::clone(role)),
        };
        let frame = way
            .frame
            .below(kind, block.keywords.clone(), Arc::clone(&block.vars));
        if let Some(role) = block.role()
            && !self.may_run(role)
        {
            return Flow::Next;
        }
        let inside = Way {
            rescuable: way.rescuable || !block.rescue.is_empty(),
            frame: Arc::clone(&frame),
        };
        let outside = Way {
            frame,
            rescuable: way.rescuable,
        };
        let mut flow = match block.role() {
            Some(role) if role.validate => self.validate_role(role, &inside, at).await,
            _ => Flow::Next,
        };
        if flow == Flow::Next {
            flow = self.walk(&block.block, &inside, at.child(0)).await;
        }
        if flow == Flow::EndRole && block.role().is_some() {
            flow = Flow::Next;
        }
        if let Some(role) = block.role() {
            self.end_role(role);
        }
        if flow == Flow::Failed && !block.rescue.is_empty() {
            flow = self.walk(&block.rescue, &outside, at.child(1)).await;
        }
        if block.always.is_empty() || !matches!(flow, Flow::Next | Flow::Failed | Flow::EndRole) {
            return flow;
        }
        match self.walk(&block.always, &outside, at.child(2)).await {
            Flow::Next => flow,
            other => other,
        }
    }

    /// Says whether a role is to run now: it has not run for this host, or it may again. One whose
    /// tasks were all skipped has not run.
    fn may_run(&self, role: &crate::playbook::RoleUse) -> bool {
        role.allow_duplicates || !self.role_notes().done.contains(&role.key())
    }

    /// A task ran that was not skipped: its role has run.
    pub(super) fn touch_role(&self, frame: &Arc<Frame>) {
        if let Some(role) = frame.role() {
            self.role_notes().touched.insert(role.key());
        }
    }

    fn end_role(&self, role: &crate::playbook::RoleUse) {
        let key = role.key();
        let mut roles = self.role_notes();
        if roles.touched.contains(&key) {
            roles.done.insert(key);
        }
    }

    fn role_notes(&self) -> std::sync::MutexGuard<'_, Roles> {
        self.roles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn task(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Flow {
        let frame = way.frame.below(
            FrameKind::Task,
            task.keywords.clone(),
            Arc::clone(&task.vars),
        );
        let names = self.names(&frame, Some(task));
        let values = Values::new(&self.run().engine, &names);
        let inside = Way {
            frame: Arc::clone(&frame),
            rescuable: way.rescuable,
        };
        match self.is_chosen(task, &values) {
            Ok(true) => (),
            Ok(false) => return Flow::Next,
            Err(error) => return self.fail_before(task, &inside, at, error).await,
        }
        if let Err(stop) = self.batch.turnstile.enter(self.number, at).await {
            return Flow::Stopped(stop);
        }
        if self.run().is_interrupted() {
            return Flow::Interrupted;
        }
        let flow = match task.action.short_name() {
            "meta" => self.meta(task, &inside, at).await,
            "include_tasks" => self.include_tasks(task, &inside, at).await,
            "include_role" => self.include_role(task, &inside, at).await,
            _ => self.perform(task, &inside, at).await,
        };
        self.after(&values, &inside, at, flow).await
    }

    /// What the failure of one host means for the others.
    async fn after(&self, values: &Values<'_>, way: &Way, at: &Position, flow: Flow) -> Flow {
        let fatal = match values.keyword_flag("any_errors_fatal") {
            Ok(said) => said.unwrap_or(self.run().options.any_errors_fatal),
            Err(_) => false,
        };
        if fatal && matches!(flow, Flow::Failed | Flow::Gone) {
            self.batch.turnstile.fail_all(at);
            if flow == Flow::Gone {
                self.batch.counts_twice.store(true, Ordering::Relaxed);
            }
        }
        if flow == Flow::Failed && !way.rescuable && self.batch.max_fail_percentage.is_some() {
            *self
                .batch
                .failed
                .lock()
                .unwrap_or_else(PoisonError::into_inner) += 1;
        }
        if flow != Flow::Next || !(fatal || self.batch.max_fail_percentage.is_some()) {
            return flow;
        }
        match self.batch.turnstile.settle(self.number, at).await {
            Err(Stop::Fatal) => return Flow::Failed,
            Err(stop) => return Flow::Stopped(stop),
            Ok(()) => (),
        }
        if self.batch.too_many_failed() {
            self.batch.turnstile.stop(Stop::TooManyFailed);
            return Flow::Stopped(Stop::TooManyFailed);
        }
        flow
    }

    fn is_chosen(&self, task: &Task, values: &Values<'_>) -> crate::error::Result<bool> {
        let tags = values.tags()?;
        if !self.run().options.tags.choose(&tags) && !task.handler {
            return Ok(false);
        }
        if self.started.load(Ordering::Relaxed) {
            return Ok(true);
        }
        if self.is_start(task, values) {
            self.started.store(true, Ordering::Relaxed);
            self.run().start();
            return Ok(true);
        }
        Ok(false)
    }

    /// Says whether this is the task of `--start-at-task`.
    fn is_start(&self, task: &Task, values: &Values<'_>) -> bool {
        let Some(wanted) = &self.run().options.start_at else {
            return true;
        };
        let Some(Ok(name)) = task.name.as_ref().map(|name| values.render(name)) else {
            return false;
        };
        let name = name.to_text();
        let role = values.frame.and_then(|frame| frame.role());
        let full = role.map(|role| format!("{} : {name}", role.role.name));
        let matches = |text: &str| text == wanted || super::glob::matches(wanted, text);
        matches(&name) || full.is_some_and(|full| matches(&full))
    }

    /// A task that fails before it begins, because its keywords cannot be understood.
    async fn fail_before(&self, task: &Arc<Task>, way: &Way, at: &Position, error: Error) -> Flow {
        if let Err(stop) = self.batch.turnstile.enter(self.number, at).await {
            return Flow::Stopped(stop);
        }
        self.announce(task, way, at);
        self.fail(task, way, error)
    }

    /// Walks the whole play.
    pub async fn walk_play(&self) -> Flow {
        let root = Position::default();
        let way = Way {
            frame: Arc::clone(&self.batch.frame),
            rescuable: false,
        };
        let play = Arc::clone(&self.batch.state.play);
        let mut flow = self.gather(&way, &root.child(0)).await;
        let main = [play.roles.as_slice(), play.tasks.as_slice()].concat();
        let sections = [&play.pre_tasks, &main, &play.post_tasks];
        for (number, section) in sections.into_iter().enumerate() {
            if flow != Flow::Next {
                break;
            }
            let at = root.child(number + 1);
            flow = self.walk(section, &way, at.child(0)).await;
            if flow == Flow::Next || flow == Flow::Failed && self.batch.force_handlers {
                let flushed = self.flush(&at.child(1), false).await;
                flow = if flow == Flow::Next { flushed } else { flow };
            }
        }
        self.leave(flow);
        flow
    }

    /// The host is done with the play, one way or the other.
    fn leave(&self, flow: Flow) {
        let lost = match flow {
            Flow::Failed | Flow::Stopped(Stop::TooManyFailed | Stop::Fatal) => Some(Lost::Failed),
            Flow::Gone => Some(Lost::Unreachable),
            _ => None,
        };
        if let Some(why) = lost {
            self.batch
                .state
                .lose(&self.host.name, why == Lost::Unreachable);
            self.run().lose(&self.host.name, why);
        }
        self.batch.turnstile.leave(self.number);
    }

    /// Tells an event.
    pub fn tell(&self, event: Event) {
        self.run().tell(event);
    }
}

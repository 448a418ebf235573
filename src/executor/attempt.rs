//! One task, or one item of its loop, on one host: conditions, arguments, the module, retries.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use super::actions::Action;
use super::steps::Walk;
use super::target;
use super::values::Values;
use super::walker::Walker;
use crate::connection::{Become, Lost, LostKind, Target, Transport};
use crate::error::{Error, Result};
use crate::modules::{Cx, Module, Names, Step};
use crate::outcome::Outcome;
use crate::playbook::Task;
use crate::report::{Event, Status, TaskInfo};
use crate::value::{Map, Value};
use crate::vars::{Frame, TaskScope, delegated_vars};

/// A task that is done on a host.
pub struct Job<'a> {
    /// The host on its way.
    pub walker: &'a Walker,
    /// The task.
    pub task: &'a Arc<Task>,
    /// What stands around, the task included.
    pub frame: &'a Arc<Frame>,
    /// The names.
    pub names: &'a TaskScope,
    /// How it is told of.
    pub info: &'a Arc<TaskInfo>,
}

/// What came out of an attempt.
pub struct Attempted {
    /// The outcome.
    pub outcome: Outcome,
    /// Whether a failure is ignored.
    pub ignored: bool,
    /// Where it was done, in words, where that is another host.
    pub delegated: Option<String>,
    /// The host that facts are for, where that is another one.
    pub facts_for: Option<String>,
    /// Whether what came out is not to be told (`no_log`).
    pub hidden: bool,
}

/// Where a task is done.
pub(super) struct Where {
    target: Target,
    user: Option<Become>,
    delegate: Option<String>,
}

impl Attempted {
    /// A failure by an error.
    pub fn failed(error: &Error) -> Self {
        Attempted {
            outcome: Outcome::failed(error.chain()),
            ignored: false,
            delegated: None,
            facts_for: None,
            hidden: false,
        }
    }

    /// How it ended.
    pub fn status(&self) -> Status {
        let outcome = &self.outcome;
        match () {
            () if outcome.unreachable && self.ignored => Status::Ignored,
            () if outcome.unreachable => Status::Unreachable,
            () if outcome.failed && self.ignored => Status::Ignored,
            () if outcome.failed => Status::Failed,
            () if outcome.skipped => Status::Skipped,
            () if outcome.changed => Status::Changed,
            () => Status::Ok,
        }
    }
}

impl Job<'_> {
    /// The keywords and variables of the task.
    pub fn values(&self) -> Values<'_> {
        Values::new(&self.walker.run().engine, self.names)
    }

    /// The name that `register` gives, where it can be known.
    pub fn register_name(&self) -> Option<String> {
        let name = self.task.register()?;
        self.values().render(name).ok().map(|name| name.to_text())
    }

    /// The skipped outcome of a task whose loop cannot be rendered, where its condition is false
    /// without it.
    pub fn is_skipped_anyway(&self) -> Option<Attempted> {
        match self.condition(&self.values()) {
            Ok(Some(skipped)) => Some(self.done(skipped)),
            _ => None,
        }
    }

    /// Says whether a condition is false.
    ///
    /// # Errors
    /// A condition cannot be evaluated.
    pub fn skipped(&self, values: &Values<'_>) -> Result<bool> {
        self.condition(values).map(|skipped| skipped.is_some())
    }

    pub(super) fn done(&self, outcome: Outcome) -> Attempted {
        Attempted {
            outcome,
            ignored: false,
            delegated: None,
            facts_for: None,
            hidden: false,
        }
    }

    /// Does the task once, with `locals` (the item's names) on top.
    pub async fn attempt(&self, locals: &Map) -> Attempted {
        let names = self.names.with_locals(locals);
        let values = Values::new(&self.walker.run().engine, &names);
        match self.try_attempt(&values, &names).await {
            Ok(attempted) => attempted,
            Err(error) => {
                let mut attempted = self.broken(&values, error);
                attempted.delegated = self.delegate_as_written();
                attempted
            }
        }
    }

    /// The failure of a task that cannot be done for an error in what the user wrote.
    pub(super) fn broken(&self, values: &Values<'_>, error: Error) -> Attempted {
        let mut attempted = Attempted::failed(&error);
        attempted.ignored = values.keyword_flag("ignore_errors").ok().flatten() == Some(true);
        attempted.hidden = self.is_hidden(values).unwrap_or(true);
        self.walker.tell(Event::TaskError(error));
        attempted
    }

    /// `delegate_to` before it is known what it means.
    fn delegate_as_written(&self) -> Option<String> {
        let delegate = self.frame.keyword("delegate_to")?.value.to_text();
        (!delegate.is_empty()).then_some(delegate)
    }

    /// Says whether what comes out is not to be told.
    fn is_hidden(&self, values: &Values<'_>) -> Result<bool> {
        let said = values.keyword_flag("no_log")?;
        Ok(said.unwrap_or(self.walker.run().options.no_log))
    }

    async fn try_attempt(&self, values: &Values<'_>, names: &TaskScope) -> Result<Attempted> {
        if let Some(skipped) = self.condition(values)? {
            let mut skipped = self.done(skipped);
            skipped.hidden = self.is_hidden(values).unwrap_or(true);
            return Ok(skipped);
        }
        match self.with_name(values)? {
            Some(task) => {
                let job = Job {
                    task: &task,
                    ..*self
                };
                job.act(values, names).await
            }
            None => self.act(values, names).await,
        }
    }

    /// The task with the name of its module rendered, where that is a template.
    fn with_name(&self, values: &Values<'_>) -> Result<Option<Arc<Task>>> {
        let Some(template) = self.task.action.name_template() else {
            return Ok(None);
        };
        let mut task = Task::clone(self.task);
        task.action.name = values.render(&template)?.to_text();
        Ok(Some(Arc::new(task)))
    }

    /// Does the task, whose condition holds.
    async fn act(&self, values: &Values<'_>, names: &TaskScope) -> Result<Attempted> {
        let hidden = self.is_hidden(values)?;
        let place = self.place(values)?;
        let names = match &place.delegate {
            Some(name) => &names.with_locals(&crate::entries! {
                "ansible_delegated_vars" => delegated_vars(&names.store, name),
            }),
            None => names,
        };
        let values = &Values::new(values.engine, names);
        // A name that cannot be rendered fails the task before it is done.
        values.added("notify")?;
        let mut attempted = match self.retry(values, names, &place).await {
            Ok(mut attempted) => {
                attempted.ignored = self.is_ignored(values, &attempted.outcome)?;
                attempted
            }
            Err(error) => self.broken(values, error),
        };
        attempted.hidden = hidden;
        let other = place
            .delegate
            .as_ref()
            .filter(|name| name.as_str() != values.host_name());
        attempted.delegated = other.map(|name| match attempted.outcome.unreachable {
            true => name.clone(),
            false => delegated(name, &place.target),
        });
        if values.keyword_flag("delegate_facts")? == Some(true) {
            attempted.facts_for = place.delegate;
        }
        Ok(attempted)
    }

    fn is_ignored(&self, values: &Values<'_>, outcome: &Outcome) -> Result<bool> {
        let keyword = match () {
            () if outcome.unreachable => "ignore_unreachable",
            () if outcome.failed => "ignore_errors",
            () => return Ok(false),
        };
        Ok(values.keyword_flag(keyword)?.unwrap_or(false))
    }

    /// The skipped outcome where a condition of the task, or of what stands around, is false.
    fn condition(&self, values: &Values<'_>) -> Result<Option<Outcome>> {
        for entry in self.frame.keywords_of("when") {
            let conditions = match &entry.value {
                Value::List(items) => items.to_vec(),
                other => vec![other.clone()],
            };
            for condition in conditions {
                let holds =
                    values
                        .engine
                        .condition(&condition, &values.scope)
                        .map_err(|error| {
                            Error::template("the condition of `when` cannot be evaluated")
                                .at(condition.place().cloned().or(Some(entry.place.clone())))
                                .because(error)
                        })?;
                if !holds {
                    let mut skipped = Outcome::ok()
                        .with("skip_reason", "Conditional result was False")
                        .with("false_condition", condition.untrusted());
                    skipped.skipped = true;
                    return Ok(Some(skipped));
                }
            }
        }
        Ok(None)
    }

    /// Where the task is done and as whom.
    fn place(&self, values: &Values<'_>) -> Result<Where> {
        let access = &self.walker.run().options.access;
        let delegate = values.keyword_text("delegate_to")?;
        let Some(delegate) = delegate else {
            self.refuse_no_delegate(values)?;
            return Ok(Where {
                target: target::target(values, access, self.is_implicit(values.host_name()))?,
                user: target::become_user(values, access)?,
                delegate: None,
            });
        };
        let mut other = TaskScope::of_host(&self.names.store, &delegate);
        other.play = self.names.play.clone();
        other.frame = Some(Arc::clone(self.frame));
        let there = Values::new(values.engine, &other);
        let target = target::target(&there, access, self.is_implicit(&delegate))?;
        let user = target::become_user(&there, access)?;
        Ok(Where {
            target,
            user,
            delegate: Some(delegate),
        })
    }

    /// A template that gives no host does not mean this host.
    fn refuse_no_delegate(&self, values: &Values<'_>) -> Result<()> {
        let empty = values.keyword("delegate_to")?.is_some();
        match self.frame.keyword("delegate_to") {
            Some(entry) if empty && entry.value.has_templates() => {
                Err(Error::input("`delegate_to` gives an empty name").at(entry.place.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Says whether a name is the controller's own, without the inventory saying otherwise.
    fn is_implicit(&self, name: &str) -> bool {
        let inventory = self.names.store.inventory();
        match inventory.host(name) {
            Some(host) => host.implicit,
            None => crate::inventory::LOCALHOST.contains(&name),
        }
    }

    /// Runs the module once.
    pub(super) async fn run_module(
        &self,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Outcome> {
        let action = self.find_action()?;
        let cx = Arc::new(self.context(values, place)?);
        let environment = self.environment(values)?;
        let timeout = self.timeout(values)?;
        let args = self.arguments(values, &action)?;
        super::background::check(values, &self.task.action.name, &action)?;
        let first = match &action {
            Action::Language(word) => return super::language::run(self, names, word, &args),
            Action::Custom(custom) => Ok(super::custom::first_step(custom, &args, &cx)?),
            Action::Module(module) => self.first_step(values, module, &args, &cx),
        };
        let first = match first {
            Ok(Step::Done(outcome)) => return Ok(outcome),
            other => other,
        };
        let run = self.walker.run();
        let _slot = run
            .forks
            .acquire()
            .await
            .map_err(|_| Error::bug("the run has no slots"))?;
        let throttle = self.throttle(values)?;
        let _turn = match &throttle {
            Some(throttle) => Some(
                throttle
                    .acquire()
                    .await
                    .map_err(|_| Error::bug("no throttle"))?,
            ),
            None => None,
        };
        let walk = Walk {
            run: Arc::clone(&self.walker.batch.run),
            host: Arc::clone(&self.walker.host.name),
            target: place.target.clone(),
            user: place.user.clone(),
            environment,
            timeout,
            scope: Arc::clone(&values.scope),
            hidden: self.is_hidden(values).unwrap_or(true),
            trips: AtomicU32::new(0),
        };
        let interval = self.walker.run().options.poll_interval;
        let taken = match super::background::wanted(values, interval)? {
            Some(wanted) => super::background::run(self, walk, (&args, &cx, first), wanted).await,
            None => walk.take(first).await,
        };
        Ok(taken.unwrap_or_else(|lost| self.lost(&lost, timeout)))
    }

    fn lost(&self, lost: &Lost, timeout: Option<Duration>) -> Outcome {
        match lost.kind {
            LostKind::Timeout => {
                let seconds = timeout.map_or(0, |timeout| timeout.as_secs());
                Outcome::failed(format!("Timed out after {seconds} second(s)."))
                    .with("timedout", crate::entries! { "period" => seconds })
            }
            _ if lost.is_unreachable() => Outcome::unreachable(lost.message.as_str()),
            _ => Outcome::failed(lost.message.as_str()),
        }
    }

    /// The environment. While facts are gathered, it may use facts that are not known yet.
    fn environment(&self, values: &Values<'_>) -> Result<Vec<(String, String)>> {
        let gathers = matches!(self.task.action.short_name(), "gather_facts" | "setup");
        match values.environment() {
            Err(error) if gathers && error.is_undefined() => values.known_environment(),
            other => other,
        }
    }

    fn throttle(&self, values: &Values<'_>) -> Result<Option<Arc<tokio::sync::Semaphore>>> {
        let limit = values.keyword_number("throttle")?.unwrap_or(0.0) as usize;
        let task = Arc::as_ptr(self.task) as usize;
        Ok((limit > 0).then(|| self.walker.run().throttle(task, limit)))
    }

    fn timeout(&self, values: &Values<'_>) -> Result<Option<Duration>> {
        let said = values.keyword_seconds("timeout")?;
        Ok(said
            .filter(|time| !time.is_zero())
            .or(self.walker.run().options.task_timeout))
    }

    fn find_action(&self) -> Result<Action> {
        let folder = &self.walker.batch.state.folder;
        let roles = self.frame.roles().map(|role| role.role.path.as_path());
        let roles: Vec<_> = roles.chain([folder.as_path()]).collect();
        let collections = super::collections_of(self.frame);
        self.walker
            .run()
            .catalogue
            .find(&self.task.action.name, &roles, &collections)
            .map_err(|error| error.at(self.task.action.place.clone()))
    }

    fn first_step(
        &self,
        values: &Values<'_>,
        module: &'static Module,
        args: &Map,
        cx: &Arc<Cx>,
    ) -> Result<Step> {
        // What was written in the task was checked before the run; not what came from templates,
        // from `module_defaults`, or where a failure is expected.
        let at = || self.task.action.place.clone();
        module.check(args).map_err(|error| error.at(at()))?;
        if cx.check && !module.check_mode {
            let message = format!(
                "remote module ({}) does not support check mode",
                module.name
            );
            return Ok(Step::Done(Outcome::skipped(message)));
        }
        match module.name {
            "async_status" => super::background::status(self, module, args, cx),
            "assert" => super::language::assert(values, args).map(Step::Done),
            "debug" => {
                let args = match super::language::is_silent(args, cx.verbosity) {
                    true => args.clone(),
                    false => super::language::debug_arguments(values, args)?,
                };
                (module.plan)(&args, cx).map_err(|error| error.at(at()))
            }
            _ => super::broken::plan(module, args, cx).map_err(|error| error.at(at())),
        }
    }

    fn context(&self, values: &Values<'_>, place: &Where) -> Result<Cx> {
        let options = &self.walker.run().options;
        let host = match &place.delegate {
            Some(name) => self.names.store.host(name),
            None => Arc::clone(&self.walker.host),
        };
        Ok(Cx {
            check: values.keyword_flag("check_mode")?.unwrap_or(options.check),
            diff: values.keyword_flag("diff")?.unwrap_or(options.diff),
            verbosity: options.verbosity,
            facts: host.facts().named,
            names: Names {
                host: host.name.to_string(),
                address: place.target.address.clone(),
                connection: connection_name(&place.target.transport).to_owned(),
                delegated: place.delegate.is_some(),
            },
            user: place
                .user
                .as_ref()
                .map(|user| user.user.clone())
                .or(place.target.user.clone()),
            environment: self.environment(values)?,
            variables: Arc::new(self.ansible_variables(values)?),
            timeout: self.timeout(values)?.map(|timeout| timeout.as_secs()),
        })
    }

    /// The few `ansible_` variables that modules read.
    fn ansible_variables(&self, values: &Values<'_>) -> Result<Map> {
        const NAMES: &[&str] = &[
            "ansible_async_dir",
            "ansible_pkg_mgr",
            "ansible_python_interpreter",
            "ansible_remote_tmp",
            "ansible_rsync_path",
            "ansible_service_mgr",
        ];
        let mut found = Map::new();
        for name in NAMES {
            if let Some(value) = values.variable(name)? {
                found.set(name, value);
            }
        }
        Ok(found)
    }
}

fn connection_name(transport: &Transport) -> &'static str {
    match transport {
        Transport::Chroot => "chroot",
        Transport::Docker => "docker",
        Transport::Kubectl { .. } => "kubectl",
        Transport::Local => "local",
        Transport::Nspawn => "nspawn",
        Transport::OpenSsh => "openssh",
        Transport::Podman => "podman",
        Transport::Ssh => "ssh",
    }
}

/// The host a task was delegated to, with its address where that says more.
fn delegated(name: &str, target: &Target) -> String {
    if target.address == name || target.transport == Transport::Local {
        return name.to_owned();
    }
    format!("{name}({})", target.address)
}

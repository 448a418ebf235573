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
use crate::report::{self, Event, Status, TaskInfo};
use crate::value::{Map, Value};
use crate::vars::{Frame, TaskScope};

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
}

/// Where a task is done.
struct Where {
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

    /// The command of the task as written, for what is told of a job.
    pub fn command_text(&self) -> Value {
        let args = &self.task.action.args;
        let given = args
            .get(crate::playbook::FREE_TEXT)
            .or_else(|| args.get("cmd"));
        let given = given
            .or_else(|| args.get("argv"))
            .cloned()
            .unwrap_or_default();
        self.values().render(&given).unwrap_or_default()
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

    fn done(&self, outcome: Outcome) -> Attempted {
        Attempted {
            outcome,
            ignored: false,
            delegated: None,
            facts_for: None,
        }
    }

    /// Does the task once, with `locals` (the item's names) on top.
    pub async fn attempt(&self, locals: &Map) -> Attempted {
        let names = self.names.with_locals(locals);
        let values = Values::new(&self.walker.run().engine, &names);
        match self.try_attempt(&values, &names).await {
            Ok(attempted) => attempted,
            Err(error) => {
                let mut attempted = Attempted::failed(&error);
                attempted.ignored =
                    values.keyword_flag("ignore_errors").ok().flatten() == Some(true);
                self.walker.tell(Event::TaskError(error));
                attempted
            }
        }
    }

    async fn try_attempt(&self, values: &Values<'_>, names: &TaskScope) -> Result<Attempted> {
        if let Some(skipped) = self.condition(values)? {
            return Ok(self.done(skipped));
        }
        let place = self.place(values)?;
        let mut attempted = self.retry(values, names, &place).await?;
        attempted.ignored = self.is_ignored(values, &attempted.outcome)?;
        let other = place
            .delegate
            .as_ref()
            .filter(|name| name.as_str() != values.host_name());
        attempted.delegated = other.map(|name| delegated(name, &place.target));
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

    /// Says whether a name is the controller's own, without the inventory saying otherwise.
    fn is_implicit(&self, name: &str) -> bool {
        let inventory = self.names.store.inventory();
        match inventory.host(name) {
            Some(host) => host.implicit,
            None => crate::inventory::LOCALHOST.contains(&name),
        }
    }

    /// Does the task until it is good: `until`, `retries`, `delay`.
    async fn retry(
        &self,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Attempted> {
        let until = self.task.keyword("until");
        let retries = match (values.keyword_number("retries")?, until) {
            (Some(retries), _) => retries.max(0.0) as u32,
            (None, Some(_)) => 3,
            (None, None) => 0,
        };
        let delay = values.keyword_number("delay")?.unwrap_or(5.0).max(0.0);
        let repeats = retries > 0 || until.is_some();
        let mut tries = 1;
        loop {
            let mut outcome = self.run_module(values, names, place).await?;
            if outcome.skipped {
                return Ok(self.done(outcome));
            }
            if repeats {
                outcome
                    .data
                    .set("attempts", i64::from(tries.min(retries.max(1))));
            }
            let good = match self
                .judge(names, &mut outcome)
                .and_then(|judged| match until {
                    Some(until) => self.holds_all("until", until, &judged),
                    None => Ok(!outcome.failed),
                }) {
                Ok(good) => good,
                Err(error) => return Ok(self.done(self.misjudged(outcome, error))),
            };
            if !repeats || good || outcome.unreachable {
                return Ok(self.done(outcome));
            }
            if tries > retries || self.walker.run().is_interrupted() {
                outcome.failed = true;
                return Ok(self.done(outcome));
            }
            self.tell_retry(&outcome, retries - tries);
            tries += 1;
            tokio::time::sleep(Duration::from_secs_f64(delay)).await;
        }
    }

    /// The outcome of a task that did its work, but whose result cannot be judged.
    fn misjudged(&self, mut outcome: Outcome, error: Error) -> Outcome {
        outcome.failed = true;
        outcome.data.set("msg", error.chain());
        self.walker.tell(Event::TaskError(error));
        outcome
    }

    fn tell_retry(&self, outcome: &Outcome, left: u32) {
        let mut outcome = outcome.clone();
        outcome.data.set("retries", i64::from(left));
        self.walker.tell(Event::Retrying {
            result: report::Result {
                task: Arc::clone(self.info),
                host: Arc::clone(&self.walker.host.name),
                delegated: None,
                item: None,
                status: Status::Failed,
                outcome: Arc::new(outcome),
                duration: Duration::ZERO,
                of_loop: false,
            },
            left,
        });
    }

    /// `changed_when` and `failed_when`, with the result under its registered name. Gives the
    /// names for `until`.
    fn judge(&self, names: &TaskScope, outcome: &mut Outcome) -> Result<TaskScope> {
        let names = self.with_result(names, outcome);
        if outcome.unreachable {
            return Ok(names);
        }
        if let Some(conditions) = self.task.keyword("changed_when") {
            outcome.changed = self.holds_all("changed_when", conditions, &names)?;
            outcome.data.set("changed_when_result", outcome.changed);
        }
        let names = self.with_result(&names, outcome);
        if let Some(conditions) = self.task.keyword("failed_when") {
            let failed = self.holds_all("failed_when", conditions, &names)?;
            outcome.failed = failed;
            outcome.data.set("failed_when_result", failed);
        }
        Ok(self.with_result(&names, outcome))
    }

    fn with_result(&self, names: &TaskScope, outcome: &Outcome) -> TaskScope {
        let mut locals = Map::new();
        if let Some(register) = self.register_name() {
            locals.set(&register, outcome.to_value());
        }
        for (name, value) in &outcome.facts {
            locals.insert(name.clone(), value.clone());
        }
        names.with_locals(&locals)
    }

    /// Says whether all conditions of a keyword hold.
    fn holds_all(&self, keyword: &str, conditions: &Value, names: &TaskScope) -> Result<bool> {
        let values = Values::new(&self.walker.run().engine, names);
        let conditions = match conditions {
            Value::List(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        for condition in conditions {
            let holds = values
                .engine
                .condition(&condition, &values.scope)
                .map_err(|error| {
                    Error::template(format!("the condition of `{keyword}` cannot be evaluated"))
                        .at(condition.place().cloned())
                        .because(error)
                })?;
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Runs the module once.
    async fn run_module(
        &self,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Outcome> {
        let action = self.find_action()?;
        let cx = Arc::new(self.context(values, place)?);
        let environment = values.environment()?;
        let timeout = self.timeout(values)?;
        let args = self.arguments(values, &action)?;
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
            hidden: self.info.no_log,
            trips: AtomicU32::new(0),
        };
        let interval = self.walker.run().options.poll_interval;
        let taken = match super::background::wanted(values, interval)? {
            Some(wanted) => super::background::run(self, walk, first, wanted).await,
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

    fn throttle(&self, values: &Values<'_>) -> Result<Option<Arc<tokio::sync::Semaphore>>> {
        let limit = values.keyword_number("throttle")?.unwrap_or(0.0) as usize;
        let task = Arc::as_ptr(self.task) as usize;
        Ok((limit > 0).then(|| self.walker.run().throttle(task, limit)))
    }

    fn timeout(&self, values: &Values<'_>) -> Result<Option<Duration>> {
        let said = values
            .keyword_number("timeout")?
            .filter(|seconds| *seconds > 0.0);
        Ok(said
            .map(Duration::from_secs_f64)
            .or(self.walker.run().options.task_timeout))
    }

    fn find_action(&self) -> Result<Action> {
        let roles: Vec<_> = self
            .frame
            .roles()
            .map(|role| role.role.path.as_path())
            .collect();
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
        if cx.check && !module.check_mode {
            let message = format!(
                "remote module ({}) does not support check mode",
                module.name
            );
            return Ok(Step::Done(Outcome::skipped(message)));
        }
        let at = || self.task.action.place.clone();
        match module.name {
            "async_status" => super::background::status(self, module, args, cx),
            "assert" => super::language::assert(values, args).map(Step::Done),
            "debug" => {
                let args = super::language::debug_arguments(values, args)?;
                (module.plan)(&args, cx).map_err(|error| error.at(at()))
            }
            _ => super::broken::plan(module, args, cx).map_err(|error| error.at(at())),
        }
    }

    /// The arguments, rendered: `module_defaults` below the task's own, omitted ones left out.
    fn arguments(&self, values: &Values<'_>, action: &Action) -> Result<Map> {
        let task = &self.task.action;
        let mut raw = Map::new();
        for defaults in values.added("module_defaults")? {
            let map = defaults.as_map().cloned().unwrap_or_default();
            for (key, value) in &*map {
                if super::is_default_for(&key.to_text(), &task.name, action)
                    && let Some(value) = value.as_map()
                {
                    raw.extend_from(value);
                }
            }
        }
        if let Some(variable) = &task.variable {
            let given = values.render(&Value::Str(variable.clone()))?;
            let given = given.as_map().cloned().ok_or_else(|| {
                Error::input(format!(
                    "the arguments of `{}` are no dictionary but a value of type `{}`",
                    task.name,
                    given.type_name()
                ))
                .at(variable.place().cloned())
            })?;
            raw.extend_from(&given);
        }
        raw.extend_from(&task.args);
        let kept = super::language::unrendered(task.short_name());
        let mut rendered = Map::with_capacity(raw.len());
        for (key, value) in &raw {
            let key = match key.has_templates() {
                true => values.render(key)?,
                false => key.clone(),
            };
            let value = match key.as_str().is_some_and(|key| kept.contains(&key)) {
                true => value.clone(),
                false => self.render_argument(values, &key, value)?,
            };
            if !matches!(value, Value::Omit) {
                rendered.insert(key, value);
            }
        }
        Ok(rendered)
    }

    fn render_argument(&self, values: &Values<'_>, key: &Value, value: &Value) -> Result<Value> {
        let value = values.render(value).map_err(|error| {
            Error::template(format!(
                "the argument `{}` of `{}` cannot be rendered",
                key.to_text(),
                self.task.action.name
            ))
            .at(value.place().or(key.place()).cloned())
            .because(error)
        })?;
        Ok(without_omitted(value))
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
            },
            user: place
                .user
                .as_ref()
                .map(|user| user.user.clone())
                .or(place.target.user.clone()),
            environment: values.environment()?,
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

/// Takes entries out that are `omit`, at every depth.
fn without_omitted(value: Value) -> Value {
    match &value {
        Value::Map(map) => Value::map(
            map.iter()
                .filter(|(_, value)| !matches!(value, Value::Omit))
                .map(|(key, value)| (key.clone(), without_omitted(value.clone())))
                .collect(),
        ),
        Value::List(items) => Value::list(
            items
                .iter()
                .filter(|item| !matches!(item, Value::Omit))
                .map(|item| without_omitted(item.clone()))
                .collect(),
        ),
        _ => value,
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

//! A task's module, run once.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use super::job::Job;
use super::place::{Where, connection_name};
use super::{background, broken, invocation, language};
use crate::connection::{Lost, LostKind};
use crate::error::{Error, Result};
use crate::executor::run::Action;
use crate::executor::wire::{Walk, custom};
use crate::modules::{Cx, Module, Names, Step, clean};
use crate::outcome::Outcome;
use crate::playbook::{bad_throttle, throttle};
use crate::report::Event;
use crate::value::Map;
use crate::vars::{TaskScope, Values};

/// What a module did.
pub(super) struct Ran {
    /// What came out.
    pub outcome: Outcome,
    /// What asks the host why it failed: the way there, and the arguments.
    pub asks: Option<(Walk, Map)>,
}

impl From<Outcome> for Ran {
    fn from(outcome: Outcome) -> Self {
        Ran {
            outcome,
            asks: None,
        }
    }
}

impl Job<'_> {
    /// Runs the module once.
    ///
    /// # Errors
    /// What the user wrote is wrong.
    pub(super) async fn run_module(
        &self,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Ran> {
        let timeout = self.timeout(values)?;
        let taken = self.run_within(timeout, values, names, place);
        match crate::python::within(timeout, taken).await {
            (_, true) => Ok(timed_out(timeout).into()),
            (taken, false) => taken,
        }
    }

    /// Runs the module once; `timeout` is how long a request may take.
    async fn run_within(
        &self,
        timeout: Option<Duration>,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Ran> {
        let action = self.find_action()?;
        let cx = Arc::new(self.context(values, place)?);
        let environment = self.environment(values)?;
        let mut args = self.arguments(values, &action)?;
        if let Action::Module(module) = &action {
            invocation::fall_back(module, &mut args, &cx);
        }
        background::check(values, &self.task.action.name, &action)?;
        let throttle = self.throttle(values)?;
        let first = match &action {
            Action::Language(word) => {
                return Ok(language::run(self, names, word, &args)?.into());
            }
            Action::Custom(custom) => Ok(custom::first_step(custom, &args, &cx)?),
            Action::Module(module) => self.first_step(values, module, &args, &cx),
        };
        let secrets = match &action {
            Action::Module(module) => clean::secrets(module, &args),
            _ => Vec::new(),
        };
        let gatherers = self.fact_modules(values)?;
        let first = match first {
            Ok(Step::Done(mut outcome)) if gatherers.is_none() => {
                clean::hide(&mut outcome, &secrets);
                return Ok(outcome.into());
            }
            other => other,
        };
        let run = self.actor.run();
        let _slot = run
            .forks
            .acquire()
            .await
            .map_err(|_| Error::bug("the run has no slots"))?;
        let _turn = match &throttle {
            Some(throttle) => Some(
                throttle
                    .acquire()
                    .await
                    .map_err(|_| Error::bug("no throttle"))?,
            ),
            None => None,
        };
        if run.is_interrupted() {
            let message = "the run was interrupted before this task began";
            return Ok(Outcome::skipped(message).into());
        }
        let walk = Walk {
            task: self.info.name.clone(),
            run: Arc::clone(run),
            links: Arc::clone(&self.actor.means.links),
            host: Arc::clone(&self.actor.host.name),
            target: place.target.clone(),
            user: place.user.clone(),
            environment,
            timeout,
            background: None,
            scope: Arc::clone(&values.scope),
            hidden: self.is_hidden(values).unwrap_or(true),
            trips: AtomicU32::new(0),
        };
        let interval = self.actor.run().options.poll_interval;
        let mut asks = None;
        let mut outcome = match background::wanted(values, interval)? {
            Some(wanted) => {
                let taken = background::run(self, walk, (&args, &cx, first), wanted).await;
                taken.unwrap_or_else(|lost| self.lost(&lost, place, timeout))
            }
            None if gatherers.is_some() => {
                let modules = gatherers.unwrap_or_default();
                let taken = self.gather_by(&modules, (values, &action), (&cx, &walk));
                let taken = taken.await?;
                taken.unwrap_or_else(|lost| self.lost(&lost, place, timeout))
            }
            None => match walk.take(first).await {
                Ok(outcome) => {
                    asks = outcome.failed.then(|| (walk, args.clone()));
                    outcome
                }
                Err(lost) => self.lost(&lost, place, timeout),
            },
        };
        self.add_invocation(values, (&action, &args), &mut outcome)?;
        clean::hide(&mut outcome, &secrets);
        Ok(Ran { outcome, asks })
    }

    fn lost(&self, lost: &Lost, place: &Where, timeout: Option<Duration>) -> Outcome {
        match lost.kind {
            LostKind::Timeout => timed_out(timeout),
            LostKind::Cancelled => Outcome::failed(lost.message.as_str()),
            _ if lost.is_unreachable() => {
                let mut outcome = Outcome::unreachable(lost.to_string());
                let host = place.delegate.as_deref();
                let host = host.unwrap_or(&self.actor.host.name);
                let why = match lost.kind {
                    LostKind::Unreachable => {
                        "is it up, and does its sshd listen on that port (`ansible_port`)? "
                    }
                    LostKind::Authentication => {
                        "is your key there, or the user (`ansible_user`) another one? "
                    }
                    _ => "",
                };
                let hint = format!("{why}`play doctor {host}` looks step by step");
                outcome.tell_aside(|aside| aside.hint = Some(hint));
                outcome
            }
            _ => Outcome::failed(lost.to_string()),
        }
    }

    /// The environment. What uses the facts of the host's own environment is left out before they are known
    /// (`_post_validate_environment` of the reference's `playbook/task.py`).
    fn environment(&self, values: &Values<'_>) -> Result<Vec<(String, String)>> {
        let gathers = matches!(self.task.action.short_name(), "gather_facts" | "setup");
        let is_early = |error: &Error| {
            let why = error.chain();
            why.contains("ansible_env") || gathers && why.contains("ansible_facts.env")
        };
        let environment = match values.environment() {
            Err(error) if error.is_undefined() => values.known_environment(&is_early),
            other => other,
        };
        environment.map_err(|error| {
            Error::template("Error processing keyword 'environment'")
                .at(error.place().cloned())
                .because(error)
        })
    }

    fn throttle(&self, values: &Values<'_>) -> Result<Option<Arc<tokio::sync::Semaphore>>> {
        let limit = values.keyword("throttle").map_err(|error| {
            Error::input("Failed to convert the throttle value to an integer")
                .at(error.place().cloned())
                .because(error.root().clone())
        });
        let Some(limit) = limit? else {
            return Ok(None);
        };
        let limit = throttle(&limit).ok_or_else(|| {
            let place = self.frame.keyword("throttle").map(|it| it.place.clone());
            bad_throttle(&limit.repr()).at(place)
        })?;
        let task = Arc::as_ptr(self.task) as usize;
        Ok((limit > 0).then(|| self.actor.run().throttle(task, limit)))
    }

    fn timeout(&self, values: &Values<'_>) -> Result<Option<Duration>> {
        /// The longest time in seconds (`_MAX_TIMEOUT` of the reference's `_alarm_timeout.py`).
        const LONGEST: f64 = 100_000_000.0;
        if let Some(number) = values.keyword_number("timeout")?
            && !(0.0..=LONGEST).contains(&number)
        {
            let place = self.frame.keyword("timeout").map(|it| it.place.clone());
            let text = format!("Timeout {number} is invalid, it must be between 0 and {LONGEST}.");
            return Err(Error::input(text).at(place));
        }
        let said = values.keyword_seconds("timeout")?;
        Ok(said
            .filter(|time| !time.is_zero())
            .or(self.actor.run().options.task_timeout))
    }

    fn find_action(&self) -> Result<Action> {
        self.find_named(&self.task.action.name)
    }

    /// What a name means in this task.
    ///
    /// # Errors
    /// There is no such module.
    pub(super) fn find_named(&self, name: &str) -> Result<Action> {
        let folder = &self.actor.play.folder;
        let roles = self.frame.roles().map(|role| role.role.path.as_path());
        let roles: Vec<_> = roles.chain([folder.as_path()]).collect();
        let collections = self.frame.collections();
        self.actor
            .run()
            .catalogue
            .find(name, &roles, &collections)
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
        // In a result the words stand alone: which module it is, the task says.
        let head = format!("`{}`: ", module.name);
        let bare = |text: &str| text.strip_prefix(&head).unwrap_or(text).to_owned();
        let checked = module.check(args);
        checked.map_err(|error| error.reworded(&bare).at(at()))?;
        if cx.check && !module.check_mode {
            let message = format!(
                "remote module ({}) does not support check mode",
                module.name
            );
            return Ok(Step::Done(Outcome::unpredicted(message)));
        }
        match module.name {
            "async_status" => background::status(self, module, args, cx),
            "assert" => {
                let house = &self.actor.run().house;
                let outcome = language::assert(values, args, &|text| house.masked(text));
                match outcome {
                    Err(error) if self.not_known_yet(&error).is_none() => {
                        let message = format!("Task failed: {}", error.chain());
                        self.actor.tell(Event::TaskError(error.at(at())));
                        Ok(Step::Done(Outcome::failed(message)))
                    }
                    outcome => outcome.map(Step::Done),
                }
            }
            "debug" => {
                let args = match language::is_silent(args, cx.verbosity) {
                    true => args.clone(),
                    false => language::debug_arguments(values, args)?,
                };
                module.step(&args, cx).map_err(|error| error.at(at()))
            }
            _ => broken::plan(module, args, cx).map_err(|error| error.at(at())),
        }
    }

    fn context(&self, values: &Values<'_>, place: &Where) -> Result<Cx> {
        let options = &self.actor.run().options;
        let host = match &place.delegate {
            Some(name) => self.names.store.host(name),
            None => Arc::clone(&self.actor.host),
        };
        Ok(Cx {
            check: self.looks || values.keyword_flag("check_mode")?.unwrap_or(options.check),
            diff: values
                .keyword_flag("diff")?
                .unwrap_or(self.looks || options.diff),
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

/// What is told of a task that took longer than it may.
fn timed_out(timeout: Option<Duration>) -> Outcome {
    let seconds = timeout.map_or(0, |timeout| timeout.as_secs());
    let frame = "Configure `DISPLAY_TRACEBACK` to see a traceback on timeout errors.";
    Outcome::failed(format!("Task failed: Timed out after {seconds} second(s).")).with(
        "timedout",
        crate::entries! { "frame" => frame, "period" => seconds },
    )
}

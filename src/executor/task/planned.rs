//! Tasks of a plan: what is not known yet, what would change; and whether a host is still as the plan
//! saw it.

use std::path::PathBuf;
use std::time::Duration;

use super::actor::Actor;
use super::job::{Attempted, Job, unknown_value};
use super::place::Where;
use crate::error::{Error, Result};
use crate::memory::reading;
use crate::outcome::{Outcome, Outlook};
use crate::plan::{Book, Entry};
use crate::report::Status;
use crate::value::Value;
use crate::vars::{TaskScope, Values};

/// Modules that only look at what stands at a path.
const LOOKERS: &[&str] = &["find", "slurp", "stat"];

/// A module that makes facts of something that other tasks may change.
struct Gatherer {
    module: &'static str,
    /// Where that is written down.
    sources: &'static [&'static str],
    /// The facts; `getent` names its own.
    facts: &'static [&'static str],
}

const GATHERERS: &[Gatherer] = &[
    Gatherer {
        module: "getent",
        sources: &[
            "/etc/group",
            "/etc/hosts",
            "/etc/passwd",
            "/etc/services",
            "/etc/shadow",
        ],
        facts: &[],
    },
    Gatherer {
        module: "mount_facts",
        sources: &["/etc/fstab", "/etc/mtab"],
        facts: &["aggregate_mounts", "mount_points"],
    },
    Gatherer {
        module: "package_facts",
        sources: &["/var/lib"],
        facts: &["packages"],
    },
    Gatherer {
        module: "service_facts",
        sources: &[
            "/etc/init.d",
            "/etc/systemd",
            "/lib/systemd",
            "/usr/lib/systemd",
        ],
        facts: &["services"],
    },
];

/// Modules that work with the playbook's own words: they look at nothing on a host and change nothing there.
const SAYERS: &[&str] = &["assert", "debug", "fail", "pause", "set_fact"];

/// Arguments that name what a module changes, or looks at.
const PATHS: &[&str] = &["dest", "path", "paths", "name", "creates"];

fn gatherer(name: &str) -> Option<&'static Gatherer> {
    GATHERERS.iter().find(|known| known.module == name)
}

impl Actor {
    /// Tells of a task of a plan of which it is not known yet whether it is done.
    pub fn leave_open(&self, job: &Job<'_>, why: &str) {
        let attempted = job.done(Outcome::unknown(why, false));
        if let Some(plan) = job.making() {
            job.leave_unknown(plan, &attempted.outcome);
        }
        self.tell_done(
            job,
            &attempted,
            None,
            Status::Skipped,
            Duration::ZERO,
            false,
        );
        self.register(job.task, job.frame, &attempted.value());
    }
}

impl Job<'_> {
    /// What is not known before another task is done, where a plan is made and that is what an error
    /// says.
    pub fn not_known_yet<'e>(&self, error: &'e Error) -> Option<&'e str> {
        self.making()?;
        error.unknown()
    }

    /// The plan, where one is made.
    pub(super) fn making(&self) -> Option<&Book> {
        let plan = self.actor.run().options.plan.as_deref();
        plan.filter(|plan| !plan.applies())
    }

    /// A task that uses what is not known yet.
    pub(super) fn unknown(&self, error: &Error) -> Attempted {
        let why = error.unknown().unwrap_or_default().to_owned();
        let attempted = self.done(Outcome::unknown(why, false));
        if let Some(plan) = self.making() {
            self.note(plan, &attempted.outcome, false);
            self.leave_unknown(plan, &attempted.outcome);
        }
        attempted
    }

    /// A task that cannot be done for an error in what the user wrote: a plan knows that too.
    pub(super) fn broken_as_planned(&self, values: &Values<'_>, error: Error) -> Attempted {
        let broken = self.broken(values, error);
        if let Some(plan) = self.making() {
            self.note(plan, &broken.outcome, false);
        }
        broken
    }

    /// Does the task; or says what it would do; or does it as it was planned.
    pub(super) async fn do_or_plan(
        &self,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Attempted> {
        match self.actor.run().options.plan.as_deref() {
            None => self.retry(values, names, place).await,
            Some(plan) if plan.applies() => self.apply(plan, values, names, place).await,
            Some(plan) => self.plan(plan, values, names, place).await,
        }
    }

    async fn plan(
        &self,
        plan: &Book,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Attempted> {
        // Nobody waits for a plan, or is asked.
        let mut attempted = match self.task.action.short_name() {
            "pause" => self.done(Outcome::unpredicted("the plan does not wait")),
            _ => self.retry(values, names, place).await?,
        };
        let says = SAYERS.contains(&self.task.action.short_name());
        let paths = match gatherer(self.task.action.short_name()) {
            Some(gatherer) => gatherer.sources.iter().map(PathBuf::from).collect(),
            None => self.paths(values),
        };
        let host = place.delegate.as_deref().unwrap_or(&self.actor.host.name);
        let before = plan.changed_by(host, &paths).filter(|_| !says);
        if let Some(unknown) = self.not_predicted(values, &attempted.outcome, before.as_deref()) {
            attempted = self.done(unknown);
        }
        self.note(plan, &attempted.outcome, before.is_some());
        if attempted.outcome.unknown_why().is_some() {
            self.leave_unknown_on(plan, host, &attempted.outcome);
        } else if attempted.outcome.changed && !says {
            plan.touch(host, &self.info.name, &paths);
        }
        Ok(attempted)
    }

    /// The outcome of a task of which check mode cannot say what comes out: it does not run there, or it
    /// would see what the task `before` changes first.
    fn not_predicted(
        &self,
        values: &Values<'_>,
        outcome: &Outcome,
        before: Option<&str>,
    ) -> Option<Outcome> {
        if outcome.outlook == Outlook::Unpredicted {
            return Some(Outcome::unknown(
                format!("known after `{}`", self.info.name),
                true,
            ));
        }
        let after = format!("known after `{}`", before?);
        let name = self.task.action.short_name();
        if LOOKERS.contains(&name) || gatherer(name).is_some() {
            return Some(Outcome::unknown(after, false));
        }
        // What is not there yet may have come with a package.
        let idle = !(outcome.changed || outcome.failed || outcome.skipped);
        if idle && self.wants_absence(values) {
            return Some(Outcome::unknown(after, false));
        }
        let message = outcome.text("msg").filter(|_| outcome.failed)?;
        let why = match self.is_hidden(values).unwrap_or(true) {
            true => after,
            false => format!("{after}: now it fails ({message})"),
        };
        Some(Outcome::unknown(why, false))
    }

    /// Says whether the task is to remove something at a path.
    fn wants_absence(&self, values: &Values<'_>) -> bool {
        let state = self.task.action.args.get("state");
        let state = state.and_then(|state| values.render(state).ok());
        state.is_some_and(|state| state.as_str() == Some("absent"))
            && !self.paths(values).is_empty()
    }

    fn note(&self, plan: &Book, outcome: &Outcome, loose: bool) {
        if let Some(key) = self.key {
            plan.note(key, Entry::of(outcome, loose, self.is_idle()));
        }
    }

    /// Says whether the task changes nothing, whatever comes out: its module only looks or says something, or
    /// its author says so.
    fn is_idle(&self) -> bool {
        let name = self.task.action.short_name();
        let never = self.task.keyword("changed_when");
        let never = never.is_some_and(|value| {
            matches!(value, Value::Bool(false)) || value.as_str() == Some("false")
        });
        never || LOOKERS.contains(&name) || SAYERS.contains(&name) || gatherer(name).is_some()
    }

    /// What a task leaves behind of which nothing is known: its facts are not known, and it may have
    /// changed anything, unless its author says that it never does.
    fn leave_unknown(&self, plan: &Book, outcome: &Outcome) {
        self.leave_unknown_on(plan, &self.actor.host.name, outcome);
    }

    /// The same where the task is done on the host of that name.
    fn leave_unknown_on(&self, plan: &Book, on: &str, outcome: &Outcome) {
        let host = &self.actor.host;
        let name = self.task.action.short_name();
        if name == "set_fact"
            && let Some(why) = outcome.unknown_why()
        {
            for name in self.task.action.args.keys() {
                host.fix(&name.to_text(), unknown_value(why));
            }
        }
        if let (Some(why), Some(gatherer)) = (outcome.unknown_why(), gatherer(name)) {
            let database = self.task.action.args.get("database").map(Value::to_text);
            let made = database.map(|name| format!("getent_{name}"));
            let names = gatherer.facts.iter().map(|name| (*name).to_owned());
            let facts = names
                .chain(made)
                .map(|name| (name.into(), unknown_value(why)));
            host.add_facts(&facts.collect());
        }
        if !self.is_idle() {
            plan.touch(on, &self.info.name, &[]);
        }
        plan.open(&host.name);
    }

    /// The paths that the task's arguments name.
    fn paths(&self, values: &Values<'_>) -> Vec<PathBuf> {
        let args = &self.task.action.args;
        let named = PATHS.iter().filter_map(|name| args.get(name));
        let rendered = named.filter_map(|value| values.render(value).ok());
        let texts = rendered.flat_map(|value| match value {
            Value::List(items) => items.iter().map(Value::to_text).collect(),
            other => vec![other.to_text()],
        });
        texts
            .filter(|text| text.starts_with(['/', '~']))
            .map(PathBuf::from)
            .collect()
    }

    /// Looks first whether the host is as the plan saw it.
    async fn apply(
        &self,
        plan: &Book,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Attempted> {
        let Some(entry) = self.key.and_then(|key| plan.planned(key)) else {
            return match plan.is_open(&self.actor.host.name) {
                true => self.retry(values, names, place).await,
                false => Ok(self.moved("it is not in the plan")),
            };
        };
        let always_done = values.keyword_flag("check_mode")? == Some(false)
            || self.task.keyword("until").is_some()
            || self.task.keyword("retries").is_some();
        if entry.unknown.is_some() || entry.loose || always_done {
            return self.retry(values, names, place).await;
        }
        let look = Job {
            looks: true,
            ..*self
        };
        let (seen, read) = reading(Box::pin(look.retry(values, names, place))).await;
        let seen = seen?;
        if seen.outcome.unreachable {
            return Ok(seen);
        }
        if let Some(file) = plan.stranger(&read) {
            return Ok(self.moved(&format!("the plan was made without `{}`", file.display())));
        }
        if Entry::print_of(&seen.outcome) != entry.print {
            let now = match (entry.changed, seen.outcome.changed) {
                (true, false) => "nothing has to change any more",
                (false, true) => "something has to change now",
                _ => "what it changes is not what it was",
            };
            return Ok(self.moved(now));
        }
        match entry.changed {
            true => self.retry(values, names, place).await,
            false => Ok(seen),
        }
    }

    /// A host that is not as the plan saw it is left alone from here on.
    fn moved(&self, how: &str) -> Attempted {
        let text = format!(
            "the host is not as the plan saw it, and is left alone: at `{}`, {how}",
            self.info.name
        );
        self.done(Outcome {
            outlook: Outlook::Moved,
            ..Outcome::unreachable(text)
        })
    }
}

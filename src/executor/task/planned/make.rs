//! A task is planned: check mode does it, and what that cannot know is said.

use std::path::PathBuf;

use super::kinds::{AGAIN, BRINGERS, LOOKERS, MAKERS, PATHS, SAYERS, gatherer};
use crate::connection::Transport;
use crate::error::Result;
use crate::executor::task::job::{Attempted, Job, unknown_value};
use crate::executor::task::place::Where;
use crate::memory::Print;
use crate::outcome::{Outcome, Outlook};
use crate::plan::{Book, Entry};
use crate::value::Value;
use crate::vars::{TaskScope, Values};

impl Job<'_> {
    pub(super) async fn plan(
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
        if let Some(same) = self.same_before(plan, values, host, &attempted.outcome) {
            attempted = self.done(Outcome::unknown(format!("known after {same}"), false));
        }
        self.note(plan, &attempted.outcome, before.is_some());
        if attempted.outcome.unknown_why().is_some() {
            self.leave_unknown_on(plan, host, &attempted.outcome);
        } else if attempted.outcome.changed && !says {
            plan.touch(host, &self.info.name, &paths);
            if self.is_here() {
                plan.touch_here(&self.info.name);
            }
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

    /// The earlier task of the plan that does the very same on that host (three hosts that delegate it, a role
    /// that comes twice): whether anything is left to do then is not known.
    fn same_before(
        &self,
        plan: &Book,
        values: &Values<'_>,
        host: &str,
        outcome: &Outcome,
    ) -> Option<String> {
        let name = self.task.action.short_name();
        let changes = outcome.changed && outcome.unknown_why().is_none();
        if !changes || SAYERS.contains(&name) || MAKERS.contains(&name) {
            return None;
        }
        let rendered = |value: &Value| values.render(value).map(|value| value.to_text());
        let args = self.task.action.args.iter();
        let args: Result<Vec<String>> = args
            .flat_map(|(name, value)| [Ok(name.to_text()), rendered(value)])
            .collect();
        let args = args.ok()?;
        if args.iter().any(|text| AGAIN.contains(&text.as_str())) {
            return None;
        }
        let mut words = vec![name.to_owned(), Entry::print_of(outcome)];
        words.extend(args);
        let me = &self.actor.host.name;
        let label = match **me == *host {
            true => format!("`{}`", self.info.name),
            false => format!("`{}` of {me}", self.info.name),
        };
        plan.announce(
            host,
            Print::of(words.iter().map(String::as_str)),
            &label,
            self.key?,
        )
    }

    /// Says whether the task is to remove something at a path.
    fn wants_absence(&self, values: &Values<'_>) -> bool {
        let state = self.task.action.args.get("state");
        let state = state.and_then(|state| values.render(state).ok());
        state.is_some_and(|state| state.as_str() == Some("absent"))
            && !self.paths(values).is_empty()
    }

    pub(super) fn note(&self, plan: &Book, outcome: &Outcome, loose: bool) {
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

    /// Says whether the task is done on the controller.
    fn is_here(&self) -> bool {
        let place = self.place(&self.values());
        place.is_ok_and(|place| place.target.transport == Transport::Local)
    }

    /// What a task leaves behind of which nothing is known: its facts are not known, and it may have
    /// changed anything, unless its author says that it never does.
    pub(super) fn leave_unknown(&self, plan: &Book, outcome: &Outcome) {
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
        if BRINGERS.contains(&name) {
            plan.leave_facts_open(&host.name, &self.info.name);
        }
        if !self.is_idle() {
            plan.touch(on, &self.info.name, &[]);
            if self.is_here() {
                plan.touch_here(&self.info.name);
            }
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
}

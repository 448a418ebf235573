//! A task is planned: check mode does it, and what that cannot know is said.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::kinds::{AGAIN, BRINGERS, LOOKERS, MAKERS, PATHS, READERS, SAYERS, UNSEEN, gatherer};
use crate::connection::Transport;
use crate::error::Result;
use crate::executor::task::job::{Attempted, Job, unknown_value};
use crate::executor::task::place::Where;
use crate::memory::{Print, reading};
use crate::outcome::{Outcome, Outlook};
use crate::plan::{Book, Entry};
use crate::value::Value;
use crate::vars::{TaskScope, Values};

/// What a task saw, and what earlier tasks of the plan may change of it.
struct Sight {
    /// Where it looked.
    paths: Vec<PathBuf>,
    /// What its arguments name beside paths.
    things: Vec<PathBuf>,
    /// The task that may change something there.
    before: Option<String>,
    /// The task that changes just that.
    at: Option<String>,
    /// The task that changes a file of the controller which it read.
    here: Option<String>,
}

/// Says whether a module would change something, whatever its author calls it.
fn changes(outcome: &Outcome) -> bool {
    outcome.changed || outcome.acts
}

impl Job<'_> {
    pub(super) async fn plan(
        &self,
        plan: &Book,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Attempted> {
        let check = self.in_check_mode(values, names, place);
        let (attempted, read) = reading(Box::pin(check)).await;
        let mut attempted = attempted?;
        let host = place.delegate.as_deref().unwrap_or(&self.actor.host.name);
        let sight = self.sight(plan, values, host, &read);
        let mut args = None;
        if let Some(unknown) = self.not_predicted(plan, values, &attempted.outcome, &sight) {
            let runs = matches!(unknown.outlook, Outlook::Unknown { runs: true, .. });
            args = runs.then(|| self.print_of_arguments(values)).flatten();
            attempted = self.done(unknown);
        } else if let Some(same) = self.same_before(plan, values, host, &attempted.outcome) {
            attempted = self.done(Outcome::unknown(format!("known after {same}"), false));
        }
        let entry = Entry::of(&attempted.outcome, sight.before.is_some(), self.is_idle());
        self.note(plan, Entry { args, ..entry });
        if attempted.outcome.unknown_why().is_some() {
            self.leave_unknown_on(plan, host, &attempted.outcome);
        } else if changes(&attempted.outcome) && !self.says() {
            plan.touch(host, &self.info.name, &sight.paths, self.replaces(values));
            plan.touch_things(host, &self.info.name, &sight.things);
            if self.is_here() {
                plan.touch_here(&self.info.name, &sight.paths);
            }
        }
        Ok(attempted)
    }

    async fn in_check_mode(
        &self,
        values: &Values<'_>,
        names: &TaskScope,
        place: &Where,
    ) -> Result<Attempted> {
        // Nobody waits for a plan, or is asked.
        match self.task.action.short_name() {
            "pause" => Ok(self.done(Outcome::unpredicted("the plan does not wait"))),
            _ => self.retry(values, names, place).await,
        }
    }

    /// What earlier tasks of the plan may change of what this one saw.
    fn sight(
        &self,
        plan: &Book,
        values: &Values<'_>,
        host: &str,
        read: &BTreeSet<PathBuf>,
    ) -> Sight {
        let name = self.task.action.short_name();
        let paths = match gatherer(name) {
            Some(gatherer) => gatherer.sources.iter().map(PathBuf::from).collect(),
            None => self.paths(values),
        };
        let things = self.things(values);
        let seen: Vec<PathBuf> = paths.iter().chain(&things).cloned().collect();
        let looks = !self.says();
        Sight {
            before: plan.changed_by(host, &paths).filter(|_| looks),
            at: plan.changed_at(host, &seen).filter(|_| looks),
            here: plan.rewritten_here(read),
            paths,
            things,
        }
    }

    fn says(&self) -> bool {
        SAYERS.contains(&self.task.action.short_name())
    }

    /// The outcome of a task of which check mode cannot say what comes out: it does not run there, or it
    /// would see what an earlier task changes first.
    fn not_predicted(
        &self,
        plan: &Book,
        values: &Values<'_>,
        outcome: &Outcome,
        sight: &Sight,
    ) -> Option<Outcome> {
        let name = self.task.action.short_name();
        let unseen = outcome.skipped && UNSEEN.contains(&name);
        if outcome.outlook == Outlook::Unpredicted || unseen {
            let why = format!("known after `{}`", self.info.name);
            return Some(Outcome::unknown(why, true));
        }
        let missing = || {
            plan.changed_here()
                .filter(|_| outcome.failed && READERS.contains(&name))
        };
        if let Some(task) = sight.here.clone().or_else(missing) {
            return Some(self.after(values, outcome, &task));
        }
        // What is as it should be now, an earlier task undoes.
        let idle = !(changes(outcome) || outcome.failed);
        if let Some(task) = sight.at.as_ref().filter(|_| idle) {
            return Some(self.after(values, outcome, task));
        }
        let task = sight.before.as_ref()?;
        let looks = LOOKERS.contains(&name) || gatherer(name).is_some();
        // What is not there yet may have come with a package.
        let absent = idle && !outcome.skipped && self.wants_absence(values);
        (looks || absent || outcome.failed).then(|| self.after(values, outcome, task))
    }

    /// The outcome of a task that is known only after another one.
    fn after(&self, values: &Values<'_>, outcome: &Outcome, task: &str) -> Outcome {
        let after = format!("known after `{task}`");
        let message = outcome.text("msg").filter(|_| outcome.failed);
        let why = match message.filter(|_| !self.is_hidden(values).unwrap_or(true)) {
            Some(message) => format!("{after}: now it fails ({message})"),
            None => after,
        };
        Outcome::unknown(why, false)
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
        let changes = changes(outcome) && outcome.unknown_why().is_none();
        if !changes || self.says() || MAKERS.contains(&name) {
            return None;
        }
        let args = self.rendered_arguments(values)?;
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

    /// The names and values of the arguments, where they are known.
    fn rendered_arguments(&self, values: &Values<'_>) -> Option<Vec<String>> {
        let rendered = |value: &Value| values.render(value).map(|value| value.to_text());
        let args = self.task.action.args.iter();
        let args: Result<Vec<String>> = args
            .flat_map(|(name, value)| [Ok(name.to_text()), rendered(value)])
            .collect();
        args.ok()
    }

    /// The print of the arguments, where they are known.
    pub(super) fn print_of_arguments(&self, values: &Values<'_>) -> Option<String> {
        let args = self.rendered_arguments(values)?;
        Some(Print::of(args.iter().map(String::as_str)).to_string())
    }

    /// Says whether what stands below the task's paths may be another afterwards: not where a folder only gets rights.
    fn replaces(&self, values: &Values<'_>) -> bool {
        let state = self.task.action.args.get("state");
        let state = state.and_then(|state| values.render(state).ok());
        let state = state.as_ref().and_then(Value::as_str);
        self.task.action.short_name() != "file" || matches!(state, Some("absent" | "hard" | "link"))
    }

    /// Says whether the task is to remove something at a path.
    fn wants_absence(&self, values: &Values<'_>) -> bool {
        let state = self.task.action.args.get("state");
        let state = state.and_then(|state| values.render(state).ok());
        state.is_some_and(|state| state.as_str() == Some("absent"))
            && !self.paths(values).is_empty()
    }

    pub(super) fn note(&self, plan: &Book, entry: Entry) {
        if let Some(key) = self.key {
            plan.note(&self.actor.host.name, key, entry);
        }
    }

    /// Keeps what came out of a task that was not looked at further.
    pub(super) fn note_outcome(&self, plan: &Book, outcome: &Outcome) {
        self.note(plan, Entry::of(outcome, false, self.is_idle()));
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
            plan.touch(on, &self.info.name, &[], true);
            if self.is_here() {
                plan.touch_here(&self.info.name, &[]);
            }
        }
        if MAKERS.contains(&name) {
            plan.open_to_strangers();
        }
        plan.open(&host.name);
    }

    /// The things that the task's arguments name: a service, a user.
    fn things(&self, values: &Values<'_>) -> Vec<PathBuf> {
        let name = match self.task.action.short_name() {
            "systemd" | "systemd_service" | "sysvinit" => "service",
            name => name,
        };
        let called = self.task.action.args.get("name");
        let called = called.and_then(|called| values.render(called).ok());
        let called = match &called {
            Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
            Some(one) => vec![one.to_text()],
            None => Vec::new(),
        };
        let called = called
            .iter()
            .filter(|called| !called.starts_with(['/', '~']));
        called
            .map(|called| PathBuf::from(format!("{name}:{called}")))
            .collect()
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

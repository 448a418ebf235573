//! What a task leaves behind: results, facts, wishes.

use std::sync::Arc;

use super::actor::Actor;
use super::job::{Attempted, unknown_value};
use super::perform::Done;
use super::projection::{Shown, registered};
use crate::executor::run::reserved;
use crate::outcome::{Outcome, Wish};
use crate::playbook::Task;
use crate::value::Value;
use crate::vars::{Frame, Values};

impl Actor {
    /// What the next item of a loop is to see already.
    pub(super) fn keep_for_next(&self, task: &Task, attempted: &Attempted) {
        let outcome = &attempted.outcome;
        let sets = matches!(task.action.short_name(), "include_vars" | "set_fact");
        if !outcome.failed && !outcome.skipped {
            self.keep_facts(outcome, attempted.facts_for.as_deref());
        }
        if sets && !outcome.failed && !outcome.skipped {
            self.grant(outcome, attempted.facts_for.as_deref(), true);
        }
    }

    /// `ansible_failed_task` and `ansible_failed_result`, for a rescue.
    pub fn remember_failure(&self, task: &Task, frame: &Arc<Frame>, value: &Value) {
        let names = self.names(frame, Some(task));
        let values = Values::new(&self.run().engine, &names);
        let name = task.name.as_ref().and_then(|name| values.render(name).ok());
        let mut about = crate::entries! {
            "name" => name.unwrap_or_else(|| "".into()),
            "action" => task.action.name.as_str(),
            "args" => Value::map(task.action.args.clone()).untrusted(),
        };
        for entry in task.keywords.iter() {
            about.set(entry.keyword.name, entry.value.untrusted());
        }
        self.host.fix("ansible_failed_task", Value::map(about));
        self.host.fix("ansible_failed_result", value.clone());
    }

    /// Keeps what a task leaves behind: `register`, facts, wishes.
    /// What another host did for all (`run_once`) is kept by each, but counted once.
    pub fn keep(&self, task: &Task, frame: &Arc<Frame>, done: &Done, own: bool) {
        let last = done.parts.last().filter(|_| done.looped);
        let last = last.map(|part| match part.outcome.unknown_why() {
            Some(why) => unknown_value(why),
            None => part.outcome.to_value(),
        });
        self.register_of(task, frame, &done.value, last.as_ref());
        if !done.outcome.failed && !done.outcome.unreachable {
            for part in &done.parts {
                let (outcome, other) = (&part.outcome, part.facts_for.as_deref());
                if !outcome.failed && !outcome.skipped {
                    self.keep_facts(outcome, other);
                    self.grant(outcome, other, own);
                }
            }
        }
    }

    /// Keeps a result under the name that `register` gives.
    pub fn register(&self, task: &Task, frame: &Arc<Frame>, value: &Value) {
        self.register_of(task, frame, value, None);
    }

    /// The same, with the result of the last item of a loop.
    fn register_of(&self, task: &Task, frame: &Arc<Frame>, value: &Value, last: Option<&Value>) {
        let Some(register) = task.register() else {
            return;
        };
        let names = self.names(frame, Some(task));
        let shown = Shown {
            result: last.unwrap_or(value),
            whole: last.map(|_| value),
        };
        let kept = registered(&self.run().engine, &names, register, shown);
        for (name, value) in &kept.values {
            self.host.fix(&name.to_text(), value.clone());
        }
        // Of a task without a loop it was said before.
        let tells = last.is_some() || register.as_map().is_none();
        for error in kept.errors.into_iter().filter(|_| tells) {
            self.run().warn(error);
        }
    }

    /// Gives another host what a `run_once` task left, where that host does not come to the task: it stands in
    /// an include that was only made for this one.
    pub fn keep_for(&self, task: &Task, frame: &Arc<Frame>, done: &Done, other: &str) {
        let host = self.run().store.host(other);
        if let Some(register) = task.register() {
            let names = self.names(frame, Some(task));
            let shown = Shown {
                result: &done.value,
                whole: None,
            };
            for (name, value) in &registered(&self.run().engine, &names, register, shown).values {
                host.fix(&name.to_text(), value.clone());
            }
        }
        let good = done
            .parts
            .iter()
            .filter(|part| !part.outcome.failed && !part.outcome.skipped);
        for part in good.filter(|part| part.facts_for.is_none()) {
            host.add_facts(&part.outcome.facts);
            for wish in &part.outcome.wishes {
                match wish {
                    Wish::SetFacts { facts, .. } => facts
                        .iter()
                        .for_each(|(name, value)| host.fix(&name.to_text(), value.clone())),
                    Wish::IncludeVars(vars) => host.include(vars),
                    _ => {}
                }
            }
        }
    }

    fn keep_facts(&self, part: &Outcome, other: Option<&str>) {
        if part.facts.is_empty() {
            return;
        }
        match other {
            Some(host) => self.run().store.host(host).add_facts(&part.facts),
            None => self.host.add_facts(&part.facts),
        }
    }

    /// Grants what a module wishes.
    fn grant(&self, part: &Outcome, other: Option<&str>, own: bool) {
        for wish in &part.wishes {
            match wish {
                Wish::SetFacts { facts, cacheable } => {
                    let host = other.map(|name| self.run().store.host(name));
                    let host = host.as_ref().unwrap_or(&self.host);
                    reserved::map(&self.run().house, facts);
                    for (name, value) in facts {
                        host.fix(&name.to_text(), value.clone());
                    }
                    if *cacheable {
                        host.add_facts(facts);
                    }
                }
                Wish::IncludeVars(vars) => {
                    reserved::map(&self.run().house, vars);
                    self.host.include(vars);
                }
                Wish::AddHost { .. } | Wish::GroupBy { .. } => {
                    if let Err(error) = self.change_inventory(wish) {
                        self.run().warn(error);
                    }
                }
                Wish::SetStats { per_host, .. } if !own && !per_host => (),
                Wish::SetStats {
                    data,
                    per_host,
                    aggregate,
                } => {
                    let host = per_host.then_some(&self.host.name);
                    self.run()
                        .add_stats(|stats| stats.add(host, data, *aggregate));
                }
            }
        }
    }

    /// Grants what a module wishes of the inventory, and takes `changed` back where it has that.
    pub(super) fn regroup(&self, outcome: &mut Outcome) {
        if outcome.failed || outcome.skipped || !outcome.changed {
            return;
        }
        let wishes = outcome.wishes.iter();
        let done: Vec<bool> = wishes
            .filter(|wish| matches!(wish, Wish::AddHost { .. } | Wish::GroupBy { .. }))
            .map(|wish| self.change_inventory(wish).unwrap_or(true))
            .collect();
        outcome.changed = done.is_empty() || done.contains(&true);
    }

    /// Changes the inventory as a wish says; gives whether anything is different now.
    fn change_inventory(&self, wish: &Wish) -> crate::error::Result<bool> {
        match wish.clone() {
            Wish::AddHost { name, groups, vars } => {
                self.run().add_to_inventory(Box::new(move |inventory| {
                    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
                    inventory.add_dynamic_host(&name, &groups, &vars)
                }))
            }
            Wish::GroupBy { group, parents } => {
                let host = Arc::clone(&self.host.name);
                self.run().add_to_inventory(Box::new(move |inventory| {
                    let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
                    inventory.group_host(&host, &group, &parents)
                }))
            }
            _ => Ok(false),
        }
    }
}

//! `gather_facts` by other modules than `setup`: those that `facts_modules` or the variable
//! `ansible_facts_modules` name (`plugins/action/gather_facts.py` of the reference).

use std::sync::Arc;
use std::time::Duration;

use super::job::Job;
use super::module::Ran;
use super::place::Where;
use crate::error::{Error, Result};
use crate::inventory;
use crate::outcome::Outcome;
use crate::playbook::{Task, short_name};
use crate::value::{Map, Value};
use crate::vars::{TaskScope, Values};

/// The module that gathers facts unless others are named.
const SETUP: &str = "setup";
/// The word for `setup` in the list of modules.
const SMART: &str = "smart";

/// The arguments that only `setup` takes.
const OF_SETUP: &[(&str, &str)] = &[
    ("gather_subset", "subset"),
    ("gather_timeout", "timeout"),
    ("filter", "filter"),
];

impl Job<'_> {
    /// The modules that gather facts in this task, where that is not `setup` alone.
    pub(super) fn fact_modules(&self, values: &Values<'_>) -> Result<Option<Vec<String>>> {
        if self.task.action.short_name() != "gather_facts" {
            return Ok(None);
        }
        let said = match values.variable("ansible_facts_modules")? {
            Some(said) => Some(said),
            None => self
                .actor
                .run()
                .house
                .settings
                .get("FACTS_MODULES")
                .cloned(),
        };
        let mut modules = match said {
            Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
            Some(other) => other
                .to_text()
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect(),
            None => Vec::new(),
        };
        let smart = modules.iter().any(|name| name == SMART);
        modules.retain(|name| name != SMART && !name.is_empty());
        let is_setup = |name: &String| short_name(name) == SETUP;
        if smart && !modules.iter().any(is_setup) {
            modules.push(SETUP.to_owned());
        }
        Ok(Some(modules).filter(|modules| !modules.is_empty() && !modules.iter().all(is_setup)))
    }

    /// Gathers facts by several modules, one after the other; where two know a fact, the later one wins.
    ///
    /// # Errors
    /// What the user wrote is wrong.
    pub(super) async fn gather_by(
        &self,
        modules: &[String],
        timeout: Option<Duration>,
        (values, names, place): (&Values<'_>, &TaskScope, &Where),
    ) -> Result<Ran> {
        let mut gathered = Gathered::default();
        for name in modules {
            let ran = match short_name(name) == SETUP {
                true => Box::pin(self.run_within(timeout, values, names, place)).await?,
                false => {
                    let task = self.with_fact_module(name);
                    let job = Job {
                        task: &task,
                        ..*self
                    };
                    Box::pin(job.run_within(timeout, values, names, place)).await?
                }
            };
            if ran.outcome.unreachable {
                return Ok(ran);
            }
            gathered.add(name, ran.outcome);
        }
        Ok(gathered.outcome(modules.len()).into())
    }

    /// The task with another module, and without the arguments that only `setup` takes.
    fn with_fact_module(&self, name: &str) -> Arc<Task> {
        let mut task = Task::clone(self.task);
        name.clone_into(&mut task.action.name);
        for (argument, word) in OF_SETUP {
            let Some(value) = task.action.args.remove(argument) else {
                continue;
            };
            let shown = value.to_text();
            if *argument == "gather_subset" && matches!(shown.as_str(), "all" | "['all']") {
                continue;
            }
            let warning = format!("Not passing {word}({shown}) to {name}");
            self.actor.run().warn(Error::input(warning));
        }
        Arc::new(task)
    }
}

/// What several modules gathered.
#[derive(Default)]
struct Gathered {
    facts: Map,
    failed: Map,
    skipped: Map,
    warnings: Vec<String>,
    deprecations: Vec<String>,
}

impl Gathered {
    fn add(&mut self, name: &str, outcome: Outcome) {
        if outcome.failed {
            self.failed.set(name, outcome.to_value());
        } else if outcome.skipped {
            self.skipped.set(name, outcome.to_value());
        } else {
            inventory::merge(&mut self.facts, &outcome.facts, true);
            self.warnings.extend(outcome.warnings);
            self.deprecations.extend(outcome.deprecations);
        }
    }

    /// What came out of `count` modules.
    fn outcome(self, count: usize) -> Outcome {
        let names = |map: &Map| {
            map.keys()
                .map(Value::to_text)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut outcome = Outcome {
            facts: self.facts,
            warnings: self.warnings,
            deprecations: self.deprecations,
            ..Outcome::ok()
        };
        if !self.skipped.is_empty() {
            outcome.data.set(
                "msg",
                format!(
                    "The following modules were skipped: {}.",
                    names(&self.skipped)
                ),
            );
            outcome.skipped = self.skipped.len() == count;
            outcome.data.set("skipped_modules", self.skipped);
        }
        if !self.failed.is_empty() {
            outcome.failed = true;
            outcome.data.set(
                "msg",
                format!(
                    "The following modules failed to execute: {}.",
                    names(&self.failed)
                ),
            );
            outcome.data.set("failed_modules", self.failed);
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::Gathered;
    use crate::outcome::Outcome;
    use crate::value::Value;

    fn with_fact(name: &str, value: i64) -> Outcome {
        let mut outcome = Outcome::ok();
        outcome.facts.set("x", crate::entries! { name => value });
        outcome
    }

    #[test]
    fn facts_of_several_modules_are_merged_and_failures_named() {
        let mut gathered = Gathered::default();
        gathered.add("one", with_fact("a", 1));
        gathered.add("two", with_fact("b", 2));
        gathered.add("three", Outcome::failed("no"));
        let outcome = gathered.outcome(3);
        assert!(outcome.failed);
        assert_eq!(
            Value::map(outcome.facts.clone()).repr(),
            "{'x': {'a': 1, 'b': 2}}"
        );
        assert_eq!(
            outcome.text("msg"),
            Some("The following modules failed to execute: three.")
        );
    }

    #[test]
    fn skipped_counts_only_where_all_are() {
        let mut gathered = Gathered::default();
        gathered.add("one", Outcome::skipped("no"));
        gathered.add("two", with_fact("b", 2));
        assert!(!gathered.outcome(2).skipped);
        let mut gathered = Gathered::default();
        gathered.add("one", Outcome::skipped("no"));
        assert!(gathered.outcome(1).skipped);
    }
}

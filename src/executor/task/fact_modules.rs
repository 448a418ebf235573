//! `gather_facts` by other modules than `setup`: those that `facts_modules` names, and that of a
//! network's system (the reference's `plugins/action/gather_facts.py`).

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::job::Job;
use crate::connection::{Lost, LostKind};
use crate::error::{Error, Result};
use crate::executor::run::Action;
use crate::executor::wire::{Taken, Walk, custom};
use crate::modules::{Cx, Step};
use crate::outcome::Outcome;
use crate::playbook::{short_name, truth};
use crate::report::hidden;
use crate::value::{Map, Value};
use crate::vars::Values;

/// The systems of network devices whose modules for facts have their names
/// (`CONNECTION_FACTS_MODULES` of the reference's `config/base.yml`).
const NETWORKS: &[&str] = &[
    "arista.eos.eos",
    "cisco.asa.asa",
    "cisco.ios.ios",
    "cisco.iosxr.iosxr",
    "cisco.nxos.nxos",
    "extreme.exos.exos",
    "extreme.slxos.slxos",
    "extreme.voss.voss",
    "frr.frr.frr",
    "junipernetworks.junos.junos",
    "vyos.vyos.vyos",
];

/// A module that gathers, ready to begin.
struct Part {
    name: String,
    first: Result<Step>,
    limit: Option<Duration>,
}

/// What each module came to, or that the host was lost.
type Gathered = std::result::Result<Vec<(String, Outcome)>, Lost>;

impl Job<'_> {
    /// The modules that gather facts; nothing where that is `setup` alone.
    ///
    /// # Errors
    /// A variable cannot be rendered.
    pub(super) fn fact_modules(&self, values: &Values<'_>) -> Result<Option<Vec<String>>> {
        if self.task.action.short_name() != "gather_facts" {
            return Ok(None);
        }
        let settings = &self.actor.run().house.settings;
        let said = values.variable("ansible_facts_modules")?;
        let said = said.or_else(|| settings.get("FACTS_MODULES").cloned());
        let mut modules = listed(&said.unwrap_or_default());
        if let Some(at) = modules.iter().position(|name| name == "smart") {
            modules.remove(at);
            self.chosen(values, &mut modules)?;
        }
        Ok(Some(modules).filter(|modules| !matches!(&modules[..], [one] if is_setup(one))))
    }

    /// The system of a device of the network, where the host is one.
    fn network(&self, values: &Values<'_>) -> Result<Option<String>> {
        let system = match values.variable("ansible_network_os")? {
            Some(system) => Some(system),
            None => self.actor.host.facts().raw.get("network_os").cloned(),
        };
        Ok(system.filter(Value::is_true).map(|it| it.to_text()))
    }

    /// What `smart` stands for: nothing where nobody knows a module for the network's system.
    fn chosen(&self, values: &Values<'_>, modules: &mut Vec<String>) -> Result<()> {
        let has_setup = modules.iter().any(|name| is_setup(name));
        let Some(system) = self.network(values)? else {
            if !has_setup {
                modules.push("ansible.legacy.setup".to_owned());
            }
            return Ok(());
        };
        let known = NETWORKS.iter().any(|name| {
            *name == system || name.rsplit('.').next().is_some_and(|short| short == system)
        });
        if known {
            modules.push(format!("{system}_facts"));
        }
        if has_setup {
            values.scope.warn(
                "Detected 'setup' module and a network OS is set, the output when running it will reflect \
                 'localhost' and not the target when a networking connection plugin is used."
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Runs the modules, and puts together what they gather.
    ///
    /// # Errors
    /// A module is not there, or its arguments are wrong.
    pub(super) async fn gather_by(
        &self,
        modules: &[String],
        (values, action): (&Values<'_>, &Action),
        (cx, walk): (&Arc<Cx>, &Walk),
    ) -> Result<Taken> {
        if modules.is_empty()
            && let Some(system) = self.network(values)?
        {
            return Ok(Ok(Outcome::failed(format!(
                "No fact modules available and we could not find a fact module for your network OS ({system}), \
                 try setting one via the `FACTS_MODULES` configuration."
            ))));
        }
        let own = self.own_arguments(values, action)?;
        let said = values.variable("ansible_facts_parallel")?;
        let said = said.or_else(|| own.get("parallel").cloned());
        let parallel = said.as_ref().and_then(truth);
        let parallel = parallel.unwrap_or(modules.len() > 1);
        let limit = own
            .get("gather_timeout")
            .and_then(seconds)
            .filter(|_| parallel);
        let mut parts = Vec::new();
        for name in modules {
            let args = self.arguments_for(name, &own, values)?;
            let limit = limit.filter(|_| !args.1.contains("gather_timeout"));
            let first = step(&args.0, &args.1, cx);
            let name = name.clone();
            parts.push(Part { name, first, limit });
        }
        let taken = match parallel {
            true => together(walk, parts).await,
            false => one_by_one(walk, parts).await,
        };
        Ok(taken.map(|all| combined(&all)))
    }

    /// The module of a name, and its arguments: the task's own, as far as it knows them, over what
    /// `module_defaults` says of it.
    fn arguments_for(&self, name: &str, own: &Map, values: &Values<'_>) -> Result<(Action, Map)> {
        let action = self.find_named(name)?;
        let mut given = own.clone();
        given.remove("parallel");
        if !is_setup(name) {
            for (argument, word) in [
                ("gather_subset", "subset"),
                ("gather_timeout", "timeout"),
                ("filter", "filter"),
            ] {
                let passed_over = given.remove(argument).filter(|value| !value.is_null());
                if let Some(value) = passed_over.filter(|value| {
                    let all = argument == "gather_subset" && listed(value) == ["all"];
                    !all
                }) {
                    let text = format!("Not passing {word}({}) to {name}", value.to_text());
                    values.scope.warn(text);
                }
            }
        }
        let defaults = self.defaults_of(values, &action)?;
        let mut args = Map::new();
        for (key, value) in defaults.iter() {
            args.insert(key.clone(), values.render(value)?);
        }
        args.extend_from(&given);
        let kept = args.into_iter();
        let kept = kept.filter(|(_, value)| !matches!(value, Value::Null | Value::Omit));
        Ok((action, kept.collect()))
    }
}

fn step(action: &Action, args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    match action {
        Action::Module(module) => module.check(args).and_then(|()| module.step(args, cx)),
        Action::Custom(found) => custom::first_step(found, args, cx),
        Action::Language(word) => Err(Error::input(format!("`{word}` gathers no facts"))),
    }
}

async fn one_by_one(walk: &Walk, parts: Vec<Part>) -> Gathered {
    let mut all = Vec::new();
    for part in parts {
        all.push((part.name, walk.take(part.first).await?));
    }
    Ok(all)
}

/// All at once; each is ended when its time is over.
async fn together(walk: &Walk, parts: Vec<Part>) -> Gathered {
    let mut running: JoinSet<(usize, Taken)> = JoinSet::new();
    let mut all = Vec::new();
    for (number, part) in parts.into_iter().enumerate() {
        let own = walk.another(part.limit.or(walk.timeout));
        running.spawn(hidden(walk.hidden, async move {
            (number, own.take(part.first).await)
        }));
        let early = Outcome::failed("it ended before it was done");
        all.push((part.name, early));
    }
    while let Some(done) = running.join_next().await {
        let Ok((number, taken)) = done else { continue };
        all[number].1 = match taken {
            Err(lost) if lost.kind == LostKind::Timeout => Outcome::failed("Timeout exceeded"),
            other => other?,
        };
    }
    Ok(all)
}

/// The facts of all, the later over the earlier; and who failed.
fn combined(all: &[(String, Outcome)]) -> Outcome {
    let mut outcome = Outcome::ok();
    let (mut failed, mut skipped) = (Map::new(), Map::new());
    for (name, own) in all {
        outcome.warnings.extend(own.warnings.iter().cloned());
        outcome
            .deprecations
            .extend(own.deprecations.iter().cloned());
        match (own.failed, own.skipped) {
            (true, _) => failed.set(name, own.to_value()),
            (_, true) => skipped.set(name, own.to_value()),
            _ => outcome.facts = merged(&outcome.facts, &own.facts),
        }
    }
    outcome.facts.set("_ansible_facts_gathered", true);
    let names = |some: &Map| {
        let names: Vec<String> = some.keys().map(Value::to_text).collect();
        names.join(", ")
    };
    if !skipped.is_empty() {
        let text = format!("The following modules were skipped: {}.", names(&skipped));
        outcome.data.set("msg", text);
        outcome.skipped = skipped.len() == all.len();
        outcome.data.set("skipped_modules", skipped);
    }
    if !failed.is_empty() {
        let text = format!(
            "The following modules failed to execute: {}.",
            names(&failed)
        );
        outcome.data.set("msg", text);
        outcome.failed = true;
        outcome.data.set("failed_modules", failed);
    }
    outcome
}

/// Dictionaries merged at every depth; of lists, what is new comes last and once (`append_rp`).
fn merged(below: &Map, above: &Map) -> Map {
    let mut all = below.clone();
    for (key, new) in above.iter() {
        let value = match (all.get_value(key), new) {
            (Some(Value::Map(old)), Value::Map(new)) => Value::map(merged(old, new)),
            (Some(Value::List(old)), Value::List(new)) => {
                let kept = old.iter().filter(|item| !new.contains(item));
                Value::list(kept.chain(new.iter()).cloned().collect())
            }
            _ => new.clone(),
        };
        all.insert(key.clone(), value);
    }
    all
}

/// The items of a list, or of a text with commas.
fn listed(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items.iter().map(Value::to_text).collect(),
        Value::Null => Vec::new(),
        text => {
            let text = text.to_text();
            let parts = text.split(',').map(|part| part.trim().to_owned());
            parts.filter(|part| !part.is_empty()).collect()
        }
    }
}

fn is_setup(name: &str) -> bool {
    short_name(name) == "setup"
}

fn seconds(value: &Value) -> Option<Duration> {
    let number = value.to_text().trim().parse::<u64>().ok();
    number.filter(|number| *number > 0).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::{listed, merged};
    use crate::entries;
    use crate::value::{Value, to_json};

    #[test]
    fn what_later_modules_gather_is_over_what_earlier_ones_did() {
        let list = |words: &[&str]| Value::strings(words.iter().copied());
        let one = entries! { "a" => 1, "d" => entries! { "x" => 1, "y" => 1 }, "l" => list(&["1", "3", "5"]) };
        let two =
            entries! { "a" => 2, "d" => entries! { "y" => 2 }, "l" => list(&["1", "2"]), "n" => 1 };
        let all = merged(&one, &two);
        let wanted = r#"{"a": 2, "d": {"x": 1, "y": 2}, "l": ["3", "5", "1", "2"], "n": 1}"#;
        assert_eq!(to_json(&Value::map(all)), wanted);
    }

    #[test]
    fn modules_are_a_list_or_a_text_with_commas() {
        let wanted = ["smart".to_owned(), "mine".to_owned()];
        for said in [Value::str("smart, mine"), Value::strings(["smart", "mine"])] {
            assert_eq!(listed(&said), wanted);
        }
    }
}

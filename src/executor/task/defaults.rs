//! `module_defaults`: what a module is given where the task says nothing.

use std::sync::Arc;

use super::job::Job;
use crate::error::{Error, Result};
use crate::executor::run::{Action, Catalogue, elsewhere};
use crate::playbook::{Keywords, short_name};
use crate::value::{Map, Value};
use crate::vars::Values;

/// The start of an entry that is for a group of modules.
const GROUP: &str = "group/";

impl Job<'_> {
    /// The defaults for this task's module, not rendered yet: those of the module that does its work,
    /// then its own.
    pub(super) fn defaults(&self, values: &Values<'_>, action: &Action) -> Result<Map> {
        let entries = self.default_entries();
        let mut all = Map::new();
        if entries.is_empty() {
            return Ok(all);
        }
        if let Some(behind) = self.module_behind(action, &entries) {
            extend(
                &mut all,
                values,
                last(&entries, |name| behind.is_meant(name)),
            )?;
        }
        all.extend_from(&self.defaults_of(values, action)?);
        Ok(all)
    }

    /// Every entry of `module_defaults` around the task, the outermost first.
    fn default_entries(&self) -> Vec<(Value, Value)> {
        let entries = self.frame.keywords_of("module_defaults").into_iter();
        let maps = entries.flat_map(|entry| maps(&entry.value));
        maps.flat_map(|map| {
            let entries = map.iter();
            entries
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect::<Vec<_>>()
        })
        .collect()
    }

    /// The defaults for a module, not rendered yet: those of its groups, then its own.
    ///
    /// An inner entry takes the place of an outer one of the same name, whole (`module_defaults` in
    /// the reference's `executor/module_common.py`).
    pub(super) fn defaults_of(&self, values: &Values<'_>, action: &Action) -> Result<Map> {
        let entries = self.default_entries();
        let mut all = Map::new();
        if entries.is_empty() {
            return Ok(all);
        }
        let catalogue = &self.actor.run().catalogue;
        let mut groups = Map::new();
        for (key, value) in &entries {
            let name = key.to_text();
            if let Some(group) = name.strip_prefix(GROUP)
                && catalogue
                    .members(group)?
                    .iter()
                    .any(|member| action.is_meant(member))
            {
                groups.insert(key.clone(), value.clone());
            }
        }
        for value in groups.values() {
            extend(&mut all, values, Some(value))?;
        }
        extend(
            &mut all,
            values,
            last(&entries, |name| action.is_meant(name)),
        )?;
        Ok(all)
    }

    /// The module that does the work of one that only chooses it: its defaults count too.
    fn module_behind(&self, action: &Action, entries: &[(Value, Value)]) -> Option<Action> {
        let Action::Module(module) = action else {
            return None;
        };
        let (fact, known): (&str, &[&str]) = match module.name {
            "gather_facts" => return find("setup"),
            "package" => (
                "pkg_mgr",
                &["apk", "apt", "dnf", "dnf5", "pacman", "yum", "zypper"],
            ),
            "service" => ("service_mgr", &["systemd", "systemd_service", "sysvinit"]),
            _ => return None,
        };
        let said = self.task.action.args.get("use").and_then(Value::as_str);
        let facts = self.actor.host.facts();
        let found = facts.raw.get(fact).and_then(Value::as_str);
        match said.filter(|said| *said != "auto").or(found) {
            Some(name) => find(name),
            None => {
                let wanted = entries.iter().map(|(key, _)| key.to_text());
                for name in wanted.filter(|name| known.contains(&short_name(name))) {
                    self.actor.run().warn(
                        Error::input(format!(
                            "`module_defaults` for `{name}` are not used by `{}`",
                            module.name
                        ))
                        .at(self.task.action.place.clone())
                        .hint("which module it chooses is not known: gather facts, or say `use`"),
                    );
                }
                None
            }
        }
    }
}

impl Action {
    /// Says whether an entry of `module_defaults`, or a member of a group, is this.
    fn is_meant(&self, name: &str) -> bool {
        match self {
            Action::Module(module) => module.answers_to(name),
            Action::Custom(custom) => {
                let short = short_name(name);
                let moved = || elsewhere::full_name(short);
                short == custom.full_name || moved().is_some_and(|full| full == custom.full_name)
            }
            Action::Language(word) => short_name(name) == *word,
        }
    }
}

/// Checks the entries of `module_defaults` that can be known to be wrong.
///
/// # Errors
/// It is no mapping, a name is a template, or a group is not known.
pub fn check(catalogue: &Catalogue, keywords: &Keywords) -> Result<()> {
    let Some(entry) = keywords.get("module_defaults") else {
        return Ok(());
    };
    let static_names = || {
        Error::syntax(
            "`module_defaults` wants a mapping of modules or groups, whose names are not templates",
        )
        .hint("only the values may be templates: `{ping: \"{{ ping_defaults }}\"}`")
    };
    let is_fit = match &entry.value {
        Value::List(items) => items.iter().all(|item| item.as_map().is_some()),
        other => other.as_map().is_some() || other.is_null(),
    };
    if !is_fit {
        return Err(static_names().at(entry.value.place().unwrap_or(&entry.place).clone()));
    }
    for map in maps(&entry.value) {
        for key in map.keys() {
            let at = |error: Error| error.at(key.place().unwrap_or(&entry.place).clone());
            if key.has_templates() {
                return Err(at(static_names()));
            }
            if let Some(group) = key.to_text().strip_prefix(GROUP) {
                catalogue.members(group).map_err(at)?;
            }
        }
    }
    Ok(())
}

fn maps(value: &Value) -> Vec<Arc<Map>> {
    match value {
        Value::Map(map) => vec![Arc::clone(map)],
        Value::List(items) => items
            .iter()
            .filter_map(|item| item.as_map().cloned())
            .collect(),
        _ => Vec::new(),
    }
}

fn find(name: &str) -> Option<Action> {
    crate::modules::find(name).map(Action::Module)
}

fn last(entries: &[(Value, Value)], is_meant: impl Fn(&str) -> bool) -> Option<&Value> {
    let mut entries = entries.iter().rev();
    entries
        .find(|(key, _)| is_meant(&key.to_text()))
        .map(|(_, value)| value)
}

fn extend(all: &mut Map, values: &Values<'_>, defaults: Option<&Value>) -> Result<()> {
    let Some(defaults) = defaults else {
        return Ok(());
    };
    let rendered = match defaults {
        Value::Str(_) => values.render(defaults)?,
        other => other.clone(),
    };
    match &rendered {
        Value::Map(map) => all.extend_from(map),
        Value::Null | Value::Omit => (),
        other => {
            return Err(Error::input(format!(
                "an entry of `module_defaults` is a mapping, not a value of type `{}`",
                other.type_name()
            ))
            .at(defaults.place().cloned()));
        }
    }
    Ok(())
}

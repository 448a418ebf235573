//! What can be known to be wrong with tasks before any host is touched.

use std::path::Path;

use super::{debugger, meta};
use crate::error::{Error, Result, nearest};
use crate::executor::run::{Action, Catalogue, elsewhere};
use crate::executor::task::check_defaults;
use crate::playbook::{Block, Keywords, Node, Task, short_name, truth};
use crate::template::is_lookup;
use crate::value::Value;

/// Checks a list of tasks; `library/` below `folders` counts.
///
/// # Errors
/// The first task that names an unknown module or an argument that cannot be right.
pub fn nodes(
    catalogue: &Catalogue,
    nodes: &[Node],
    folders: &[&Path],
    collections: &[String],
) -> Result<()> {
    let checker = Checker {
        catalogue,
        roles: folders.to_vec(),
        collections: collections.to_vec(),
        expects_failure: false,
    };
    checker.nodes(nodes)
}

#[derive(Clone)]
struct Checker<'a> {
    catalogue: &'a Catalogue,
    roles: Vec<&'a Path>,
    collections: Vec<String>,
    /// Whether a failure is expected: `ignore_errors`, or a rescue around.
    expects_failure: bool,
}

impl<'a> Checker<'a> {
    fn nodes(&self, nodes: &'a [Node]) -> Result<()> {
        for node in nodes {
            match node {
                Node::Block(block) => self.block(block)?,
                Node::Task(task) => self.task(task)?,
            }
        }
        Ok(())
    }

    fn block(&self, block: &'a Block) -> Result<()> {
        keywords(self.catalogue, &block.keywords)?;
        let mut roles = self.roles.clone();
        let mut collections = collections(&block.keywords);
        collections.extend(self.collections.iter().cloned());
        if let Some(used) = block.role() {
            roles.insert(0, &used.role.path);
            collections.splice(0..0, used.role.collections.iter().cloned());
            collections.splice(0..0, used.role.collection.iter().cloned());
        }
        let inner = Checker {
            catalogue: self.catalogue,
            roles,
            collections,
            expects_failure: self.expects_failure || ignores_errors(&block.keywords),
        };
        let tried = Checker {
            expects_failure: inner.expects_failure || !block.rescue.is_empty(),
            ..inner.clone()
        };
        tried.nodes(&block.block)?;
        inner.nodes(&block.rescue)?;
        inner.nodes(&block.always)
    }

    fn task(&self, task: &Task) -> Result<()> {
        keywords(self.catalogue, &task.keywords)?;
        self.check_loop(task)?;
        if task.action.name_template().is_some() {
            return Ok(());
        }
        let mut collections = collections(&task.keywords);
        collections.extend(self.collections.iter().cloned());
        let found = self
            .catalogue
            .find(&task.action.name, &self.roles, &collections);
        let action = match found {
            Ok(action) => action,
            // A module of a collection that is not there fails when it runs, not before: it may
            // stand behind a condition.
            Err(_) if is_of_other_collection(&task.action.name) => return Ok(()),
            Err(error) => return Err(error.at(task.action.place.clone())),
        };
        match action {
            Action::Module(_) if self.expects_failure || ignores_errors(&task.keywords) => Ok(()),
            Action::Module(module) if task.action.variable.is_none() => module
                .check(&task.action.args)
                .map_err(|error| error.at(task.action.place.clone())),
            Action::Language("meta") => meta::action(task).map(drop),
            Action::Language(word) => check_words(task, word),
            _ => Ok(()),
        }
    }

    /// A loop over something that can never be a list.
    fn check_loop(&self, task: &Task) -> Result<()> {
        let Some(repeat) = &task.repeat else {
            return Ok(());
        };
        if let Some(lookup) = &repeat.lookup
            && !is_lookup(lookup)
            && !self.catalogue.may_have_lookup(lookup, &self.roles)
        {
            return Err(Error::syntax(format!(
                "`with_{lookup}` is not a valid attribute for a Task"
            ))
            .at(repeat.place.clone())
            .hint(format!("there is no lookup called `{lookup}`")));
        }
        if repeat.lookup.is_some() || repeat.value.has_templates() {
            return Ok(());
        }
        match &repeat.value {
            Value::List(_) | Value::Null => Ok(()),
            other => Err(Error::syntax(format!(
                "`loop` wants a list, got a value of type `{}`",
                other.type_name()
            ))
            .at(repeat.place.clone())
            .hint("write a list: `loop: [a, b]`, or `{{ name }}` where `name` is one")),
        }
    }
}

fn ignores_errors(keywords: &Keywords) -> bool {
    keywords
        .value("ignore_errors")
        .is_some_and(|value| value.has_templates() || truth(value) == Some(true))
}

/// The collections that the keyword `collections` names.
pub fn collections(keywords: &Keywords) -> Vec<String> {
    match keywords.value("collections") {
        Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
        Some(Value::Str(name)) => vec![name.to_string()],
        _ => Vec::new(),
    }
}

/// Checks the keywords whose values can be known to be wrong.
///
/// # Errors
/// The first that is wrong.
pub fn keywords(catalogue: &Catalogue, keywords: &Keywords) -> Result<()> {
    debugger::check(keywords)?;
    check_defaults(catalogue, keywords)
}

fn is_of_other_collection(name: &str) -> bool {
    let short = short_name(name);
    short.matches('.').count() >= 2 || elsewhere::full_name(short).is_some()
}

fn check_words(task: &Task, word: &str) -> Result<()> {
    let known: &[&str] = match word {
        "include_tasks" => &["_raw_params", "apply", "file"],
        "include_role" => &[
            "_raw_params",
            "allow_duplicates",
            "apply",
            "defaults_from",
            "handlers_from",
            "name",
            "public",
            "role",
            "rolespec_validate",
            "rescuable",
            "tasks_from",
            "vars_from",
        ],
        _ => return Ok(()),
    };
    for key in task.action.args.keys() {
        let name = key.to_text();
        if !known.contains(&name.as_str()) {
            return Err(Error::syntax(format!("`{word}` has no argument `{name}`"))
                .at(key.place().or(Some(&task.action.place)).cloned())
                .hint_if(nearest(&name, known.iter().copied())));
        }
    }
    let names = match word {
        "include_tasks" => ["file", "_raw_params"],
        _ => ["name", "role"],
    };
    let args = &task.action.args;
    if task.action.variable.is_none() && names.iter().all(|name| args.get(name).is_none()) {
        let what = names[0];
        return Err(Error::syntax(format!("`{word}` needs `{what}`"))
            .at(task.action.place.clone())
            .hint(format!("write `{word}: {{{what}: …}}`")));
    }
    const ALLOWED: &[&str] = &[
        "args",
        "collections",
        "debugger",
        "ignore_errors",
        "ignore_unreachable",
        "loop_control",
        "no_log",
        "register",
        "run_once",
        "tags",
        "timeout",
        "vars",
        "when",
        "listen",
        "notify",
    ];
    for entry in task.keywords.iter() {
        if !ALLOWED.contains(&entry.keyword.name) {
            return Err(Error::syntax(format!(
                "`{}` is not a valid attribute for a {}",
                entry.keyword.name,
                if word == "include_role" {
                    "IncludeRole"
                } else {
                    "TaskInclude"
                }
            ))
            .at(entry.place.clone())
            .hint("put it below `apply:`, or on a block around the include"));
        }
    }
    Ok(())
}

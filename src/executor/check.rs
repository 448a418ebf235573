//! What can be known to be wrong before any host is touched.

use std::path::Path;

use super::actions::{Action, Catalogue};
use super::meta;
use crate::error::{Error, Result, nearest};
use crate::playbook::{Block, Node, Play, Task, short_name};
use crate::template::is_lookup;
use crate::value::Value;

/// Checks every task of a play.
///
/// # Errors
/// The first task that names an unknown module or an argument that cannot be right.
pub fn play(catalogue: &Catalogue, play: &Play) -> Result<()> {
    let collections: Vec<String> = match play.keyword("collections") {
        Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
        _ => Vec::new(),
    };
    let folders: Vec<&Path> = play.file.parent().into_iter().collect();
    for section in [
        &play.pre_tasks,
        &play.roles,
        &play.tasks,
        &play.post_tasks,
        &play.handlers,
    ] {
        nodes(catalogue, section, &folders, &collections)?;
    }
    Ok(())
}

/// Checks a list of tasks, read for an include; `library/` below `folders` counts.
///
/// # Errors
/// As for [`play`].
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
    };
    checker.nodes(nodes)
}

struct Checker<'a> {
    catalogue: &'a Catalogue,
    roles: Vec<&'a Path>,
    collections: Vec<String>,
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
        let mut roles = self.roles.clone();
        let mut collections = self.collections.clone();
        if let Some(used) = block.role() {
            roles.insert(0, &used.role.path);
            collections.splice(0..0, used.role.collections.iter().cloned());
            collections.splice(0..0, used.role.collection.iter().cloned());
        }
        let inner = Checker {
            catalogue: self.catalogue,
            roles,
            collections,
        };
        inner.nodes(&block.block)?;
        inner.nodes(&block.rescue)?;
        inner.nodes(&block.always)
    }

    fn task(&self, task: &Task) -> Result<()> {
        check_loop(task)?;
        let found = self
            .catalogue
            .find(&task.action.name, &self.roles, &self.collections);
        let action = match found {
            Ok(action) => action,
            // A module of a collection that is not there fails when it runs, not before: it may
            // stand behind a condition.
            Err(_) if is_of_other_collection(&task.action.name) => return Ok(()),
            Err(error) => return Err(error.at(task.action.place.clone())),
        };
        match action {
            Action::Module(module) if task.action.variable.is_none() => module
                .check(&task.action.args)
                .map_err(|error| error.at(task.action.place.clone())),
            Action::Language("meta") => meta::action(task).map(drop),
            Action::Language(word) => check_words(task, word),
            _ => Ok(()),
        }
    }
}

fn is_of_other_collection(name: &str) -> bool {
    short_name(name).matches('.').count() >= 2
}

/// A loop over something that can never be a list.
fn check_loop(task: &Task) -> Result<()> {
    let Some(repeat) = &task.repeat else {
        return Ok(());
    };
    if let Some(lookup) = &repeat.lookup
        && !is_lookup(lookup)
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

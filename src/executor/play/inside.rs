//! Variables that a play defines only in places: of its blocks and tasks, and what tasks set.

use crate::playbook::{Block, Node, Origin, Play, Task, short_name};
use crate::value::{Map, Value};
use crate::vars::{Definition, Level};

/// A definition that is in force in one block or task, or from one on.
#[derive(Clone, Debug)]
pub struct Inside {
    /// The variable and its value.
    pub definition: Definition,
    /// Where it is in force: ``in the task `NAME` ``, ``after the task `NAME` ``.
    pub wherein: String,
}

/// Every such definition of a play, in its order. What an include brings is not known before it
/// runs.
pub fn definitions_inside(play: &Play) -> Vec<Inside> {
    let mut all = Vec::new();
    for nodes in [
        &play.pre_tasks,
        &play.roles,
        &play.tasks,
        &play.post_tasks,
        &play.handlers,
    ] {
        gather(nodes, &mut all);
    }
    all
}

fn gather(nodes: &[Node], all: &mut Vec<Inside>) {
    for node in nodes {
        match node {
            Node::Task(task) => of_task(task, all),
            Node::Block(block) => of_block(block, all),
        }
    }
}

fn of_block(block: &Block, all: &mut Vec<Inside>) {
    let name = block.name.as_ref().map(Value::to_text);
    let (level, wherein) = match &block.origin {
        Origin::Role(role) => (
            Level::RoleParams,
            format!("in the role `{}`", role.role.name),
        ),
        Origin::Import => (Level::IncludeParams, "in the imported tasks".to_owned()),
        Origin::Block => match name {
            Some(name) => (Level::BlockVars, format!("in the block `{name}`")),
            None => (Level::BlockVars, "in the block".to_owned()),
        },
    };
    add(&block.vars, level, &wherein, all);
    if let Origin::Role(role) = &block.origin {
        add(&role.params, Level::RoleParams, &wherein, all);
        add(&role.vars, Level::RoleVars, &wherein, all);
    }
    gather(&block.block, all);
    gather(&block.rescue, all);
    gather(&block.always, all);
}

fn of_task(task: &Task, all: &mut Vec<Inside>) {
    let name = task.name.as_ref().map(Value::to_text);
    let name = name.unwrap_or_else(|| task.action.name.clone());
    add(
        &task.vars,
        Level::TaskVars,
        &format!("in the task `{name}`"),
        all,
    );
    let after = format!("after the task `{name}`");
    if short_name(&task.action.name) == "set_fact" {
        let mut facts = task.action.args.clone();
        facts.remove("cacheable");
        facts.remove("_raw_params");
        add(&facts, Level::SetFacts, &after, all);
    }
    if let Some(register) = task.register() {
        let mut result = Map::new();
        let what = || Value::str("the result of the task");
        match register.as_map() {
            Some(projections) => projections.keys().for_each(|name| {
                result.insert(name.clone(), what());
            }),
            None => drop(result.insert(register.clone(), what())),
        }
        add(&result, Level::SetFacts, &after, all);
    }
}

fn add(vars: &Map, level: Level, wherein: &str, all: &mut Vec<Inside>) {
    all.extend(vars.iter().map(|(key, value)| Inside {
        definition: Definition {
            level,
            key: key.clone(),
            value: value.clone(),
        },
        wherein: wherein.to_owned(),
    }));
}

//! Warnings of variables with names that are taken.

use super::house::House;
use crate::error::Error;
use crate::playbook::{Block, Keywords, Node, Play, Task, names};
use crate::value::{Map, Value};

/// Warns of the variables of a play, and of all that is known of it before it runs.
pub fn play(house: &House, play: &Play) {
    map(house, &play.vars);
    tags(house, &play.keywords);
    for section in [
        &play.pre_tasks,
        &play.roles,
        &play.tasks,
        &play.post_tasks,
        &play.handlers,
    ] {
        nodes(house, section);
    }
}

/// Warns of the variables of tasks.
pub fn nodes(house: &House, nodes: &[Node]) {
    for node in nodes {
        match node {
            Node::Block(block) => of_block(house, block),
            Node::Task(task) => of_task(house, task),
        }
    }
}

/// Warns of variables.
pub fn map(house: &House, vars: &Map) {
    for warning in names::warnings(vars) {
        house.warn_once(warning);
    }
}

/// Warns of tags that mean something else on the command line (`_load_tags` of the reference's
/// `playbook/taggable.py`).
fn tags(house: &House, keywords: &Keywords) {
    let Some(entry) = keywords.get("tags") else {
        return;
    };
    let given = match &entry.value {
        Value::List(items) => items.to_vec(),
        Value::Str(text) => text.split(',').map(|tag| Value::str(tag.trim())).collect(),
        _ => Vec::new(),
    };
    let found: Vec<Value> = given
        .into_iter()
        .filter(|tag| matches!(tag.as_str(), Some("all" | "tagged" | "untagged")))
        .collect();
    if !found.is_empty() {
        let text = format!(
            "Found reserved tagnames in tags: {}, we do not recommend doing this as it might give unexpected results",
            Value::list(found).repr()
        );
        house.warn_once(Error::input(text).at(entry.place.clone()));
    }
}

fn of_block(house: &House, block: &Block) {
    map(house, &block.vars);
    tags(house, &block.keywords);
    if let Some(used) = block.role() {
        for vars in [
            &used.role.defaults,
            &used.role.vars,
            &used.params,
            &used.vars,
        ] {
            map(house, vars);
        }
    }
    for part in [&block.block, &block.rescue, &block.always] {
        nodes(house, part);
    }
}

fn of_task(house: &House, task: &Task) {
    map(house, &task.vars);
    tags(house, &task.keywords);
    match task.register() {
        Some(Value::Map(projections)) => map(house, projections),
        Some(name) => names::warning(name)
            .into_iter()
            .for_each(|it| house.warn_once(it)),
        None => {}
    }
}

//! Warnings of variables with names that are taken.

use super::house::House;
use crate::playbook::{Block, Node, Play, Task, names};
use crate::value::Map;

/// Warns of the variables of a play, and of all that is known of it before it runs.
pub fn play(house: &House, play: &Play) {
    map(house, &play.vars);
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

fn of_block(house: &House, block: &Block) {
    map(house, &block.vars);
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
    if let Some(warning) = task.register().and_then(names::warning) {
        house.warn_once(warning);
    }
}

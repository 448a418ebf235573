//! The tree of tasks: blocks, and what reads them.

use std::sync::Arc;

use super::keyword::Object;
use super::keywords::Keywords;
use super::role::RoleUse;
use super::task::{Task, read_vars};
use crate::error::Place;
use crate::value::{Map, Value};

/// What stands in a list of tasks.
#[derive(Clone, Debug)]
pub enum Node {
    /// Tasks under common keywords.
    Block(Arc<Block>),
    /// A task.
    Task(Arc<Task>),
}

/// Tasks under common keywords, with what to do when one fails.
#[derive(Clone, Debug)]
pub struct Block {
    /// The name as written.
    pub name: Option<Value>,
    /// What made it.
    pub origin: Origin,
    /// `when`, `become`, `tags`, …
    pub keywords: Keywords,
    /// `vars`; the parameters of an import.
    pub vars: Arc<Map>,
    /// The tasks.
    pub block: Vec<Node>,
    /// What is done when one of them fails.
    pub rescue: Vec<Node>,
    /// What is done in any case.
    pub always: Vec<Node>,
    /// Where it stands.
    pub place: Place,
}

/// What made a block.
#[derive(Clone, Debug)]
pub enum Origin {
    /// The user's own `block:`.
    Block,
    /// `import_tasks`; the file its tasks stand in.
    Import,
    /// A role: of `roles:`, a dependency, or `import_role`.
    Role(Arc<RoleUse>),
}

impl Block {
    /// A block without rescue and always.
    pub fn plain(
        origin: Origin,
        keywords: Keywords,
        vars: Arc<Map>,
        block: Vec<Node>,
        place: Place,
    ) -> Self {
        Block {
            name: None,
            origin,
            keywords,
            vars,
            block,
            rescue: Vec::new(),
            always: Vec::new(),
            place,
        }
    }

    /// The role that the block is, if it is one.
    pub fn role(&self) -> Option<&Arc<RoleUse>> {
        match &self.origin {
            Origin::Role(role) => Some(role),
            _ => None,
        }
    }
}

/// The keywords of a user's block, its three lists left out.
pub(super) fn read_head(node: &crate::yaml::Node) -> crate::error::Result<(Keywords, Arc<Map>)> {
    let mut keywords = Keywords::default();
    for (key, value) in node.entries().unwrap_or_default() {
        match key.as_str() {
            Some("block" | "rescue" | "always" | "name" | "vars") => (),
            _ => keywords.add(Object::Block, key, value)?,
        }
    }
    Ok((keywords, read_vars(node, "Block")?))
}

//! A play: which hosts, and what is done to them.

use std::path::PathBuf;
use std::sync::Arc;

use super::block::Node;
use super::keywords::Keywords;
use super::role::RoleUse;
use crate::error::Place;
use crate::value::{Map, Value};

/// A play, with everything read that can be read before it runs.
#[derive(Debug)]
pub struct Play {
    /// The name as written.
    pub name: Option<Value>,
    /// Its keywords: `hosts`, `serial`, `become`, …
    pub keywords: Keywords,
    /// `vars`.
    pub vars: Arc<Map>,
    /// `pre_tasks`.
    pub pre_tasks: Vec<Node>,
    /// `roles`, in order, each a block.
    pub roles: Vec<Node>,
    /// `tasks`.
    pub tasks: Vec<Node>,
    /// `post_tasks`.
    pub post_tasks: Vec<Node>,
    /// `handlers` of the play, then those of its roles.
    pub handlers: Vec<Node>,
    /// The roles used statically: of `roles:`, `import_role` and their dependencies.
    pub role_uses: Vec<Arc<RoleUse>>,
    /// The file it stands in.
    pub file: PathBuf,
    /// The `import_playbook`s around it, outermost first.
    pub around: Vec<Arc<Around>>,
    /// Where it stands.
    pub place: Place,
}

/// An `import_playbook` around a play: its keywords reach every task of it.
#[derive(Debug)]
pub struct Around {
    /// `when`, `tags`, `become`, …
    pub keywords: Keywords,
    /// `vars`.
    pub vars: Arc<Map>,
}

impl Play {
    /// The keyword's value.
    pub fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.value(name)
    }
}

//! What stands around a task: the play, roles, imports, includes and blocks.

use std::sync::Arc;

use crate::playbook::keyword::Inherit;
use crate::playbook::{Block, Entry, Keywords, Origin, Role, RoleUse};
use crate::value::{Map, Value};

/// One step of the way from a play down to a task.
#[derive(Debug)]
pub struct Frame {
    /// The step above.
    pub parent: Option<Arc<Frame>>,
    /// What kind of step it is.
    pub kind: FrameKind,
    /// Its keywords.
    pub keywords: Keywords,
    /// Its `vars`.
    pub vars: Arc<Map>,
}

/// The kinds of steps.
#[derive(Clone, Debug)]
pub enum FrameKind {
    /// A user's block.
    Block,
    /// An import or an include: its `vars` are parameters, stronger than `set_fact`.
    Include,
    /// A play, or an `import_playbook` around it.
    Play,
    /// A role.
    Role(Arc<RoleUse>),
    /// A task.
    Task,
}

impl Frame {
    /// The outermost step.
    pub fn root(kind: FrameKind, keywords: Keywords, vars: Arc<Map>) -> Arc<Frame> {
        Arc::new(Frame {
            parent: None,
            kind,
            keywords,
            vars,
        })
    }

    /// A step below this one.
    pub fn below(
        self: &Arc<Frame>,
        kind: FrameKind,
        keywords: Keywords,
        vars: Arc<Map>,
    ) -> Arc<Frame> {
        Arc::new(Frame {
            parent: Some(Arc::clone(self)),
            kind,
            keywords,
            vars,
        })
    }

    /// The step of a block below this one.
    pub fn of_block(self: &Arc<Frame>, block: &Block) -> Arc<Frame> {
        let kind = match &block.origin {
            Origin::Block | Origin::Import => FrameKind::Block,
            Origin::Role(role) => FrameKind::Role(Arc::clone(role)),
        };
        self.below(kind, block.keywords.clone(), Arc::clone(&block.vars))
    }

    /// The steps from this one up to the play.
    pub fn upward(&self) -> impl Iterator<Item = &Frame> {
        std::iter::successors(Some(self), |frame| frame.parent.as_deref())
    }

    /// The nearest role around, or this one.
    pub fn role(&self) -> Option<&Arc<RoleUse>> {
        self.roles().next()
    }

    /// The roles around, innermost first.
    pub fn roles(&self) -> impl Iterator<Item = &Arc<RoleUse>> {
        self.upward().filter_map(|frame| match &frame.kind {
            FrameKind::Role(role) => Some(role),
            _ => None,
        })
    }

    /// The `collections:` in force: those of the nearest keyword or role. A role takes none from the play around it.
    pub fn collections(&self) -> Vec<String> {
        for frame in self.upward() {
            if let FrameKind::Role(used) = &frame.kind {
                return of_role(&used.role);
            }
            match frame.keywords.value("collections") {
                Some(Value::List(items)) => return items.iter().map(Value::to_text).collect(),
                Some(Value::Str(text)) => return vec![text.to_string()],
                _ => (),
            }
        }
        Vec::new()
    }

    /// The entry of a keyword that is in force here: the nearest one, where it is inherited.
    pub fn keyword(&self, name: &str) -> Option<&Entry> {
        let mut own = true;
        for frame in self.upward() {
            if let Some(entry) = frame.keywords.get(name)
                && (own || entry.keyword.inherit != Inherit::Never)
            {
                return Some(entry);
            }
            own = false;
        }
        None
    }

    /// Every entry of a keyword whose values add up, outermost first.
    pub fn keywords_of(&self, name: &str) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self
            .upward()
            .filter_map(|frame| frame.keywords.get(name))
            .collect();
        entries.reverse();
        entries
    }
}

/// The collections that a role looks through: its own, those of its `meta/main.yml`, and the reference's own last.
fn of_role(role: &Role) -> Vec<String> {
    let mut all: Vec<String> = role.collection.iter().cloned().collect();
    for name in &role.collections {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    let is_there = |name: &String| name == "ansible.builtin" || name == "ansible.legacy";
    if !all.is_empty() && !all.iter().any(is_there) {
        let own = match role.collection {
            Some(_) => "ansible.builtin",
            None => "ansible.legacy",
        };
        all.push(own.to_owned());
    }
    all
}

//! One group of the inventory.

use std::sync::Arc;

use super::GroupId;
use super::HostId;
use crate::value::Map;

/// A group: the hosts and groups it lists itself, and its variables.
#[derive(Clone, Debug)]
pub struct Group {
    /// The name.
    pub name: Arc<str>,
    /// The hosts the group lists itself, in order.
    pub hosts: Vec<HostId>,
    /// The groups below, in order.
    pub children: Vec<GroupId>,
    /// The groups above, in the order they took this one in.
    pub parents: Vec<GroupId>,
    /// The variables written at the group; `ansible_group_priority` is not among them.
    pub vars: Arc<Map>,
    /// The length of the longest way down to the group. Deeper groups win.
    pub depth: u32,
    /// `ansible_group_priority`: among groups of one depth the higher wins; 1 where none is set.
    pub priority: i64,
}

impl Group {
    pub(super) fn new(name: Arc<str>) -> Self {
        Group {
            name,
            hosts: Vec::new(),
            children: Vec::new(),
            parents: Vec::new(),
            vars: Arc::default(),
            depth: 0,
            priority: 1,
        }
    }

    /// The order in which groups are merged: of two, the later wins.
    pub fn rank(&self) -> (u32, i64, &str) {
        (self.depth, self.priority, &self.name)
    }
}

/// Whether letters that no variable name can hold are replaced in group names
/// (`force_valid_group_names`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupNames {
    /// Replace them by `_`, and warn.
    Always,
    /// Keep them, and do not warn.
    Ignore,
    /// Keep them, and warn.
    #[default]
    Never,
    /// Replace them by `_`, and do not warn.
    Silently,
}

impl GroupNames {
    /// The policy of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "always" => GroupNames::Always,
            "ignore" => GroupNames::Ignore,
            "never" => GroupNames::Never,
            "silently" => GroupNames::Silently,
            _ => return None,
        })
    }

    pub(super) fn replaces(self) -> bool {
        matches!(self, GroupNames::Always | GroupNames::Silently)
    }

    pub(super) fn warns(self) -> bool {
        matches!(self, GroupNames::Always | GroupNames::Never)
    }
}

/// Says whether a group's name could be a variable's.
pub(super) fn is_valid_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_numeric()) && name.chars().all(is_word)
}

/// The name with `_` for every letter that a variable's name cannot hold.
pub(super) fn valid_name(name: &str) -> String {
    name.chars()
        .enumerate()
        .map(
            |(position, c)| match is_word(c) && !(position == 0 && c.is_numeric()) {
                true => c,
                false => '_',
            },
        )
        .collect()
}

/// Python's `\w`.
fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::{is_valid_name, valid_name};

    #[test]
    fn group_names_become_variable_names() {
        for (name, valid) in [
            ("web", "web"),
            ("web-1", "web_1"),
            ("1web", "_web"),
            ("a.b c", "a_b_c"),
        ] {
            assert_eq!(valid_name(name), valid);
            assert_eq!(is_valid_name(name), name == valid);
        }
    }
}

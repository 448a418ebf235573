//! Who is above and who is below: ancestors, descendants, and the order in which groups count.

use std::sync::Arc;

use super::ALL;
use super::Group;
use super::GroupId;
use super::Host;
use super::HostId;
use super::Inventory;

impl Inventory {
    /// All groups of a host, those above its groups included, in the order in which they are
    /// merged: of two, the later wins (depth, then `ansible_group_priority`, then name).
    pub fn groups_of(&self, host: &Host) -> Vec<&Group> {
        self.sorted(self.closure(&host.groups))
    }

    /// The magic variable `group_names`: a host's groups but `all`, by name.
    pub fn group_names(&self, host: &Host) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = self
            .closure(&host.groups)
            .into_iter()
            .filter(|id| *id != ALL)
            .filter_map(|id| self.group_at(id))
            .map(|group| group.name.clone())
            .collect();
        names.sort_unstable();
        names
    }

    /// The hosts of a group and of all below it, in the order in which plays see them: the
    /// group's own, then level by level those below. An implicit localhost is not in `all`.
    pub fn hosts_in(&self, group: &str) -> Vec<&Host> {
        let Some(id) = self.group_id(group) else {
            return Vec::new();
        };
        let members = self.members(id);
        members.iter().filter_map(|id| self.host_at(*id)).collect()
    }

    /// The groups above a group, and above those.
    pub(super) fn ancestors(&self, group: GroupId) -> Vec<GroupId> {
        let parents = self.group_at(group).map(|group| &*group.parents);
        self.closure(parents.unwrap_or_default())
    }

    /// The groups and all groups above them, each once.
    pub(super) fn closure(&self, groups: &[GroupId]) -> Vec<GroupId> {
        let mut found: Vec<GroupId> = Vec::with_capacity(groups.len() + 2);
        let mut seen = Seen::default();
        found.extend(groups.iter().filter(|id| seen.first(id.0)));
        let mut next = 0;
        while let Some(id) = found.get(next) {
            let parents = self.group_at(*id).map(|group| &*group.parents);
            let new = parents.unwrap_or_default().iter();
            found.extend(new.filter(|id| seen.first(id.0)));
            next += 1;
        }
        found
    }

    pub(super) fn sorted(&self, groups: Vec<GroupId>) -> Vec<&Group> {
        let mut groups: Vec<&Group> = groups
            .into_iter()
            .filter_map(|id| self.group_at(id))
            .collect();
        groups.sort_unstable_by(|a, b| a.rank().cmp(&b.rank()));
        groups
    }

    /// The hosts of a group and of all below it, each once.
    pub(super) fn members(&self, group: GroupId) -> Vec<HostId> {
        let mut seen = Seen::default();
        let mut members = Vec::new();
        for id in self.descendants(group) {
            let hosts = self.group_at(id).map(|group| &*group.hosts);
            let new = hosts.unwrap_or_default().iter();
            members.extend(new.filter(|host| seen.first(host.0)));
        }
        if group == ALL {
            members.retain(|id| self.host_at(*id).is_some_and(|host| !host.implicit));
        }
        members
    }

    /// The group, its children, their children, and so on, each once.
    fn descendants(&self, group: GroupId) -> Vec<GroupId> {
        let mut seen = Seen::default();
        seen.first(group.0);
        let mut found = vec![group];
        let mut next = 0;
        while let Some(id) = found.get(next) {
            let children = self.group_at(*id).map(|group| &*group.children);
            let new = children.unwrap_or_default().iter();
            found.extend(new.filter(|id| seen.first(id.0)));
            next += 1;
        }
        found
    }
}

/// A set of positions.
#[derive(Default)]
pub(super) struct Seen(Vec<u64>);

impl Seen {
    /// Says whether the position was not in the set before, and puts it there.
    pub(super) fn first(&mut self, position: u32) -> bool {
        let word = position as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let Some(bits) = self.0.get_mut(word) else {
            return false;
        };
        let bit = 1 << (position % 64);
        let new = *bits & bit == 0;
        *bits |= bit;
        new
    }

    /// Says whether the position is in the set.
    pub(super) fn has(&self, position: u32) -> bool {
        let bits = self.0.get(position as usize / 64).copied();
        bits.unwrap_or(0) & (1 << (position % 64)) != 0
    }
}

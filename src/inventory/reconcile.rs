//! What holds once all sources are read: everything is in `all`, and nobody is ungrouped who is
//! in a group.

use std::sync::Arc;

use super::ALL;
use super::GroupId;
use super::HostId;
use super::Inventory;
use super::UNGROUPED;
use super::data::group_id;
use super::data::host_id;
use crate::error::Error;

impl Inventory {
    /// Brings the groups into the shape the language promises: every group is below `all`, and
    /// `ungrouped` has exactly the hosts that are in no other group. Called when all sources are
    /// read.
    pub fn reconcile(&mut self) {
        self.origin = None;
        let orphans: Vec<GroupId> = (1..self.groups.len())
            .map(group_id)
            .filter(|id| self.group_at(*id).is_some_and(|g| g.parents.is_empty()))
            .collect();
        for group in orphans {
            self.link(ALL, group);
        }
        for host in (0..self.hosts.len()).map(host_id) {
            self.settle(host);
        }
        self.clear_ungrouped();
        self.warn_of_namesakes();
    }

    /// Puts a host into `ungrouped` where it is in no group, or takes it out where it is in one.
    /// The group's own list is put right by [`Self::clear_ungrouped`].
    pub(super) fn settle(&mut self, id: HostId) {
        let Some(host) = self.host_at(id) else {
            return;
        };
        let grouped = host.groups.iter().any(|g| *g != ALL && *g != UNGROUPED);
        let ungrouped = host.groups.contains(&UNGROUPED);
        if grouped && ungrouped {
            if let Some(host) = self.host_mut(id) {
                host.groups.retain(|group| *group != UNGROUPED);
            }
        } else if !grouped && !ungrouped && !host.implicit {
            self.add_to_group(id, UNGROUPED);
        }
    }

    pub(super) fn clear_ungrouped(&mut self) {
        let Some(group) = self.group_at(UNGROUPED) else {
            return;
        };
        let stays = |id: &HostId| {
            self.host_at(*id)
                .is_some_and(|host| host.groups.contains(&UNGROUPED))
        };
        let kept: Vec<HostId> = group.hosts.iter().copied().filter(stays).collect();
        if kept.len() != group.hosts.len() {
            if let Some(group) = self.group_mut(UNGROUPED) {
                group.hosts = kept;
            }
            self.groups_dict.take();
        }
    }

    fn warn_of_namesakes(&mut self) {
        let names: Vec<Arc<str>> = self
            .groups
            .keys()
            .filter(|name| self.hosts.contains_key(*name))
            .cloned()
            .collect();
        for name in names {
            if self.warned.insert(name.clone()) {
                let text = format!("`{name}` is both a group and a host");
                self.warn(Error::input(text));
            }
        }
    }
}

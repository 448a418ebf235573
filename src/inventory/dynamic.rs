//! What tasks change while a play runs: `add_host` and `group_by`.

use super::ALL;
use super::GroupId;
use super::HostId;
use super::Inventory;
use super::merge::merge_entry;
use crate::error::Error;
use crate::error::Result;
use crate::value::Map;

impl Inventory {
    /// Grants what a task of `add_host` asks for, and says whether anything changed.
    ///
    /// # Errors
    /// A name is empty.
    pub fn add_dynamic_host(&mut self, name: &str, groups: &[&str], vars: &Map) -> Result<bool> {
        let known = self.hosts.get(name).is_some_and(|host| !host.implicit);
        let id = self.add_host(name, None)?;
        if let Some(host) = self.host_mut(id) {
            host.implicit = false;
        }
        let mut changed = !known;
        if !known {
            self.add_to_group(id, ALL);
        }
        changed |= self.merge_vars(id, vars);
        for group in groups {
            changed |= self.group_id(group).is_none();
            let group = self.new_group(group)?;
            changed |= self.add_to_group(id, group);
        }
        self.settle(id);
        self.clear_ungrouped();
        Ok(changed)
    }

    /// Grants what a task of `group_by` asks for, and says whether anything changed.
    ///
    /// # Errors
    /// There is no such host, a name is empty, or the parents would make a circle.
    pub fn group_host(&mut self, host: &str, group: &str, parents: &[&str]) -> Result<bool> {
        let Some(id) = self.adopt(host) else {
            let text = format!("there is no host called `{host}` in the inventory");
            return Err(Error::input(text));
        };
        let mut changed = self.group_id(group).is_none();
        let group = self.new_group(group)?;
        for parent in parents {
            changed |= self.group_id(parent).is_none();
            let parent = self.new_group(parent)?;
            changed |= self.add_child(parent, group)?;
        }
        if !self.members(group).contains(&id) {
            changed |= self.add_to_group(id, group);
        }
        self.settle(id);
        self.clear_ungrouped();
        Ok(changed)
    }

    /// A group that is below `all` at once.
    fn new_group(&mut self, name: &str) -> Result<GroupId> {
        let id = self.add_group(name)?;
        let orphan = self.group_at(id).is_some_and(|g| g.parents.is_empty());
        if orphan && id != ALL {
            self.add_child(ALL, id)?;
        }
        Ok(id)
    }

    fn merge_vars(&mut self, id: HostId, vars: &Map) -> bool {
        let rules = self.rules;
        let Some(host) = self.host_mut(id) else {
            return false;
        };
        let mut merged = Map::clone(&host.vars);
        for (key, value) in vars {
            merge_entry(&mut merged, key.clone(), value.clone(), rules.merge_hashes);
        }
        let changed = merged != *host.vars;
        host.vars = merged.into();
        changed
    }
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::inventory::Inventory;
    use crate::value::Map;

    #[test]
    fn hosts_and_groups_come_while_a_play_runs() {
        let mut inventory = Inventory::default();
        inventory.reconcile();
        let vars = entries! { "a" => 1 };
        assert!(inventory.add_dynamic_host("new", &["web"], &vars).unwrap());
        assert!(!inventory.add_dynamic_host("new", &["web"], &vars).unwrap());
        assert!(
            inventory
                .add_dynamic_host("lone", &[], &Map::new())
                .unwrap()
        );
        assert!(inventory.group_host("new", "os_debian", &["os"]).unwrap());
        assert!(!inventory.group_host("new", "os_debian", &["os"]).unwrap());
        assert!(inventory.group_host("localhost", "os_debian", &[]).unwrap());
        assert!(inventory.group_host("nobody", "x", &[]).is_err());
        assert!(inventory.group_host("new", "os", &["os_debian"]).is_err());
        let dict = inventory.groups_dict();
        for (group, hosts) in [
            ("all", "['new', 'lone']"),
            ("ungrouped", "['lone']"),
            ("web", "['new']"),
            ("os", "['new', 'localhost']"),
        ] {
            assert_eq!(dict.get(group).unwrap().repr(), hosts, "{group}");
        }
        let host = inventory.host("new").unwrap();
        assert_eq!(
            *inventory.group_names(host),
            ["os".into(), "os_debian".into(), "web".into()]
        );
    }
}

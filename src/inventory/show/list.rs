//! `--list`: everything, in the shape of each format.

use std::collections::HashSet;
use std::sync::Arc;

use super::DEEPEST;
use super::Names;
use super::Variables;
use super::json;
use super::shown;
use super::too_deep;
use crate::entries;
use crate::error::Result;
use crate::inventory::Group;
use crate::inventory::GroupId;
use crate::inventory::HostId;
use crate::inventory::Inventory;
use crate::inventory::Selected;
use crate::value::Map;
use crate::value::Value;

/// What the list is written in: each format has a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// What inventory scripts print: groups side by side, and `_meta`.
    Json,
    /// What a TOML inventory is.
    Toml,
    /// What a YAML inventory is: groups inside each other.
    Yaml,
}

/// The whole inventory, or what `limit` leaves of it. With `export`, groups have their variables;
/// `variables` should give each host its own alone then.
///
/// Keys are in no particular order: the reference sorts them.
///
/// # Errors
/// A file of variables cannot be read, or groups are too deep.
pub fn list(
    inventory: &Inventory,
    format: Format,
    export: bool,
    limit: Option<&Selected>,
    variables: &mut dyn Variables,
) -> Result<Value> {
    let mut hosts = inventory.hosts_in("all");
    if let Some(limit) = limit {
        let allowed: HashSet<&str> = limit.hosts.iter().map(|host| &**host).collect();
        hosts.retain(|host| allowed.contains(&*host.name));
    }
    let mut list = List {
        inventory,
        names: hosts.iter().map(|host| host.name.clone()).collect(),
        export,
        variables,
        groups: HashSet::new(),
        hosts: HashSet::new(),
    };
    match format {
        Format::Json => list.json(&hosts),
        Format::Toml => list.toml(),
        Format::Yaml => list.yaml(),
    }
}

struct List<'a> {
    inventory: &'a Inventory,
    /// The hosts that are shown.
    names: Names,
    export: bool,
    variables: &'a mut dyn Variables,
    /// The groups and hosts whose content was written already.
    groups: HashSet<GroupId>,
    hosts: HashSet<HostId>,
}

impl List<'_> {
    fn json(&mut self, hosts: &[&crate::inventory::Host]) -> Result<Value> {
        let mut whole = Map::new();
        for group in self.inventory.groups() {
            let mut entry = Map::new();
            if !is_all(group) {
                let names = self.own_hosts(group).map(|(_, name)| name);
                put(&mut entry, "hosts", Value::strings(names));
            }
            let children = self.children(group).map(|(_, child)| child.name.clone());
            put(&mut entry, "children", Value::strings(children));
            self.put_vars(&mut entry, group, true)?;
            put(&mut whole, &group.name, Value::map(entry));
        }
        let mut hostvars = Map::with_capacity(hosts.len());
        for host in hosts {
            let vars = shown(self.variables.host(host)?);
            let vars = json(&Value::map(vars), true);
            if vars.is_true() {
                hostvars.insert(Value::str(host.name.clone()), vars);
            }
        }
        whole.set(
            "_meta",
            entries! { "hostvars" => hostvars, "profile" => "inventory_legacy" },
        );
        Ok(Value::map(whole))
    }

    /// Groups side by side, each with its hosts and their variables.
    fn toml(&mut self) -> Result<Value> {
        let ungrouped = self.inventory.group("ungrouped");
        let lonely = ungrouped.is_some_and(|group| !group.hosts.is_empty());
        let mut whole = Map::new();
        for group in self.inventory.groups() {
            let mut entry = Map::new();
            if !is_all(group) {
                let children = self.children(group).map(|(_, child)| child.name.clone());
                put(&mut entry, "children", Value::strings(children));
                let hosts = self.hosts_with_vars(group)?;
                put(&mut entry, "hosts", Value::map(hosts));
            } else if !lonely && !self.export {
                continue;
            }
            self.put_vars(&mut entry, group, false)?;
            put(&mut whole, &group.name, Value::map(entry));
        }
        Ok(Value::map(whole))
    }

    fn yaml(&mut self) -> Result<Value> {
        let mut whole = Map::new();
        if let Some(all) = self.inventory.group("all") {
            self.yaml_group(all, &mut whole)?;
        }
        Ok(Value::map(whole))
    }

    /// Writes a group into `above`, its children inside it; a group that was written already is
    /// only named.
    fn yaml_group(&mut self, group: &Group, above: &mut Map) -> Result<()> {
        if group.depth > DEEPEST {
            return Err(too_deep(group));
        }
        let mut entry = Map::new();
        let mut children = Map::new();
        for id in &group.children {
            let Some(child) = self.inventory.group_at(*id) else {
                continue;
            };
            if self.groups.contains(id) {
                children.set(&child.name, Map::new());
                continue;
            }
            self.yaml_group(child, &mut children)?;
            self.groups.insert(*id);
        }
        put(&mut entry, "children", Value::map(children));
        if !is_all(group) {
            let hosts = self.hosts_with_vars(group)?;
            put(&mut entry, "hosts", Value::map(hosts));
        }
        self.put_vars(&mut entry, group, false)?;
        put(above, &group.name, Value::map(entry));
        Ok(())
    }

    /// The hosts of a group; a host has its variables where it is named first.
    fn hosts_with_vars(&mut self, group: &Group) -> Result<Map> {
        let mut hosts = Map::new();
        let own: Vec<(HostId, Arc<str>)> = self.own_hosts(group).collect();
        for (id, name) in own {
            let vars = match (self.hosts.insert(id), self.inventory.host_at(id)) {
                (true, Some(host)) => shown(self.variables.host(host)?),
                _ => Map::new(),
            };
            hosts.insert(Value::str(name), Value::map(vars));
        }
        Ok(hosts)
    }

    fn own_hosts(&self, group: &Group) -> impl Iterator<Item = (HostId, Arc<str>)> {
        let hosts = group.hosts.iter().filter_map(|id| {
            let host = self.inventory.host_at(*id)?;
            self.names
                .contains(&host.name)
                .then(|| (*id, host.name.clone()))
        });
        hosts.collect::<Vec<_>>().into_iter()
    }

    fn children<'b>(&'b self, group: &'b Group) -> impl Iterator<Item = (GroupId, &'b Group)> {
        let at = |id: &GroupId| Some((*id, self.inventory.group_at(*id)?));
        group.children.iter().filter_map(at)
    }

    fn put_vars(&mut self, entry: &mut Map, group: &Group, mark: bool) -> Result<()> {
        if !self.export {
            return Ok(());
        }
        let vars = Value::map(shown(self.variables.group(group)?));
        let vars = if mark { json(&vars, true) } else { vars };
        put(entry, "vars", vars);
        Ok(())
    }
}

fn is_all(group: &Group) -> bool {
    &*group.name == "all"
}

/// Sets what is not empty.
fn put(entry: &mut Map, key: &str, value: Value) {
    if value.is_true() {
        entry.set(key, value);
    }
}

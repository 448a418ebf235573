//! The variables of a host from the inventory and the files beside it, layer by layer.
//!
//! These are the levels 3 to 10 of the reference's precedence; what is above them (facts, plays,
//! roles, tasks, the command line) is not known here.

use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use super::Group;
use super::GroupId;
use super::Host;
use super::Inventory;
use super::files::Owner;
use super::files::VarsFiles;
use super::merge;
use crate::entries;
use crate::error::Result;
use crate::value::Map;
use crate::value::Value;

/// Variables that one thing says of a host. Of two layers, the later wins.
#[derive(Clone, Debug)]
pub struct Layer {
    /// What kind of thing it is, as the documentation calls it.
    pub level: &'static str,
    /// The group or the host that the variables are written at.
    pub owner: Arc<str>,
    /// The directory whose `group_vars` or `host_vars` has them; none for the sources themselves.
    pub dir: Option<PathBuf>,
    /// The variables.
    pub vars: Arc<Map>,
}

/// Where the layers come from, and the order of those of the groups.
#[derive(Clone, Debug)]
pub struct Layers {
    /// The directories beside the sources, as [`super::Loaded::dirs`] has them.
    pub inventory: Vec<PathBuf>,
    /// The directories beside the playbook.
    pub playbook: Vec<PathBuf>,
    /// The order of what groups say (`precedence`).
    pub order: Vec<Level>,
}

impl Default for Layers {
    fn default() -> Self {
        Layers {
            inventory: Vec::new(),
            playbook: Vec::new(),
            order: Level::ORDER.to_vec(),
        }
    }
}

/// A kind of layer that groups have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What the sources say of `all`.
    AllInventory,
    /// What files beside the sources say of `all`.
    AllPluginsInventory,
    /// What files beside the playbook say of `all`.
    AllPluginsPlay,
    /// What the sources say of the other groups.
    GroupsInventory,
    /// What files beside the sources say of the other groups.
    GroupsPluginsInventory,
    /// What files beside the playbook say of the other groups.
    GroupsPluginsPlay,
}

impl Level {
    /// The order that holds unless the configuration says otherwise.
    pub const ORDER: [Level; 6] = [
        Level::AllInventory,
        Level::GroupsInventory,
        Level::AllPluginsInventory,
        Level::AllPluginsPlay,
        Level::GroupsPluginsInventory,
        Level::GroupsPluginsPlay,
    ];

    /// The level of that name in the configuration.
    pub fn from_name(name: &str) -> Option<Level> {
        Some(match name {
            "all_inventory" => Level::AllInventory,
            "all_plugins_inventory" => Level::AllPluginsInventory,
            "all_plugins_play" => Level::AllPluginsPlay,
            "groups_inventory" => Level::GroupsInventory,
            "groups_plugins_inventory" => Level::GroupsPluginsInventory,
            "groups_plugins_play" => Level::GroupsPluginsPlay,
            _ => return None,
        })
    }

    fn text(self) -> &'static str {
        match self {
            Level::AllInventory | Level::GroupsInventory => "inventory group vars",
            Level::AllPluginsInventory => "inventory group_vars/all",
            Level::AllPluginsPlay => "playbook group_vars/all",
            Level::GroupsPluginsInventory => "inventory group_vars/*",
            Level::GroupsPluginsPlay => "playbook group_vars/*",
        }
    }

    fn is_of_all(self) -> bool {
        matches!(
            self,
            Level::AllInventory | Level::AllPluginsInventory | Level::AllPluginsPlay
        )
    }
}

/// Reads the variables that the files of a directory have for a group or a host.
type Read<'a> = dyn Fn(&Path, Owner, &str) -> Result<Option<Arc<Map>>> + 'a;

impl Inventory {
    /// Everything that the inventory and the files beside it and beside the playbook say of a
    /// host; of two layers, the later wins. Layers without variables are left out.
    ///
    /// # Errors
    /// A file cannot be read, or holds no dictionary.
    pub fn layers(&self, host: &Host, files: &VarsFiles, layers: &Layers) -> Result<Vec<Layer>> {
        self.layers_with(host, layers, &|dir, owner, name| {
            files.vars(dir, owner, name)
        })
    }

    pub(super) fn layers_with(
        &self,
        host: &Host,
        layers: &Layers,
        read: &Read<'_>,
    ) -> Result<Vec<Layer>> {
        let mut found = self.group_layers(&self.groups_of(host), layers, read)?;
        found.extend(self.host_layers(host, layers, read)?);
        Ok(found)
    }

    /// What groups say, those of a host in the order in which they are merged.
    fn group_layers(
        &self,
        groups: &[&Group],
        layers: &Layers,
        read: &Read<'_>,
    ) -> Result<Vec<Layer>> {
        let all: Vec<&Group> = self.groups().take(1).collect();
        let others: Vec<&Group> = groups
            .iter()
            .copied()
            .filter(|g| &*g.name != "all")
            .collect();
        let mut found = Vec::new();
        for level in &layers.order {
            let groups = if level.is_of_all() { &all } else { &others };
            let dirs = match level {
                Level::AllInventory | Level::GroupsInventory => {
                    found.extend(groups.iter().filter_map(|group| own(group, level.text())));
                    continue;
                }
                Level::AllPluginsInventory | Level::GroupsPluginsInventory => &layers.inventory,
                Level::AllPluginsPlay | Level::GroupsPluginsPlay => &layers.playbook,
            };
            for dir in dirs {
                for group in groups {
                    let vars = read(dir, Owner::Group, &group.name)?;
                    found.extend(from_files(level.text(), &group.name, dir, vars));
                }
            }
        }
        Ok(found)
    }

    fn host_layers(&self, host: &Host, layers: &Layers, read: &Read<'_>) -> Result<Vec<Layer>> {
        let mut found = Vec::new();
        let own = |vars: &Arc<Map>| Layer {
            level: "inventory host vars",
            owner: host.name.clone(),
            dir: None,
            vars: vars.clone(),
        };
        found.extend(host.origin.iter().map(|origin| own(origin.vars())));
        found.extend((!host.vars.is_empty()).then(|| own(&host.vars)));
        let beside = [
            ("inventory host_vars/*", &layers.inventory),
            ("playbook host_vars/*", &layers.playbook),
        ];
        for (level, dirs) in beside {
            for dir in dirs {
                let vars = read(dir, Owner::Host, &host.name)?;
                found.extend(from_files(level, &host.name, dir, vars));
            }
        }
        Ok(found)
    }

    /// The merged variables of a host: those of [`Inventory::layers`], the later winning.
    ///
    /// # Errors
    /// As [`Inventory::layers`].
    pub fn host_variables(&self, host: &Host, files: &VarsFiles, layers: &Layers) -> Result<Map> {
        Merger::new(self, files, layers).host(host)
    }

    /// What the sources alone say of a host, its own groups included, and its magic variables.
    /// `all` counts only where a source says that the host is in it.
    pub(super) fn plain_variables(&self, host: &Host) -> Map {
        let mut vars = Map::new();
        for group in self.groups_of(host) {
            merge(&mut vars, &group.vars, self.rules.merge_hashes);
        }
        if let Some(origin) = &host.origin {
            vars.extend_from(origin.vars());
        }
        merge(&mut vars, &host.vars, self.rules.merge_hashes);
        vars.extend_from(&self.magic(host));
        vars
    }

    /// The magic variables that tell a host who it is: `inventory_hostname`,
    /// `inventory_hostname_short` and `group_names`.
    pub fn magic(&self, host: &Host) -> Map {
        entries! {
            "inventory_hostname" => Value::str(host.name.clone()),
            "inventory_hostname_short" => host.short_name(),
            "group_names" => Value::strings(self.group_names(host)),
        }
    }
}

fn own(group: &Group, level: &'static str) -> Option<Layer> {
    (!group.vars.is_empty()).then(|| Layer {
        level,
        owner: group.name.clone(),
        dir: None,
        vars: group.vars.clone(),
    })
}

fn from_files(
    level: &'static str,
    owner: &Arc<str>,
    dir: &Path,
    vars: Option<Arc<Map>>,
) -> Option<Layer> {
    Some(Layer {
        level,
        owner: owner.clone(),
        dir: Some(dir.to_path_buf()),
        vars: vars?,
    })
}

/// Merges the variables of many hosts; what groups say is merged once for each set of groups.
pub struct Merger<'a> {
    inventory: &'a Inventory,
    files: &'a VarsFiles,
    layers: &'a Layers,
    groups: HashMap<Vec<GroupId>, Arc<Map>>,
}

impl<'a> Merger<'a> {
    /// Nothing merged yet.
    pub fn new(inventory: &'a Inventory, files: &'a VarsFiles, layers: &'a Layers) -> Self {
        Merger {
            inventory,
            files,
            layers,
            groups: HashMap::new(),
        }
    }

    /// The merged variables of a host.
    ///
    /// # Errors
    /// As [`Inventory::layers`].
    pub fn host(&mut self, host: &Host) -> Result<Map> {
        let groups = self.groups(&host.groups)?;
        let read = |dir: &Path, owner, name: &str| self.files.vars(dir, owner, name);
        let own = self.inventory.host_layers(host, self.layers, &read)?;
        Ok(self.merged(Map::clone(&groups), &own))
    }

    /// What a host itself has: its variables from the sources, and those of `host_vars`.
    ///
    /// # Errors
    /// As [`Inventory::layers`].
    pub fn host_alone(&self, host: &Host) -> Result<Map> {
        let read = |dir: &Path, owner, name: &str| self.files.vars(dir, owner, name);
        let own = self.inventory.host_layers(host, self.layers, &read)?;
        Ok(self.merged(Map::new(), &own))
    }

    /// What a group itself has: its variables from the sources, those of `group_vars`, and its
    /// `ansible_group_priority` where it is not 1.
    ///
    /// # Errors
    /// As [`Inventory::layers`].
    pub fn group(&self, group: &Group) -> Result<Map> {
        let mut vars = Map::clone(&group.vars);
        for dir in self.layers.inventory.iter().chain(&self.layers.playbook) {
            if let Some(own) = self.files.group(dir, &group.name)? {
                merge(&mut vars, &own, self.inventory.rules.merge_hashes);
            }
        }
        if group.priority != 1 {
            vars.set("ansible_group_priority", group.priority);
        }
        Ok(vars)
    }

    /// What the groups of a host say, merged.
    fn groups(&mut self, groups: &[GroupId]) -> Result<Arc<Map>> {
        if let Some(known) = self.groups.get(groups) {
            return Ok(known.clone());
        }
        let read = |dir: &Path, owner, name: &str| self.files.vars(dir, owner, name);
        let sorted = self.inventory.sorted(self.inventory.closure(groups));
        let layers = self.inventory.group_layers(&sorted, self.layers, &read)?;
        let merged = Arc::new(self.merged(Map::new(), &layers));
        self.groups.insert(groups.to_vec(), merged.clone());
        Ok(merged)
    }

    fn merged(&self, mut vars: Map, layers: &[Layer]) -> Map {
        for layer in layers {
            merge(&mut vars, &layer.vars, self.inventory.rules.merge_hashes);
        }
        vars
    }
}

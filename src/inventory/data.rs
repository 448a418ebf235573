//! The hosts and groups themselves, and the rules that hold between them.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::OnceLock;

use indexmap::IndexMap;

use super::Group;
use super::GroupNames;
use super::Host;
use super::Origin;
use super::group::is_valid_name;
use super::group::valid_name;
use super::host::LOCALHOST;
use super::merge::merge_entry;
use crate::error::Error;
use crate::error::Result;
use crate::playbook::names;
use crate::value::Map;
use crate::value::Value;

/// The most hosts an inventory may have: what is beyond is a range written by mistake.
pub const MOST_HOSTS: usize = 500_000;

/// A host's position in [`Inventory::hosts`]. It stays the same as long as the inventory lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostId(pub(super) u32);

/// A group's position in [`Inventory::groups`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(pub(super) u32);

/// The group that everything is in.
pub const ALL: GroupId = GroupId(0);

/// The group of the hosts that are in no other.
pub const UNGROUPED: GroupId = GroupId(1);

/// How an inventory is kept, from the configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// What happens to letters in group names that no variable name can hold.
    pub group_names: GroupNames,
    /// Whether a dictionary set twice is merged rather than replaced (`hash_behaviour=merge`).
    pub merge_hashes: bool,
}

/// All hosts and groups.
///
/// Hosts and groups are never taken out, so positions stay. A clone is cheap: it shares what
/// neither side changes.
#[derive(Clone, Debug)]
pub struct Inventory {
    pub(super) hosts: IndexMap<Arc<str>, Arc<Host>>,
    pub(super) groups: IndexMap<Arc<str>, Arc<Group>>,
    /// What localhost is where the sources name it (the first one they name).
    localhost: Option<HostId>,
    implicit: [Arc<Host>; 3],
    pub(super) rules: Rules,
    pub(super) origin: Option<Arc<Origin>>,
    warnings: Vec<Error>,
    notes: Vec<String>,
    pub(super) warned: HashSet<Arc<str>>,
    bad_names: HashSet<Arc<str>>,
    pub(super) groups_dict: OnceLock<Arc<Map>>,
}

impl Default for Inventory {
    fn default() -> Self {
        Inventory::new(Rules::default())
    }
}

impl Inventory {
    /// An inventory of no hosts, with the groups `all` and `ungrouped`.
    pub fn new(rules: Rules) -> Self {
        let mut inventory = Inventory {
            hosts: IndexMap::new(),
            groups: IndexMap::new(),
            localhost: None,
            implicit: LOCALHOST.map(|name| Arc::new(Host::localhost(name))),
            rules,
            origin: None,
            warnings: Vec::new(),
            notes: Vec::new(),
            warned: HashSet::new(),
            bad_names: HashSet::new(),
            groups_dict: OnceLock::new(),
        };
        for name in ["all", "ungrouped"] {
            let name: Arc<str> = name.into();
            let group = Arc::new(Group::new(name.clone()));
            inventory.groups.insert(name, group);
        }
        inventory.link(ALL, UNGROUPED);
        inventory
    }

    /// The host of that name. `localhost`, `127.0.0.1` and `::1` are there even where no source
    /// names them: then they are what the sources name of the three, or an implicit host.
    pub fn host(&self, name: &str) -> Option<&Host> {
        if let Some(host) = self.hosts.get(name) {
            return Some(host);
        }
        let position = LOCALHOST.iter().position(|local| *local == name)?;
        match self.localhost {
            Some(id) => self.host_at(id),
            None => self.implicit.get(position).map(|host| &**host),
        }
    }

    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name).map(|group| &**group)
    }

    /// The hosts in the order the sources named them, without an implicit localhost.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.hosts
            .values()
            .map(|host| &**host)
            .filter(|host| !host.implicit)
    }

    /// The groups in the order the sources named them, after `all` and `ungrouped`.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values().map(|group| &**group)
    }

    /// The host at a position.
    pub fn host_at(&self, id: HostId) -> Option<&Host> {
        self.hosts.get_index(id.0 as usize).map(|(_, host)| &**host)
    }

    /// The group at a position.
    pub fn group_at(&self, id: GroupId) -> Option<&Group> {
        self.groups
            .get_index(id.0 as usize)
            .map(|(_, group)| &**group)
    }

    /// The position of a host that a source names.
    pub fn host_id(&self, name: &str) -> Option<HostId> {
        self.hosts.get_index_of(name).map(host_id)
    }

    /// The position of a group.
    pub fn group_id(&self, name: &str) -> Option<GroupId> {
        self.groups.get_index_of(name).map(group_id)
    }

    /// Adds a group unless it is there; its name may be made valid, as the rules say.
    ///
    /// # Errors
    /// The name is empty.
    pub fn add_group(&mut self, name: &str) -> Result<GroupId> {
        if name.is_empty() {
            return Err(Error::syntax("a group's name is empty"));
        }
        if let Some(id) = self.group_id(name) {
            return Ok(id);
        }
        let name = self.safe_name(name);
        if let Some(id) = self.group_id(&name) {
            return Ok(id);
        }
        self.groups_dict.take();
        let group = Arc::new(Group::new(name.clone()));
        Ok(group_id(self.groups.insert_full(name, group).0))
    }

    /// The name a group gets, with a warning where it holds what variables' names cannot.
    fn safe_name(&mut self, name: &str) -> Arc<str> {
        if is_valid_name(name) {
            return name.into();
        }
        let policy = self.rules.group_names;
        let safe = match policy.replaces() {
            true => valid_name(name).into(),
            false => Arc::from(name),
        };
        if policy.warns() && self.warned.insert(name.into()) {
            self.warn(bad_name(name, &safe));
        }
        safe
    }

    /// Adds a host unless it is there, and puts it into `group`.
    ///
    /// # Errors
    /// The name is empty, or there are too many hosts.
    pub fn add_host(&mut self, name: &str, group: Option<GroupId>) -> Result<HostId> {
        let id = match self.host_id(name) {
            Some(id) => id,
            None => self.new_host(name)?,
        };
        if let Some(group) = group {
            self.add_to_group(id, group);
        }
        Ok(id)
    }

    fn new_host(&mut self, name: &str) -> Result<HostId> {
        if name.is_empty() {
            return Err(Error::syntax("a host's name is empty"));
        }
        if self.hosts.len() >= MOST_HOSTS {
            return Err(Error::syntax(format!(
                "the inventory has more than {MOST_HOSTS} hosts"
            )));
        }
        let host = Arc::new(Host::new(name, self.origin.clone()));
        let id = host_id(self.hosts.insert_full(host.name.clone(), host).0);
        if LOCALHOST.contains(&name) {
            self.name_localhost(id, name);
        }
        Ok(id)
    }

    fn name_localhost(&mut self, id: HostId, name: &str) {
        match self.localhost.and_then(|id| self.host_at(id)) {
            None => self.localhost = Some(id),
            Some(first) => {
                let text = format!(
                    "`{name}` and `{}` are both this machine; `localhost` means the latter",
                    first.name
                );
                self.warn(Error::input(text));
            }
        }
    }

    /// Puts a host into a group, and says whether it was not there before.
    pub fn add_to_group(&mut self, host: HostId, group: GroupId) -> bool {
        let Some(entry) = self.host_mut(host) else {
            return false;
        };
        if entry.groups.contains(&group) {
            return false;
        }
        entry.groups.push(group);
        if let Some(entry) = self.group_mut(group) {
            entry.hosts.push(host);
        }
        self.groups_dict.take();
        true
    }

    /// Puts a group below another, and says whether it was not there before.
    ///
    /// # Errors
    /// The child is the parent, or above it.
    pub fn add_child(&mut self, parent: GroupId, child: GroupId) -> Result<bool> {
        let (Some(above), Some(below)) = (self.group_at(parent), self.group_at(child)) else {
            return Err(Error::bug("a group's number is of another inventory"));
        };
        if below.parents.contains(&parent) {
            return Ok(false);
        }
        if parent == child || self.ancestors(parent).contains(&child) {
            let text = format!(
                "group `{}` cannot be a child of `{}`: it is its own ancestor then",
                below.name, above.name
            );
            return Err(Error::syntax(text));
        }
        self.link(parent, child);
        Ok(true)
    }

    pub(super) fn link(&mut self, parent: GroupId, child: GroupId) {
        let Some(above) = self.group_mut(parent) else {
            return;
        };
        above.children.push(child);
        let depth = above.depth + 1;
        if let Some(below) = self.group_mut(child) {
            below.parents.push(parent);
        }
        self.deepen(child, depth);
        self.groups_dict.take();
    }

    /// Makes a group at least so deep, and all below it accordingly.
    fn deepen(&mut self, group: GroupId, mut depth: u32) {
        let mut level = vec![group];
        while !level.is_empty() {
            let mut next = Vec::new();
            for id in level {
                let Some(group) = self.group_mut(id) else {
                    continue;
                };
                if group.depth < depth {
                    group.depth = depth;
                    next.extend_from_slice(&group.children);
                }
            }
            next.sort_unstable();
            next.dedup();
            level = next;
            depth += 1;
        }
    }

    /// Sets a variable of the group or else the host called `entity`.
    ///
    /// # Errors
    /// There is no such group or host.
    pub fn set_variable(&mut self, entity: &str, key: &str, value: Value) -> Result<()> {
        if let Some(group) = self.group_id(entity) {
            self.set_group_variable(group, Value::str(key), value);
        } else if let Some(host) = self.host_id(entity) {
            self.set_host_variable(host, Value::str(key), value);
        } else {
            let text = format!("there is no group or host called `{entity}`");
            return Err(Error::input(text));
        }
        Ok(())
    }

    /// Sets a variable of a host.
    pub fn set_host_variable(&mut self, host: HostId, key: Value, value: Value) {
        let rules = self.rules;
        self.check_name(&key);
        if let Some(host) = self.host_mut(host) {
            merge_entry(
                Arc::make_mut(&mut host.vars),
                key,
                value,
                rules.merge_hashes,
            );
        }
    }

    /// Sets a variable of a group; `ansible_group_priority` sets its priority instead.
    pub fn set_group_variable(&mut self, group: GroupId, key: Value, value: Value) {
        if key.as_str() == Some("ansible_group_priority") {
            return self.set_priority(group, &value);
        }
        let rules = self.rules;
        self.check_name(&key);
        if let Some(group) = self.group_mut(group) {
            merge_entry(
                Arc::make_mut(&mut group.vars),
                key,
                value,
                rules.merge_hashes,
            );
        }
    }

    /// Warns of a name that no template can use, once for each and not without end.
    fn check_name(&mut self, key: &Value) {
        const MOST: usize = 20;
        if let Some(warning) = names::warning(key)
            && self.bad_names.insert(key.to_text().into())
        {
            return self.warn(warning);
        }
        let text = key.as_str().unwrap_or_default();
        let begins = text.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic());
        let fits = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
        if begins && text.bytes().all(fits) {
            return;
        }
        if self.bad_names.len() < MOST && self.bad_names.insert(key.to_text().into()) {
            let warning = Error::syntax(format!("`{key}` cannot be the name of a variable"))
                .at(key.place().cloned())
                .hint(
                    "a name is made of letters, digits and underscores, and begins with no digit",
                );
            self.warn(warning);
        }
    }

    fn set_priority(&mut self, group: GroupId, value: &Value) {
        let Some(priority) = whole_number(value) else {
            let name = self.group_at(group).map_or("", |group| &group.name);
            let text = format!("the priority of group `{name}` is not a number: `{value}`");
            return self.warn(Error::syntax(text).at(value.place().cloned()));
        };
        if let Some(group) = self.group_mut(group) {
            group.priority = priority;
        }
    }

    /// Notes something that is allowed but probably not meant.
    pub(super) fn warn(&mut self, warning: Error) {
        self.warnings.push(warning);
    }

    /// Notes what a user who asks for it may want to know.
    pub(super) fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    /// The notes since the last call: what `-vvv` shows.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// The warnings since the last call.
    pub fn take_warnings(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.warnings)
    }

    pub(super) fn host_mut(&mut self, id: HostId) -> Option<&mut Host> {
        let (_, host) = self.hosts.get_index_mut(id.0 as usize)?;
        Some(Arc::make_mut(host))
    }

    pub(super) fn group_mut(&mut self, id: GroupId) -> Option<&mut Group> {
        let (_, group) = self.groups.get_index_mut(id.0 as usize)?;
        Some(Arc::make_mut(group))
    }

    /// The magic variable `groups`: the names of every group's hosts. Made once for each state.
    pub fn groups_dict(&self) -> Arc<Map> {
        let make = || {
            let lists = (0..self.groups.len()).map(group_id).filter_map(|id| {
                let name = self.group_at(id)?.name.clone();
                let hosts = self.members(id);
                let names = hosts.iter().filter_map(|id| self.host_at(*id));
                let names = Value::strings(names.map(|host| host.name.clone()));
                Some((Value::str(name), names))
            });
            Arc::new(lists.collect())
        };
        self.groups_dict.get_or_init(make).clone()
    }

    /// Takes an implicit localhost in as a host that can be in groups; `all` stays without it.
    pub(super) fn adopt(&mut self, name: &str) -> Option<HostId> {
        if let Some(id) = self.host_id(name) {
            return Some(id);
        }
        let host = Arc::new(self.host(name)?.clone());
        if let Some(id) = self.host_id(&host.name) {
            return Some(id);
        }
        Some(host_id(self.hosts.insert_full(host.name.clone(), host).0))
    }
}

pub(super) fn host_id(position: usize) -> HostId {
    HostId(u32::try_from(position).unwrap_or(u32::MAX))
}

pub(super) fn group_id(position: usize) -> GroupId {
    GroupId(u32::try_from(position).unwrap_or(u32::MAX))
}

fn bad_name(name: &str, safe: &str) -> Error {
    if name == safe {
        let text =
            format!("Invalid characters were found in group names but not replaced: `{name}`");
        let hint = "such a group cannot be reached as `groups.NAME`; \
                    use letters, digits and underscores";
        return Error::input(text).hint(hint);
    }
    Error::input(format!(
        "Invalid characters were found in group names and automatically replaced: `{name}` is \
         called `{safe}`"
    ))
}

/// Python's `int(value)` for what an inventory can hold.
fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Str(text) => text.trim().parse().ok(),
        Value::Float(number) if number.is_finite() => Some(*number as i64),
        other => other.as_int(),
    }
}

//! What hosts have gathered in the run, and the names that are the same for every task.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::foreign;
use crate::error::{Error, Result};
use crate::inventory::Inventory;
use crate::template::Outside;
use crate::value::{Map, Sealed, Value};

/// What the variables need of the house around them; the executor gives it.
pub trait World: Send + Sync {
    /// What lookups may reach.
    fn outside(&self) -> &dyn Outside;

    /// Opens a sealed value.
    fn unseal(&self, sealed: &Sealed) -> Result<Value>;

    /// The Python of this machine that runs modules and plugins, where there is one.
    fn controller_python(&self) -> Option<PathBuf> {
        None
    }

    /// Tells the user something.
    fn warn(&self, warning: Error);

    /// A play begins whose playbook stands in `folder`: the `group_vars/` and `host_vars/` there
    /// count. Says whether that is news.
    fn begin_play(&self, folder: &Path) -> bool;

    /// The inventory's layers for a host, weakest first: groups, `group_vars`, the host's own,
    /// `host_vars`.
    fn inventory_layers(&self, inventory: &Inventory, host: &str) -> Result<InventoryLayers>;
}

/// Layers of the inventory with their names, weakest first.
pub type InventoryLayers = Vec<(&'static str, Arc<Map>)>;

/// What is the same in the whole run.
#[derive(Clone, Debug, Default)]
pub struct RunInfo {
    /// `playbook_dir` where no play runs.
    pub playbook_dir: PathBuf,
    /// `--check`.
    pub check: bool,
    /// A plan is made.
    pub plans: bool,
    /// `--diff`.
    pub diff: bool,
    /// How many `-v`.
    pub verbosity: u8,
    /// How many hosts at once.
    pub forks: usize,
    /// `--tags`.
    pub tags: Vec<String>,
    /// `--skip-tags`.
    pub skip_tags: Vec<String>,
    /// `--limit`.
    pub limit: Option<String>,
    /// The inventory's sources.
    pub inventory_sources: Vec<PathBuf>,
    /// The configuration file.
    pub config_file: Option<PathBuf>,
    /// Dictionaries of one name are merged over the layers (`hash_behaviour = merge`).
    pub merge_hashes: bool,
    /// Facts are variables of their own, with `ansible_` before them (`inject_facts_as_vars`).
    pub inject_facts: bool,
    /// What the command line and the configuration say of connections, by the variables' names.
    pub connection: Map,
    /// The version of the reference that is followed.
    pub version: Map,
}

/// Everything that outlives a task.
pub struct Store {
    /// What is the same in the whole run.
    pub info: RunInfo,
    /// `-e`.
    pub extra: Arc<Map>,
    /// The house around.
    pub world: Arc<dyn World>,
    inventory: RwLock<Arc<Inventory>>,
    hosts: RwLock<HashMap<Arc<str>, Arc<HostState>>>,
    /// The names that were looked for, where there are extra variables that may be misspelt.
    asked: Mutex<HashSet<String>>,
}

/// What one host has gathered.
pub struct HostState {
    /// Its name.
    pub name: Arc<str>,
    world: Arc<dyn World>,
    facts: RwLock<Facts>,
    fixed: RwLock<Map>,
    included: RwLock<Map>,
    layers: RwLock<Option<Arc<InventoryLayers>>>,
}

/// A host's facts: as modules named them, and without `ansible_`.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// As modules named them: `ansible_distribution`, `packages`.
    pub raw: Arc<Map>,
    /// As `ansible_facts` has them: `distribution`, `packages`.
    pub named: Arc<Map>,
}

impl Facts {
    /// Adds facts; gives the names of those that a host may not set as variables. They are seen in
    /// `ansible_facts` alone, where nothing reads them that decides anything.
    fn add(&mut self, facts: &Map) -> Vec<String> {
        let mut refused = Vec::new();
        let raw = Arc::make_mut(&mut self.raw);
        let named = Arc::make_mut(&mut self.named);
        for (key, value) in facts {
            let name = key.to_text();
            let is_refused = foreign::is_refused(&name);
            if is_refused {
                refused.push(name.clone());
            }
            if name.contains("discovered_interpreter_") {
                continue;
            }
            let short = name.strip_prefix("ansible_").unwrap_or(&name);
            named.set(
                if name == "ansible_local" {
                    &name
                } else {
                    short
                },
                value.clone(),
            );
            if !is_refused {
                raw.set(&name, value.clone());
            }
        }
        refused
    }
}

impl Store {
    /// A store for a run over `inventory`.
    pub fn new(
        info: RunInfo,
        extra: Arc<Map>,
        world: Arc<dyn World>,
        inventory: Inventory,
    ) -> Self {
        Store {
            info,
            extra,
            world,
            inventory: RwLock::new(Arc::new(inventory)),
            hosts: RwLock::default(),
            asked: Mutex::default(),
        }
    }

    /// Notes that a name is looked for.
    pub(super) fn note_asked(&self, name: &str) {
        if self.extra.is_empty() {
            return;
        }
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if !asked.contains(name) {
            asked.insert(name.to_owned());
        }
    }

    /// The names that were looked for; none is noted where there are no extra variables.
    pub fn asked(&self) -> HashSet<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }

    /// The inventory as it is now.
    pub fn inventory(&self) -> Arc<Inventory> {
        Arc::clone(&read(&self.inventory))
    }

    /// Changes the inventory (`add_host`, `group_by`, `refresh_inventory`).
    pub fn change_inventory<T>(&self, change: impl FnOnce(&mut Inventory) -> T) -> T {
        let changed = change(Arc::make_mut(&mut write(&self.inventory)));
        self.forget_layers();
        changed
    }

    /// A play begins whose playbook stands in `folder`.
    pub fn begin_play(&self, folder: &Path) {
        if self.world.begin_play(folder) {
            self.forget_layers();
        }
    }

    fn forget_layers(&self) {
        for host in read(&self.hosts).values() {
            *write(&host.layers) = None;
        }
    }

    /// What a host has gathered; a host that is not known yet begins with nothing.
    pub fn host(&self, name: &str) -> Arc<HostState> {
        if let Some(known) = read(&self.hosts).get(name) {
            return Arc::clone(known);
        }
        let mut hosts = write(&self.hosts);
        let name: Arc<str> = Arc::from(name);
        let world = Arc::clone(&self.world);
        Arc::clone(hosts.entry(Arc::clone(&name)).or_insert_with(|| {
            Arc::new(HostState {
                name,
                world,
                facts: RwLock::default(),
                fixed: RwLock::default(),
                included: RwLock::default(),
                layers: RwLock::default(),
            })
        }))
    }

    /// Reads all that the inventory and the files beside it say of `hosts`.
    ///
    /// # Errors
    /// A file of variables cannot be read, opened or understood; the run must not go on with
    /// what is left.
    pub fn read_layers(&self, hosts: &[Arc<str>]) -> Result<()> {
        let inventory = self.inventory();
        for name in hosts {
            self.known_layers(&inventory, &self.host(name))?;
        }
        Ok(())
    }

    /// The inventory's layers for a host, weakest first. A file that cannot be read is told once,
    /// and every question meets it anew: who goes on with what a host says has
    /// [read](Self::read_layers) its layers before.
    pub fn layers(&self, host: &HostState) -> Arc<InventoryLayers> {
        if let Some(known) = &*read(&host.layers) {
            return Arc::clone(known);
        }
        let made = self.known_layers(&self.inventory(), host);
        made.unwrap_or_else(|error| {
            self.world.warn(error);
            Arc::default()
        })
    }

    fn known_layers(
        &self,
        inventory: &Inventory,
        host: &HostState,
    ) -> Result<Arc<InventoryLayers>> {
        if let Some(known) = &*read(&host.layers) {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(self.world.inventory_layers(inventory, &host.name)?);
        *write(&host.layers) = Some(Arc::clone(&made));
        Ok(made)
    }
}

impl std::fmt::Debug for HostState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostState")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl HostState {
    /// The facts.
    pub fn facts(&self) -> Facts {
        read(&self.facts).clone()
    }

    /// Adds facts that a host told of, or that a cache kept of what it told. One that would rule
    /// the connection, becoming, an interpreter or a name of the language becomes no variable, and
    /// a warning names it (`clean_facts` of the reference's `vars/clean.py`).
    pub fn add_facts(&self, facts: &Map) {
        let refused = write(&self.facts).add(facts);
        for name in refused {
            self.world.warn(Error::input(format!(
                "Removed restricted key from module data: {name} (a fact of {} may not set it)",
                self.name
            )));
        }
    }

    /// Keeps which Python was found on the host (`discovered_interpreter_python`).
    pub fn discover(&self, path: &str) {
        const NAME: &str = "discovered_interpreter_python";
        let mut facts = write(&self.facts);
        Arc::make_mut(&mut facts.named).set(NAME, path);
        Arc::make_mut(&mut facts.raw).set(NAME, path);
    }

    /// Forgets the facts (`meta: clear_facts`), but nothing that `set_fact` and `register` kept.
    pub fn clear_facts(&self) {
        *write(&self.facts) = Facts::default();
    }

    /// Keeps a value as `set_fact` and `register` do.
    pub fn fix(&self, name: &str, value: Value) {
        write(&self.fixed).insert(Value::str(name), value);
    }

    /// The value that `set_fact` or `register` kept.
    pub fn fixed(&self, name: &str) -> Option<Value> {
        read(&self.fixed).get(name).cloned()
    }

    /// All that `set_fact` and `register` kept.
    pub fn all_fixed(&self) -> Map {
        read(&self.fixed).clone()
    }

    /// Keeps variables as `include_vars` does.
    pub fn include(&self, vars: &Map) {
        write(&self.included).extend_from(vars);
    }

    /// A variable that `include_vars` kept.
    pub fn included(&self, name: &str) -> Option<(Value, Value)> {
        read(&self.included)
            .get_entry(name)
            .map(|(key, value)| (key.clone(), value.clone()))
    }

    /// All that `include_vars` kept.
    pub fn all_included(&self) -> Map {
        read(&self.included).clone()
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

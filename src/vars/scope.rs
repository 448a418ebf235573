//! What names mean to one task on one host.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::connecting;
use super::frame::{Frame, FrameKind};
use super::level::{Definition, Level};
use super::magic;
use super::noted;
use super::play_state::PlayState;
use super::store::{HostState, Store};
use crate::error::{Error, Kind, Result};
use crate::playbook::RoleUse;
use crate::template::{Outside, Scope};
use crate::value::{Map, Sealed, Value};

/// Where a task stands: its file, for relative names.
#[derive(Clone, Debug, Default)]
pub struct Here {
    /// The file the task stands in.
    pub file: Option<PathBuf>,
    /// The module that the task names.
    pub action: Option<String>,
}

/// The names as one task on one host sees them. Cheap to clone.
#[derive(Clone)]
pub struct TaskScope {
    /// What outlives the task.
    pub store: Arc<Store>,
    /// The play, where one runs.
    pub play: Option<Arc<PlayState>>,
    /// The host.
    pub host: Arc<HostState>,
    /// What stands around the task.
    pub frame: Option<Arc<Frame>>,
    /// The loop variable and its kin.
    pub locals: Arc<Map>,
    /// Where the task stands.
    pub here: Here,
}

impl TaskScope {
    /// The names as `hostvars` shows them for a host: no play, no task.
    pub fn of_host(store: &Arc<Store>, host: &str) -> Self {
        TaskScope {
            store: Arc::clone(store),
            play: None,
            host: store.host(host),
            frame: None,
            locals: Arc::default(),
            here: Here::default(),
        }
    }

    /// The same scope with more local names.
    #[must_use]
    pub fn with_locals(&self, more: &Map) -> Self {
        let mut locals = (*self.locals).clone();
        locals.extend_from(more);
        TaskScope {
            locals: Arc::new(locals),
            ..self.clone()
        }
    }

    /// As a template wants it.
    pub fn shared(&self) -> Arc<dyn Scope> {
        Arc::new(self.clone())
    }

    /// The folder of the playbook.
    pub fn playbook_dir(&self) -> &Path {
        match &self.play {
            Some(play) => &play.folder,
            None => &self.store.info.playbook_dir,
        }
    }

    /// The definitions of a name, strongest first.
    pub fn definitions(&self, name: &str) -> Vec<Definition> {
        let mut found = Vec::new();
        self.each_definition(name, &mut |definition| {
            found.push(definition);
            true
        });
        found
    }

    /// `environment` of the task, outermost first, as written.
    pub(super) fn environment(&self) -> Vec<Value> {
        let Some(frame) = &self.frame else {
            return Vec::new();
        };
        frame
            .keywords_of("environment")
            .iter()
            .map(|entry| entry.value.clone())
            .collect()
    }

    /// Shows the definitions of a name to `take`, strongest first, until it says enough.
    fn each_definition(&self, name: &str, take: &mut dyn FnMut(Definition) -> bool) -> bool {
        self.store.note_asked(name);
        let mut found = |level: Level, map: &Map| match map.get_entry(name) {
            None => true,
            Some((key, value)) => take(Definition {
                level,
                key: key.clone(),
                value: value.clone(),
            }),
        };
        if !found(Level::Loop, &self.locals) {
            return false;
        }
        if let Some(value) = magic::value(self, name)
            && !found(Level::Magic, &single(name, value))
        {
            return false;
        }
        found(Level::Extra, &self.store.extra)
            && self.above_play(&mut found, name)
            && self.play_layers(&mut found)
            && self.host_layers(&mut found, name)
            && self.role_defaults(&mut found)
    }

    /// From the include parameters down to the block vars.
    fn above_play(&self, found: &mut dyn FnMut(Level, &Map) -> bool, name: &str) -> bool {
        let frames = || self.frame.iter().flat_map(|frame| frame.upward());
        for frame in frames() {
            let is_params = matches!(frame.kind, FrameKind::Include);
            if is_params && !found(Level::IncludeParams, &frame.vars) {
                return false;
            }
        }
        for role in self.roles() {
            if !found(Level::RoleParams, &role.params) {
                return false;
            }
        }
        if let Some(value) = self.host.fixed(name)
            && !found(Level::SetFacts, &single(name, value))
        {
            return false;
        }
        if let Some((key, value)) = self.host.included(name)
            && !found(Level::IncludeVars, &std::iter::once((key, value)).collect())
        {
            return false;
        }
        for frame in frames() {
            let level = match &frame.kind {
                FrameKind::Task => Level::TaskVars,
                FrameKind::Block => Level::BlockVars,
                // Those of `import_role`, which is a block of the role's tasks.
                FrameKind::Role(role) if role.by_task => Level::BlockVars,
                _ => continue,
            };
            if !found(level, &frame.vars) {
                return false;
            }
        }
        true
    }

    /// From the role vars down to the play vars.
    fn play_layers(&self, found: &mut dyn FnMut(Level, &Map) -> bool) -> bool {
        for role in self.roles_for_vars() {
            // The `vars` of a `roles:` entry are its own: the play does not see them.
            let around = self.roles().any(|one| Arc::ptr_eq(one, &role));
            let goes_on = role.by_task || !around || found(Level::RoleVars, &role.vars);
            if !goes_on || !found(Level::RoleVars, &role.role.vars) {
                return false;
            }
        }
        let Some(play) = &self.play else {
            return true;
        };
        for files in play.files(&self.host.name).iter().rev() {
            if !found(Level::PlayFiles, files) {
                return false;
            }
        }
        if !found(Level::PlayPrompts, &play.prompts) {
            return false;
        }
        for around in &play.play.around {
            if !found(Level::PlayVars, &around.vars) {
                return false;
            }
        }
        found(Level::PlayVars, &play.play.vars)
    }

    /// Facts and the inventory.
    fn host_layers(&self, found: &mut dyn FnMut(Level, &Map) -> bool, name: &str) -> bool {
        let facts = self.host.facts();
        if name == "ansible_facts" {
            let named = Value::Map(Arc::clone(&facts.named));
            if !found(Level::Facts, &single(name, named)) {
                return false;
            }
        }
        let injected = self.store.info.inject_facts || name == "ansible_local";
        if injected && !found(Level::Facts, &facts.raw) {
            return false;
        }
        for (level, vars) in self.store.layers(&self.host).iter().rev() {
            if !found(Level::Inventory(level), vars) {
                return false;
            }
        }
        true
    }

    fn role_defaults(&self, found: &mut dyn FnMut(Level, &Map) -> bool) -> bool {
        self.roles_for_defaults()
            .iter()
            .all(|role| found(Level::RoleDefaults, &role.role.defaults))
    }

    /// The roles around the task, innermost first.
    fn roles(&self) -> impl Iterator<Item = &Arc<RoleUse>> {
        self.frame.iter().flat_map(|frame| frame.roles())
    }

    /// The roles around the task, innermost first, then those the whole play sees, latest first.
    fn all_roles(&self) -> Vec<Arc<RoleUse>> {
        let mut roles: Vec<Arc<RoleUse>> = self.roles().cloned().collect();
        if let Some(play) = &self.play {
            roles.extend(play.roles().into_iter().rev());
        }
        roles
    }

    /// As [`all_roles`](Self::all_roles), with what the innermost role depends on behind it: its
    /// variables are seen there, stronger than those of the roles around.
    fn roles_for_vars(&self) -> Vec<Arc<RoleUse>> {
        let mut roles = self.all_roles();
        if let Some(role) = self.roles().next() {
            roles.splice(1..1, role.all_dependencies().into_iter().rev());
        }
        roles
    }

    /// As [`all_roles`](Self::all_roles), with what the innermost role depends on behind all roles
    /// around.
    fn roles_for_defaults(&self) -> Vec<Arc<RoleUse>> {
        let mut roles = self.all_roles();
        if let Some(role) = self.roles().next() {
            let around = self.roles().count();
            roles.splice(around..around, role.all_dependencies().into_iter().rev());
        }
        roles
    }

    /// Says whether the host is this machine without the inventory naming it.
    pub(super) fn is_implicit(&self) -> bool {
        let inventory = self.store.inventory();
        match inventory.host(&self.host.name) {
            Some(host) => host.implicit,
            None => crate::inventory::LOCALHOST.contains(&&*self.host.name),
        }
    }

    /// The folders that relative names of files are relative to, in order.
    pub fn search_roots(&self) -> Vec<PathBuf> {
        let mut roots: Vec<PathBuf> = Vec::new();
        let mut add = |path: PathBuf| {
            let path = absolute(path);
            if !roots.contains(&path) {
                roots.push(path);
            }
        };
        for role in self.roles() {
            add(role.role.path.clone());
        }
        if let Some(folder) = self.here.file.as_deref().and_then(Path::parent) {
            add(folder.to_owned());
        }
        add(self.playbook_dir().to_owned());
        roots
    }

    fn candidates(&self, kind: &str, name: &str) -> Vec<PathBuf> {
        let name = expand_home(name);
        if name.is_absolute() {
            return vec![name];
        }
        let mut places = Vec::new();
        for folder in self.search_path(kind) {
            let doubled = folder.ends_with(kind) && name.starts_with(kind);
            if !doubled {
                places.push(folder.join(&name));
            }
        }
        places
    }
}

impl Scope for TaskScope {
    fn variable(&self, name: &str) -> Option<Value> {
        if name == "vars" {
            self.deprecate(
                "The internal \"vars\" dictionary is deprecated. Use the `vars` and `varnames` lookups instead."
                    .to_owned(),
            );
        }
        if self.store.info.merge_hashes {
            return self.merged(name);
        }
        let mut winner = None;
        self.each_definition(name, &mut |definition| {
            winner = Some(definition.value);
            false
        });
        winner.or_else(|| match name {
            "ansible_facts" => Some(Value::map(Map::new())),
            "ansible_connection" if self.frame.is_none() && self.is_implicit() => {
                Some("local".into())
            }
            "ansible_python_interpreter" if self.is_implicit() => {
                Some(magic::controller_python().into())
            }
            // What some lookups ask of the task; the reference shows it to nobody else.
            "_task" => {
                let action = self.here.action.as_deref()?;
                Some(Value::map(crate::entries! { "action" => action }))
            }
            _ => connecting::value(self, name),
        })
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = magic::NAMES
            .iter()
            .filter(|name| magic::value(self, name).is_some())
            .map(|name| (*name).to_owned())
            .collect();
        self.each_map(&mut |map| names.extend(map.keys().map(Value::to_text)));
        names.sort();
        names.dedup();
        names
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Value> {
        self.store.world.unseal(sealed)
    }

    fn find(&self, kind: &str, name: &str) -> Result<PathBuf> {
        let places = self.candidates(kind, name);
        if let Some(found) = places.iter().find(|place| place.exists()) {
            return Ok(found.clone());
        }
        let looked: Vec<String> = places.iter().map(|place| magic::path_text(place)).collect();
        let near = places.iter().find_map(|place| similar_beside(place));
        let near = near.map(|near| format!("{near} ")).unwrap_or_default();
        Err(Error::input(format!(
            "Could not find or access '{name}' on the Ansible Controller."
        ))
        .hint(format!("{near}looked for {}", looked.join(", "))))
    }

    fn search_path(&self, kind: &str) -> Vec<PathBuf> {
        let mut places = Vec::new();
        for root in self.search_roots() {
            if root.ends_with("tasks")
                && let Some(role) = root.parent()
            {
                places.push(role.join(kind));
            }
            places.push(root.join(kind));
            places.push(root);
        }
        places.dedup();
        places
    }

    fn outside(&self) -> &dyn Outside {
        self.store.world.outside()
    }

    fn warn(&self, message: String) {
        noted::warning(&message);
        self.store.world.warn(Error::input(message));
    }

    fn deprecate(&self, message: String) {
        noted::deprecation(crate::entries! { "msg" => message.as_str() });
        self.store.world.warn(Error::new(Kind::Deprecated, message));
    }

    fn deprecate_as(&self, mut told: Map) {
        let text = told.remove("text").map(|text| text.to_text());
        noted::deprecation(told);
        let warning = Error::new(Kind::Deprecated, text.unwrap_or_default());
        self.store.world.warn(warning);
    }
}

impl TaskScope {
    /// The value under `hash_behaviour = merge`: dictionaries of all layers, the strongest on top.
    fn merged(&self, name: &str) -> Option<Value> {
        let mut definitions = self.definitions(name);
        definitions
            .retain(|definition| definition.level != Level::Facts || name != "ansible_facts");
        let mut values = definitions
            .into_iter()
            .map(|definition| definition.value)
            .rev();
        let mut result = values.next()?;
        for value in values {
            result = merge(&result, value);
        }
        Some(result)
    }

    /// Shows every map of variables.
    fn each_map(&self, take: &mut dyn FnMut(&Map)) {
        take(&self.locals);
        take(&self.store.extra);
        for frame in self.frame.iter().flat_map(|frame| frame.upward()) {
            take(&frame.vars);
        }
        take(&self.host.all_fixed());
        take(&self.host.all_included());
        for role in self.roles_for_vars() {
            take(&role.params);
            take(&role.vars);
            take(&role.role.vars);
            take(&role.role.defaults);
        }
        if let Some(play) = &self.play {
            play.files(&self.host.name)
                .iter()
                .for_each(|files| take(files));
            take(&play.prompts);
            take(&play.play.vars);
        }
        take(&single("ansible_facts", Value::Null));
        take(&self.host.facts().raw);
        self.store
            .layers(&self.host)
            .iter()
            .for_each(|(_, vars)| take(vars));
    }
}

/// Merges dictionaries at every depth; anything else replaces.
fn merge(weak: &Value, strong: Value) -> Value {
    let (Value::Map(weak), Value::Map(over)) = (weak, &strong) else {
        return strong;
    };
    let mut merged = (**weak).clone();
    for (key, value) in &**over {
        let value = match merged.get_value(key) {
            Some(below) => merge(below, value.clone()),
            None => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    Value::map(merged)
}

fn single(name: &str, value: Value) -> Map {
    std::iter::once((Value::str(name), value)).collect()
}

/// A path from the root; an empty one is the current folder.
pub(super) fn absolute(path: PathBuf) -> PathBuf {
    let full = match path.as_os_str().is_empty() {
        true => std::env::current_dir(),
        false => std::path::absolute(&path),
    };
    full.unwrap_or(path)
}

/// A leading `~` as the controller's user's home.
fn expand_home(name: &str) -> PathBuf {
    match (name.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(name),
    }
}

/// The name of a file beside a missing one that is nearly the same.
fn similar_beside(missing: &Path) -> Option<String> {
    let wanted = missing.file_name()?.to_str()?;
    let entries = std::fs::read_dir(missing.parent()?).ok()?;
    let names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    crate::error::nearest(wanted, names.iter().map(String::as_str))
}

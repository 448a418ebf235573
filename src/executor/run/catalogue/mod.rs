//! The modules there are: those of the house, and custom ones in `library/`.

pub mod elsewhere;
mod groups;
pub mod rejected;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result, nearest, of_collection};
use crate::modules::{self, Module};
use crate::playbook::short_name;
use crate::python::{PluginKind, Python};

/// The actions that are words of the language and not modules.
pub const LANGUAGE: &[&str] = &[
    "import_playbook",
    "import_role",
    "import_tasks",
    "include_role",
    "include_tasks",
    "include_vars",
    "meta",
    "validate_argument_spec",
];

/// What a task's name for its module means.
#[derive(Clone, Debug)]
pub enum Action {
    /// A module of the house.
    Module(&'static Module),
    /// An executable of the user's.
    Custom(Arc<Custom>),
    /// A word of the language.
    Language(&'static str),
}

impl Action {
    /// The name with its collection, where it has one.
    pub fn full_name(&self) -> String {
        match self {
            Action::Module(module) => format!("{}.{}", module.collection, module.name),
            Action::Custom(custom) => custom.full_name.clone(),
            Action::Language(word) => format!("ansible.builtin.{word}"),
        }
    }
}

/// An executable that is a module by Ansible's conventions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Custom {
    /// The name.
    pub name: String,
    /// The name with its collection, where it has one.
    pub full_name: String,
    /// The name before `meta/runtime.yml` sent it elsewhere, where it did: what a module is told.
    pub asked: Option<String>,
    /// The file.
    pub path: PathBuf,
    /// The folders `module_utils/` of roles and playbook, for one in Python.
    pub utils: Vec<PathBuf>,
    /// The action plugin that does it, by its full name, where there is one.
    pub action: Option<String>,
    /// The folders of the roles around.
    pub folders: Vec<PathBuf>,
    /// The `collections:` around, which an action plugin looks through too.
    pub collections: Vec<String>,
    /// What the user should know of it: that it is deprecated.
    pub notes: Vec<String>,
}

/// Where modules are looked for.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// `library` of the configuration, and `library/` beside the playbook.
    pub libraries: Vec<PathBuf>,
    /// `collections_path`.
    pub collections: Vec<PathBuf>,
    /// Where collections in Python are, those of the interpreter's own too.
    pub python: Arc<Python>,
    /// The modules that `plugin_filters_cfg` rejects.
    pub rejected: Vec<String>,
}

impl Catalogue {
    /// What `name` means in a task with these roles around it (their folders, innermost first) and
    /// these `collections:`.
    ///
    /// # Errors
    /// There is no such module.
    pub fn find(&self, name: &str, roles: &[&Path], collections: &[String]) -> Result<Action> {
        match self.find_alone(name, roles, collections)? {
            Action::Custom(custom) if !collections.is_empty() => {
                let custom = Custom {
                    collections: collections.to_vec(),
                    ..Custom::clone(&custom)
                };
                Ok(Action::Custom(Arc::new(custom)))
            }
            action => Ok(action),
        }
    }

    fn find_alone(&self, name: &str, roles: &[&Path], collections: &[String]) -> Result<Action> {
        if let Some(word) = LANGUAGE.iter().find(|word| **word == short_name(name)) {
            return Ok(Action::Language(word));
        }
        if self.rejected.iter().any(|name_| name_ == short_name(name)) {
            return Err(Error::syntax(format!(
                "couldn't resolve module/action '{name}': it is in the list of rejected modules"
            ))
            .hint("the setting `plugin_filters_cfg` names the file of that list"));
        }
        // `ansible.legacy.copy` is what `copy` is: one's own `library/` first.
        let name = name.strip_prefix("ansible.legacy.").unwrap_or(name);
        // Collections that are named come before what the controller has, as far as they stand before it.
        let bare = !name.contains('.');
        let own = |name: &&String| *name == "ansible.builtin" || *name == "ansible.legacy";
        let before = collections.iter().take_while(|name| bare && !own(name));
        for collection in before {
            if let Some(action) = self.of_collection(&format!("{collection}.{name}"), roles)? {
                return Ok(action);
            }
        }
        if let Some(custom) = self.custom(name, roles) {
            return Ok(Action::Custom(custom));
        }
        let full = collections
            .iter()
            .map(|collection| format!("{collection}.{name}"));
        let home = elsewhere::full_name(short_name(name));
        let names = std::iter::once(name.to_owned())
            .chain(full)
            .chain(home.clone());
        for candidate in names {
            if let Some(action) = self.of_collection(&candidate, roles)? {
                return Ok(action);
            }
        }
        if let Some(action) = self.of_core(name, roles) {
            return Ok(action);
        }
        if let Some(action) = self.own_action(name, roles) {
            // An action plugin needs no module of its name.
            return Ok(Action::Custom(Arc::new(Custom {
                name: name.to_owned(),
                full_name: name.to_owned(),
                folders: roles.iter().map(|role| (*role).to_owned()).collect(),
                action: Some(action),
                ..Custom::default()
            })));
        }
        let full = home.as_deref().unwrap_or(name);
        if full.matches('.').count() >= 2 {
            let what = format!("the module `{full}`");
            if self.python.ask_for_shelf(&what)
                && let Some(action) = self.on_the_shelf(full, roles)?
            {
                return Ok(action);
            }
        }
        Err(match home {
            Some(home) => self.not_in_collection(name, &home),
            None if name.matches('.').count() >= 2 => self.not_in_collection(name, name),
            None => unknown(name),
        })
    }

    /// What a full name means: something built in, or a module that a collection brings.
    fn of_collection(&self, name: &str, roles: &[&Path]) -> Result<Option<Action>> {
        if let Some(module) = modules::find(name) {
            return Ok(Some(Action::Module(module)));
        }
        if let Some(action) = self.on_the_shelf(name, roles)? {
            return Ok(Some(action));
        }
        Ok(self.in_collection(name).map(Action::Custom))
    }

    fn custom(&self, name: &str, roles: &[&Path]) -> Option<Arc<Custom>> {
        if name.contains(['.', '/']) {
            return None;
        }
        let own = roles.iter().map(|role| role.join("library"));
        let folders = own.chain(self.libraries.iter().cloned());
        let found = folders
            .filter_map(|folder| executable(&folder, name, name))
            .next();
        found.map(|custom| {
            Arc::new(Custom {
                utils: self.utils(roles),
                folders: roles.iter().map(|role| (*role).to_owned()).collect(),
                action: self.own_action(name, roles),
                ..Custom::clone(&custom)
            })
        })
    }

    /// Whether a file could hold a lookup of that name: one of a collection, or one beside the
    /// playbook or a role.
    pub fn may_have_lookup(&self, name: &str, roles: &[&Path]) -> bool {
        let beside = self.libraries.iter().filter_map(|library| library.parent());
        let mut all = roles.iter().copied().chain(beside);
        name.contains('.') || all.any(|folder| folder.join("lookup_plugins").is_dir())
    }

    /// An action plugin of the user's own: in `action_plugins/` of a role or beside the playbook.
    fn own_action(&self, name: &str, roles: &[&Path]) -> Option<String> {
        let beside = self.libraries.iter().filter_map(|library| library.parent());
        let mut folders = roles.iter().copied().chain(beside);
        let file = format!("action_plugins/{name}.py");
        folders
            .any(|folder| folder.join(&file).is_file())
            .then(|| name.to_owned())
    }

    /// A module in Python of a collection, or what its `meta/runtime.yml` sends its name to.
    fn on_the_shelf(&self, name: &str, roles: &[&Path]) -> Result<Option<Action>> {
        if name.matches('.').count() < 2 {
            return Ok(None);
        }
        let shelf = self.python.shelf();
        let route = shelf.route(PluginKind::Module, name)?;
        if let Some(module) = modules::find(&route.name).filter(|_| route.name != name) {
            return Ok(Some(Action::Module(module)));
        }
        let action = shelf.action_of(&route.name);
        let Some(path) = shelf.file(PluginKind::Module, &route.name).or_else(|| {
            // An action plugin needs no module of its name.
            action
                .as_deref()
                .and_then(|name| shelf.file(PluginKind::Action, name))
        }) else {
            return Ok(None);
        };
        Ok(Some(Action::Custom(Arc::new(Custom {
            name: short_name(&route.name).to_owned(),
            full_name: route.name.clone(),
            asked: (route.name != name).then(|| name.to_owned()),
            path,
            utils: self.utils(roles),
            folders: roles.iter().map(|role| (*role).to_owned()).collect(),
            action,
            notes: route.notes,
            ..Custom::default()
        }))))
    }

    /// A module of ansible-core's own that is not built in.
    fn of_core(&self, name: &str, roles: &[&Path]) -> Option<Action> {
        let short = short_name(name);
        if short.contains('.') {
            return None;
        }
        let full_name = format!("ansible.builtin.{short}");
        let shelf = self.python.shelf();
        let path = shelf.file(PluginKind::Module, &full_name)?;
        Some(Action::Custom(Arc::new(Custom {
            name: short.to_owned(),
            path,
            utils: self.utils(roles),
            action: shelf.action_of(&full_name),
            full_name,
            ..Custom::default()
        })))
    }

    /// The folders `module_utils/` of roles, playbook and configuration.
    fn utils(&self, roles: &[&Path]) -> Vec<PathBuf> {
        let beside = self.libraries.iter().filter_map(|library| library.parent());
        let all = roles.iter().copied().chain(beside);
        let folders = all.map(|folder| folder.join("module_utils"));
        let folders = folders.chain(self.python.utils().iter().cloned());
        folders.filter(|folder| folder.is_dir()).collect()
    }

    /// The error for a module, `full` by its full name: its collection is not there, or has no such module.
    fn not_in_collection(&self, name: &str, full: &str) -> Error {
        let error = not_resolved(name);
        let built: Vec<String> = modules::ALL
            .iter()
            .map(|module| format!("{}.{}", module.collection, module.name))
            .collect();
        if let Some(near) = nearest(full, built.iter().map(String::as_str)) {
            return error.hint(near);
        }
        let mut parts = full.splitn(3, '.');
        let (namespace, collection) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let is_it = match full == name {
            true => String::new(),
            false => format!("it is `{full}`: "),
        };
        let installed = self.installed(namespace, collection);
        let collection = format!("{namespace}.{collection}");
        let hint = of_collection(&collection, installed.as_deref(), "such module");
        error.hint(is_it + &hint)
    }

    /// Where a collection is.
    fn installed(&self, namespace: &str, collection: &str) -> Option<PathBuf> {
        let folder = Path::new("ansible_collections")
            .join(namespace)
            .join(collection);
        let mut places = self.collections.iter().map(|root| root.join(&folder));
        places
            .find(|place| place.is_dir())
            .or_else(|| self.python.shelf().collection(namespace, collection))
    }

    fn in_collection(&self, name: &str) -> Option<Arc<Custom>> {
        let mut parts = name.splitn(3, '.');
        let (namespace, collection, module) = (parts.next()?, parts.next()?, parts.next()?);
        self.collections.iter().find_map(|root| {
            let folder = root
                .join("ansible_collections")
                .join(namespace)
                .join(collection);
            executable(&folder.join("plugins/modules"), module, name)
        })
    }
}

/// A file called `name`, or `name.` and an ending, in a folder.
fn executable(folder: &Path, name: &str, full_name: &str) -> Option<Arc<Custom>> {
    // Most of these folders are not there, and every task asks several times.
    if !folder.is_dir() {
        return None;
    }
    let endings = ["", ".py", ".sh", ".pl", ".rb"];
    let path = endings
        .iter()
        .map(|ending| folder.join(format!("{name}{ending}")))
        .find(|path| path.is_file())?;
    Some(Arc::new(Custom {
        name: name.to_owned(),
        full_name: full_name.to_owned(),
        path,
        ..Custom::default()
    }))
}

/// The reference's words for a module that nobody knows.
fn not_resolved(name: &str) -> Error {
    Error::syntax(format!("couldn't resolve module/action '{name}'"))
}

fn unknown(name: &str) -> Error {
    let names = modules::ALL
        .iter()
        .flat_map(|module| std::iter::once(&module.name).chain(module.aliases))
        .chain(LANGUAGE)
        .copied();
    if short_name(name) == "include" {
        return Error::syntax("the 'ansible.builtin.include' action plugin has been removed")
            .hint("use `include_tasks` or `import_tasks` instead");
    }
    let error = not_resolved(name);
    match nearest(short_name(name), names) {
        Some(hint) => error.hint(hint),
        None => error.hint("`play doc -l` lists the modules there are"),
    }
}

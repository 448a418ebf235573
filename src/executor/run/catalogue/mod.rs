//! The modules there are: those of the house, and custom ones in `library/`.

pub mod elsewhere;
mod groups;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result, nearest};
use crate::modules::{self, Module};
use crate::playbook::short_name;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custom {
    /// The name.
    pub name: String,
    /// The name with its collection, where it has one.
    pub full_name: String,
    /// The file.
    pub path: PathBuf,
}

/// Where modules are looked for.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// `library` of the configuration, and `library/` beside the playbook.
    pub libraries: Vec<PathBuf>,
    /// `collections_path`.
    pub collections: Vec<PathBuf>,
}

impl Catalogue {
    /// What `name` means in a task with these roles around it (their folders, innermost first) and
    /// these `collections:`.
    ///
    /// # Errors
    /// There is no such module.
    pub fn find(&self, name: &str, roles: &[&Path], collections: &[String]) -> Result<Action> {
        if let Some(word) = LANGUAGE.iter().find(|word| **word == short_name(name)) {
            return Ok(Action::Language(word));
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
            if let Some(module) = modules::find(&candidate) {
                return Ok(Action::Module(module));
            }
            if let Some(custom) = self.in_collection(&candidate) {
                return Ok(Action::Custom(custom));
            }
        }
        Err(home.map_or_else(|| unknown(name), |home| not_built(&home)))
    }

    fn custom(&self, name: &str, roles: &[&Path]) -> Option<Arc<Custom>> {
        if name.contains(['.', '/']) {
            return None;
        }
        let own = roles.iter().map(|role| role.join("library"));
        let folders = own.chain(self.libraries.iter().cloned());
        folders
            .filter_map(|folder| executable(&folder, name, name))
            .next()
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
    let endings = ["", ".py", ".sh", ".pl", ".rb"];
    let path = endings
        .iter()
        .map(|ending| folder.join(format!("{name}{ending}")))
        .find(|path| path.is_file())?;
    Some(Arc::new(Custom {
        name: name.to_owned(),
        full_name: full_name.to_owned(),
        path,
    }))
}

fn not_built(name: &str) -> Error {
    Error::syntax(format!("the module `{name}` is not built"))
        .hint("an executable of that name in `library/` can do its work; `play doc -l` lists what there is")
}

fn unknown(name: &str) -> Error {
    let names = modules::ALL
        .iter()
        .flat_map(|module| std::iter::once(&module.name).chain(module.aliases))
        .chain(LANGUAGE)
        .copied();
    let error = Error::syntax(format!("unknown module `{name}`"));
    if short_name(name) == "include" {
        return error
            .hint("`include` is gone from the language: write `include_tasks` or `import_tasks`");
    }
    match nearest(short_name(name), names) {
        Some(hint) => error.hint(hint),
        None => error.hint("`play doc -l` lists the modules there are"),
    }
}

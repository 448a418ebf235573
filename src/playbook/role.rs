//! A role, and one use of it.

use std::path::PathBuf;
use std::sync::Arc;

use super::block::Node;
use super::keywords::Keywords;
use crate::error::Place;
use crate::value::{Map, Value};

/// What a role's folder holds, read with certain `…_from` files.
#[derive(Debug)]
pub struct Role {
    /// The name, with its collection where it has one.
    pub name: String,
    /// The folder.
    pub path: PathBuf,
    /// The collection it belongs to.
    pub collection: Option<String>,
    /// `defaults/main.yml`.
    pub defaults: Arc<Map>,
    /// `vars/main.yml`.
    pub vars: Arc<Map>,
    /// `tasks/main.yml`.
    pub tasks: Vec<Node>,
    /// `handlers/main.yml`.
    pub handlers: Vec<Node>,
    /// The roles it depends on, in order.
    pub dependencies: Vec<Arc<RoleUse>>,
    /// `allow_duplicates` of `meta/main.yml`.
    pub allow_duplicates: bool,
    /// `meta/argument_specs.yml`, for the entry that is used.
    pub argument_spec: Option<Arc<Map>>,
    /// The entry's name: `main`, or what `tasks_from` says.
    pub entry: String,
    /// `collections` of `meta/main.yml`.
    pub collections: Vec<String>,
}

/// One use of a role: an entry of `roles:`, a dependency, `import_role`, `include_role`.
#[derive(Debug)]
pub struct RoleUse {
    /// The role.
    pub role: Arc<Role>,
    /// The parameters: keys of the entry that are no keywords.
    pub params: Arc<Map>,
    /// The keywords of the entry.
    pub keywords: Keywords,
    /// `vars` of the entry.
    pub vars: Arc<Map>,
    /// Whether its defaults and vars are seen by the whole play.
    pub public: bool,
    /// Whether it may run again for a host that it ran for with the same parameters.
    pub allow_duplicates: bool,
    /// Whether its arguments are checked against its specification.
    pub validate: bool,
    /// Whether a task (`import_role`, `include_role`) made the use: its `vars` are then parameters.
    pub by_task: bool,
    /// Whether its name is made of values that are not to be told (`no_log`).
    pub hidden: bool,
    /// Where the use stands.
    pub place: Place,
}

/// Which files of a role are used, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct From {
    /// `tasks_from`
    pub tasks: Option<String>,
    /// `vars_from`
    pub vars: Option<String>,
    /// `defaults_from`
    pub defaults: Option<String>,
    /// `handlers_from`
    pub handlers: Option<String>,
}

impl Role {
    /// The name, with the collection it was found in.
    pub fn full_name(&self) -> String {
        full_name(&self.name, self.collection.as_deref())
    }

    /// The name without its collection; one that is a path stays as it is written.
    pub fn short_name(&self) -> &str {
        short_name(&self.name, self.collection.as_deref())
    }
}

/// A role's name with the collection it was found in.
pub(super) fn full_name(name: &str, collection: Option<&str>) -> String {
    match collection {
        Some(collection) if !name.starts_with(&format!("{collection}.")) => {
            format!("{collection}.{name}")
        }
        _ => name.to_owned(),
    }
}

/// A role's name without its collection; one that is a path stays as it is written.
pub(super) fn short_name<'a>(name: &'a str, collection: Option<&str>) -> &'a str {
    match collection {
        Some(_) => name.rsplit('.').next().unwrap_or(name),
        None => name,
    }
}

impl RoleUse {
    /// The name of the task that checks the arguments, where there is a specification.
    pub fn validation_name(&self) -> Option<String> {
        let spec = self.role.argument_spec.as_ref()?;
        let entry = &self.role.entry;
        let short = spec.get("short_description").map(Value::to_text);
        let more = short.map(|short| format!(" - {short}")).unwrap_or_default();
        Some(format!(
            "Validating arguments against arg spec '{entry}'{more}"
        ))
    }

    /// The roles that this one depends on, at every depth, each after those that it depends on.
    pub fn all_dependencies(&self) -> Vec<Arc<RoleUse>> {
        let direct = self.role.dependencies.iter();
        direct
            .flat_map(|inner| {
                let mut all = inner.all_dependencies();
                all.push(Arc::clone(inner));
                all
            })
            .collect()
    }

    /// What makes two uses the same for `allow_duplicates`: the role, its parameters, vars, tags
    /// and conditions, and whether a task makes the use.
    pub fn key(&self) -> String {
        let (path, entry) = (self.role.path.display(), &self.role.entry);
        let mut key = format!("{path}\0{entry}\0{}", self.by_task);
        for map in [&self.params, &self.vars] {
            key.push('\0');
            key.push_str(&Value::Map(Arc::clone(map)).repr());
        }
        for name in ["when", "tags"] {
            key.push('\0');
            if let Some(value) = self.keywords.value(name) {
                key.push_str(&value.repr());
            }
        }
        key
    }
}

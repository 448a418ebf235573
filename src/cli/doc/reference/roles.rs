//! Roles and the specifications of their arguments: those of roles' folders, and those of collections.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::World;
use crate::cli::terminal;
use crate::error::{Error, Result};
use crate::value::{Map, Value};
use crate::yaml;

const SPECS: [&str; 6] = [
    "argument_specs.yml",
    "argument_specs.yaml",
    "argument_specs.json",
    "main.yml",
    "main.yaml",
    "main.json",
];

/// A role that may have specifications.
struct Role {
    name: String,
    collection: Option<String>,
    /// The folder of the role, or of its collection.
    path: PathBuf,
}

impl Role {
    fn full_name(&self) -> String {
        match &self.collection {
            Some(collection) => format!("{collection}.{}", self.name),
            None => self.name.clone(),
        }
    }

    fn meta(&self) -> PathBuf {
        match &self.collection {
            Some(_) => self.path.join("roles").join(&self.name).join("meta"),
            None => self.path.join("meta"),
        }
    }

    /// The entry points, each with its specification.
    fn specs(&self) -> Result<Map> {
        let specs = read_first(&self.meta(), &SPECS)?;
        match specs.get("argument_specs") {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Map(map)) => Ok((**map).clone()),
            Some(_) => Err(Error::syntax("`argument_specs` is not a dictionary")),
        }
    }
}

/// The first of some files that is there; an empty one is an empty dictionary.
fn read_first(folder: &Path, names: &[&str]) -> Result<Map> {
    let mut files = names.iter().map(|name| folder.join(name));
    let Some(file) = files.find(|file| file.exists()) else {
        return Ok(Map::new());
    };
    let bytes = std::fs::read(&file).map_err(|error| {
        Error::input(format!("failed to read `{}`", file.display())).because(error)
    })?;
    let source = yaml::decode(&bytes, &file)?;
    match yaml::load(&source, &yaml::Options::data())?.root.value() {
        Value::Null => Ok(Map::new()),
        Value::Map(map) => Ok((**map).clone()),
        _ => Err(Error::syntax(format!(
            "`{}` is not a dictionary",
            file.display()
        ))),
    }
}

/// The names of a folder's folders that hold one of the files.
fn with_specs(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let has = |entry: &std::fs::DirEntry| {
        let meta = entry.path().join("meta");
        SPECS.iter().any(|name| meta.join(name).exists())
    };
    let names = entries.filter(has).map(|entry| entry.file_name());
    let mut names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Every role of the folders of roles, the first of a name; with `names` those alone.
fn of_folders(world: &World, names: Option<&[String]>) -> Vec<Role> {
    let mut found: BTreeMap<String, Role> = BTreeMap::new();
    for folder in &world.roles {
        for name in with_specs(folder) {
            if names.is_none_or(|names| names.contains(&name)) {
                let role = Role {
                    name: name.clone(),
                    collection: None,
                    path: folder.join(&name),
                };
                found.entry(name).or_insert(role);
            }
        }
    }
    found.into_values().collect()
}

/// Every role of the collections. A name may be full or not.
fn of_collections(world: &World, filter: Option<&[String]>, names: Option<&[String]>) -> Vec<Role> {
    let mut found = Vec::new();
    for (collection, path) in world.python.collections() {
        if filter.is_some_and(|filter| !filter.contains(&collection)) {
            continue;
        }
        for name in with_specs(&path.join("roles")) {
            let full = format!("{collection}.{name}");
            if names.is_none_or(|names| names.contains(&name) || names.contains(&full)) {
                found.push(Role {
                    name,
                    collection: Some(collection.clone()),
                    path: path.clone(),
                });
            }
        }
    }
    found
}

/// The specifications of a role; one that cannot be read is an error or a warning.
fn read(role: &Role, fail: bool) -> Result<Option<Map>> {
    match role.specs() {
        Ok(specs) => Ok(Some(specs)),
        Err(error) if fail => Err(error),
        Err(error) => {
            let name = &role.name;
            let text = format!(
                "Skipping role ({name}) due to: Failed to process role ({name}): {}",
                error.told()
            );
            terminal::print_warning(&Error::input(text));
            Ok(None)
        }
    }
}

/// Every role with its entry points; with a filter, those of some collections alone.
///
/// # Errors
/// A file cannot be read, and `fail` says that this is one.
pub fn list(world: &World, filter: Option<&[String]>, fail: bool) -> Result<BTreeMap<String, Map>> {
    let mut roles = match filter {
        None => of_folders(world, None),
        Some(_) => Vec::new(),
    };
    roles.extend(of_collections(world, filter, None));
    let mut listed = BTreeMap::new();
    for role in &roles {
        let Some(specs) = read(role, fail)? else {
            continue;
        };
        // As there: what Galaxy is told counts where the specifications stand beside it.
        let about = read_first(&role.meta(), &SPECS[3..]).unwrap_or_default();
        let about = Some(about).filter(|about| about.contains("argument_specs"));
        let about =
            about.and_then(|about| about.get("galaxy_info").and_then(Value::as_map).cloned());
        let mut summary = match about.filter(|about| !about.is_empty()) {
            Some(about) => (*about).clone(),
            None => crate::entries! { "description" => "UNDOCUMENTED" },
        };
        let entries = specs.iter().map(|(name, spec)| {
            let summary = spec.get("short_description").cloned();
            (name.clone(), summary.unwrap_or_else(|| Value::str("")))
        });
        summary.set("entry_points", Value::map(entries.collect()));
        if let Some(collection) = &role.collection {
            summary.set("collection", collection.as_str());
        }
        listed.insert(role.full_name(), summary);
    }
    Ok(listed)
}

/// The roles of some names, each with its specifications or the one of an entry point.
///
/// # Errors
/// As [`list`].
pub fn docs(
    world: &World,
    names: &[String],
    entry: Option<&str>,
    fail: bool,
) -> Result<BTreeMap<String, Map>> {
    let mut roles = of_folders(world, Some(names));
    roles.extend(of_collections(world, None, Some(names)));
    let mut found = BTreeMap::new();
    for role in &roles {
        let Some(specs) = read(role, fail)? else {
            continue;
        };
        let wanted = |name: &Value| entry.is_none_or(|entry| name.as_str() == Some(entry));
        let specs = specs
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, spec)| {
                let spec = match spec {
                    Value::Null => Value::map(Map::new()),
                    spec => spec.clone(),
                };
                (name.clone(), spec)
            });
        let specs: Map = specs.collect();
        if !specs.is_empty() {
            let doc = crate::entries! {
                "collection" => Value::str_or_null(role.collection.as_deref()),
                "entry_points" => Value::map(specs),
                "path" => role.path.to_string_lossy().into_owned(),
            };
            found.insert(role.full_name(), doc);
        }
    }
    Ok(found)
}

/// The list as text.
pub fn listed(roles: &BTreeMap<String, Map>, columns: usize) -> String {
    let entries = |role: &Map| {
        role.get("entry_points")
            .and_then(Value::as_map)
            .cloned()
            .unwrap_or_default()
    };
    let lengths = roles.values().flat_map(|role| {
        let entries = entries(role);
        let lengths: Vec<usize> = entries
            .keys()
            .map(|name| name.to_text().chars().count())
            .collect();
        lengths
    });
    let widest = lengths.max().unwrap_or(0);
    let room = columns.saturating_sub(widest + 5);
    let mut text = String::new();
    for (name, role) in roles {
        let entries = entries(role);
        if entries.is_empty() {
            text.push_str(&format!("{name}\n"));
            continue;
        }
        text.push_str(&format!("{name}:\n  specs:\n"));
        for (entry, summary) in entries.iter() {
            let summary = super::cut(&summary.to_text(), room);
            text.push_str(&format!("    {:<widest$}: {summary}\n", entry.to_text()));
        }
    }
    text
}

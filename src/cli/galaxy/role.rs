//! `play galaxy role`: what is known of roles, and what becomes of them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::init;
use super::install::{self, Install};
use super::options::{CacheOptions, Ground, ServerOptions, absolute, usage};
use crate::cli::terminal;
use crate::error::{Error, Kind, Result};
use crate::galaxy::roles::{self, InstalledRole};
use crate::value::{Map, Value, from_json};

/// What `play galaxy role` can do.
#[derive(Subcommand, Clone, Debug)]
pub enum Verb {
    /// Make the folders and files of a new role
    Init(init::Role),
    /// Install roles
    Install(Install),
    /// Show the roles that are installed
    List(List),
    /// Remove roles
    Remove(Remove),
    /// Show what is known of a role
    Info(Info),
    /// Not built
    #[command(hide = true)]
    Search(NotBuilt),
    /// Not built
    #[command(hide = true)]
    Import(NotBuilt),
    /// Not built
    #[command(hide = true)]
    Setup(NotBuilt),
    /// Not built
    #[command(hide = true)]
    Delete(NotBuilt),
}

/// Anything: the verb says that it is not built.
#[derive(Args, Clone, Debug)]
pub struct NotBuilt {
    #[arg(allow_hyphen_values = true, trailing_var_arg = true)]
    words: Vec<String>,
}

/// What `list` takes.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only this role
    role: Option<String>,
    /// The folders of roles
    #[arg(short = 'p', long = "roles-path", value_name = "FOLDER")]
    roles_path: Vec<String>,
    #[command(flatten)]
    server: ServerOptions,
}

/// What `remove` takes.
#[derive(Args, Clone, Debug)]
pub struct Remove {
    /// The roles
    #[arg(required = true, value_name = "ROLE")]
    names: Vec<String>,
    /// The folders of roles
    #[arg(short = 'p', long = "roles-path", value_name = "FOLDER")]
    roles_path: Vec<String>,
    #[command(flatten)]
    server: ServerOptions,
}

/// What `info` takes.
#[derive(Args, Clone, Debug)]
pub struct Info {
    /// The roles
    #[arg(required = true, value_name = "ROLE")]
    names: Vec<String>,
    /// The folders of roles
    #[arg(short = 'p', long = "roles-path", value_name = "FOLDER")]
    roles_path: Vec<String>,
    /// Ask no server
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    server: ServerOptions,
}

/// Does what is asked; gives the exit code.
///
/// # Errors
/// As the verb says.
pub fn run(ground: &Ground, verb: &Verb) -> Result<u8> {
    match verb {
        Verb::Init(own) => init::role(ground, own),
        Verb::Install(own) => install::install(ground, own, install::Kind::Roles),
        Verb::List(own) => list(ground, own),
        Verb::Remove(own) => remove(ground, own),
        Verb::Info(own) => info(ground, own),
        Verb::Search(_) => not_built("search"),
        Verb::Import(_) => not_built("import"),
        Verb::Setup(_) => not_built("setup"),
        Verb::Delete(_) => not_built("delete"),
    }
}

/// What changes other people's servers, or asks them for anything but a name.
///
/// # Errors
/// Always.
pub fn not_built(verb: &str) -> Result<u8> {
    let text = format!("`{verb}` of ansible-galaxy is not built");
    Err(Error::new(Kind::Usage, text))
}

/// Shows what is installed.
///
/// # Errors
/// The answer cannot be written.
pub fn list(ground: &Ground, own: &List) -> Result<u8> {
    let mut warnings = Vec::new();
    let mut usable = false;
    for path in ground.roles_paths(&own.roles_path) {
        let path = absolute(&path)?;
        if !path.is_dir() {
            warnings.push(format!(
                "- the configured path {} does not exist.",
                path.display()
            ));
            continue;
        }
        usable = true;
        let Some(name) = &own.role else {
            terminal::print(&format!("# {}\n", path.display()))?;
            for role in InstalledRole::all(&path) {
                show(&role)?;
            }
            continue;
        };
        if let Some(role) = InstalledRole::find(std::slice::from_ref(&path), name) {
            terminal::print(&format!("# {}\n", path.display()))?;
            show(&role)?;
            return Ok(0);
        }
        warnings.push(format!("- the role {name} was not found"));
    }
    if !usable {
        warnings.push(
            "None of the provided paths were usable. Please specify a valid path with --roles-path."
                .to_owned(),
        );
    }
    for text in warnings {
        terminal::print_warning(&Error::input(text));
    }
    Ok(0)
}

fn show(role: &InstalledRole) -> Result<()> {
    let version = role.info().and_then(|info| info.version);
    let version = version.unwrap_or_else(|| "(unknown version)".to_owned());
    terminal::print(&format!("- {}, {version}\n", role.name))
}

/// Removes roles.
///
/// # Errors
/// A folder cannot be removed.
pub fn remove(ground: &Ground, own: &Remove) -> Result<u8> {
    let paths: Vec<PathBuf> = ground.roles_paths(&own.roles_path);
    for name in &own.names {
        let text = match roles::remove(&paths, name)? {
            true => format!("- successfully removed {name}\n"),
            false => format!("- {name} is not installed, skipping.\n"),
        };
        terminal::print(&text)?;
    }
    Ok(0)
}

/// Shows what is known here, and what the server knows.
///
/// # Errors
/// The server gives no proper answer.
pub fn info(ground: &Ground, own: &Info) -> Result<u8> {
    let paths = ground.roles_paths(&own.roles_path);
    if own.names.is_empty() {
        return Err(usage("- you must specify a user/role name"));
    }
    let mut whole = String::new();
    for name in &own.names {
        let bare = name.split(',').next().unwrap_or(name);
        let mut known = Map::new();
        let shown: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        known.set("path", Value::strings(shown));
        let here = InstalledRole::find(&paths, bare);
        if let Some(noted) = here.as_ref().and_then(InstalledRole::info) {
            known.set("install_date", Value::str_or_null(noted.date));
            known.set("installed_version", Value::str_or_null(noted.version));
        }
        let mut found = here.is_some();
        if !own.offline {
            let galaxy = ground.galaxy(&own.server, &CacheOptions::default(), false)?;
            match galaxy.role(bare)? {
                Some(remote) => {
                    let remote = from_json(&remote)?;
                    for (key, value) in remote.as_map().into_iter().flat_map(|map| map.iter()) {
                        known.set(&key.to_text(), value.clone());
                    }
                    found = true;
                }
                None => found = false,
            }
        }
        if !found {
            whole = format!("- the role {name} was not found");
            break;
        }
        if let Some(meta) = here.as_ref().and_then(InstalledRole::meta) {
            for (key, value) in meta.iter() {
                known.set(&key.to_text(), value.clone());
            }
        }
        whole += &described(bare, &known);
    }
    terminal::print(&format!("{whole}\n"))?;
    Ok(0)
}

/// Keys that are other systems' and say nothing to people.
const SKIPPED: [&str; 8] = [
    "name",
    "description",
    "readme_html",
    "related",
    "summary_fields",
    "average_aw_composite",
    "average_aw_score",
    "url",
];

fn described(name: &str, known: &Map) -> String {
    let inner = known.get("galaxy_info").and_then(Value::as_map).cloned();
    let description = known.get("description").cloned();
    let description = description.or_else(|| inner.as_ref()?.get("description").cloned());
    let mut text = format!(
        "\nRole: {name}\n\tdescription: {}\n",
        description.map(|text| text.to_text()).unwrap_or_default()
    );
    let mut keys: Vec<String> = known.iter().map(|(key, _)| key.to_text()).collect();
    keys.sort_unstable();
    for key in keys.iter().filter(|key| !SKIPPED.contains(&key.as_str())) {
        let Some(value) = known.get(key) else {
            continue;
        };
        let Some(map) = value.as_map() else {
            text += &format!("\t{key}: {}\n", value.to_text());
            continue;
        };
        text += &format!("\t{key}:\n");
        let mut inner: Vec<(String, String)> = map
            .iter()
            .map(|(key, value)| (key.to_text(), value.to_text()))
            .collect();
        inner.sort_unstable();
        for (key, value) in inner
            .iter()
            .filter(|(key, _)| !SKIPPED.contains(&key.as_str()))
        {
            text += &format!("\t\t{key}: {value}\n");
        }
    }
    text
}

//! `play galaxy collection list`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::collection::roots;
use super::options::{Ground, ServerOptions};
use crate::cli::terminal;
use crate::error::{Error, Result};
use crate::galaxy::collections::{Installed, in_folder, root_of};
use crate::value::{Map, Value, to_json};
use crate::yaml;

/// What `list` takes.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only this collection
    collection: Option<String>,
    /// More folders of collections, separated by colons
    #[arg(short = 'p', long, value_name = "FOLDER")]
    collections_path: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    server: ServerOptions,
}

/// How to print.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A table.
    Human,
    /// For programs.
    Yaml,
    /// For programs.
    Json,
}

/// Lists what is installed; gives the exit code.
///
/// # Errors
/// It cannot be written.
pub fn list(ground: &Ground, own: &List) -> Result<u8> {
    let mut found: Vec<(PathBuf, Vec<Installed>)> = Vec::new();
    let mut usable = false;
    let configured: Vec<PathBuf> = ground
        .collections_paths()
        .iter()
        .map(|path| root_of(path))
        .collect();
    for root in roots(ground, &own.collections_path)? {
        usable |= root.is_dir();
        if !root.is_dir() && !configured.contains(&root) {
            let text = format!("- the configured path {} does not exist.", root.display());
            terminal::print_warning(&Error::input(text));
        }
        let (mut all, warnings) = in_folder(&root);
        warnings.iter().for_each(terminal::print_warning);
        if let Some(wanted) = &own.collection {
            all.retain(|installed| installed.name == *wanted);
        }
        if !all.is_empty() {
            found.push((root, all));
        }
    }
    if found.is_empty() && !usable {
        terminal::print_warning(&Error::input(
            "None of the provided paths were usable. Please specify a valid path with \
             --collections-path.",
        ));
    }
    match own.format {
        Format::Human => terminal::print(&table(&found))?,
        Format::Json => terminal::print(&(to_json(&by_path(&found)) + "\n"))?,
        Format::Yaml => {
            terminal::print(&(yaml::dump(&by_path(&found), &yaml::DumpOptions::nice())? + "\n"))?;
        }
    }
    Ok(0)
}

fn by_path(found: &[(PathBuf, Vec<Installed>)]) -> Value {
    let mut whole = Map::new();
    for (root, all) in found {
        let mut inner = Map::new();
        for one in all {
            inner.set(
                one.name.as_str(),
                crate::entries! { "version" => one.version() },
            );
        }
        whole.set(&root.display().to_string(), inner);
    }
    Value::map(whole)
}

fn table(found: &[(PathBuf, Vec<Installed>)]) -> String {
    let every = || found.iter().flat_map(|(_, all)| all);
    let names = every()
        .map(|one| one.name.len())
        .max()
        .unwrap_or(0)
        .max("Collection".len());
    let versions = every()
        .map(|one| one.version().len())
        .max()
        .unwrap_or(0)
        .max("Version".len());
    let mut text = String::new();
    for (root, all) in found {
        text += &format!("\n# {}\n", root.display());
        text += &format!("{:names$} {:versions$}\n", "Collection", "Version");
        text += &format!("{} {}\n", "-".repeat(names), "-".repeat(versions));
        for one in all {
            text += &format!("{:names$} {:versions$}\n", one.name, one.version());
        }
    }
    text
}

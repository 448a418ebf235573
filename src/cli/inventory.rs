//! `play inventory`: hosts, groups and their variables, as `ansible-inventory` prints them.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::options::{InventoryOptions, VaultOptions};
use super::setup::{self, Ground};
use super::terminal;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::executor::InventoryReader;
use crate::inventory::show::{self, Format, Own, Variables};
use crate::inventory::{Group, Host, Inventory, Loaded, Merger, Pattern, Selected, VarsFiles};
use crate::report::{Event, Listener};
use crate::value::{Map, Value, to_json_nice};
use crate::yaml;

/// What `play inventory` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The group that --graph begins with
    group: Option<String>,
    /// Print everything, as an inventory script does
    #[arg(long)]
    list: bool,
    /// Print the groups as a tree
    #[arg(long)]
    graph: bool,
    /// Print the variables of one host
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Show variables in the tree
    #[arg(long)]
    vars: bool,
    /// Print YAML
    #[arg(short = 'y', long = "yaml")]
    yaml: bool,
    /// Print TOML
    #[arg(long)]
    toml: bool,
    /// Keep variables at the groups they belong to, so that the output can be an inventory
    #[arg(long)]
    export: bool,
    /// Write to a file instead of the screen
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The folder whose `group_vars/` and `host_vars/` count too
    #[arg(long, value_name = "FOLDER")]
    playbook_dir: Option<PathBuf>,
    /// More variables: key=value, JSON or YAML, or @file; may be repeated
    #[arg(short = 'e', long = "extra-vars", value_name = "VARS")]
    extra_vars: Vec<String>,
    /// Let inventory plugins ask anew instead of answering from what they keep
    #[arg(long)]
    flush_cache: bool,
    /// Say more
    #[arg(short = 'v', long = "verbose", action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(flatten)]
    inventory: InventoryOptions,
    #[command(flatten)]
    vault: VaultOptions,
    /// Whether this was called as `ansible-inventory`.
    #[arg(skip)]
    pub as_reference: bool,
}

/// Prints what is asked for; gives the exit code.
///
/// # Errors
/// The question or the inventory is wrong.
pub fn run(arguments: &Arguments) -> Result<u8> {
    check(arguments)?;
    let asked = arguments.list || arguments.host.is_some();
    let arguments = &Arguments {
        graph: arguments.graph || !asked,
        ..arguments.clone()
    };
    let config = setup::configuration()?;
    let listener = Box::new(Quiet(super::meaning::verbosity(arguments.verbose, &config)));
    let ground = setup::ground(
        &config,
        &arguments.vault,
        &arguments.extra_vars,
        false,
        &folder(arguments, &config)?.unwrap_or_default(),
        Arc::default(),
        listener,
    )?;
    let sources = setup::sources(&arguments.inventory, &config);
    let cache = !arguments.flush_cache;
    let loaded = setup::load_inventory(&ground.house, &config, &sources, cache)?;
    let text = text(arguments, &config, &ground, &loaded)?;
    write(arguments, text)?;
    Ok(0)
}

/// The folder of the playbooks that the inventory is for, where one is named.
fn folder(arguments: &Arguments, config: &Config) -> Result<Option<PathBuf>> {
    let typed = arguments.playbook_dir.clone();
    let named = typed.or_else(|| config.path("PLAYBOOK_DIR"));
    Ok(named.map(std::path::absolute).transpose()?)
}

fn check(arguments: &Arguments) -> Result<()> {
    let asked = [arguments.list, arguments.graph, arguments.host.is_some()];
    let wrong = |text: &str| Err(Error::new(Kind::Options, text));
    match asked.iter().filter(|asked| **asked).count() {
        0 if !arguments.as_reference => Ok(()),
        0 => wrong(
            "No action selected, at least one of --host, --graph or --list needs to be specified.",
        ),
        1 => Ok(()),
        _ => wrong(
            "Conflicting options used, only one of --host, --graph or --list can be used at the same time.",
        ),
    }
}

fn text(
    arguments: &Arguments,
    config: &Config,
    ground: &Ground,
    loaded: &Loaded,
) -> Result<String> {
    let reader = Arc::new(InventoryReader::new(&ground.house, true));
    let files = VarsFiles::new(reader, super::meaning::merges(config));
    let folder = folder(arguments, config)?;
    let layers = setup::layers(loaded, config, folder.as_deref())?;
    let inventory = &loaded.inventory;
    let mut merger = Merger::new(inventory, &files, &layers);
    let export = arguments.export || config.flag("INVENTORY_EXPORT");
    let text = if arguments.graph {
        let group = arguments.group.as_deref().unwrap_or("all");
        let variables: &mut dyn Variables = &mut merger;
        show::graph(inventory, group, arguments.vars.then_some(variables))
    } else if let Some(name) = &arguments.host {
        let host = show::one_host(inventory, name)?;
        let mut with_extra = WithExtra(&mut merger, &ground.house.extra);
        dumped(
            arguments,
            &show::host(host, arguments.yaml, &mut with_extra)?,
        )
    } else {
        let limit = limit(arguments, inventory)?;
        let format = match (arguments.yaml, arguments.toml) {
            (true, _) => Format::Yaml,
            (_, true) => Format::Toml,
            _ => Format::Json,
        };
        let mut own = Own(&mut merger);
        let value = match export {
            true => show::list(inventory, format, true, limit.as_ref(), &mut own)?,
            false => show::list(inventory, format, false, limit.as_ref(), &mut merger)?,
        };
        dumped(arguments, &value)
    };
    for warning in files.take_warnings() {
        ground.house.warn_once(warning);
    }
    text
}

/// The variables of a host, with those of `-e` over them.
struct WithExtra<'a, 'b>(&'a mut Merger<'b>, &'a Map);

impl Variables for WithExtra<'_, '_> {
    fn host(&mut self, host: &Host) -> Result<Map> {
        let mut vars = Merger::host(self.0, host)?;
        vars.extend_from(self.1);
        Ok(vars)
    }

    fn group(&mut self, group: &Group) -> Result<Map> {
        Merger::group(self.0, group)
    }
}

/// What `--limit`, or a pattern in the place of the group, leaves.
fn limit(arguments: &Arguments, inventory: &Inventory) -> Result<Option<Selected>> {
    let read = |path: &str| {
        std::fs::read_to_string(path).map_err(|error| {
            let text = match std::path::Path::new(path).is_dir() {
                true => {
                    format!("Limit starting with \"@\" must be a file, not a directory: `{path}`")
                }
                false => format!("Unable to find limit file `{path}`"),
            };
            Error::input(text).because(error)
        })
    };
    let mut selected: Option<Selected> = None;
    for text in arguments
        .group
        .iter()
        .chain(arguments.inventory.limit.last())
    {
        let pattern = Pattern::limit(text, read)?;
        let next = inventory.select(&pattern)?;
        match &mut selected {
            Some(selected) => selected.limit_to(&next),
            None => selected = Some(next),
        }
    }
    Ok(selected)
}

fn dumped(arguments: &Arguments, value: &Value) -> Result<String> {
    if arguments.toml {
        return show::to_toml(value);
    }
    if arguments.yaml {
        let options = yaml::DumpOptions {
            indent: 2,
            ..yaml::DumpOptions::nice()
        };
        return yaml::dump(value, &options).map(|text| text.trim_end().to_owned());
    }
    Ok(to_json_nice(value, 4, true))
}

fn write(arguments: &Arguments, text: String) -> Result<()> {
    let Some(file) = &arguments.output else {
        return terminal::print(&(text + "\n"));
    };
    std::fs::write(file, text).map_err(|error| {
        Error::input(format!("failed to write `{}`", file.display())).because(error)
    })
}

/// Prints nothing but what `-v` asks for; warnings are told without it.
pub struct Quiet(pub u8);

impl Listener for Quiet {
    #[allow(clippy::print_stderr, reason = "the answer is on standard output")]
    fn on(&mut self, event: &Event) {
        if let Event::Note { level, text } = event
            && *level <= self.0
        {
            eprintln!("{text}");
        }
    }
}

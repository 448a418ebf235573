//! `play runs`: what was recorded.

mod diff;
mod list;
mod merge;
mod show;

use std::path::Path;

use clap::{Args, Subcommand};

use super::listeners;
use super::setup;
use super::terminal;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::memory;
use crate::report::journal::{Limits, Record, Runs};

/// What `play runs` takes.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    list: list::Arguments,
}

/// What may be done with runs.
#[derive(Clone, Debug, Subcommand)]
enum Verb {
    /// What changed on which host that did not change in the run before
    Diff(diff::Arguments),
    /// List the runs that are kept, the newest first (the same as `play runs`)
    List(list::Arguments),
    /// One recap, and one exit code, of the runs of many controllers
    Merge(merge::Arguments),
    /// Remove old runs
    Prune(Prune),
    /// Show a run again
    Show(show::Arguments),
}

/// What `play runs prune` takes.
#[derive(Args, Clone, Debug)]
struct Prune {
    /// How many of the newest runs stay (default: the setting `runs_kept`)
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
    /// How many MiB the runs that stay may have (default: the setting `runs_size`)
    #[arg(long, value_name = "MIB")]
    size: Option<u64>,
}

/// Acts; gives the exit code.
///
/// # Errors
/// There is no such run, or it cannot be read.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let config = setup::configuration()?;
    match &arguments.verb {
        None => list::run(&arguments.list, &config),
        Some(Verb::Diff(diff)) => diff::run(diff, &config),
        Some(Verb::List(list)) => list::run(list, &config),
        Some(Verb::Merge(merge)) => merge::run(merge, &config),
        Some(Verb::Prune(prune)) => remove(prune, &config),
        Some(Verb::Show(show)) => show::run(show, &config),
    }
}

fn remove(prune: &Prune, config: &Config) -> Result<u8> {
    let limits = listeners::limits(config);
    let limits = Limits {
        runs: prune.keep.unwrap_or(limits.runs),
        bytes: prune
            .size
            .map_or(limits.bytes, |size| size.saturating_mul(1 << 20)),
    };
    let pruned = listeners::runs(config)?.prune(limits, None, &memory::spared)?;
    let lines = pruned.removed.iter().map(|id| format!("{id}\n"));
    terminal::print(&lines.collect::<String>())?;
    for id in &pruned.spared {
        let text = format!("of the run `{id}`, the handlers that it owes are still kept");
        terminal::print_warning(&Error::input(text).hint("`--owed` runs them"));
    }
    Ok(0)
}

/// A run by its id, or the record in a folder or file.
///
/// # Errors
/// There is none, or more than one.
pub fn one(wanted: &str, config: &Config) -> Result<Record> {
    let mut found = many(&[wanted.to_owned()], config)?;
    match found.len() {
        1 => Ok(found.remove(0)),
        count => Err(Error::new(
            Kind::Options,
            format!("`{wanted}` holds {count} runs, and one is wanted"),
        )),
    }
}

/// The runs that ids name, and those below folders.
///
/// # Errors
/// One of them names no run.
pub fn many(wanted: &[String], config: &Config) -> Result<Vec<Record>> {
    let mut all = Vec::new();
    for name in wanted {
        let path = Path::new(name);
        if name.contains('/') || path.is_dir() {
            let found = Runs::below(path);
            if found.is_empty() {
                let text = format!("no run is recorded below `{name}`");
                return Err(Error::new(Kind::Options, text).hint(
                    "a name with `/` is a folder with records; `play runs` lists the ids of those that are kept",
                ));
            }
            all.extend(found);
        } else {
            all.push(listeners::runs(config)?.find(name)?);
        }
    }
    Ok(all)
}

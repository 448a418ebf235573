//! What the user may ask: one file per verb.
//!
//! `play run PLAYBOOK…` runs playbooks; `play PATTERN -m MODULE` runs one module on hosts, as the
//! reference's `ansible` does; the other verbs stand in [`Verb`].

mod adhoc;
mod asking;
mod callbacks;
mod configuration;
mod doc;
mod editor;
mod explain;
mod extra;
mod fact_cache;
mod inventory;
mod listeners;
mod meaning;
mod options;
mod passwords;
mod playbook;
mod report;
mod retry;
mod runs;
mod setup;
mod signals;
mod targets;
mod terminal;
mod vault;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::error::{Error, Kind, Result};

/// Agentless configuration management: runs Ansible-language playbooks over SSH.
#[derive(Debug, Parser)]
#[command(
    name = "play",
    version,
    max_term_width = 100,
    infer_long_args = true,
    after_help = "To run one module on hosts: play PATTERN -m MODULE -a ARGS (see `play help adhoc`)."
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Run one module on the hosts that a pattern matches: `play PATTERN -m MODULE -a ARGS`
    Adhoc(adhoc::Arguments),
    /// Show the settings in force, and where each comes from
    #[command(subcommand)]
    Config(configuration::Verb),
    /// Read about modules, keywords, filters, tests and lookups
    Doc(doc::Arguments),
    /// Show where the variables of a host come from, and which definition wins
    Explain(explain::Arguments),
    /// Show hosts, groups and their variables
    Inventory(inventory::Arguments),
    /// Run playbooks
    #[command(visible_alias = "playbook")]
    Run(playbook::Arguments),
    /// Write a page that shows a run: who waited for whom, what failed, what changed
    Report(report::Arguments),
    /// Show the runs that were recorded
    Runs(runs::Arguments),
    /// Seal and open files and texts
    Vault(vault::Arguments),
}

/// The whole command line, for the documentation.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Parses the command line and acts; gives the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = with_verb(arguments.into_iter().collect());
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match act(cli.verb) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            terminal::print_error(&error);
            ExitCode::from(error.kind().exit_code())
        }
    }
}

fn act(verb: Verb) -> Result<u8> {
    match verb {
        Verb::Config(verb) => configuration::run(&verb),
        Verb::Doc(arguments) => doc::run(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::Report(arguments) => report::run(&arguments),
        Verb::Runs(arguments) => runs::run(&arguments),
        Verb::Vault(arguments) => vault::run(&arguments),
        Verb::Inventory(arguments) => inventory::run(&arguments),
        Verb::Adhoc(arguments) => block_on(adhoc::run(arguments)),
        Verb::Run(arguments) => block_on(playbook::run(arguments)),
    }
}

/// Runs to the end, and waits for nobody after that: a thread may hang in a name's look-up.
fn block_on(work: impl Future<Output = Result<u8>>) -> Result<u8> {
    let runtime = runtime()?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Kind::Bug, "the runtime does not start").because(error))
}

/// Puts `adhoc` before a pattern that stands where a verb would.
fn with_verb(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let first = arguments.get(1).and_then(|word| word.to_str());
    let is_pattern = match first {
        None | Some("-h" | "--help" | "-V" | "--version") => false,
        Some(word) => !is_verb(word),
    };
    if is_pattern {
        arguments.insert(1, "adhoc".into());
    }
    arguments
}

/// Says whether a word is a verb; anything else in its place is a host pattern.
fn is_verb(word: &str) -> bool {
    let command = Cli::command();
    let mut verbs = command.get_subcommands();
    word == "help"
        || verbs.any(|verb| verb.get_name() == word || verb.get_all_aliases().any(|a| a == word))
}

fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

//! `play console`: a prompt at which modules run on hosts, one line after the other, as the reference's
//! ansible-console does. Connections and shells stay open from line to line.

mod command;
mod help;
mod lines;
mod session;
mod signals;
mod state;
mod words;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::options::{
    BecomeOptions, ConnectionOptions, InventoryOptions, RunOptions, VaultOptions,
};
use super::printer::{Level, Printer};
use super::setup::{self, Typed};
use super::{adhoc, meaning, targets, terminal};
use crate::error::Result;
use crate::executor::{self, Means, Tags};
use crate::report::callbacks::of_adhoc;
use session::Console;
use state::State;

/// What `play console` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Which hosts: a name, a group, `all`, `web:&db:!old`, a glob, `~regex`
    #[arg(default_value = "all")]
    pattern: String,
    /// How many seconds a task may take
    #[arg(long, value_name = "SECONDS")]
    task_timeout: Option<u64>,
    /// Ask before each task
    #[arg(long)]
    step: bool,
    /// The folder that `group_vars/`, `roles/` and the like stand in
    #[arg(long, value_name = "FOLDER")]
    playbook_dir: Option<PathBuf>,
    #[command(flatten)]
    inventory: InventoryOptions,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    connection: ConnectionOptions,
    #[command(flatten)]
    become_: BecomeOptions,
    #[command(flatten)]
    vault: VaultOptions,
}

/// Talks until there are no more lines; gives the exit code.
///
/// # Errors
/// The inventory is wrong, no host matches, or the terminal cannot be used.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let config = setup::configuration()?;
    let level = Level::new(
        meaning::verbosity(arguments.run.verbose, &config),
        arguments.run.diff || config.flag("DIFF_ALWAYS"),
    );
    let typed = Typed {
        inventory: &arguments.inventory,
        connection: &arguments.connection,
        become_: &arguments.become_,
        vault: &arguments.vault,
        run: &arguments.run,
        tags: Tags::default(),
        folder: meaning::folder(arguments.playbook_dir.as_deref(), &config)?,
        connects: !arguments.run.list_hosts,
        secrets: Arc::default(),
    };
    let colour = terminal::colours(&arguments.run.color, &config);
    let printer = Printer {
        diffs: true,
        teller: of_adhoc(adhoc::screen(colour, &config), false, false),
        level: Arc::clone(&level),
        retell: Box::new(session::without_excerpt),
        hints: HashSet::new(),
        also: None,
    };
    let ready = setup::ready(&typed, &config, Box::new(printer), |options| {
        options.step = arguments.step;
    })?;
    targets::check(&ready.run, &arguments.pattern)?;
    let pattern = std::slice::from_ref(&arguments.pattern);
    let hosts = executor::match_hosts(&ready.run, pattern)?;
    if arguments.run.list_hosts {
        return adhoc::list_hosts(&hosts);
    }
    targets::any(&ready.run, &hosts)?;
    let state = State::new(
        &arguments.pattern,
        arguments.task_timeout,
        &ready.run.options,
    );
    let runtime = super::runtime()?;
    let mut console = Console {
        means: Means::new(&ready.run),
        runtime: &runtime,
        folder: typed.folder.clone(),
        state,
        level,
        colour,
    };
    let talked = console.talk();
    ready.keep();
    runtime.shutdown_background();
    talked?;
    Ok(setup::with_trouble(0))
}

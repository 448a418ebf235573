//! `play PATTERN -m MODULE -a ARGS`: one module on many hosts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use super::options::{
    BecomeOptions, ConnectionOptions, InventoryOptions, RunOptions, VaultOptions,
};
use super::setup::{self, Typed};
use super::targets;
use super::terminal;
use crate::error::{Error, Result, Source};
use crate::executor::{self, Tags};
use crate::report::{Event, Listener, adhoc_line};
use crate::value::{Map, Str, Value, to_json};
use crate::yaml;

/// What an ad-hoc run takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Which hosts: a name, a group, `all`, `web:&db:!old`, a glob, `~regex`
    pattern: String,
    /// The module
    #[arg(
        short = 'm',
        long = "module-name",
        value_name = "MODULE",
        default_value = "command"
    )]
    module: String,
    /// Its arguments: key=value pairs or JSON
    #[arg(
        short = 'a',
        long = "args",
        value_name = "ARGS",
        default_value = "",
        allow_hyphen_values = true
    )]
    args: String,
    /// Run in the background, for so many seconds at most
    #[arg(short = 'B', long = "background", value_name = "SECONDS")]
    background: Option<u64>,
    /// How often a background task is asked for its state, in seconds
    #[arg(short = 'P', long = "poll", value_name = "SECONDS")]
    poll: Option<u64>,
    /// How many seconds the task may take
    #[arg(long, value_name = "SECONDS")]
    task_timeout: Option<u64>,
    /// One line a host
    #[arg(short = 'o', long = "one-line")]
    one_line: bool,
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

/// Runs one module; gives the exit code.
///
/// # Errors
/// Something that belongs to no host is wrong.
pub async fn run(arguments: Arguments) -> Result<u8> {
    let folder = arguments
        .playbook_dir
        .clone()
        .unwrap_or_else(|| PathBuf::from("."));
    let typed = Typed {
        inventory: &arguments.inventory,
        connection: &arguments.connection,
        become_: &arguments.become_,
        vault: &arguments.vault,
        run: &arguments.run,
        tags: Tags::default(),
        folder: std::path::absolute(folder)?,
    };
    let printer = Printer {
        colour: terminal::colours(&arguments.run.color),
        one_line: arguments.one_line,
    };
    let ready = setup::ready(&typed, Box::new(printer), |options| {
        options.task_timeout = arguments.task_timeout.map(std::time::Duration::from_secs);
    })?;
    targets::check(&ready.run, &arguments.pattern)?;
    if arguments.inventory.list_hosts {
        let hosts = executor::match_hosts(&ready.run, std::slice::from_ref(&arguments.pattern))?;
        return Ok(list_hosts(&hosts));
    }
    let play = executor::single_play(&ready.run, &task(&arguments)?, &typed.folder)?;
    super::playbook::interrupt_on_signal(&ready.run);
    let began = Instant::now();
    executor::run_plays(&ready.run, &[play], &typed.folder).await?;
    executor::finish(&ready.run, began).await;
    Ok(executor::exit_code(&ready.run))
}

#[allow(clippy::print_stdout, reason = "the answer of the verb")]
fn list_hosts(hosts: &[Arc<str>]) -> u8 {
    println!("  hosts ({}):", hosts.len());
    for host in hosts {
        println!("    {host}");
    }
    0
}

/// The play of one task, as text: the same reader reads it as any other.
fn task(arguments: &Arguments) -> Result<Arc<Source>> {
    let args = arguments.args.trim();
    let value = match args.starts_with('{') {
        true => {
            let source = Source::new("<module args>", args);
            yaml::load(&source, &yaml::Options::default())?
                .root
                .value()
                .clone()
        }
        false => Value::Str(Str::template(args, None)),
    };
    let module = arguments.module.as_str();
    if args.is_empty() && matches!(module, "command" | "shell" | "raw" | "script") {
        return Err(Error::input(format!(
            "no argument passed to {module} module"
        )));
    }
    let mut task = Map::new();
    task.set(module, value);
    if let Some(seconds) = arguments.background {
        task.set("async", seconds);
        task.set("poll", arguments.poll.unwrap_or(15));
    }
    let play = crate::entries! {
        "name" => "Ansible Ad-Hoc",
        "hosts" => arguments.pattern.as_str(),
        "gather_facts" => false,
        "tasks" => vec![Value::map(task)],
    };
    Ok(Source::new(
        "<command line>",
        to_json(&Value::list(vec![Value::map(play)])),
    ))
}

/// Prints a line a host.
struct Printer {
    colour: bool,
    one_line: bool,
}

impl Listener for Printer {
    #[allow(clippy::print_stdout, reason = "the answer of the verb")]
    fn on(&mut self, event: &Event) {
        match event {
            Event::TaskDone(result) => {
                let (style, mut text) = adhoc_line(result);
                if self.one_line {
                    text = text.replace("\n    ", "").replace('\n', " ");
                }
                match self.colour {
                    true => println!("{style}{text}{style:#}"),
                    false => println!("{text}"),
                }
            }
            Event::TaskError(error) => terminal::print_error(error),
            Event::NoHostsMatched => {
                terminal::print_warning(&Error::input("no hosts matched, nothing to do"));
            }
            Event::Sent { host, text } => println!("<{host}> {text}"),
            _ => (),
        }
    }
}

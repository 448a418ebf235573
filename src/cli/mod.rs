//! What the user may ask: one file per verb.
//!
//! `play run PLAYBOOK…` runs playbooks; `play PATTERN -m MODULE` runs one module on hosts, as the
//! reference's `ansible` does; the other verbs stand in [`Verb`]. Called as `ansible-playbook` or by
//! another name of the reference's commands, the binary is that command ([`names`]).

mod adhoc;
mod asking;
mod callbacks;
mod completions;
mod configuration;
mod console;
mod doc;
mod doctor;
mod doubts;
mod editor;
mod examples;
mod explain;
mod extra;
mod fact_cache;
mod foreign;
mod galaxy;
mod inventory;
mod links;
mod listeners;
mod meaning;
mod names;
mod options;
mod passwords;
mod planning;
mod playbook;
mod printer;
mod pull;
mod report;
mod resume;
mod retry;
mod runs;
mod setup;
mod signals;
mod suggest;
mod targets;
mod terminal;
mod vault;
mod warned;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::error::{Error, Kind, Manner, Result};

/// Agentless configuration management: runs Ansible-language playbooks over SSH.
#[derive(Debug, Parser)]
#[command(
    name = "play",
    version,
    max_term_width = 100,
    infer_long_args = true,
    args_override_self = true,
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
    /// Print what a shell needs to complete words
    Completions(completions::Arguments),
    /// Show the settings in force, and where each comes from
    #[command(subcommand)]
    Config(configuration::Verb),
    /// Work on hosts from a prompt: one module or command a line
    Console(console::Arguments),
    /// Read about modules, keywords, filters, tests and lookups
    Doc(doc::Arguments),
    /// Look at hosts: name, port, key, login, shell, sudo, space, clock; and say how to mend what is wrong
    Doctor(doctor::Arguments),
    /// Show where the variables of a host come from, and which definition wins
    Explain(explain::Arguments),
    /// Install roles and collections that others wrote
    Galaxy(galaxy::Arguments),
    /// Show hosts, groups and their variables
    Inventory(inventory::Arguments),
    /// Make the names of Ansible's commands, as links to this binary
    Links(links::Arguments),
    /// Write the manual's pages into a folder
    Man(completions::Man),
    /// Say of each host whether it can be reached, and why not
    Ping(doctor::Arguments),
    /// Fetch this machine's own playbooks from a repository, and run them
    Pull(pull::Arguments),
    /// Do exactly what a plan says, on hosts that are still as it saw them
    Apply(planning::Apply),
    /// Show what a run would change on each host, and what cannot be known yet
    Plan(Box<planning::Plan>),
    /// Run playbooks
    #[command(visible_alias = "playbook")]
    Run(playbook::Arguments),
    /// Write a page that shows a run: who waited for whom, what failed, what changed
    Report(report::Arguments),
    /// Show the runs that were recorded
    Runs(runs::Arguments),
    /// Encrypt and decrypt files and texts
    Vault(vault::Arguments),
}

/// The whole command line, for the documentation too.
pub fn command() -> clap::Command {
    let mut command = Cli::command();
    let verbs: Vec<String> = command
        .get_subcommands()
        .map(|verb| verb.get_name().to_owned())
        .collect();
    for verb in verbs {
        command = command.mut_subcommand(&verb, |own| {
            let own = examples::shown(own, &verb, None);
            match names::of_verb(&verb) {
                Some(_) => with_version(own),
                None => own,
            }
        });
    }
    command
}

fn with_version(command: clap::Command) -> clap::Command {
    let flag = Arg::new("version")
        .long("version")
        .action(ArgAction::Version)
        .help("Say which version this is, and what it reads");
    command.disable_version_flag(true).version("-").arg(flag)
}

/// Parses the command line and acts; gives the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let called = names::called(&arguments);
    if completions::answer(called) {
        return ExitCode::SUCCESS;
    }
    if called.is_some() {
        terminal::speak_as(Manner::Reference);
    }
    let verb = match called {
        Some(name) => named(name, arguments),
        None => own(arguments),
    };
    let done = match verb {
        Ok(verb) => act(verb).map(ExitCode::from),
        Err(Stop::Code(code)) => Ok(code),
        Err(Stop::Error(error)) => Err(error),
    };
    done.unwrap_or_else(|error| {
        terminal::print_error(&error);
        ExitCode::from(error.kind().exit_code())
    })
}

/// Why a command line leads to no verb.
enum Stop {
    /// All is said.
    Code(ExitCode),
    /// This is to be said.
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Error(error)
    }
}

/// The verb of a command line of `play`.
fn own(arguments: Vec<OsString>) -> Result<Verb, Stop> {
    if let Some(page) = asked_page(&arguments) {
        terminal::print(&page?)?;
        return Err(Stop::Code(ExitCode::SUCCESS));
    }
    let arguments = with_verb(arguments)?;
    let first = arguments.get(1).and_then(|word| word.to_str());
    let verb = first.filter(|word| is_verb(word)).map(str::to_owned);
    let pattern = verb
        .as_deref()
        .and_then(|verb| suggest::meant_as_pattern(verb, &arguments));
    let parsed = command()
        .try_get_matches_from(arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    match (parsed, verb) {
        (Ok(cli), _) => Ok(cli.verb),
        (Err(error), Some(verb)) if error.kind() == ErrorKind::DisplayVersion => {
            let head = format!("play {verb}");
            Err(Stop::Code(say_version(&head, &program())?))
        }
        (Err(error), verb) => {
            let code = usage(&error, verb.as_deref());
            if let Some(hint) = pattern {
                terminal::print_error_text(&format!("\n{hint}\n"));
            }
            Err(Stop::Code(code))
        }
    }
}

/// The page of `play help NAME`, where the name is no verb.
fn asked_page(arguments: &[OsString]) -> Option<Result<String>> {
    let words: Vec<&str> = arguments
        .iter()
        .skip(1)
        .filter_map(|word| word.to_str())
        .collect();
    match words[..] {
        ["help", name] if !is_verb(name) => {
            let page = doc::page(name);
            Some(page.ok_or_else(|| suggest::no_page(name, &verbs())))
        }
        _ => None,
    }
}

/// The verb that a command of the reference is.
fn named(name: &names::Name, mut arguments: Vec<OsString>) -> Result<Verb, Stop> {
    let program = arguments.remove(0);
    let whole = command();
    let verb = name.verb;
    let missing = || Error::new(Kind::Bug, format!("unknown command `{verb}`"));
    let own = whole.find_subcommand(verb).ok_or_else(missing)?;
    let typed = arguments.clone();
    let arguments = names::spelled_out(name, arguments, own)?;
    let command = own
        .clone()
        .name(name.file)
        .bin_name(name.file)
        .infer_long_args(true)
        .args_override_self(true)
        .no_binary_name(true);
    let command = examples::shown(names::exclusive(command), verb, Some(name));
    let parsed = command
        .try_get_matches_from(arguments)
        .and_then(|matches| verb_of(verb, &matches, typed));
    parsed.or_else(|error| match error.kind() {
        ErrorKind::DisplayVersion => {
            let program = program.to_string_lossy();
            Err(Stop::Code(say_version(name.file, &program)?))
        }
        ErrorKind::InvalidValue if verb == "doc" => match doc::wrong_type(&error) {
            Some(error) => Err(Stop::Error(error)),
            None => Err(Stop::Code(usage(&error, None))),
        },
        _ => Err(Stop::Code(usage(&error, None))),
    })
}

fn say_version(head: &str, program: &str) -> Result<ExitCode> {
    terminal::print(&names::version(head, program)?)?;
    Ok(ExitCode::SUCCESS)
}

fn program() -> String {
    let program = std::env::args_os().next().unwrap_or_default();
    program.to_string_lossy().into_owned()
}

/// A verb from what was typed behind its name.
fn verb_of(verb: &str, matches: &ArgMatches, typed: Vec<OsString>) -> Result<Verb, clap::Error> {
    Ok(match verb {
        "adhoc" => Verb::Adhoc(FromArgMatches::from_arg_matches(matches)?),
        "console" => Verb::Console(FromArgMatches::from_arg_matches(matches)?),
        "config" => Verb::Config(FromArgMatches::from_arg_matches(matches)?),
        "doc" => {
            let mut own: doc::Arguments = FromArgMatches::from_arg_matches(matches)?;
            own.as_reference = true;
            Verb::Doc(own)
        }
        "galaxy" => {
            let mut own: galaxy::Arguments = FromArgMatches::from_arg_matches(matches)?;
            own.as_reference = true;
            own.typed = typed;
            Verb::Galaxy(own)
        }
        "inventory" => {
            let mut own: inventory::Arguments = FromArgMatches::from_arg_matches(matches)?;
            own.as_reference = true;
            Verb::Inventory(own)
        }
        "pull" => Verb::Pull(FromArgMatches::from_arg_matches(matches)?),
        "run" => Verb::Run(FromArgMatches::from_arg_matches(matches)?),
        "vault" => Verb::Vault(FromArgMatches::from_arg_matches(matches)?),
        _ => return Err(clap::Error::new(ErrorKind::InvalidSubcommand)),
    })
}

fn act(verb: Verb) -> Result<u8> {
    match verb {
        Verb::Completions(arguments) => completions::run(&arguments),
        Verb::Config(verb) => configuration::run(&verb),
        Verb::Console(arguments) => console::run(&arguments),
        Verb::Doc(arguments) => doc::run(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::Galaxy(arguments) => galaxy::run(&arguments),
        Verb::Links(arguments) => links::run(&arguments),
        Verb::Man(arguments) => completions::man(&arguments),
        Verb::Report(arguments) => report::run(&arguments),
        Verb::Runs(arguments) => runs::run(&arguments),
        Verb::Vault(arguments) => vault::run(&arguments),
        Verb::Inventory(arguments) => inventory::run(&arguments),
        Verb::Adhoc(arguments) => block_on(adhoc::run(arguments)),
        Verb::Doctor(arguments) => block_on(doctor::run(arguments, true)),
        Verb::Ping(arguments) => block_on(doctor::run(arguments, false)),
        Verb::Pull(arguments) => block_on(pull::run(arguments)),
        Verb::Run(arguments) => block_on(playbook::run(arguments)),
        Verb::Apply(arguments) => planning::apply(&arguments).and_then(|work| block_on(work.run())),
        Verb::Plan(arguments) => block_on(planning::plan(*arguments)),
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
        // A host walks a play by recursion, and a rendering may use 1 MiB below what that has used.
        .thread_stack_size(8 << 20)
        .enable_all()
        .build()
        .map_err(|error| {
            Error::new(Kind::Bug, "the program cannot start its threads").because(error)
        })
}

/// Puts `adhoc` before a pattern that stands where a verb would.
///
/// # Errors
/// It can be no pattern either.
fn with_verb(mut arguments: Vec<OsString>) -> Result<Vec<OsString>> {
    let first = arguments.get(1).and_then(|word| word.to_str());
    let is_pattern = match first {
        None | Some("-h" | "--help" | "-V" | "--version") => false,
        Some(word) => !is_verb(word),
    };
    if !is_pattern {
        return Ok(arguments);
    }
    if let Some(error) = suggest::not_a_verb(&arguments, &verbs()) {
        return Err(error);
    }
    arguments.insert(1, "adhoc".into());
    Ok(arguments)
}

/// A command with each of the commands right below it changed, which is given with its name.
fn each_below(
    mut command: clap::Command,
    change: impl Fn(clap::Command, &str) -> clap::Command,
) -> clap::Command {
    let below: Vec<String> = command
        .get_subcommands()
        .map(|verb| verb.get_name().to_owned())
        .collect();
    for verb in below {
        command = command.mut_subcommand(&verb, |own| change(own, &verb));
    }
    command
}

/// The names of the verbs.
fn verbs() -> Vec<String> {
    let command = Cli::command();
    let verbs = command.get_subcommands();
    verbs.map(|verb| verb.get_name().to_owned()).collect()
}

/// Says whether a word is a verb; anything else in its place is a host pattern.
fn is_verb(word: &str) -> bool {
    let command = Cli::command();
    let mut verbs = command.get_subcommands();
    word == "help"
        || verbs.any(|verb| verb.get_name() == word || verb.get_all_aliases().any(|a| a == word))
}

/// Prints clap's words, and the next step where something is missing.
fn usage(error: &clap::Error, verb: Option<&str>) -> ExitCode {
    use std::io::Write;
    let printed = error.print().and_then(|()| std::io::stdout().flush());
    if let Err(why) = printed
        && why.kind() != std::io::ErrorKind::BrokenPipe
    {
        terminal::print_error(&Error::input("failed to write the answer").because(why));
        return ExitCode::FAILURE;
    }
    let missing = matches!(
        error.kind(),
        ErrorKind::MissingRequiredArgument | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if let Some(next) = verb.filter(|_| missing).and_then(examples::first) {
        terminal::print_error_text(&format!("\nnext: {next}\n"));
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

//! `play completions`: what a shell sources, and the answers when it asks: flags and verbs from clap,
//! hosts, groups, tags, tasks and modules from the folder that it is asked in.

mod argcomplete;
mod candidates;

use std::path::PathBuf;

use clap::builder::Resettable;
use clap::{Args, ValueEnum};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, SubcommandCandidates};
use clap_complete::env::{Bash, EnvCompleter, Fish, Zsh};

use super::names::{NAMES, Name};
use super::terminal;
use crate::error::{Error, Result};

/// The variable of the environment that a shell asks with.
const ASKS: &str = "PLAY_COMPLETE";

/// What `play completions` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
    /// Complete Ansible's commands too, where `play links` has made their names
    #[arg(long)]
    names: bool,
}

/// A shell, or the manual.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    /// `source <(play completions bash)`
    Bash,
    /// `source <(play completions zsh)`
    Zsh,
    /// `play completions fish | source`
    Fish,
}

/// What `play man` takes.
#[derive(Args, Clone, Debug)]
pub struct Man {
    /// The folder that the pages are written to
    folder: PathBuf,
}

/// Prints what the shell is to read; gives the exit code.
///
/// # Errors
/// It cannot be written.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let shell: &dyn EnvCompleter = match arguments.shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
    };
    let mut text = Vec::new();
    let others = NAMES.iter().filter(|_| arguments.names);
    let names = std::iter::once("play").chain(others.map(|name| name.file));
    for name in names {
        shell.write_registration(ASKS, name, name, name, &mut text)?;
    }
    terminal::print(&String::from_utf8_lossy(&text))?;
    Ok(0)
}

/// Writes the manual: a page for `play` and one for every verb; gives the exit code.
///
/// # Errors
/// A page cannot be written.
pub fn man(arguments: &Man) -> Result<u8> {
    let failed = |error: std::io::Error| {
        Error::input(format!("failed to write `{}`", arguments.folder.display())).because(error)
    };
    std::fs::create_dir_all(&arguments.folder).map_err(failed)?;
    clap_mangen::generate_to(super::command(), &arguments.folder).map_err(failed)?;
    Ok(0)
}

/// Answers a shell, if one asks; says whether one did.
pub fn answer(called: Option<&'static Name>) -> bool {
    if argcomplete::asks() {
        argcomplete::answer(commands(called));
        return true;
    }
    if std::env::var_os(ASKS).is_none() {
        return false;
    }
    let here = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(move || commands(called))
        .var(ASKS)
        .try_complete(std::env::args_os(), here.as_deref());
    // A shell that asks is never answered with an error between its words.
    asked.unwrap_or(true)
}

/// What is completed: `play`, or the command that it was called as.
fn commands(called: Option<&'static Name>) -> clap::Command {
    match called {
        Some(name) => {
            let whole = completing();
            let mut own = whole
                .find_subcommand(name.verb)
                .cloned()
                .unwrap_or_default();
            // The reference writes it so.
            if own.find_subcommand("encrypt-string").is_some() {
                own = own.mut_subcommand("encrypt-string", |verb| {
                    verb.alias(Resettable::Reset).name("encrypt_string")
                });
            }
            own.name(name.file).bin_name(name.file)
        }
        None if is_pattern_first() => {
            // `play web1 -m …` is `play adhoc web1 -m …`.
            let whole = completing();
            let own = whole.find_subcommand("adhoc").cloned();
            own.unwrap_or(whole).name("play").bin_name("play")
        }
        None => completing(),
    }
}

/// Says whether what stands where a verb would is none, and something behind it is being completed.
fn is_pattern_first() -> bool {
    let mut typed = typed();
    let Some(first) = typed.next() else {
        return false;
    };
    let on_it = std::env::var("_CLAP_COMPLETE_INDEX").is_ok_and(|index| index == "1");
    typed.next().is_some() && !on_it && !first.starts_with('-') && !super::is_verb(&first)
}

/// The words of the line that is being typed; before them the words by which a shell asks.
fn line() -> Vec<String> {
    match argcomplete::asks() {
        true => argcomplete::words().0,
        false => std::env::args_os()
            .map(|word| word.to_string_lossy().into_owned())
            .collect(),
    }
}

/// The words of the line that is being typed, behind the program's name.
fn typed() -> impl Iterator<Item = String> {
    let is_bare = argcomplete::asks();
    let words = line().into_iter();
    let behind = words.skip_while(move |word| !is_bare && word != "--");
    behind.skip(if is_bare { 1 } else { 2 })
}

type Finder = fn(&str) -> Vec<(String, String)>;

/// The flags whose values are looked for, in every verb that has them.
const FINDERS: [(&str, Finder); 9] = [
    ("pattern", candidates::patterns),
    ("hosts", candidates::patterns),
    ("limit", candidates::patterns),
    ("host", candidates::hosts),
    ("group", candidates::groups),
    ("tags", candidates::tags),
    ("skip_tags", candidates::tags),
    ("start_at_task", candidates::tasks),
    ("module", candidates::modules),
];

/// The command line with those who know the values.
fn completing() -> clap::Command {
    // A host or a group may stand where a verb does.
    let patterns = || completed(candidates::patterns, &typed().next().unwrap_or_default());
    knowing(super::command(), "")
        .allow_external_subcommands(true)
        .add(SubcommandCandidates::new(patterns))
}

/// A command and those below it with who knows their values; `words` are the names on the way.
fn knowing(command: clap::Command, words: &str) -> clap::Command {
    // `mut_arg` would put an argument behind the others.
    let command = command.mut_args(|arg| match finder(words, arg.get_id().as_str()) {
        Some(find) => arg.add(completer(find)),
        None => arg,
    });
    crate::cli::each_below(command, |own, verb| {
        knowing(own, format!("{words} {verb}").trim_start())
    })
}

/// Who knows the values of an argument.
fn finder(words: &str, id: &str) -> Option<Finder> {
    match (words, id) {
        ("doc", "names") => return Some(candidates::pages),
        ("explain", "host") => return Some(candidates::patterns),
        ("explain", "variables") => return Some(candidates::variables),
        ("config get", "name") => return Some(candidates::settings),
        ("report" | "runs merge", "runs")
        | ("run", "resume")
        | ("runs show", "run")
        | ("runs diff", "before" | "after") => return Some(candidates::runs),
        _ => (),
    }
    let found = FINDERS.iter().find(|(known, _)| *known == id);
    found.map(|(_, find)| *find)
}

fn completer(find: Finder) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &std::ffi::OsStr| {
        completed(find, &current.to_string_lossy())
    })
}

/// What a word may become. Only the last of several, as in `--tags a,b` or `web:db`, is completed.
fn completed(find: Finder, current: &str) -> Vec<CompletionCandidate> {
    let at = current.rfind([',', ':']).map_or(0, |at| at + 1);
    let last = current[at..].trim_start_matches(['!', '&']);
    let before = &current[..current.len() - last.len()];
    let found = find(last)
        .into_iter()
        .filter(|(name, _)| name.starts_with(last));
    found
        .map(|(name, help)| {
            let candidate = CompletionCandidate::new(format!("{before}{name}"));
            match help.is_empty() {
                true => candidate,
                false => candidate.help(Some(help.into())),
            }
        })
        .collect()
}

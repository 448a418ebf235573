//! The talk itself: a line is read, understood and done, until there is none.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::command::{Command, Line, WORDS, find, is_yes};
use super::lines::{Lines, Typed};
use super::signals::{Ended, heeding};
use super::state::State;
use super::words::Words;
use crate::cli::printer::Level;
use crate::cli::{doc, listeners, terminal};
use crate::error::{Error, Kind, Place, Result, Source, nearest};
use crate::executor::{self, Means, Run};
use crate::modules;
use crate::value::{Map, Str, Value, to_json};

const WELCOME: &str = "Welcome to the ansible console. Type help or ? to list commands.\n\n";
/// What the play of a line is called.
const SOURCE: &str = "<console>";
const FAREWELL: &str = "\nAnsible-console was exited.\n";

/// A console with its hosts and connections.
pub struct Console<'a> {
    /// The run that all others follow, with the connections.
    pub means: Arc<Means>,
    /// What the tasks run on.
    pub runtime: &'a tokio::runtime::Runtime,
    /// The folder of roles and variables.
    pub folder: PathBuf,
    /// What is set.
    pub state: State,
    /// How much is told.
    pub level: Arc<Level>,
    /// Whether the prompt is coloured.
    pub colour: bool,
}

/// Whether the talk goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Exit,
}

impl Console<'_> {
    /// Reads and obeys lines until there are no more.
    ///
    /// # Errors
    /// Nothing can be read or written, or a signal ends the console.
    pub fn talk(&mut self) -> Result<()> {
        let mut lines = Lines::open()?;
        terminal::print(WELCOME)?;
        loop {
            let hosts = executor::match_hosts(&self.means.run, &self.pattern())?;
            let prompt = self.state.prompt(&listeners::user(), hosts.len());
            let coloured = self.coloured(&prompt);
            let flow = match lines.next(&prompt, &coloured, &self.words())? {
                Typed::End => Flow::Exit,
                Typed::Interrupted => Flow::Next,
                Typed::Line(line) => self.obey(&line)?,
            };
            if flow == Flow::Exit {
                break;
            }
        }
        self.runtime.block_on(self.means.close());
        terminal::print(FAREWELL)
    }

    fn coloured(&self, prompt: &str) -> String {
        let colour = if self.state.is_root() { 31 } else { 37 };
        match self.colour {
            true => format!("\x1b[0;{colour}m{}\x1b[0m ", prompt.trim_end()),
            false => prompt.to_owned(),
        }
    }

    fn pattern(&self) -> [String; 1] {
        [self.state.pattern.clone()]
    }

    fn words(&self) -> Words {
        let inventory = self.means.run.store.inventory();
        let hosts = inventory.hosts().map(|host| host.name.to_string());
        let groups = inventory.groups().map(|group| group.name.to_string());
        Words {
            places: hosts.chain(groups).collect(),
        }
    }

    fn obey(&mut self, line: &str) -> Result<Flow> {
        match Line::read(line) {
            Line::Empty => (),
            Line::Command(Command::Exit, _) => return Ok(Flow::Exit),
            Line::Command(Command::Shell, text) => self.task("shell", text)?,
            Line::Command(Command::Help, name) => self.help(name)?,
            Line::Command(Command::List, what) => self.list(what)?,
            Line::Command(Command::Cd, pattern) => self.cd(pattern)?,
            Line::Command(command, value) => self.set(command, value)?,
            Line::Task(text) => {
                let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
                match self.is_module(name) {
                    true => self.task(name, rest.trim_start())?,
                    false => self.task("shell", text)?,
                }
            }
        }
        Ok(Flow::Next)
    }

    fn is_module(&self, name: &str) -> bool {
        let catalogue = &self.means.run.catalogue;
        catalogue.find(name, &[], &self.state.collections).is_ok()
    }

    /// Runs one task; what is wrong with it is said, and the talk goes on.
    fn task(&self, module: &str, arguments: &str) -> Result<()> {
        let mut task = Map::new();
        task.set(module, Value::Str(Str::template(arguments, None)));
        let play = Value::list(vec![self.state.play(task)]);
        let source = Source::new(SOURCE, to_json(&play));
        let means = self.means.again(self.next_run());
        let plays = match executor::single_play(&means.run, &source, &self.folder, true) {
            Ok(play) => [play],
            Err(error) => return complain(&error),
        };
        let work = async { executor::run_plays(&means, &plays, &self.folder).await };
        match self.runtime.block_on(heeding(&means.run, work)) {
            Ended::Done(Ok(_)) => Ok(()),
            Ended::Done(Err(error)) => complain(&error),
            Ended::Interrupted => complain(&Error::input("User interrupted execution")),
            Ended::Leave(code) => std::process::exit(i32::from(code)),
        }
    }

    fn next_run(&self) -> Run {
        let mut options = self.means.run.options.clone();
        options.forks = self.state.forks;
        options.verbosity = self.level.verbosity();
        self.means.run.again(options)
    }

    fn cd(&mut self, pattern: &str) -> Result<()> {
        let pattern = match pattern {
            "" => "*",
            "/" | "*" | "/*" => "all",
            named => named,
        };
        let named = [pattern.to_owned()];
        match executor::match_hosts(&self.means.run, &named) {
            Ok(hosts) if hosts.is_empty() && !matches!(pattern, "*" | "all") => {
                say("no host matched")
            }
            Ok(_) => {
                pattern.clone_into(&mut self.state.pattern);
                Ok(())
            }
            Err(error) => complain(&error),
        }
    }

    fn list(&self, what: &str) -> Result<()> {
        let run = &self.means.run;
        let names: Vec<String> = match what {
            "" => {
                let hosts = executor::match_hosts(run, &self.pattern())?;
                hosts.iter().map(ToString::to_string).collect()
            }
            "groups" => {
                let inventory = run.store.inventory();
                let mut all: Vec<String> = inventory
                    .groups()
                    .map(|group| group.name.to_string())
                    .collect();
                all.sort();
                all
            }
            _ => {
                complain(&Error::input("Invalid option passed to \"list\""))?;
                return say(
                    "List the hosts in the current group or a list of groups if you add 'groups'.",
                );
            }
        };
        names.iter().try_for_each(|name| say(name))
    }

    /// Changes a setting; without a value, says how it is used and what it is.
    fn set(&mut self, command: Command, value: &str) -> Result<()> {
        let state = &mut self.state;
        let changed = match command {
            _ if value.is_empty() && command != Command::Collections => {
                return self.usage(command);
            }
            Command::Become => {
                state.become_ = is_yes(value);
                format!("become changed to {}", truth(state.become_))
            }
            Command::BecomeMethod => {
                state.become_method = Some(value.to_owned());
                format!("become_method changed to {value}")
            }
            Command::BecomeUser => {
                state.become_user = Some(value.to_owned());
                return Ok(());
            }
            Command::RemoteUser => {
                state.remote_user = Some(value.to_owned());
                return Ok(());
            }
            Command::Check => {
                state.check = is_yes(value);
                return say(&format!("check mode changed to {}", truth(state.check)));
            }
            Command::Diff => {
                state.diff = is_yes(value);
                self.level.set_diff(state.diff);
                return say(&format!("diff mode changed to {}", truth(state.diff)));
            }
            Command::Collections => {
                let none = matches!(value, "" | "none" | "''" | "\"\"");
                let named = value.split(',').map(|name| name.trim().to_owned());
                state.collections = if none { Vec::new() } else { named.collect() };
                match none {
                    true => "Collections name search is using defaults".to_owned(),
                    false => format!(
                        "Collections name search is set to: {}",
                        state.collections.join(", ")
                    ),
                }
            }
            Command::Forks | Command::Timeout | Command::Verbosity => {
                return self.number(command, value);
            }
            Command::Cd | Command::Exit | Command::Help | Command::List | Command::Shell => {
                return Ok(());
            }
        };
        self.note(&changed)
    }

    fn number(&mut self, command: Command, value: &str) -> Result<()> {
        let Ok(number) = value.parse::<i64>() else {
            let name = name_of(command);
            return complain(&Error::input(format!(
                "`{name}` takes a whole number, and not `{value}`"
            )));
        };
        let number = u64::try_from(number).ok();
        match (command, number) {
            (Command::Forks, None | Some(0)) => say("forks must be greater than or equal to 1"),
            (Command::Forks, Some(forks)) => {
                self.state.forks = usize::try_from(forks)
                    .unwrap_or(usize::MAX >> 4)
                    .min(1 << 20);
                Ok(())
            }
            (Command::Timeout, None) => complain(&Error::input(
                "The timeout must be greater than or equal to 1, use 0 to disable",
            )),
            (Command::Timeout, Some(seconds)) => {
                self.state.timeout = seconds;
                Ok(())
            }
            (_, number) => {
                let verbosity = u8::try_from(number.unwrap_or(0)).unwrap_or(u8::MAX);
                self.level.set_verbosity(verbosity);
                self.note(&format!("verbosity level set to {value}"))
            }
        }
    }

    fn usage(&self, command: Command) -> Result<()> {
        let state = &self.state;
        let (text, now) = match command {
            Command::Become => (
                "Please specify become value, e.g. `become yes`",
                truth(state.become_).to_owned(),
            ),
            Command::BecomeMethod => (
                "Please specify a become_method, e.g. `become_method su`",
                state
                    .become_method
                    .clone()
                    .unwrap_or_else(|| "sudo".to_owned()),
            ),
            Command::BecomeUser => (
                "Please specify a user, e.g. `become_user jenkins`",
                state
                    .become_user
                    .clone()
                    .unwrap_or_else(|| "root".to_owned()),
            ),
            Command::RemoteUser => (
                "Please specify a remote user, e.g. `remote_user root`",
                state.remote_user.clone().unwrap_or_else(listeners::user),
            ),
            Command::Check => (
                "Please specify check mode value, e.g. `check yes`",
                truth(state.check).to_owned(),
            ),
            Command::Diff => (
                "Please specify a diff value , e.g. `diff yes`",
                truth(state.diff).to_owned(),
            ),
            Command::Forks => ("Usage: forks <number>", state.forks.to_string()),
            Command::Timeout => ("Usage: timeout <seconds>", state.timeout.to_string()),
            _ => (
                "Usage: verbosity <number>",
                self.level.verbosity().to_string(),
            ),
        };
        say(text)?;
        self.note(&format!("{} is {now}", name_of(command)))
    }

    fn help(&self, name: &str) -> Result<()> {
        if name.is_empty() {
            return terminal::print(&super::help::overview());
        }
        if let Some(word) = find(name) {
            return say(&format!("{}: {}", word.usage, word.help));
        }
        if let Some(page) = doc::page(name) {
            return terminal::print(&page);
        }
        let names = WORDS.iter().flat_map(|word| word.names).copied();
        let names = names.chain(modules::ALL.iter().map(|module| module.name));
        let text = format!("`{name}` is neither a command nor a module");
        let hint = nearest(name, names);
        let hint = hint.unwrap_or_else(|| "`help` lists the commands and modules".to_owned());
        complain(&Error::new(Kind::Usage, text).hint(hint))
    }

    fn note(&self, text: &str) -> Result<()> {
        match self.level.verbosity() {
            0 => Ok(()),
            _ => say(text),
        }
    }
}

fn name_of(command: Command) -> &'static str {
    let word = WORDS.iter().find(|word| word.command == command);
    word.map_or("", |word| word.names[0])
}

fn truth(is: bool) -> &'static str {
    if is { "True" } else { "False" }
}

fn say(text: &str) -> Result<()> {
    terminal::print(&format!("{text}\n"))
}

/// Says what is wrong; the talk goes on.
#[expect(
    clippy::unnecessary_wraps,
    reason = "every way to obey a line gives a result"
)]
fn complain(error: &Error) -> Result<()> {
    terminal::print_error(&without_excerpt(error.clone()));
    Ok(())
}

/// A line that was typed just now needs no excerpt, least of all of the play that was made of it.
pub fn without_excerpt(error: Error) -> Error {
    let is_made = |place: &Place| place.source.path() == Path::new(SOURCE);
    match error.place().is_some_and(is_made) {
        true => {
            Error::new(error.kind(), error.message()).hint_if(error.hint_text().map(str::to_owned))
        }
        false => error,
    }
}

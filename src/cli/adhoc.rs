//! `play PATTERN -m MODULE -a ARGS`: one module on many hosts.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;

use super::callbacks;
use super::listeners::{self, Heard};
use super::meaning;
use super::options::{
    BecomeOptions, ConnectionOptions, InventoryOptions, OutputOptions, RunOptions, VaultOptions,
};
use super::printer::{Level, Printer};
use super::setup::{self, Typed};
use super::targets;
use super::terminal;
use crate::config::Config;
use crate::error::{Error, Kind, Manner, Place, Result, Source};
use crate::executor::{self, Tags};
use crate::playbook::{imports_playbook, keyword};
use crate::report::callbacks::of_adhoc;
use crate::report::{Event, Listener, ScreenOptions};
use crate::template::PluginNames;
use crate::value::{Map, Str, Value, from_json, to_json};
use crate::yaml;

/// The name of what was typed, as a source.
const COMMAND_LINE: &str = "<command line>";

/// What an ad-hoc run takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Which hosts: a name, a group, `all`, `web:&db:!old`, a glob, `~regex`
    pattern: String,
    /// The module (command, unless the configuration says otherwise)
    #[arg(short = 'm', long = "module-name", value_name = "MODULE")]
    module: Option<String>,
    /// Its arguments: key=value pairs or JSON
    #[arg(
        short = 'a',
        long = "args",
        value_name = "ARGS",
        allow_hyphen_values = true
    )]
    args: Option<String>,
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
    output: OutputOptions,
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
    run_heard(arguments, None).await
}

/// Runs one module, and lets one more listener hear of it; gives the exit code.
///
/// # Errors
/// As [`run`].
pub async fn run_heard(arguments: Arguments, also: Option<Box<dyn Listener>>) -> Result<u8> {
    let config = setup::configuration()?;
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
    let shown_as = Source::new(COMMAND_LINE, command_text(&arguments));
    let level = Level::new(
        meaning::verbosity(arguments.run.verbose, &config),
        arguments.run.diff || config.flag("DIFF_ALWAYS"),
    );
    let typed_line = Arc::clone(&shown_as);
    terminal::retell_with(move |error| as_typed(error, &typed_line));
    let typed_line = Arc::clone(&shown_as);
    let colour = terminal::colours(&arguments.run.color, &config);
    let printer = Printer {
        teller: of_adhoc(
            screen(colour, &config),
            arguments.one_line,
            terminal::manner() == Manner::Own,
        ),
        diffs: !arguments.one_line || terminal::manner() == Manner::Own,
        level: Arc::clone(&level),
        retell: Box::new(move |error| as_typed(error, &typed_line)),
        hints: HashSet::new(),
        also,
    };
    let shown = ScreenOptions {
        verbosity: level.verbosity(),
        manner: terminal::manner(),
        colour,
        width: terminal::width(),
        terminal: terminal::is_wide(),
        diff: level.diff(),
        ..ScreenOptions::default()
    };
    let hear = |extra: &dyn PluginNames| {
        let heard = Heard {
            config: &config,
            output: &arguments.output,
            screen: ScreenOptions {
                skipped: callbacks::shows_skipped(&config, extra)?,
                ..shown
            },
            runs: typed.connects,
            folder: Some(&typed.folder),
            secrets: (!typed.run.show_secrets).then_some(&typed.secrets),
            extra,
        };
        listeners::adhoc(&heard, Box::new(printer), arguments.one_line)
    };
    let ready = setup::ready_heard(&typed, &config, hear, |options| {
        if let Some(seconds) = arguments.task_timeout {
            options.task_timeout = (seconds > 0).then(|| Duration::from_secs(seconds));
        }
    })?;
    if config.flag("DEFAULT_LOAD_CALLBACK_PLUGINS") {
        callbacks::check_named(&config, &ready.run)?;
    }
    targets::check(&ready.run, &arguments.pattern)?;
    if arguments.run.list_hosts {
        let hosts = executor::match_hosts(&ready.run, std::slice::from_ref(&arguments.pattern))?;
        return list_hosts(&hosts);
    }
    // There, each host says that arguments are wrong.
    let strict = terminal::manner() == Manner::Own;
    let task = task(&arguments, &config)?;
    let play = executor::single_play(&ready.run, &task, &typed.folder, strict);
    let play = play.map_err(|error| as_typed(error, &shown_as))?;
    let module = arguments.module.clone().unwrap_or_default();
    let what = vec![arguments.pattern.clone(), module];
    let info = listeners::run_info("adhoc", what, &typed, &ready.run);
    ready.run.tell(Event::RunStarted(Arc::new(info)));
    // The reference tells its callbacks of a playbook of this name.
    ready.run.tell(Event::PlaybookStarted {
        path: "__adhoc_playbook__".into(),
    });
    let began = Instant::now();
    let means = executor::Means::new(&ready.run);
    super::signals::listen(&means, began);
    let ran = executor::run_plays(&means, &[play], &typed.folder).await;
    if ran.is_ok() {
        means.finish(began).await;
    }
    let code = ran.map(|_| ready.run.exit_code());
    listeners::ended(&ready.run, &code);
    ready.keep();
    Ok(setup::with_trouble(code?))
}

/// How results are printed where no callback is asked for; differences stand above them anyway.
pub fn screen(colour: bool, config: &Config) -> ScreenOptions {
    let screen = ScreenOptions {
        colour,
        ..ScreenOptions::default()
    };
    callbacks::formatted(screen, config)
}

/// Prints the hosts of `--list-hosts`.
///
/// # Errors
/// It cannot be written.
pub fn list_hosts(hosts: &[Arc<str>]) -> Result<u8> {
    let lines = hosts.iter().map(|host| format!("    {host}\n"));
    let lines: String = lines.collect();
    terminal::print(&format!("  hosts ({}):\n{lines}", hosts.len()))?;
    Ok(0)
}

/// The play of one task, as text: the same reader reads it as any other.
fn task(arguments: &Arguments, config: &Config) -> Result<Arc<Source>> {
    let given = arguments
        .args
        .clone()
        .or_else(|| config.text("DEFAULT_MODULE_ARGS"))
        .unwrap_or_default();
    let args = given.trim();
    // What stands in braces may be a shell's: a command's is taken only where it is JSON.
    let module = arguments
        .module
        .clone()
        .or_else(|| config.text("DEFAULT_MODULE_NAME"))
        .unwrap_or_else(|| "command".to_owned());
    let module = module.as_str();
    fits(module, &given, &arguments.pattern)?;
    let structured = match wants_words(module) {
        true => {
            from_json(args).is_ok_and(|value| value.as_map().is_some_and(|map| !map.is_empty()))
        }
        false => true,
    };
    let value = match args.starts_with('{') && structured {
        true => {
            let source = Source::new("<module args>", args);
            let document = yaml::load(&source, &yaml::Options::default())?;
            yaml::marked_json(document.root.value())
        }
        false => Value::Str(Str::template(args, None)),
    };
    let mut task = Map::new();
    match module.contains("{{") || keyword::find(module).is_some() {
        true => task.set(
            "action",
            crate::entries! { "module" => module, "args" => value },
        ),
        false => task.set(module, value),
    }
    if let Some(seconds) = arguments.background {
        task.set("async", seconds);
        task.set(
            "poll",
            arguments.poll.or_else(|| poll(config)).unwrap_or(15),
        );
    }
    let play = crate::entries! {
        "name" => "Ansible Ad-Hoc",
        "hosts" => arguments.pattern.as_str(),
        "gather_facts" => false,
        "tasks" => vec![Value::map(task)],
    };
    Ok(Source::new(
        COMMAND_LINE,
        to_json(&Value::list(vec![Value::map(play)])),
    ))
}

/// Whether a module takes a line of free text.
fn wants_words(module: &str) -> bool {
    const COLLECTIONS: [&str; 3] = ["ansible.builtin.", "ansible.legacy.", "ansible.windows."];
    let short = COLLECTIONS.iter().find_map(|of| module.strip_prefix(of));
    let short = short.unwrap_or(module);
    matches!(
        short,
        "command" | "shell" | "raw" | "script" | "win_command" | "win_shell"
    )
}

/// Refuses a module that cannot be run alone, or wants arguments and has none; in the reference's words.
fn fits(module: &str, given: &str, pattern: &str) -> Result<()> {
    let text = if wants_words(module) && given.is_empty() {
        let more = match pattern.ends_with(".yml") {
            true => " (did you mean to run ansible-playbook?)",
            false => "",
        };
        format!("No argument passed to {module} module{more}")
    } else if imports_playbook(module) {
        format!("'{module}' is not a valid action for ad-hoc commands")
    } else {
        return Ok(());
    };
    Err(Error::new(Kind::Options, text))
}

/// What was typed, as far as a task is made of it.
fn command_text(arguments: &Arguments) -> String {
    let mut words = vec!["play".to_owned(), arguments.pattern.clone()];
    let module = arguments
        .module
        .iter()
        .flat_map(|module| ["-m", module.as_str()]);
    let args = arguments.args.iter().flat_map(|args| ["-a", args.as_str()]);
    words.extend(module.chain(args).map(str::to_owned));
    shell_words::join(words)
}

/// The error with places in what was typed, where they are in the play that was made of it.
fn as_typed(error: Error, typed: &Arc<Source>) -> Error {
    error.moved(&|place| {
        if place.path() != Path::new(COMMAND_LINE) || Arc::ptr_eq(&place.source, typed) {
            return None;
        }
        let made = place
            .source
            .text()
            .lines()
            .nth(place.line.saturating_sub(1) as usize)?;
        let rest: String = made
            .chars()
            .skip(place.column.saturating_sub(1) as usize)
            .collect();
        let is_word = |c: char| c.is_alphanumeric() || "_.-".contains(c);
        let word = rest.trim_start_matches(['"', '{', ' ']);
        let word: String = word.chars().take_while(|c| is_word(*c)).collect();
        let found = typed.text().rfind(&word).filter(|_| !word.is_empty());
        let (line, column) = typed.position(found.unwrap_or(0));
        Some(Place::new(Arc::clone(typed), line, column))
    })
}

fn poll(config: &Config) -> Option<u64> {
    u64::try_from(config.number("DEFAULT_POLL_INTERVAL")?).ok()
}

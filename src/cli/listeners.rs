//! Who listens to a run: what was asked for on the command line, in the settings and by the place
//! it runs in.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::callbacks::{self, Foreign};
use super::foreign::shared_python;
use super::meaning;
use super::options::OutputOptions;
use super::setup::Typed;
use super::terminal;
use super::warned::Warned;
use crate::config::Config;
use crate::error::{Error, Manner, Result};
use crate::executor::Run;
use crate::memory;
use crate::report::journal::{Journal, Limits, Runs, new_id};
use crate::report::outputs::{Dense, Github, Gitlab, Junit, Lines, Logged, Metrics, Plan, Quiet};
use crate::report::{
    Beside, Clean, Event, Listener, Live, Masked, Printed, RunInfo, Screen, ScreenOptions, Secrets,
    Several, Slow, Stdout, Teller,
};
use crate::template::PluginNames;
use crate::value::Value;

/// Nobody: warnings are printed anyway.
pub struct Silent;

impl Listener for Silent {
    fn on(&mut self, _: &Event) {}
}

/// What decides who listens.
pub struct Heard<'a> {
    /// The settings.
    pub config: &'a Config,
    /// What was typed.
    pub output: &'a OutputOptions,
    /// How the screen is.
    pub screen: ScreenOptions,
    /// Whether anything runs: a list of tasks leaves no record.
    pub runs: bool,
    /// The folder of the playbook, where there is one.
    pub folder: Option<&'a Path>,
    /// What comes out of vaults, where it is hidden from what is written.
    pub secrets: Option<&'a Arc<Secrets>>,
    /// The extra variables, some of which are options of callbacks.
    pub extra: &'a dyn PluginNames,
}

impl Heard<'_> {
    /// A listener that hears of nothing that came out of a vault.
    fn masked(&self, listener: Box<dyn Listener>) -> Box<dyn Listener> {
        match self.secrets {
            Some(secrets) => Box::new(Masked::new(listener, secrets)),
            None => listener,
        }
    }

    /// The same for what prints.
    fn masked_teller(&self, teller: Box<dyn Teller>) -> Box<dyn Teller> {
        match self.secrets {
            Some(secrets) => Box::new(Masked::new(teller, secrets)),
            None => teller,
        }
    }

    fn masked_tellers(&self, tellers: Vec<Box<dyn Teller>>) -> Vec<Box<dyn Teller>> {
        let tellers = tellers.into_iter();
        tellers.map(|teller| self.masked_teller(teller)).collect()
    }
}

/// The listeners of playbooks.
///
/// # Errors
/// A setting is wrong.
pub fn playbook(heard: &Heard<'_>) -> Result<Box<dyn Listener>> {
    let settings = callbacks::settings(heard.config, &heard.screen);
    let python = heard
        .folder
        .filter(|_| heard.runs)
        .map(|folder| shared_python(folder, heard.config));
    let foreign = Foreign::of(python.as_deref(), heard.extra);
    let named = callbacks::stdout(heard.config, &settings, foreign);
    let (kind, first) = match (&heard.output.output, named) {
        (Some(kind), _) => (kind.as_str(), asked(kind, heard)?),
        // A callback writes as it would anywhere: some move about the terminal by themselves.
        (None, Some(callback)) => ("callback", heard.masked_teller(callback)),
        (None, None) => {
            let kind = kind_of_place(heard);
            (kind, teller(kind, &heard.screen)?)
        }
    };
    let mut tellers = vec![first];
    let beside = match heard.runs {
        true => callbacks::enabled(heard.config, &settings, foreign),
        false => Vec::new(),
    };
    let beside = heard.masked_tellers(beside);
    let mut printed = match kind {
        // What a program reads stays whole: what the others show is for people.
        "json" => Several(vec![
            printed(kind, tellers),
            Box::new(Printed::new(std::io::stderr(), beside)),
        ]),
        _ => {
            tellers.extend(beside);
            Several(vec![printed(kind, tellers)])
        }
    };
    let printed: Box<dyn Listener> = match printed.0.len() {
        1 => printed.0.remove(0),
        _ => Box::new(printed),
    };
    let printed = with_warnings(heard, !heard.screen.warnings, printed);
    let printed = with_log(heard, printed);
    Ok(with_files(heard, with_signs_of_life(heard, kind, printed)))
}

/// Adds the log of the settings, which has its own verbosity.
fn with_log(heard: &Heard<'_>, printed: Box<dyn Listener>) -> Box<dyn Listener> {
    let Some(log) = terminal::log() else {
        return printed;
    };
    let options = ScreenOptions {
        colour: false,
        terminal: false,
        width: 79,
        verbosity: heard
            .screen
            .verbosity
            .max(meaning::log_verbosity(heard.config)),
        manner: Manner::Reference,
        ..heard.screen.clone()
    };
    let screen = Box::new(Screen::new(Vec::new(), options));
    Box::new(Several(vec![printed, Box::new(Logged::new(log, screen))]))
}

/// Adds the listener that prints what tasks warn of, where the screen does not.
fn with_warnings(heard: &Heard<'_>, wanted: bool, printed: Box<dyn Listener>) -> Box<dyn Listener> {
    match wanted && heard.runs {
        true => {
            let deprecations = heard.config.flag("DEPRECATION_WARNINGS");
            Box::new(Several(vec![printed, Box::new(Warned::new(deprecations))]))
        }
        false => printed,
    }
}

/// Adds the listener that says of a long task that it still runs, where no live line does and people read.
fn with_signs_of_life(
    heard: &Heard<'_>,
    kind: &str,
    printed: Box<dyn Listener>,
) -> Box<dyn Listener> {
    let wanted = heard.runs && !terminal::is_live() && kind != "json";
    match wanted {
        true => {
            let say = |line: &str| terminal::print_error_text(&format!("{line}\n"));
            Box::new(Several(vec![printed, Box::new(Slow::new(say))]))
        }
        false => printed,
    }
}

/// What shows a plan of playbooks below `folder`.
pub fn plan(folder: PathBuf) -> Box<dyn Listener> {
    printed("plan", vec![Box::new(Plan::new(folder))])
}

/// The listeners of one module on hosts; `printer` speaks where nothing else is asked for.
///
/// # Errors
/// A setting is wrong.
pub fn adhoc(
    heard: &Heard<'_>,
    printer: Box<dyn Listener>,
    one_line: bool,
) -> Result<Box<dyn Listener>> {
    let (stdout, beside) = callbacks_of_adhoc(heard);
    let spoken: Box<dyn Listener> = match (&heard.output.output, stdout) {
        (Some(kind), _) => printed(kind, vec![asked(kind, heard)?]),
        (None, Some(named)) if !one_line => printed("callback", vec![heard.masked_teller(named)]),
        (None, _) if terminal::is_live() => {
            Box::new(Beside::new(printer, terminal::live_line().clone()))
        }
        (None, _) => printer,
    };
    let printed: Box<dyn Listener> = match (beside.is_empty(), heard.output.output.as_deref()) {
        (true, _) => spoken,
        // What a program reads stays whole.
        (false, Some("json")) => {
            let beside = Printed::new(std::io::stderr(), heard.masked_tellers(beside));
            Box::new(Several(vec![spoken, Box::new(beside)]))
        }
        (false, _) => {
            let beside = printed("callback", heard.masked_tellers(beside));
            Box::new(Several(vec![spoken, beside]))
        }
    };
    let kind = heard.output.output.as_deref().unwrap_or("ansible");
    let printed = with_warnings(heard, heard.output.output.is_none(), printed);
    Ok(with_files(heard, with_signs_of_life(heard, kind, printed)))
}

/// The callback of standard output of one module on hosts, and those beside it: they speak only
/// where `bin_ansible_callbacks` lets them.
fn callbacks_of_adhoc(heard: &Heard<'_>) -> (Option<Box<dyn Teller>>, Tellers) {
    let settings = callbacks::settings(heard.config, &heard.screen);
    if !heard.runs || !heard.config.flag("DEFAULT_LOAD_CALLBACK_PLUGINS") {
        return (None, Vec::new());
    }
    let python = heard
        .folder
        .map(|folder| shared_python(folder, heard.config));
    let foreign = Foreign::of(python.as_deref(), heard.extra);
    let stdout = callbacks::stdout(heard.config, &settings, foreign);
    let beside = callbacks::enabled(heard.config, &settings, foreign);
    (stdout, beside)
}

type Tellers = Vec<Box<dyn Teller>>;

/// What is printed where nobody said so: GitHub's runners and GitLab's have their own ways.
fn kind_of_place(heard: &Heard<'_>) -> &'static str {
    let is = |name: &str| std::env::var_os(name).is_some_and(|value| value == "true");
    match heard.runs {
        true if is("GITHUB_ACTIONS") => "github",
        true if is("GITLAB_CI") => "gitlab",
        _ => "ansible",
    }
}

/// What prints as `--output` says: events are for programs, the others for people.
fn asked(kind: &str, heard: &Heard<'_>) -> Result<Box<dyn Teller>> {
    let teller = teller(kind, &heard.screen)?;
    Ok(match kind {
        "json" => heard.masked_teller(teller),
        _ => teller,
    })
}

fn teller(kind: &str, options: &ScreenOptions) -> Result<Box<dyn Teller>> {
    let screen = || Box::new(Screen::new(Vec::new(), options.clone()));
    Ok(match kind {
        "dense" => Box::new(Dense::new(options.clone())),
        "github" => {
            let folder = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
            let folder = folder.map_or_else(std::env::current_dir, Ok)?;
            let summary = std::env::var_os("GITHUB_STEP_SUMMARY").map(PathBuf::from);
            Box::new(Clean(Box::new(Github::new(
                screen(),
                folder,
                random_word(),
                summary,
            ))))
        }
        "gitlab" => Box::new(Clean(Box::new(Gitlab::new(screen())))),
        "json" => Box::new(Lines::default()),
        "quiet" => Box::new(Quiet::new(options.clone())),
        _ => screen(),
    })
}

/// A word that no host can guess.
pub fn random_word() -> String {
    use std::hash::{BuildHasher, Hasher};
    let part = || std::hash::RandomState::new().build_hasher().finish();
    format!("play-{:016x}{:016x}", part(), part())
}

/// Text on standard output, with the live line where there is a terminal.
fn printed(kind: &str, tellers: Vec<Box<dyn Teller>>) -> Box<dyn Listener> {
    let live = terminal::is_live() && matches!(kind, "ansible" | "dense" | "plan" | "quiet");
    match live {
        true => Box::new(Live::new(tellers, terminal::live_line().clone())),
        false => Box::new(Printed::new(Stdout, tellers)),
    }
}

/// Adds the files that are written beside what is printed, and the journal.
fn with_files(heard: &Heard<'_>, printed: Box<dyn Listener>) -> Box<dyn Listener> {
    let mut all = vec![printed];
    if heard.runs {
        if let Some(path) = &heard.output.junit {
            all.push(heard.masked(Box::new(Junit::new(path.clone(), warn()))));
        }
        if let Some(path) = &heard.output.metrics {
            all.push(heard.masked(Box::new(Metrics::new(path.clone(), warn()))));
        }
        if !heard.output.no_record && heard.config.flag("play.record") {
            all.extend(journal(heard.config).map(|journal| heard.masked(journal)));
        }
    }
    match all.len() {
        1 => all.remove(0),
        _ => Box::new(Several(all)),
    }
}

/// What a listener has to say of itself.
fn warn() -> Box<dyn Fn(Error) + Send> {
    Box::new(|error| terminal::print_warning(&error))
}

fn journal(config: &Config) -> Option<Box<dyn Listener>> {
    match runs(config) {
        Ok(runs) => {
            let spares = Box::new(memory::spared);
            let journal = Journal::new(runs, limits(config), spares, warn());
            Some(Box::new(journal))
        }
        Err(error) => {
            terminal::print_warning(&Error::input("the run is not recorded").because(error));
            None
        }
    }
}

/// The folder of all runs.
///
/// # Errors
/// There is no home for it.
pub fn runs(config: &Config) -> Result<Runs> {
    if let Some(path) = config.path("play.runs_path") {
        return Ok(Runs::new(path));
    }
    let absolute = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".local/state")))
        .ok_or_else(|| {
            Error::input("neither XDG_STATE_HOME nor HOME names a folder")
                .hint("`runs_path` under [play] in ansible.cfg, or PLAY_RUNS_PATH, names one")
        })?;
    Ok(Runs::new(state.join("play/runs")))
}

/// How much is kept.
pub fn limits(config: &Config) -> Limits {
    let number = |name: &str, default: u64| {
        let number = config.number(name);
        number
            .and_then(|n| u64::try_from(n).ok())
            .unwrap_or(default)
    };
    Limits {
        runs: usize::try_from(number("play.runs_kept", 200)).unwrap_or(usize::MAX),
        bytes: number("play.runs_size", 1024).saturating_mul(1 << 20),
    }
}

/// A run, as it is announced.
pub fn run_info(verb: &str, what: Vec<String>, typed: &Typed<'_>, run: &Run) -> RunInfo {
    let folder = std::env::current_dir().unwrap_or_default();
    RunInfo {
        id: new_id(Timestamp::now()),
        play: env!("CARGO_PKG_VERSION").to_owned(),
        verb: verb.to_owned(),
        what,
        user: user(),
        controller: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
        pid: std::process::id(),
        folder: folder.display().to_string(),
        check: run.options.check,
        diff: run.options.diff,
        verbosity: run.options.verbosity,
        limit: run.options.limit.clone(),
        tags: typed.tags.only.clone(),
        skip_tags: typed.tags.skip.clone(),
        inventory: typed.inventory.inventory.clone(),
        extra_vars: run.house.extra.keys().map(Value::to_text).collect(),
        partition: run.options.partition.map(|share| share.to_string()),
        resumes: None,
    }
}

/// The name of whoever runs it, as the login or `/etc/passwd` says; the number where nothing is said.
pub fn user() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|user| !user.is_empty());
    let number = rustix::process::getuid().as_raw().to_string();
    named("USER")
        .or_else(|| named("LOGNAME"))
        .or_else(|| listed(&number))
        .unwrap_or(number)
}

/// The name of a user in `/etc/passwd`.
fn listed(number: &str) -> Option<String> {
    let all = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut users = all.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let found = users.find(|fields| fields.get(2) == Some(&number))?;
    Some(found[0].to_owned())
}

/// Tells that nothing follows.
pub fn ended(run: &Arc<Run>, code: &Result<u8>) {
    run.tell(match code {
        Ok(code) => Event::RunEnded {
            code: *code,
            error: None,
        },
        Err(error) => Event::RunEnded {
            code: error.kind().exit_code(),
            error: Some(error.clone()),
        },
    });
    let _ = Stdout.flush();
}

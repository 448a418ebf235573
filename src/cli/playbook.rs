//! `play run`: playbooks.

use std::collections::BTreeSet;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::Args;

use super::callbacks;
use super::doubts;
use super::extra;
use super::listeners::{self, Heard};
use super::meaning;
use super::options::{
    BecomeOptions, ConnectionOptions, InventoryOptions, OutputOptions, RunOptions, VaultOptions,
};
use super::resume::{self, Wanted};
use super::retry;
use super::setup::{self, Ready, Typed};
use super::signals;
use super::targets;
use super::terminal;
use crate::config::Config;
use crate::error::{Error, Kind, Manner, Result, nearest};
use crate::executor::{self, Listing, Run, Tags};
use crate::memory::Head;
use crate::plan::{Book, Command};
use crate::playbook::Play;
use crate::report::{Event, RunInfo, ScreenOptions};
use crate::template::PluginNames;
use crate::value::Map;

/// What `play run` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The playbooks, run one after the other
    #[arg(required_unless_present = "resume", value_name = "PLAYBOOK")]
    playbooks: Vec<PathBuf>,
    /// Only tasks with one of these tags
    #[arg(short = 't', long = "tags", value_name = "TAGS", value_delimiter = ',')]
    tags: Vec<String>,
    /// No task with one of these tags
    #[arg(long = "skip-tags", value_name = "TAGS", value_delimiter = ',')]
    skip_tags: Vec<String>,
    /// Check that the playbooks can be understood, and run nothing
    #[arg(long)]
    syntax_check: bool,
    /// List the tasks that would run, and run nothing
    #[arg(long)]
    list_tasks: bool,
    /// List the tags there are, and run nothing
    #[arg(long)]
    list_tags: bool,
    /// Begin at the task of this name
    #[arg(long, value_name = "NAME")]
    start_at_task: Option<String>,
    /// Ask before each task
    #[arg(long)]
    step: bool,
    /// Run notified handlers even on hosts where a task failed
    #[arg(long)]
    force_handlers: bool,
    /// Go on where a run stopped: its id, or the last run of these playbooks (see `play runs`)
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "last")]
    resume: Option<String>,
    /// Run the handlers that earlier runs were notified of and did not come to
    #[arg(long, conflicts_with = "resume")]
    owed: bool,
    /// Exit with 0 where nothing changed, 2 where something did, 1 where a host failed
    #[arg(long)]
    detailed_exitcode: bool,
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

impl Arguments {
    /// In `--resume site.yml`, what stands behind the option is a playbook.
    ///
    /// # Errors
    /// There is no playbook.
    fn straighten(&mut self) -> Result<()> {
        let playbook = self.resume.take_if(|word| Path::new(word).is_file());
        if let Some(playbook) = playbook {
            self.playbooks.insert(0, playbook.into());
            self.resume = Some("last".to_owned());
        }
        match self.playbooks.is_empty() {
            true => Err(Error::new(Kind::Options, "which playbook?")
                .hint("play run PLAYBOOK --resume, with the options of the run that is resumed")),
            false => Ok(()),
        }
    }

    /// What the run is asked to do, for one that resumes it.
    fn head(&self, id: &str, extra: &Map) -> Result<Head> {
        let playbooks = self.playbooks.iter().map(std::path::absolute);
        Ok(Head {
            id: id.to_owned(),
            playbooks: playbooks.collect::<std::io::Result<_>>()?,
            check: self.run.check,
            tags: self.tags.clone(),
            skip_tags: self.skip_tags.clone(),
            start_at: self.start_at_task.clone(),
            extra: Head::print_of(extra),
        })
    }

    /// Refuses what means nothing where nothing is run.
    ///
    /// # Errors
    /// There is such an option.
    pub fn fit_for_a_plan(&self) -> Result<()> {
        let output = &self.output;
        let given = [
            ("--syntax-check", self.syntax_check),
            ("--list-tasks", self.list_tasks),
            ("--list-tags", self.list_tags),
            ("--list-hosts", self.run.list_hosts),
            ("--resume", self.resume.is_some()),
            ("--owed", self.owed),
            ("--step", self.step),
            ("--output", output.output.is_some()),
            ("--junit", output.junit.is_some()),
            ("--metrics", output.metrics.is_some()),
        ];
        match given.iter().find(|(_, is)| *is) {
            None => Ok(()),
            Some((option, _)) => {
                let text = format!("`{option}` means nothing to a plan");
                Err(Error::new(Kind::Options, text).hint("it is for `play run`"))
            }
        }
    }

    /// The same without `--check`: a plan is applied.
    pub fn without_check(&mut self) {
        self.run.check = false;
    }

    fn listing(&self) -> Listing {
        Listing {
            hosts: self.run.list_hosts,
            tags: self.list_tags,
            tasks: self.list_tasks,
        }
    }

    /// `--tags` and `--skip-tags`; a list of all tags names those of `never` too.
    fn tags(&self) -> Tags {
        let mut only = self.tags.clone();
        if self.list_tags && only.is_empty() && self.skip_tags.is_empty() {
            only.extend(["never", "all"].map(str::to_owned));
        }
        Tags {
            only,
            skip: self.skip_tags.clone(),
        }
    }
}

/// What is done with playbooks.
pub enum Mode {
    /// They are run.
    Run,
    /// It is planned what a run would do.
    Plan {
        /// The plan.
        book: Arc<Book>,
        /// The file that keeps it.
        out: Option<PathBuf>,
        /// What was typed.
        command: Command,
    },
    /// A plan is applied.
    Apply(Arc<Book>),
}

impl Mode {
    fn book(&self) -> Option<&Arc<Book>> {
        match self {
            Mode::Run => None,
            Mode::Plan { book, .. } | Mode::Apply(book) => Some(book),
        }
    }

    /// Keeps a plan; gives the exit code: 1 where a host fails or there is none, 2 where something is to change.
    fn end(&self, code: u8, run: &Run) -> Result<u8> {
        let Mode::Plan { book, out, command } = self else {
            return Ok(code);
        };
        let code = match (code, book.counts()) {
            (0, _) if book.is_empty() => return Ok(1),
            (0, (0, 0)) => 0,
            (0, _) => 2,
            (2 | 4, _) => 1,
            // It was interrupted: half a plan is none.
            (code, _) => return Ok(code),
        };
        if let Some(out) = out {
            let mask = |text: &str| run.house.secrets.written(text);
            book.write(out, command, &run.house.watch, &mask)?;
            let text = format!("Kept in {0}: `play apply {0}` does this.", out.display());
            run.tell(Event::Note { level: 0, text });
        }
        Ok(code)
    }
}

/// Runs playbooks; gives the exit code.
///
/// # Errors
/// Something that belongs to no host is wrong.
pub async fn run(arguments: Arguments) -> Result<u8> {
    run_as(arguments, Mode::Run).await
}

/// Runs playbooks, or plans it, or applies a plan; gives the exit code.
///
/// # Errors
/// As for [`run`].
pub async fn run_as(mut arguments: Arguments, mode: Mode) -> Result<u8> {
    arguments.straighten()?;
    let plans = matches!(mode, Mode::Plan { .. });
    if plans {
        arguments.run.check = true;
        arguments.run.diff = true;
        arguments.output.no_record = true;
    }
    for playbook in &arguments.playbooks {
        there_is(playbook)?;
    }
    let config = setup::configuration()?;
    let typed = Typed {
        inventory: &arguments.inventory,
        connection: &arguments.connection,
        become_: &arguments.become_,
        vault: &arguments.vault,
        run: &arguments.run,
        tags: arguments.tags(),
        folder: folder_of(&arguments.playbooks[0])?,
        connects: !arguments.syntax_check && !arguments.listing().is_wanted(),
        secrets: Arc::default(),
    };
    let hear = |extra: &dyn PluginNames| match plans {
        true => Ok(listeners::plan(typed.folder.clone())),
        false => listeners::playbook(&Heard {
            config: &config,
            output: &arguments.output,
            screen: screen(&arguments, &config, extra)?,
            runs: typed.connects,
            folder: Some(&typed.folder),
            secrets: (!typed.run.show_secrets).then_some(&typed.secrets),
            extra,
        }),
    };
    let retry_files = retry_folder(&config, &typed.folder);
    let ready = setup::ready_heard(&typed, &config, hear, |options| {
        options.force_handlers |= arguments.force_handlers;
        options.retry_files = retry_files;
        options.start_at.clone_from(&arguments.start_at_task);
        options.step = arguments.step;
        options.plan = mode.book().cloned();
    })?;
    ready.run.house.plans.store(plans, Ordering::Relaxed);
    callbacks::check_named(&config, &ready.run)?;
    if mode.book().is_some() {
        // Before a task reads anything: they are what the whole run is made of.
        let watch = &ready.run.house.watch;
        config.file.iter().for_each(|file| watch.note_unread(file));
        extra::files(&typed.run.extra_vars).for_each(|file| watch.note_unread(file));
    }
    let what = arguments.playbooks.iter();
    let what = what.map(|path| path.display().to_string()).collect();
    let info = listeners::run_info("run", what, &typed, &ready.run);
    let code = run_all(&ready, &arguments, &config, info).await;
    listeners::ended(&ready.run, &code);
    // What a plan does not know yet is nothing to keep.
    if !plans {
        ready.keep();
    }
    let code = mode.end(code?, &ready.run)?;
    let code = match (arguments.detailed_exitcode && !plans, code) {
        (true, 0) => 2 * u8::from(ready.run.counts().iter().any(|(_, one)| one.changed > 0)),
        (true, 2 | 4) => 1,
        (_, code) => code,
    };
    Ok(setup::with_trouble(code))
}

/// How the screen is.
fn screen(
    arguments: &Arguments,
    config: &Config,
    extra: &dyn PluginNames,
) -> Result<ScreenOptions> {
    let verbosity = meaning::verbosity(arguments.run.verbose, config);
    let screen = ScreenOptions {
        verbosity,
        manner: terminal::manner(),
        colour: terminal::colours(&arguments.run.color, config),
        width: terminal::width(),
        terminal: terminal::is_wide(),
        check_marks: config.flag("default.check_mode_markers"),
        arguments: config.flag("DISPLAY_ARGS_TO_STDOUT"),
        diff: arguments.run.diff || config.flag("DIFF_ALWAYS"),
        skipped: callbacks::shows_skipped(config, extra)?,
        ok: config.flag("default.display_ok_hosts"),
        stats: config.flag("SHOW_CUSTOM_STATS"),
        durations: terminal::manner() == Manner::Own,
        warnings: terminal::manner() == crate::error::Manner::Own,
        deprecations: config.flag("DEPRECATION_WARNINGS"),
        ..ScreenOptions::default()
    };
    Ok(callbacks::formatted(screen, config))
}

/// Checks that a playbook can be read: it is a file, or a pipe.
///
/// # Errors
/// It is not there, or a folder or the like.
fn there_is(playbook: &Path) -> Result<()> {
    let shown = match terminal::manner() {
        Manner::Own => format!("the playbook `{}`", playbook.display()),
        Manner::Reference => format!("the playbook: {}", playbook.display()),
    };
    let Ok(about) = std::fs::metadata(playbook) else {
        let error = Error::input(format!("{shown} could not be found"));
        return Err(error.hint_if(similar(playbook)));
    };
    match about.is_file() || about.file_type().is_fifo() {
        true => Ok(()),
        false => Err(Error::input(format!(
            "{shown} does not appear to be a file"
        ))),
    }
}

/// The name of a file beside a missing one that is nearly the same, or what else is there.
fn similar(missing: &Path) -> Option<String> {
    let folder = missing
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok();
    let Some(entries) = entries else {
        return Some("its folder is not there".to_owned());
    };
    let names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let wanted = missing.file_name()?.to_str()?;
    nearest(wanted, names.iter().map(String::as_str)).or_else(|| {
        let mut books: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|name| name.ends_with(".yml") || name.ends_with(".yaml"))
            .collect();
        books.sort_unstable();
        (!books.is_empty()).then(|| format!("the folder has {}", books.join(", ")))
    })
}

/// The folder of retry files, where they are wanted.
fn retry_folder(config: &Config, folder: &Path) -> Option<PathBuf> {
    let wanted = config.flag("RETRY_FILES_ENABLED");
    let named = config.path("RETRY_FILES_SAVE_PATH");
    wanted.then(|| named.unwrap_or_else(|| folder.to_owned()))
}

async fn run_all(
    ready: &Ready,
    arguments: &Arguments,
    config: &Config,
    info: RunInfo,
) -> Result<u8> {
    let began = Instant::now();
    targets::check(&ready.run, "all")?;
    let only_looks = arguments.syntax_check || arguments.listing().is_wanted();
    let ahead = match terminal::manner() {
        // There, what a playbook brings the next one may need to be read.
        Manner::Reference if !only_looks => 1,
        _ => arguments.playbooks.len(),
    };
    let mut loaded = Vec::new();
    for playbook in &arguments.playbooks[..ahead] {
        loaded.push((playbook.as_path(), executor::load(&ready.run, playbook)?));
    }
    if only_looks {
        return look_at(ready, arguments, &loaded);
    }
    let wanted = Wanted {
        resume: arguments.resume.as_deref(),
        owed: arguments.owed,
        head: arguments.head(&info.id, &ready.run.house.extra)?,
    };
    // Before variables of hosts are read that the run before did not have.
    let past = match loaded.first() {
        Some((_, plays)) if arguments.resume.is_some() => {
            let folder = loaded_folder(&arguments.playbooks[0], plays)?;
            Some(resume::past(&wanted, config, &ready.run, &folder)?)
        }
        _ => None,
    };
    for book in &loaded {
        look_over(ready, book)?;
    }
    // What a playbook behind it includes, the first one may bring.
    // Called by the reference's name, the task fails when it is reached, as programs expect that read the output.
    if let Some((playbook, plays)) = loaded.first()
        && terminal::manner() == Manner::Own
    {
        executor::missing(&ready.run, plays, &folder_of(playbook)?)
            .map_err(|error| error.of_kind(Kind::Failed))?;
    }
    if loaded.len() == arguments.playbooks.len() {
        let all: Vec<Arc<Play>> = loaded.iter().flat_map(|(_, plays)| plays.clone()).collect();
        executor::doubts(&ready.run, &all)?;
    }
    if let Some(plan) = ready.run.options.plan.as_deref() {
        plan.knows_all(&ready.run.house.watch, &BTreeSet::new())?;
    }
    let past = match past {
        Some(past) => past,
        None => resume::debts(&wanted, config, &ready.run),
    };
    let info = RunInfo {
        resumes: past.id(),
        ..info
    };
    let means = executor::Means::new(&ready.run);
    signals::listen(&means, began);
    ready.run.tell(Event::RunStarted(Arc::new(info)));
    resume::remember(wanted, past, config, &ready.run)?;
    let mut loaded = loaded.into_iter();
    for (number, playbook) in arguments.playbooks.iter().enumerate() {
        if number > 0 {
            means.tell_playbook_done(began);
        }
        let book = match loaded.next() {
            Some(book) => book,
            None => read_late(ready, playbook)?,
        };
        if !run_one(&means, book).await? {
            retry::write(&ready.run, playbook);
            break;
        }
    }
    means.finish(began).await;
    let doubts = doubts::unused(&ready.run, &arguments.run);
    resume::tell_tally(&ready.run, arguments.resume.is_some());
    resume::tell_still_owed(&ready.run, arguments.owed);
    resume::tell_hint(&ready.run);
    doubts.map(|()| ready.run.exit_code())
}

/// The folder of the first play of a playbook.
fn loaded_folder(playbook: &Path, plays: &[Arc<Play>]) -> Result<PathBuf> {
    let folder = folder_of(playbook)?;
    let play = plays.first();
    Ok(play.map_or(folder.clone(), |play| executor::play_folder(play, &folder)))
}

/// A playbook and its plays.
type Loaded<'a> = (&'a Path, Vec<Arc<Play>>);

/// Runs a playbook; says whether the next one may follow.
async fn run_one(means: &Arc<executor::Means>, (playbook, plays): Loaded<'_>) -> Result<bool> {
    means.run.tell(Event::PlaybookStarted {
        path: playbook.to_owned(),
    });
    means.run.tell(Event::Note {
        level: 2,
        text: format!("{} plays in {}", plays.len(), playbook.display()),
    });
    executor::run_plays(means, &plays, &folder_of(playbook)?).await
}

/// Reads a playbook when its turn has come.
fn read_late<'a>(ready: &Ready, playbook: &'a Path) -> Result<Loaded<'a>> {
    let book = (playbook, executor::load(&ready.run, playbook)?);
    look_over(ready, &book)?;
    Ok(book)
}

/// Says what is wrong with a playbook's tasks, before it is run.
fn look_over(ready: &Ready, (playbook, plays): &Loaded<'_>) -> Result<()> {
    executor::check(&ready.run, plays, &folder_of(playbook)?, true)
}

/// Lists what the playbooks would do, or checks that they can be understood.
fn look_at(ready: &Ready, arguments: &Arguments, books: &[Loaded<'_>]) -> Result<u8> {
    for (_, plays) in books {
        executor::resolve(&ready.run, plays)?;
    }
    for (playbook, plays) in books {
        list(ready, arguments, playbook, plays)?;
        if arguments.syntax_check {
            executor::check(&ready.run, plays, &folder_of(playbook)?, false)?;
        }
    }
    Ok(0)
}

/// Prints what a playbook would do, or only that it can be understood.
fn list(ready: &Ready, arguments: &Arguments, playbook: &Path, plays: &[Arc<Play>]) -> Result<()> {
    let head = format!("\nplaybook: {}\n", playbook.display());
    terminal::print(&terminal::shown(&head))?;
    if arguments.syntax_check {
        return Ok(());
    }
    let folder = folder_of(playbook)?;
    let text = arguments.listing().of(&ready.run, plays, &folder)?;
    terminal::print(&terminal::shown(&text))
}

fn folder_of(playbook: &Path) -> Result<PathBuf> {
    let full = std::path::absolute(playbook)?;
    Ok(full
        .parent()
        .map_or_else(|| PathBuf::from("/"), Path::to_owned))
}

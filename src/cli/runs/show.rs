//! `play runs show`: the screen of a run again.

use std::sync::Arc;

use clap::Args;

use super::super::terminal;
use super::one;
use crate::config::Config;
use crate::error::{Error, Kind, Result, nearest};
use crate::report::journal::Record;
use crate::report::outputs::{Dense, Lines, Quiet};
use crate::report::record::Replay;
use crate::report::{Event, Recap, Result as Outcome, Screen, ScreenOptions, Status, Teller};

/// What `play runs show` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Which run: an id, its beginning, `last`, `last-1`, or a folder
    #[arg(default_value = "last", value_name = "ID")]
    run: String,
    /// Only what failed
    #[arg(long)]
    failed: bool,
    /// Only what changed (with --failed: either)
    #[arg(long)]
    changed: bool,
    /// Only this host; may be repeated
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,
    /// How it is printed: ansible, dense, json, quiet
    #[arg(long, value_name = "KIND", default_value = "ansible", value_parser = ["ansible", "dense", "json", "quiet"])]
    output: String,
    /// Say more
    #[arg(short = 'v', long = "verbose", action = clap::ArgAction::Count)]
    verbose: u8,
    /// Show what differs in files, also where the run did not
    #[arg(short = 'D', long = "diff")]
    diff: bool,
    /// When to colour: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = ["auto", "always", "never"])]
    color: String,
}

/// Shows.
///
/// # Errors
/// There is no such run, or it cannot be read.
pub fn run(arguments: &Arguments, config: &Config) -> Result<u8> {
    let record = one(&arguments.run, config)?;
    let summary = record.summary()?;
    has_hosts(&record, &summary.run.id, &arguments.host)?;
    let options = ScreenOptions {
        verbosity: summary.run.verbosity.max(arguments.verbose),
        colour: terminal::colours(&arguments.color, config),
        width: terminal::width(),
        diff: summary.run.diff || arguments.diff,
        skipped: config.flag("DISPLAY_SKIPPED_HOSTS"),
        ok: config.flag("default.display_ok_hosts"),
        stats: config.flag("SHOW_CUSTOM_STATS"),
        durations: true,
        ..ScreenOptions::default()
    };
    let mut teller: Box<dyn Teller> = match arguments.output.as_str() {
        "dense" => Box::new(Dense::new(options)),
        "json" => Box::new(Lines::default()),
        "quiet" => Box::new(Quiet::new(options)),
        _ => Box::new(Screen::new(Vec::new(), options)),
    };
    let only = Only::of(arguments);
    let mut replay = Replay::default();
    let mut printed = Ok(());
    record.read(|line| {
        let Some(event) = replay.event(&line.body) else {
            return;
        };
        let Some(event) = only.pass(event) else {
            return;
        };
        if let (Event::Warning(warning), true) = (&event, only.everything()) {
            terminal::print_warning(warning);
        }
        let mut text = Vec::new();
        teller.tell(&event, &mut text);
        if printed.is_ok() && !text.is_empty() {
            printed = terminal::print(&String::from_utf8_lossy(&text));
        }
        if let Event::RunEnded {
            error: Some(error), ..
        } = &event
        {
            terminal::print_error(error);
        }
    })?;
    printed?;
    if summary.end == crate::report::journal::End::Killed {
        let error = crate::error::Error::input("this run was killed: its record just ends");
        terminal::print_warning(&error);
    }
    Ok(0)
}

/// Refuses hosts that the run did not have.
fn has_hosts(record: &Record, id: &str, wanted: &[String]) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let hosts = record.hosts()?;
    match wanted.iter().find(|host| !hosts.contains(*host)) {
        None => Ok(()),
        Some(host) => {
            let text = format!("the run `{id}` has no host `{host}`");
            let like = nearest(host, hosts.iter().map(String::as_str));
            Err(Error::new(Kind::Options, text).hint_if(like))
        }
    }
}

/// What is to be seen.
struct Only<'a> {
    failed: bool,
    changed: bool,
    hosts: &'a [String],
}

impl<'a> Only<'a> {
    fn of(arguments: &'a Arguments) -> Self {
        Only {
            failed: arguments.failed,
            changed: arguments.changed,
            hosts: &arguments.host,
        }
    }

    fn everything(&self) -> bool {
        !self.failed && !self.changed && self.hosts.is_empty()
    }

    fn wants_host(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|wanted| wanted == host)
    }

    fn wants(&self, result: &Outcome) -> bool {
        let of_state = match result.status {
            Status::Failed | Status::Ignored | Status::Unreachable => self.failed,
            Status::Changed => self.changed,
            Status::Ok | Status::Skipped => false,
        };
        self.wants_host(&result.host) && (of_state || !(self.failed || self.changed))
    }

    /// The event, where it is to be seen; a task's banner then comes with its first result.
    fn pass(&self, event: Event) -> Option<Event> {
        if self.everything() {
            return Some(event);
        }
        match &event {
            Event::ItemDone(result) | Event::TaskDone(result) => {
                self.wants(result).then_some(event)
            }
            Event::Retrying { result, .. } => {
                (self.wants_host(&result.host) && !self.failed && !self.changed).then_some(event)
            }
            Event::Finished(recap) => Some(Event::Finished(Arc::new(self.recap(recap)))),
            Event::PlayStarted(_) | Event::PlaybookStarted { .. } | Event::RunStarted(_) => {
                Some(event)
            }
            Event::RunEnded { .. } => Some(event),
            _ => None,
        }
    }

    fn recap(&self, recap: &Recap) -> Recap {
        let hosts = recap.hosts.iter().filter(|(host, counts)| {
            let failed = counts.failed > 0 || counts.unreachable > 0;
            let changed = counts.changed > 0;
            let state = self.failed && failed || self.changed && changed;
            self.wants_host(host) && (state || !(self.failed || self.changed))
        });
        Recap {
            hosts: hosts.cloned().collect(),
            ..recap.clone()
        }
    }
}

//! What one module on many hosts prints: a result a host, as the reference's `minimal` does.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use super::terminal;
use crate::error::{Error, Manner};
use crate::report::{Event, Listener, Result, Teller, diff, interrupted_lines};

/// How much is told; a console changes it while the printer is at work.
#[derive(Debug)]
pub struct Level {
    verbosity: AtomicU8,
    diff: AtomicBool,
}

impl Level {
    /// So many `-v`, with differences or without.
    pub fn new(verbosity: u8, diff: bool) -> Arc<Self> {
        Arc::new(Level {
            verbosity: AtomicU8::new(verbosity),
            diff: AtomicBool::new(diff),
        })
    }

    /// How many `-v`.
    pub fn verbosity(&self) -> u8 {
        self.verbosity.load(Ordering::Relaxed)
    }

    /// Whether differences are shown.
    pub fn diff(&self) -> bool {
        self.diff.load(Ordering::Relaxed)
    }

    /// Changes how many `-v`.
    pub fn set_verbosity(&self, verbosity: u8) {
        self.verbosity.store(verbosity, Ordering::Relaxed);
    }

    /// Changes whether differences are shown.
    pub fn set_diff(&self, diff: bool) {
        self.diff.store(diff, Ordering::Relaxed);
    }
}

/// Prints a result a host.
pub struct Printer {
    /// What is said of a result.
    pub teller: Box<dyn Teller>,
    /// Whether differences stand above a result, where they are wanted.
    pub diffs: bool,
    /// How much.
    pub level: Arc<Level>,
    /// How an error of a task is told: what was typed is shown, and not the play that was made of it.
    pub retell: Box<dyn Fn(Error) -> Error + Send>,
    /// Who hears of everything too.
    pub also: Option<Box<dyn Listener>>,
    /// The hints that were given: each is given once.
    pub hints: HashSet<String>,
}

impl Printer {
    fn told(&mut self, event: &Event) {
        let mut text = Vec::new();
        self.teller.tell(event, &mut text);
        // A reader that went away, as `head` does, is no error.
        let _ = terminal::print(&String::from_utf8_lossy(&text));
    }

    /// What to do about a failure, beside the results; the reference's names print what it prints.
    fn advise(&mut self, result: &Result) {
        let Some(aside) = &result.outcome.aside else {
            return;
        };
        if terminal::manner() == Manner::Reference || result.task.no_log {
            return;
        }
        if let Some(cause) = &aside.cause {
            let text = format!("{}: {cause}\n", result.host);
            terminal::print_error_text(&terminal::shown(&text));
        }
        for line in &aside.below {
            terminal::print_error_text(&terminal::shown(&format!("    {line}\n")));
        }
        if let Some(hint) = &aside.hint
            && self.hints.insert(hint.clone())
        {
            terminal::print_error_text(&terminal::shown(&format!("hint: {hint}\n")));
        }
    }
}

impl Listener for Printer {
    fn on(&mut self, event: &Event) {
        if let Some(also) = &mut self.also {
            also.on(event);
        }
        match event {
            Event::TaskDone(result) => {
                if self.level.diff() && self.diffs {
                    let texts = result.outcome.diff.iter().filter_map(diff::render);
                    texts.for_each(|text| say(&terminal::shown(&text)));
                }
                self.told(event);
                self.advise(result);
            }
            Event::Included(_) | Event::IncludeFailed { .. } => self.told(event),
            Event::TaskError(error) => terminal::print_error(&(self.retell)(error.clone())),
            Event::Finished(recap) => {
                let lines = interrupted_lines(recap);
                lines.iter().for_each(|line| say(&terminal::shown(line)));
            }
            Event::NoHostsMatched => {
                terminal::print_warning(&Error::input("no hosts matched, nothing to do"));
            }
            Event::Note { level, text } if *level <= self.level.verbosity() => {
                say(&terminal::shown(text));
            }
            Event::Sent { host, text } if self.level.verbosity() >= 4 => {
                say(&terminal::shown(&format!("<{host}> {text}")))
            }
            _ => (),
        }
    }
}

/// Prints a line. A reader that went away, as `head` does, is no error.
fn say(text: &str) {
    let _ = terminal::print(&format!("{text}\n"));
}

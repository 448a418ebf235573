//! What is told while things are fetched: lines, warnings, and a bar on a terminal.

use std::io::IsTerminal;
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::terminal;
use crate::galaxy::Note;

/// Someone who tells; `bar` says whether a bar is shown, else a terminal decides.
pub fn teller(verbosity: u8, bar: Option<bool>) -> Box<dyn Fn(Note) + Send + Sync> {
    let shows = bar.unwrap_or_else(|| std::io::stderr().is_terminal());
    let progress: Mutex<Option<ProgressBar>> = Mutex::new(None);
    Box::new(move |note| {
        let mut progress = progress
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let aside = |work: &dyn Fn()| match progress.as_ref() {
            Some(bar) => bar.suspend(work),
            None => work(),
        };
        match note {
            Note::Say(text) => aside(&|| {
                let _ = terminal::print(&format!("{text}\n"));
            }),
            Note::Detail(level, text) if level <= verbosity => aside(&|| {
                let _ = terminal::print(&format!("{text}\n"));
            }),
            Note::Warning(warning) => aside(&|| terminal::print_warning(&warning)),
            Note::Fetched { done, all, what } if shows && all > 1 => {
                let bar = progress.get_or_insert_with(|| started(all));
                bar.set_position(done as u64);
                bar.set_message(what);
                if done == all {
                    bar.finish_and_clear();
                    *progress = None;
                }
            }
            Note::Detail(..) | Note::Fetched { .. } => (),
        }
    })
}

fn started(all: usize) -> ProgressBar {
    let bar = ProgressBar::new(all as u64);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

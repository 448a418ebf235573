//! How a run goes: plays, batches, hosts, tasks, handlers.
//!
//! A host is one async task that walks the play by plain recursion ([`walker::Walker`]); the
//! [`turnstile::Turnstile`] keeps hosts in step; everything that happens is told as an event.

mod action_groups;
mod actions;
mod argument_spec;
mod arguments;
mod attempt;
mod background;
mod broken;
mod check;
mod custom;
mod debugger;
mod defaults;
mod elsewhere;
mod glob;
mod handlers;
mod house;
mod include;
mod inside;
mod language;
mod links;
mod listing;
mod loops;
mod meta;
mod options;
mod person;
mod play;
mod position;
mod prompt;
mod reserved;
mod retry;
mod run;
mod scope_of;
mod secrets;
mod serial;
mod stats;
mod steps;
mod surroundings;
mod tags;
mod target;
mod task;
mod template_file;
mod turnstile;
mod values;
mod walker;

pub use crate::playbook::loop_control::WORDS as LOOP_CONTROL;
pub use actions::{Catalogue, LANGUAGE};
pub use house::{Bare, House, InventoryReader};
pub use inside::{Inside, definitions_inside};
pub use listing::Listing;
pub use meta::ACTIONS as META_ACTIONS;
pub use options::{Access, Gathering, Options};
pub use person::{Nobody, Person};
pub use play::match_hosts;
pub use run::{Lost, Parts, Run, Sink};
pub use scope_of::scope_in_play;
pub use surroundings::Surroundings;
pub use tags::Tags;
pub use target::VARIABLES as CONNECTION_VARIABLES;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, Result, Source};
use crate::playbook::Play;
use crate::report::{Event, Recap};
use crate::value::Value;
use crate::vars::Frame;

/// Reads a playbook and checks what can be checked before it runs.
///
/// # Errors
/// The playbook, or something it imports, is wrong.
pub fn load(run: &Run, path: &Path) -> Result<Vec<Arc<Play>>> {
    let plays = run.loader().playbook(path)?;
    for play in &plays {
        check::play(&run.catalogue, play)?;
        reserved::play(&run.house, play);
    }
    Ok(plays.into_iter().map(Arc::new).collect())
}

/// Reads the one play of an ad-hoc run from a text.
///
/// # Errors
/// The text is no play, or names no module that there is.
pub fn single_play(run: &Run, source: &Arc<Source>, folder: &Path) -> Result<Arc<Play>> {
    let play = run.loader().play_of(source, folder)?;
    check::play(&run.catalogue, &play)?;
    Ok(Arc::new(play))
}

/// Runs the plays of a playbook. Gives whether the next playbook may follow.
///
/// # Errors
/// Something that belongs to no host is wrong.
pub async fn run_plays(run: &Arc<Run>, plays: &[Arc<Play>], folder: &Path) -> Result<bool> {
    for play in plays {
        if play::run(run, play, folder).await? == play::End::Break {
            break;
        }
        if run.is_interrupted() {
            break;
        }
    }
    if let (Some(wanted), false) = (&run.options.start_at, run.has_started()) {
        run.warn(
            Error::input(format!("no task matches `{wanted}` of `--start-at-task`")).hint(
                "only tasks that are known before the run can be found: not those of includes",
            ),
        );
    }
    match run.aborted() {
        Some(error) => Err(error),
        None => Ok(exit_code(run) == 0),
    }
}

/// Tells the recap and closes every connection.
pub async fn finish(run: &Run, began: Instant) {
    run.jobs.wait().await;
    run.tell(Event::Finished(Arc::new(Recap {
        hosts: run.counts(),
        stats: run.stats().to_map(),
        duration: began.elapsed(),
        interrupted: run.is_interrupted(),
    })));
    run.links.close().await;
}

/// The exit code of what has run so far.
pub fn exit_code(run: &Run) -> u8 {
    if run.is_interrupted() && run.aborted().is_none() {
        return 99;
    }
    let lost = run.all_lost();
    if lost.iter().any(|(_, why)| *why == Lost::Unreachable) {
        return 4;
    }
    if lost.is_empty() { 0 } else { 2 }
}

/// The `collections:` in force: the nearest keyword, then the role's own.
fn collections_of(frame: &Arc<Frame>) -> Vec<String> {
    let mut all = Vec::new();
    for role in frame.roles() {
        all.extend(role.role.collection.clone());
        all.extend(role.role.collections.clone());
    }
    if let Some(entry) = frame.keyword("collections") {
        match &entry.value {
            Value::List(items) => all.extend(items.iter().map(Value::to_text)),
            Value::Str(text) => all.push(text.to_string()),
            _ => (),
        }
    }
    all
}

/// Joins an error to the run: what belongs to no host ends it.
impl Run {
    /// Ends the run with an error.
    pub fn abort(&self, error: Error) {
        self.set_aborted(error);
        self.interrupt();
    }
}

//! How a run goes: plays, batches, hosts, tasks, handlers.
//!
//! This is the door. Behind it are five rooms, each of which uses only those below it (checked by
//! `tests/layers.rs`), from the top: `play` (plays and their batches), `walk` (one host on its way),
//! `task` (one task), `wire` (its steps over shells), `run` (what all hosts share).

mod play;
mod run;
mod task;
mod walk;
mod wire;

pub use crate::playbook::loop_control::WORDS as LOOP_CONTROL;
pub use play::{Inside, Listing, definitions_inside, match_hosts, scope_in_play};
pub use run::{
    Access, Bare, Catalogue, Gathering, House, InventoryReader, LANGUAGE, Lost, Nobody, Options,
    Parts, Person, Run, Sink, Surroundings, Tags, aborted, rejected_modules,
};
pub use task::Means;
pub use walk::META_ACTIONS;
pub use wire::Found as Examined;
pub use wire::VARIABLES as CONNECTION_VARIABLES;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Result, Source};
use crate::playbook::Play;

/// Reads a playbook. What cannot be understood whatever happens is an error here; what can be wrong
/// with a task that is reached is for [`check`].
///
/// # Errors
/// The playbook, or something it imports, is wrong.
pub fn load(run: &Run, path: &Path) -> Result<Vec<Arc<Play>>> {
    let plays = run.loader().playbook(path)?;
    for play in &plays {
        play::check::play(run, play)?;
        run::reserved::play(&run.house, play);
    }
    Ok(plays.into_iter().map(Arc::new).collect())
}

/// Finds what every task of the plays names, as a listing and a check of the syntax want it: those too that may
/// never be reached.
///
/// # Errors
/// The first task that names no module there is.
pub fn resolve(run: &Run, plays: &[Arc<Play>]) -> Result<()> {
    for play in plays {
        let mut found = play::check::play(run, play)?.into_iter();
        if let Some(finding) = found.find(|finding| finding.unknown) {
            return Err(finding.error);
        }
    }
    Ok(())
}

/// Says before any host is touched what is wrong with tasks: an error for one that is reached in any
/// case (where `stops`), a warning for any other.
///
/// # Errors
/// A task that is reached cannot be right.
pub fn check(run: &Run, plays: &[Arc<Play>], folder: &Path, stops: bool) -> Result<()> {
    for (number, play) in plays.iter().enumerate() {
        if stops {
            play::plugins::check(run, play, folder, number == 0)?;
        }
        for finding in play::check::play(run, play)? {
            if stops && finding.certain && play::check::has_hosts(run, play, folder) {
                return Err(finding.error);
            }
            run.house.warn_once(finding.warning());
        }
    }
    Ok(())
}

/// Finds includes of files and roles that are not there, before a task changes anything: those that are reached
/// for certain, and that nothing before them can bring.
///
/// # Errors
/// There is one.
pub fn missing(run: &Run, plays: &[Arc<Play>], folder: &Path) -> Result<()> {
    play::missing::check(run, plays, folder)
}

/// Says what a person probably did not mean: tags that no task has, a task to start at that is not there.
///
/// # Errors
/// There is such a thing, and the run is strict.
pub fn doubts(run: &Run, plays: &[Arc<Play>]) -> Result<()> {
    play::doubts::check(run, plays)
}

/// Reads the one play of an ad-hoc run from a text. Where it is not `strict`, what is wrong with the module and
/// its arguments is found on each host.
///
/// # Errors
/// The text is no play, names no module that there is, or an argument that cannot be right.
pub fn single_play(
    run: &Run,
    source: &Arc<Source>,
    folder: &Path,
    strict: bool,
) -> Result<Arc<Play>> {
    let play = run.loader().play_of(source, folder)?;
    if !strict {
        return Ok(Arc::new(play));
    }
    match play::check::play(run, &play)?.pop() {
        Some(finding) => Err(finding.error),
        None => Ok(Arc::new(play)),
    }
}

/// The folder of a play's playbook: an imported one has its own.
pub fn play_folder(play: &Play, folder: &Path) -> PathBuf {
    play::folder_of(play, folder)
}

/// Runs the plays of a playbook. Gives whether the next playbook may follow.
///
/// # Errors
/// Something that belongs to no host is wrong.
pub async fn run_plays(means: &Arc<Means>, plays: &[Arc<Play>], folder: &Path) -> Result<bool> {
    let run = &means.run;
    for play in plays {
        if play::run(means, play, folder).await? == play::End::Break {
            break;
        }
        if run.is_interrupted() {
            break;
        }
    }
    match run.aborted() {
        Some(error) => Err(error),
        None => Ok(run.exit_code() == 0),
    }
}

/// Looks at a host as a task would reach it: what is well, up to the first thing that is wrong. `deep` looks at
/// more than whether it can be reached.
///
/// # Errors
/// A variable says nothing that a connection understands.
pub async fn examine(run: &Run, host: &str, deep: bool) -> Result<Vec<Examined>> {
    let names = crate::vars::TaskScope::of_host(&run.store, host);
    let values = crate::vars::Values::new(&run.engine, &names);
    let inventory = run.store.inventory();
    let implicit = inventory
        .host(host)
        .map_or(crate::inventory::LOCALHOST.contains(&host), |host| {
            host.implicit
        });
    let target = wire::target(&values, &run.options.access, implicit)?;
    let user = wire::become_user(&values, &run.options.access)?;
    Ok(wire::examine(&target, user.as_ref(), deep).await)
}

//! What names mean to a host before anything runs: for `play explain`.

use std::path::Path;
use std::sync::Arc;

use super::files::load_files;
use super::hosts::choose_hosts;
use super::names::{play_frame, play_name, play_names};
use crate::error::Result;
use crate::executor::run::Run;
use crate::executor::task::{Actor, Means};
use crate::playbook::Play;
use crate::vars::{PlayState, TaskScope, Values};

/// The names of a host as the first task of a play would see them, `vars_files` included; nothing
/// where the play is not for the host.
///
/// # Errors
/// The play's hosts cannot be rendered, or a file cannot be read.
pub fn scope_in_play(
    run: &Arc<Run>,
    play: &Arc<Play>,
    host: &str,
    folder: &Path,
) -> Result<Option<(String, TaskScope)>> {
    let state = |name: &str, hosts| {
        let play = Arc::clone(play);
        let folder = folder.to_owned();
        PlayState::new(play, name.to_owned(), Arc::default(), hosts, folder)
    };
    let names = play_names(run, &Arc::new(state("", Vec::new())));
    let values = Values::new(&run.engine, &names);
    let hosts = choose_hosts(run, play, &values, false)?;
    if !hosts.iter().any(|other| &**other == host) {
        return Ok(None);
    }
    let name = play_name(play, &values)?;
    let state = Arc::new(state(&name, hosts.clone()));
    let actor = Actor {
        means: Means::new(run),
        play: state,
        host: run.store.host(host),
        batch_size: hosts.len(),
    };
    let frame = play_frame(play);
    load_files(&actor, &frame)?;
    let mut scope = actor.names(&frame, None);
    scope.here.file = Some(play.file.clone());
    Ok(Some((name, scope)))
}

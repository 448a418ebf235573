//! What names mean to a host before anything runs: for `play explain`.

use std::path::Path;
use std::sync::Arc;

use super::play::{choose_hosts, play_frame, play_name, play_names};
use super::run::Run;
use super::values::Values;
use super::walker::{Batch, Walker, Way};
use crate::error::Result;
use crate::playbook::Play;
use crate::vars::{PlayState, TaskScope};

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
    let hosts = choose_hosts(run, play, &values)?;
    if !hosts.iter().any(|other| &**other == host) {
        return Ok(None);
    }
    let name = play_name(play, &values)?;
    let state = Arc::new(state(&name, hosts.clone()));
    let batch = Arc::new(Batch::new(run, &state, &hosts, false, false, None));
    let walker = Walker::new(batch, run.store.host(host), 0);
    let way = Way {
        frame: play_frame(play),
        rescuable: false,
    };
    walker.load_files(&way)?;
    let mut scope = walker.names(&way.frame, None);
    scope.here.file = Some(play.file.clone());
    Ok(Some((name, scope)))
}

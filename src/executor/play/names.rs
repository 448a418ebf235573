//! What a play is called, where it stands, and what its names mean before it has hosts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::hosts::pattern_texts;
use crate::error::{Error, Result};
use crate::executor::run::Run;
use crate::playbook::{Keywords, Play};
use crate::value::Value;
use crate::vars::{Frame, FrameKind, PlayState, TaskScope, Values};

/// The folder of a play's playbook: an imported one has its own.
pub fn folder_of(play: &Play, folder: &Path) -> PathBuf {
    match play.file.parent() {
        // A file beside the importing one may have no folder in its name: it is `folder` then.
        Some(own) if !play.around.is_empty() && !own.as_os_str().is_empty() => {
            std::path::absolute(own).unwrap_or(own.to_owned())
        }
        _ => folder.to_owned(),
    }
}

/// The names as the play itself sees them: no host.
pub fn play_names(run: &Run, state: &Arc<PlayState>) -> TaskScope {
    let mut names = TaskScope::of_host(&run.store, "");
    names.play = Some(Arc::clone(state));
    names.frame = Some(play_frame(&state.play));
    names.here.file = Some(state.play.file.clone());
    names
}

/// The names as a play itself will see them, before it begins.
pub fn names_before(run: &Run, play: &Arc<Play>, folder: &Path) -> TaskScope {
    let folder = folder_of(play, folder);
    run.store.begin_play(&folder);
    let nobody = Vec::new();
    let state = PlayState::new(
        Arc::clone(play),
        String::new(),
        Arc::default(),
        nobody,
        folder,
    );
    play_names(run, &Arc::new(state))
}

/// The play and the imports around it as frames.
pub fn play_frame(play: &Play) -> Arc<Frame> {
    let mut frame: Option<Arc<Frame>> = None;
    let steps = play
        .around
        .iter()
        .map(|around| &around.keywords)
        .chain([&play.keywords]);
    for keywords in steps {
        frame = Some(match frame {
            None => Frame::root(FrameKind::Play, keywords.clone(), Arc::default()),
            Some(outer) => outer.below(FrameKind::Play, keywords.clone(), Arc::default()),
        });
    }
    frame.unwrap_or_else(|| Frame::root(FrameKind::Play, Keywords::default(), Arc::default()))
}

/// The name of a play, or its pattern.
///
/// # Errors
/// It cannot be rendered.
pub fn play_name(play: &Play, values: &Values<'_>) -> Result<String> {
    let name = match &play.name {
        Some(name) => match values.render(name) {
            Ok(Value::Omit) => String::new(),
            Ok(name) => name.to_text(),
            Err(error) => {
                let why = error.root().message();
                let text = format!("Error processing keyword 'name': {why}");
                return Err(Error::syntax(text).at(name.place().cloned()));
            }
        },
        None => String::new(),
    };
    if !name.is_empty() {
        return Ok(name);
    }
    Ok(pattern_texts(play, values)?.join(","))
}

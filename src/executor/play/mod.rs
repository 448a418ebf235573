//! Plays: which hosts, in which batches, with which variables.

mod files;
mod hosts;
mod opening;

pub(super) use files::file_name;
pub(super) use hosts::pattern_texts;
pub use hosts::{choose_hosts, match_hosts};

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::Semaphore;

use super::run::{Lost, Run};
use super::serial;
use super::turnstile::Stop;
use super::values::Values;
use super::walker::{Batch, Flow, Walker};
use crate::error::{Error, Result};
use crate::playbook::{Keywords, Play};
use crate::report::{Event, PlayInfo};
use crate::value::Value;
use crate::vars::{Frame, FrameKind, PlayState, TaskScope};

/// How a play ended for the rest of the playbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The next play follows.
    GoOn,
    /// Every host of a batch was lost, or the run was asked to end: nothing follows.
    Break,
}

/// Runs a play over all its batches.
///
/// # Errors
/// Its keywords cannot be rendered.
pub async fn run(run: &Arc<Run>, play: &Arc<Play>, folder: &Path) -> Result<End> {
    let folder = &folder_of(play, folder);
    run.store.begin_play(folder);
    let prompts = Arc::new(super::prompt::ask(run, play)?);
    let state = PlayState::new(
        Arc::clone(play),
        String::new(),
        prompts,
        Vec::new(),
        folder.to_owned(),
    );
    let names = play_names(run, &Arc::new(state));
    let values = Values::new(&run.engine, &names);
    let hosts = choose_hosts(run, play, &values)?;
    let name = play_name(play, &values)?;
    if hosts.is_empty() {
        tell_started(run, play, &name, &[]);
        run.tell(Event::NoHostsMatched);
        return Ok(End::GoOn);
    }
    let prompts = names
        .play
        .as_ref()
        .map(|state| Arc::clone(&state.prompts))
        .unwrap_or_default();
    let state = Arc::new(PlayState::new(
        Arc::clone(play),
        name,
        prompts,
        hosts.clone(),
        folder.to_owned(),
    ));
    for host in &hosts {
        if let Some(why) = run.lost(host) {
            state.lose(host, why == Lost::Unreachable);
        }
    }
    run_batches(run, &state, &hosts, &values).await
}

async fn run_batches(
    run: &Arc<Run>,
    state: &Arc<PlayState>,
    hosts: &[Arc<str>],
    values: &Values<'_>,
) -> Result<End> {
    let mut left = hosts;
    for size in serial::sizes(values.keyword("serial")?.as_ref(), hosts.len())? {
        let (all, rest) = left.split_at(size.min(left.len()));
        left = rest;
        let hosts: Vec<Arc<str>> = all
            .iter()
            .filter(|host| run.lost(host).is_none())
            .cloned()
            .collect();
        tell_started(run, &state.play, &state.name, &hosts);
        if hosts.is_empty() {
            continue;
        }
        let ended = run_batch(run, state, &hosts, values).await?;
        match ended.stop {
            Some(Stop::Play) => return Ok(End::GoOn),
            _ if run.is_interrupted() => return Ok(End::Break),
            _ => (),
        }
        // Hosts that were lost before do not count among those of this batch.
        let nobody_left = hosts.iter().all(|host| run.lost(host).is_some());
        if nobody_left && hosts.len() == all.len() && !ended.counted_twice {
            return Ok(End::Break);
        }
    }
    Ok(End::GoOn)
}

fn tell_started(run: &Run, play: &Play, name: &str, hosts: &[Arc<str>]) {
    run.tell(Event::PlayStarted(Arc::new(PlayInfo {
        name: name.to_owned(),
        hosts: hosts.to_vec(),
        check: run.options.check,
        place: Some(play.place.clone()),
    })));
}

/// The folder of a play's playbook: an imported one has its own.
pub(super) fn folder_of(play: &Play, folder: &Path) -> PathBuf {
    match play.file.parent() {
        // A file beside the importing one may have no folder in its name: it is `folder` then.
        Some(own) if !play.around.is_empty() && !own.as_os_str().is_empty() => {
            std::path::absolute(own).unwrap_or(own.to_owned())
        }
        _ => folder.to_owned(),
    }
}

/// How a batch ended.
struct Ended {
    /// What stopped it for everybody.
    stop: Option<Stop>,
    /// Whether a host counts as failed and as unreachable: the reference then finds more failures
    /// than hosts, and goes on with the next batch and play though nobody is left.
    counted_twice: bool,
}

/// The names as the play itself sees them: no host.
pub(super) fn play_names(run: &Run, state: &Arc<PlayState>) -> TaskScope {
    let mut names = TaskScope::of_host(&run.store, "");
    names.play = Some(Arc::clone(state));
    names.frame = Some(play_frame(&state.play));
    names.here.file = Some(state.play.file.clone());
    names
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
pub(super) fn play_name(play: &Play, values: &Values<'_>) -> Result<String> {
    let name = match &play.name {
        Some(name) => values.render(name)?.to_text(),
        None => String::new(),
    };
    if !name.is_empty() {
        return Ok(name);
    }
    Ok(pattern_texts(play, values)?.join(","))
}

async fn run_batch(
    run: &Arc<Run>,
    state: &Arc<PlayState>,
    hosts: &[Arc<str>],
    values: &Values<'_>,
) -> Result<Ended> {
    state.begin_batch(hosts);
    let strategy = Strategy::read(run, &state.play, values)?;
    let percent = match values.keyword("max_fail_percentage")? {
        Some(value) => Some(percentage(&value, &state.play)?),
        None => None,
    };
    let force = values
        .keyword_flag("force_handlers")?
        .unwrap_or(run.options.force_handlers);
    let mut batch = Batch::new(run, state, hosts, strategy.is_free(), force, percent);
    batch.debugs = strategy == Strategy::Debug;
    let batch = Arc::new(batch);
    super::handlers::add_all(run, &batch, &state.play.handlers, &batch.frame);
    let pinned = Arc::new(Semaphore::new(match strategy {
        Strategy::HostPinned => run.options.forks.max(1),
        Strategy::Linear | Strategy::Debug | Strategy::Free => Semaphore::MAX_PERMITS,
    }));
    let mut walks = tokio::task::JoinSet::new();
    for (number, host) in hosts.iter().enumerate() {
        let walker = Walker::new(Arc::clone(&batch), run.store.host(host), number);
        let pinned = Arc::clone(&pinned);
        walks.spawn(async move {
            let _turn = pinned.acquire().await;
            walker.walk_play().await
        });
    }
    let mut stop = None;
    while let Some(walked) = walks.join_next().await {
        match walked {
            Ok(Flow::Stopped(why)) => stop = Some(why),
            Ok(_) => (),
            Err(error) => run.abort(Error::bug(format!("a host's walk ended early: {error}"))),
        }
    }
    if !strategy.is_free() && batch.too_many_failed() {
        run.tell(Event::TooManyFailed);
    }
    Ok(Ended {
        stop,
        counted_twice: batch.counts_twice.load(Ordering::Relaxed),
    })
}

/// How the hosts of a batch keep in step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strategy {
    /// Every host does a task before any does the next.
    Linear,
    /// Linear, and a person is asked about every failure.
    Debug,
    /// Each host goes on as fast as it can.
    Free,
    /// Like free, with at most `forks` hosts under way at a time.
    HostPinned,
}

impl Strategy {
    fn is_free(self) -> bool {
        matches!(self, Strategy::Free | Strategy::HostPinned)
    }

    fn read(run: &Run, play: &Play, values: &Values<'_>) -> Result<Self> {
        let strategy = values
            .keyword_text("strategy")?
            .unwrap_or_else(|| run.options.strategy.clone());
        let at = |error: Error| {
            error.at(play
                .keywords
                .get("strategy")
                .map(|entry| entry.place.clone()))
        };
        match strategy
            .strip_prefix("ansible.builtin.")
            .unwrap_or(&strategy)
        {
            "linear" => Ok(Strategy::Linear),
            "free" => Ok(Strategy::Free),
            "host_pinned" => Ok(Strategy::HostPinned),
            "debug" => Ok(Strategy::Debug),
            _ => Err(at(Error::input(format!(
                "there is no strategy called `{strategy}`"
            )))
            .hint("the strategies are linear, free, host_pinned and debug")),
        }
    }
}

fn percentage(value: &Value, play: &Play) -> Result<f64> {
    let text = value.to_text();
    text.trim()
        .trim_end_matches('%')
        .trim()
        .parse()
        .map_err(|_| {
            Error::syntax(format!("`{text}` is not a percentage")).at(play
                .keywords
                .get("max_fail_percentage")
                .map(|entry| entry.place.clone()))
        })
}

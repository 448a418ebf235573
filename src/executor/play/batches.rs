//! A play over all its batches.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::Semaphore;

use super::files;
use super::hosts::{choose_hosts, pattern_texts};
use super::names::{folder_of, play_frame, play_name, play_names};
use super::strategy::{Strategy, percentage};
use super::{argspec, prompt, serial};
use crate::error::{Error, Result};
use crate::executor::run::{Lost, Run};
use crate::executor::task::Means;
use crate::executor::walk::{Batch, Flow, Stop, Walker, notify};
use crate::memory::{Print, reading};
use crate::playbook::Play;
use crate::report::{Counts, Event, PlayInfo};
use crate::value::Value;
use crate::vars::{PlayState, Values};

/// How a play ended for the rest of the playbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The next play follows.
    GoOn,
    /// Every host of a batch was lost, or the run was asked to end: nothing follows.
    Break,
}

/// Where a plan is applied, refuses variables of a play's hosts that the plan did not see. Once a host has run
/// tasks that could not be planned, its groups may be others.
fn knows_variables(run: &Run, hosts: &[Arc<str>], before: &BTreeSet<PathBuf>) -> Result<()> {
    let begins = run
        .counts()
        .iter()
        .all(|(_, count)| *count == Counts::default());
    let plan = run.options.plan.as_deref();
    match plan.filter(|plan| begins || !hosts.iter().any(|host| plan.is_open(host))) {
        Some(plan) => plan.knows_all(&run.house.watch, before),
        None => Ok(()),
    }
}

/// Runs a play over all its batches.
///
/// # Errors
/// Its keywords cannot be rendered.
pub async fn run(means: &Arc<Means>, play: &Arc<Play>, folder: &Path) -> Result<End> {
    let run = &means.run;
    let folder = &folder_of(play, folder);
    let read_before = run.house.watch.names();
    run.store.begin_play(folder);
    let prompts = Arc::new(prompt::ask(run, play)?);
    let state = PlayState::new(
        Arc::clone(play),
        String::new(),
        prompts,
        Vec::new(),
        folder.to_owned(),
    );
    let names = play_names(run, &Arc::new(state));
    let values = Values::new(&run.engine, &names);
    let hosts = choose_hosts(run, play, &values, true)?;
    let name = play_name(play, &values)?;
    argspec::task(run, play, &values)?;
    let (malformed, reads) = reading(async { files::malformed(means, &names) }).await;
    if let Some(error) = malformed {
        return Err(error);
    }
    if hosts.is_empty() {
        let pattern = pattern_texts(play, &values)?.join(",");
        tell_started(run, play, (&name, &pattern), &[], None);
        run.tell(Event::NoHostsMatched);
        return Ok(End::GoOn);
    }
    if let Err(error) = run.store.read_layers(&hosts) {
        let pattern = pattern_texts(play, &values)?.join(",");
        tell_started(run, play, (&name, &pattern), &hosts, None);
        return Err(error);
    }
    knows_variables(run, &hosts, &read_before)?;
    if let Some(plan) = run.options.plan.as_deref().filter(|plan| !plan.applies()) {
        plan.meet(hosts.iter().map(|host| &**host));
    }
    let prompts = names
        .play
        .as_ref()
        .map(|state| Arc::clone(&state.prompts))
        .unwrap_or_default();
    let pattern = pattern_texts(play, &values)?.join(",");
    let word = run.play_word(print_of(play, &pattern));
    for host in &hosts {
        files::known(run, &word, host, &reads)?;
    }
    let hosts = match run.memory() {
        Some(memory) => memory.ordered(&word, hosts),
        None => hosts,
    };
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
    run_batches(means, &state, (&hosts, &word), &values).await
}

async fn run_batches(
    means: &Arc<Means>,
    state: &Arc<PlayState>,
    (hosts, word): (&[Arc<str>], &str),
    values: &Values<'_>,
) -> Result<End> {
    let run = &means.run;
    let pattern = pattern_texts(&state.play, values)?.join(",");
    let mut left = hosts;
    let sizes = serial::sizes(values.keyword("serial")?.as_ref(), hosts.len())?;
    let count = sizes.len();
    for (number, size) in sizes.into_iter().enumerate() {
        let (all, rest) = left.split_at(size.min(left.len()));
        left = rest;
        let hosts: Vec<Arc<str>> = all
            .iter()
            .filter(|host| run.lost(host).is_none())
            .cloned()
            .collect();
        let batch = (count > 1).then_some((number + 1, count));
        tell_started(run, &state.play, (&state.name, &pattern), &hosts, batch);
        if hosts.is_empty() {
            continue;
        }
        let ended = run_batch(means, state, (&hosts, word, number), values).await?;
        match ended.stop {
            Some(Stop::Play) => return Ok(End::GoOn),
            _ if ended.too_many => return Ok(End::Break),
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

/// The print of a play: where it stands, its name and its hosts.
fn print_of(play: &Play, pattern: &str) -> Print {
    let path = std::path::absolute(play.place.path());
    let path = path.unwrap_or_else(|_| play.place.path().to_owned());
    let path = path.to_string_lossy();
    let name = play.name.as_ref().map(Value::to_text);
    Print::of([&*path, name.as_deref().unwrap_or_default(), pattern])
}

/// Tells that a play, or a batch of it, begins: its name and its pattern, and the hosts.
fn tell_started(
    run: &Run,
    play: &Play,
    (name, pattern): (&str, &str),
    hosts: &[Arc<str>],
    batch: Option<(usize, usize)>,
) {
    run.tell(Event::PlayStarted(Arc::new(PlayInfo {
        name: name.to_owned(),
        pattern: pattern.to_owned(),
        hosts: hosts.to_vec(),
        check: run.options.check,
        batch,
        place: Some(play.place.clone()),
    })));
}

/// How a batch ended.
struct Ended {
    /// What stopped it for everybody.
    stop: Option<Stop>,
    /// Whether more hosts failed than `max_fail_percentage` allows.
    too_many: bool,
    /// Whether a host counts as failed and as unreachable: the reference then finds more failures
    /// than hosts, and goes on with the next batch and play though nobody is left.
    counted_twice: bool,
}

async fn run_batch(
    means: &Arc<Means>,
    state: &Arc<PlayState>,
    (hosts, word, number): (&[Arc<str>], &str, usize),
    values: &Values<'_>,
) -> Result<Ended> {
    let run = &means.run;
    state.begin_batch(hosts);
    let strategy = Strategy::read(run, &state.play, values)?;
    let percent = match values.keyword("max_fail_percentage")? {
        Some(value) => Some(percentage(&value, &state.play)?),
        None => None,
    };
    let force = values
        .keyword_flag("force_handlers")?
        .unwrap_or(run.options.force_handlers);
    let mut batch = Batch::new(
        means,
        state,
        &play_frame(&state.play),
        hosts,
        strategy.is_free(),
        force,
        percent,
    );
    batch.debugs = strategy == Strategy::Debug;
    batch.takes_turns = strategy == Strategy::HostPinned;
    word.clone_into(&mut batch.word);
    batch.batch = number;
    let batch = Arc::new(batch);
    files::read_for_all(means, state, &batch.frame)?;
    notify::add_all(&batch, &state.play.handlers, &batch.frame);
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
            let flow = walker.walk_play().await;
            walker.forgive_handlers(flow);
            flow
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
    let too_many = !strategy.is_free() && batch.too_many_failed();
    if too_many {
        run.tell(Event::TooManyFailed);
    }
    Ok(Ended {
        stop,
        too_many,
        counted_twice: batch.counts_twice.load(Ordering::Relaxed),
    })
}

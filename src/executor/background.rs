//! `async` and `poll`: tasks that run in the background.
//!
//! With `poll` a task is waited for, up to its time. Without (`poll: 0`) the play goes on:
//! `command` and `shell` are left to a shell of their own on the host, which outlives the
//! connection; any other module goes on from here, over a shell of its own, and the run waits for
//! it at its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;

use super::actions::Action;
use super::attempt::Job;
use super::steps::{Taken, Walk};
use super::values::{Values, seconds};
use crate::connection::{Lost, LostKind};
use crate::error::{Error, Result};
use crate::modules::{Cx, Module, Step, async_status, command, shell};
use crate::outcome::Outcome;
use crate::value::Map;

/// What `async` and `poll` ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// How long the task may take, in seconds.
    pub seconds: f64,
    /// How often it is asked for its state, in seconds; 0 means not at all.
    pub poll: f64,
}

/// The tasks that go on from here.
#[derive(Default)]
pub struct Jobs {
    running: Mutex<HashMap<String, Option<JoinHandle<()>>>>,
    done: Arc<Mutex<HashMap<String, Outcome>>>,
}

impl Jobs {
    /// Waits for every task that goes on from here.
    pub async fn wait(&self) {
        let handles: Vec<JoinHandle<()>> = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.values_mut().filter_map(Option::take).collect()
        };
        for handle in handles {
            let _ = handle.await;
        }
    }

    fn start(&self, job: &str, walk: Walk, first: Result<Step>) {
        let done = Arc::clone(&self.done);
        let name = job.to_owned();
        let handle = tokio::spawn(async move {
            let outcome = walk.take(first).await.unwrap_or_else(|lost| of_lost(&lost));
            done.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(name, outcome);
        });
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(job.to_owned(), Some(handle));
    }

    /// The state of a task that goes on from here; nothing for one that does not.
    fn state(&self, job: &str) -> Option<Outcome> {
        let known = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(job);
        if !known {
            return None;
        }
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match done.get(job) {
            Some(outcome) => async_status::said(marked(outcome.clone(), job, true)),
            None => async_status::said(marked(Outcome::ok(), job, false)),
        })
    }
}

fn of_lost(lost: &Lost) -> Outcome {
    match lost.is_unreachable() {
        true => Outcome::unreachable(lost.message.as_str()),
        false => Outcome::failed(lost.message.as_str()),
    }
}

/// An outcome with what is said of a job.
fn marked(outcome: Outcome, job: &str, finished: bool) -> Outcome {
    outcome
        .with("ansible_job_id", job)
        .with("started", true)
        .with("finished", finished)
        .with("results_file", format!("~/.ansible_async/{job}"))
}

/// What the task asks for, asked every `interval` seconds unless it says otherwise; nothing where
/// it has no `async`.
///
/// # Errors
/// A keyword cannot be rendered.
pub fn wanted(values: &Values<'_>, interval: u64) -> Result<Option<Wanted>> {
    let seconds = values
        .keyword_number("async")?
        .filter(|seconds| *seconds > 0.0);
    let poll = values.keyword_number("poll")?;
    Ok(seconds.map(|seconds| Wanted {
        seconds,
        poll: poll.unwrap_or(interval as f64),
    }))
}

/// The actions that the reference does on the controller: these cannot be left to themselves.
const NOT_ALONE: &[&str] = &[
    "add_host",
    "assemble",
    "assert",
    "async_status",
    "copy",
    "debug",
    "fail",
    "fetch",
    "gather_facts",
    "group_by",
    "pause",
    "raw",
    "reboot",
    "script",
    "set_fact",
    "set_stats",
    "template",
    "unarchive",
    "wait_for_connection",
];

/// Refuses `async` where the action cannot be left to itself.
///
/// # Errors
/// It cannot, or a keyword cannot be rendered.
pub fn check(values: &Values<'_>, name: &str, action: &Action) -> Result<()> {
    let alone = match action {
        Action::Custom(_) => return Ok(()),
        Action::Language(_) => false,
        Action::Module(module) => {
            module.collection != "ansible.builtin" || !NOT_ALONE.contains(&module.name)
        }
    };
    if alone || values.keyword_number("async")?.unwrap_or(0.0) <= 0.0 {
        return Ok(());
    }
    Err(Error::input(format!(
        "this action ({name}) does not support async"
    )))
}

/// Runs a task that has `async`.
pub async fn run(
    job: &Job<'_>,
    mut walk: Walk,
    (args, cx, first): (&Map, &Cx, Result<Step>),
    wanted: Wanted,
) -> Taken {
    let limit = seconds(wanted.seconds);
    let id = job_id();
    if wanted.poll > 0.0 {
        walk.timeout = Some(limit);
        let taken = walk.take(first).await;
        let outcome = match taken {
            Err(lost) if lost.kind == LostKind::Timeout => Outcome::failed("Timeout exceeded"),
            other => other?,
        };
        return Ok(marked(outcome, &id, true));
    }
    let program = match job.task.action.short_name() {
        "command" => command::program(args).ok(),
        "shell" => shell::program(args).ok(),
        _ => None,
    };
    match (first, program) {
        (Ok(Step::Run(script, _)), Some(program)) => {
            let step = async_status::start(&script, &program, (&id, limit.as_secs().max(1)), cx);
            walk.take(step).await
        }
        (other, _) => {
            let run = Arc::clone(&walk.run);
            walk.timeout = Some(limit);
            run.jobs.start(&id, walk, other);
            Ok(marked(Outcome::changed(), &id, false))
        }
    }
}

/// The first step of `async_status`: a job of this run is asked here, any other on the host.
pub fn status(job: &Job<'_>, module: &Module, args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let id = args.get("jid").map(|id| id.to_text());
    let here = id.and_then(|id| job.walker.run().jobs.state(&id));
    match here {
        Some(outcome) => Ok(Step::Done(outcome)),
        None => (module.plan)(args, cx),
    }
}

/// A name for a job, such as the reference gives: `j` and digits, a dot, our process's number.
fn job_id() -> String {
    use std::hash::{BuildHasher, Hasher};
    let random = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    format!("j{:012}.{}", random % 1_000_000_000_000, std::process::id())
}

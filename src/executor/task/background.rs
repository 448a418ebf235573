//! `async` and `poll`: tasks that run in the background.
//!
//! With `poll` a task is waited for, up to its time. Without (`poll: 0`) the play goes on:
//! `command` and `shell` are left to a shell of their own on the host, which outlives the
//! connection; any other module goes on from here, over a shell of its own, and the run waits for
//! it at its end.

use std::sync::Arc;

use super::job::Job;
use super::jobs::marked;
use crate::connection::LostKind;
use crate::error::{Error, Result};
use crate::executor::run::Action;
use crate::executor::wire::{Background, Taken, Walk};
use crate::modules::{Ask, Cx, Module, Step, async_status, command, shell};
use crate::outcome::Outcome;
use crate::report::Event;
use crate::value::Map;
use crate::vars::{Values, seconds};

/// What `async` and `poll` ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// How long the task may take, in seconds.
    pub seconds: f64,
    /// How often it is asked for its state, in seconds; 0 means not at all.
    pub poll: f64,
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
    if wanted.poll <= 0.0 && job.making().is_some() {
        // A plan starts nothing, and has no job that could be asked for.
        return Ok(Outcome::unpredicted("it runs in the background"));
    }
    let id = job_id();
    walk.background = Some(Background {
        job: id.clone(),
        limit,
        polled: wanted.poll > 0.0,
    });
    // An action plugin says itself whether it left anything to a job, and the time is that job's.
    let asks = matches!(&first, Ok(Step::Ask(Ask::Python(module), _)) if module.action.is_some());
    let timeout = if asks { walk.timeout } else { Some(limit) };
    if wanted.poll > 0.0 {
        walk.timeout = timeout;
        let polled = |finished, failed| Event::AsyncPolled {
            host: Arc::clone(&walk.host),
            job: id.clone(),
            finished,
            failed,
        };
        let mut work = Box::pin(walk.take(first));
        let taken = loop {
            match tokio::time::timeout(seconds(wanted.poll), &mut work).await {
                Ok(taken) => break taken,
                Err(_) => job.actor.tell(polled(false, false)),
            }
        };
        let outcome = match taken {
            Err(lost) if lost.kind == LostKind::Timeout => Outcome::failed("Timeout exceeded"),
            other => other?,
        };
        // What was not begun is not told of.
        if !outcome.skipped {
            job.actor.tell(polled(true, outcome.failed));
        }
        if asks && !outcome.data.contains("ansible_job_id") {
            return Ok(outcome);
        }
        return Ok(marked(outcome, &id, true));
    }
    let program = match job.task.action.short_name() {
        "command" => command::program(args).ok(),
        "shell" => shell::program(args).ok(),
        _ => None,
    };
    // In check mode nothing is left on the host.
    match (first, program.filter(|_| !cx.check)) {
        (Ok(Step::Run(script, _)), Some(program)) => {
            let step = async_status::start(&script, &program, (&id, limit.as_secs().max(1)), cx);
            walk.take(step).await
        }
        (other, _) => {
            walk.timeout = timeout;
            job.actor.means.jobs.start(&id, walk, other);
            Ok(marked(Outcome::changed(), &id, false))
        }
    }
}

/// The first step of `async_status`: a job of this run is asked here, any other on the host.
pub fn status(job: &Job<'_>, module: &Module, args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let id = args.get("jid").map(|id| id.to_text());
    let here = id.and_then(|id| job.actor.means.jobs.state(&id));
    match here {
        Some(outcome) => Ok(Step::Done(outcome)),
        None => module.step(args, cx),
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

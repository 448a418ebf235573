//! `async` and `poll`: tasks that run in the background.

use super::attempt::Job;
use super::steps::{Taken, Walk};
use super::values::Values;
use crate::error::Result;
use crate::modules::Step;

/// What `async` and `poll` ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// How long the task may take, in seconds.
    pub seconds: f64,
    /// How often it is asked for its state, in seconds; 0 means not at all.
    pub poll: f64,
}

/// What the task asks for; nothing where it has no `async`.
///
/// # Errors
/// A keyword cannot be rendered.
pub fn wanted(values: &Values<'_>) -> Result<Option<Wanted>> {
    let seconds = values
        .keyword_number("async")?
        .filter(|seconds| *seconds > 0.0);
    let poll = values.keyword_number("poll")?;
    Ok(seconds.map(|seconds| Wanted {
        seconds,
        poll: poll.unwrap_or(15.0),
    }))
}

/// Runs a task that has `async`. With `poll` it is waited for, up to its time.
pub async fn run(_job: &Job<'_>, walk: &Walk<'_>, first: Result<Step>, wanted: Wanted) -> Taken {
    let timeout = std::time::Duration::from_secs_f64(wanted.seconds);
    let limited = Walk {
        timeout: Some(timeout),
        ..*walk
    };
    limited.take(first).await
}

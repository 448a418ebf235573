//! Whether a run has any host at all.

use crate::error::{Error, Result};
use crate::executor::{self, Run};
use crate::inventory::LOCALHOST;
use crate::value::Value;

/// Refuses a limit that leaves no host of `pattern`; an empty inventory is only worth a warning.
///
/// # Errors
/// The limit leaves no host, or cannot be understood.
pub fn check(run: &Run, pattern: &str) -> Result<()> {
    let is_local = LOCALHOST.contains(&pattern);
    if run.store.inventory().hosts().next().is_none() {
        let warns = run
            .house
            .settings
            .get("LOCALHOST_WARNING")
            .is_none_or(Value::is_true);
        if !is_local && warns {
            run.warn(Error::input(
                "provided hosts list is empty, only localhost is available. Note that the implicit \
                 localhost does not match 'all'",
            ));
        }
        return Ok(());
    }
    let limited = run.options.limit.iter().any(|limit| !limit.is_empty());
    if !limited || is_local || !executor::match_hosts(run, &[pattern.to_owned()])?.is_empty() {
        return Ok(());
    }
    Err(nobody())
}

/// Refuses a pattern that no host fits; an empty inventory has been warned of.
///
/// # Errors
/// There are hosts, and none of them is meant.
pub fn any(run: &Run, hosts: &[std::sync::Arc<str>]) -> Result<()> {
    let is_empty = run.store.inventory().hosts().next().is_none();
    match hosts.is_empty() && !is_empty {
        true => Err(nobody()),
        false => Ok(()),
    }
}

fn nobody() -> Error {
    Error::input(
        "specified inventory, host pattern and/or --limit leaves us with no hosts to target",
    )
    .hint("`--list-hosts` without --limit shows the hosts there are")
}

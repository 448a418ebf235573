//! A module in Python on its way to a host's session of Python.

mod action;

use std::sync::Arc;
use std::time::Duration;

use super::links;
use super::steps::{Taken, Walk};
use crate::connection::Transport;
use crate::modules::PythonModule;
use crate::outcome::Outcome;
use crate::python::{Key, Source, Told, Work, read_at_start};

/// Where a Python may be on a host, best first (`INTERPRETER_PYTHON_FALLBACK` of the reference).
const FALLBACK: &[&str] = &[
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python3.9",
    "/usr/bin/python3",
    "python3",
    "/usr/local/bin/python3",
    "python",
];

/// How long a Python may take to start on a host.
const START: Duration = Duration::from_secs(60);

/// Runs the module where the walk goes.
///
/// # Errors
/// The host was lost, or the task took too long.
pub async fn run(walk: &Walk, module: &PythonModule) -> Taken {
    if let Some(action) = &module.action {
        return action::run(walk, module, action).await;
    }
    let python = Arc::clone(&walk.run.house.python);
    let interpreters = match interpreters(walk, module) {
        Ok(interpreters) => interpreters,
        Err(error) => return Ok(Outcome::failed(error.told())),
    };
    let named = module.interpreter.as_deref();
    let discovers = named.is_none_or(|name| name.is_empty() || name.starts_with("auto"));
    let work = Work {
        source: Source {
            path: module.path.clone(),
            name: module.name.clone(),
            collections: python.shelf().roots.clone(),
            utils: module.utils.clone(),
        },
        args: &module.args,
        told: Told {
            name: module.name.clone(),
            check: module.cx.check,
            diff: module.cx.diff,
            verbosity: module.cx.verbosity,
            no_log: walk.hidden,
            remote_tmp: module.remote_tmp.clone(),
            shell: walk.target.shell.clone(),
            ..Told::default()
        },
        key: Key {
            place: place(walk),
            interpreters,
            environment: read_at_start(&walk.environment),
        },
        environment: &walk.environment,
        timeout: walk.timeout,
        start: START,
    };
    let open = || async {
        let lent = walk.links.lend(&walk.target, walk.user.as_ref());
        Ok(lent.await?.session)
    };
    let place = work.key.place.clone();
    let taken = python.run(work, open).await;
    if discovers && let Some(found) = python.discovered(&place) {
        walk.run.store.host(&walk.target.name).discover(&found);
    }
    taken
}

/// The interpreters that come into question: the one that is named; the controller's own where the
/// task runs here; else those that hosts have.
fn interpreters(walk: &Walk, module: &PythonModule) -> crate::error::Result<Vec<String>> {
    let named = module.interpreter.as_deref();
    let named = named.filter(|name| !name.is_empty() && !name.starts_with("auto"));
    if let Some(named) = named {
        return Ok(vec![named.to_owned()]);
    }
    if walk.target.transport == Transport::Local {
        let what = format!("the module `{}` ({})", module.name, module.path.display());
        let own = walk.run.house.python.program(&what)?;
        return Ok(vec![own.to_string_lossy().into_owned()]);
    }
    Ok(FALLBACK.iter().map(|name| (*name).to_owned()).collect())
}

/// The host, the login and the user, without secrets.
fn place(walk: &Walk) -> String {
    let user = walk.user.as_ref();
    let user = user.map(|user| (&user.method, &user.user, &user.exe, &user.flags));
    format!("{}\0{user:?}", links::key(&walk.target))
}

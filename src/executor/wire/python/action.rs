//! An action plugin in Python, and what it asks of the host.

use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::custom;
use super::super::steps::{Taken, Walk};
use crate::connection::{Become, Lost, LostKind, Upload};
use crate::error::{Error, Result};
use crate::executor::run::Action as Found;
use crate::modules::{Cx, PythonModule, Step};
use crate::outcome::Outcome;
use crate::python::{Action, Next, Wanted};
use crate::shell::{Fragment, PRELUDE, Script, quote};
use crate::value::{Map, Value};

static SHELL: Fragment = Fragment {
    name: "exec",
    text: include_str!("exec.sh"),
    needs: &[&PRELUDE],
};

/// The most bytes of a file that an action plugin fetches.
const MOST_FETCHED: u64 = 256 * 1024 * 1024;

/// Runs an action plugin where the walk goes.
///
/// # Errors
/// The host was lost, or the task took too long.
pub(super) async fn run(walk: &Walk, module: &PythonModule, action: &str) -> Taken {
    let made = Mutex::default();
    let work = converse(walk, module, action, &made);
    let taken = match walk.timeout {
        None => work.await,
        Some(timeout) => match tokio::time::timeout(timeout, work).await {
            Ok(taken) => taken,
            Err(_) => Err(Lost::new(LostKind::Timeout, "the action took too long")),
        },
    };
    let left = std::mem::take(&mut *made.lock().unwrap_or_else(PoisonError::into_inner));
    for folder in left {
        // What cannot be removed is on a host that is gone.
        let command = format!("rm -rf -- {}", quote(&folder).as_str());
        let _ = command_answer(walk, None, &command, &[]).await;
    }
    taken
}

/// The folders on the host that a plugin made and has not removed.
type Folders = Mutex<Vec<String>>;

/// Whether a folder is one that the reference's own `_make_tmp_path` makes.
fn is_temporary(folder: &str) -> bool {
    let name = folder.trim_end_matches('/').rsplit('/').next();
    folder.starts_with('/')
        && !folder.split('/').any(|part| part == "..")
        && name.is_some_and(|name| name.starts_with("ansible-tmp-"))
}

async fn converse(walk: &Walk, module: &PythonModule, action: &str, made: &Folders) -> Taken {
    let failed = |error: Error| Ok(Outcome::failed(error.told()));
    let python = &walk.run.house.python;
    let head = head(walk, module, action);
    let started = python.action(&module.name, head, &module.args, module.cx.verbosity);
    let mut action = match started.await {
        Ok(action) => action,
        Err(error) => return failed(error),
    };
    loop {
        let answered = match action.next().await {
            Err(error) => return failed(error),
            Ok(Next::Done(outcome)) => {
                made.lock().unwrap_or_else(PoisonError::into_inner).clear();
                return Ok(*outcome);
            }
            Ok(Next::Wants(Wanted::Made(folder))) => {
                if is_temporary(&folder) {
                    let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                    made.push(folder);
                }
                action.answer(Map::new())
            }
            Ok(Next::Wants(wanted)) => answer(walk, module, &action, wanted).await?,
        };
        if let Err(error) = answered {
            return failed(error);
        }
    }
}

/// What `text/actions.py` reads.
fn head(walk: &Walk, module: &PythonModule, action: &str) -> Map {
    let cx = &module.cx;
    let user = walk.user.as_ref();
    let pairs = walk.environment.iter();
    let environment = pairs.map(|(name, value)| Value::strings([name.as_str(), value.as_str()]));
    let asked = walk.background.as_ref();
    let mut task = crate::entries! {
        "check" => cx.check,
        "diff" => cx.diff,
        "no_log" => walk.hidden,
        "verbosity" => i64::from(cx.verbosity),
        "async" => asked.map_or(0, |asked| asked.limit.as_secs().max(1)),
        "polled" => asked.is_some_and(|asked| asked.polled),
        "job" => Value::str_or_null(asked.map(|asked| asked.job.as_str())),
        "environment" => Value::list(environment.collect()),
        "become" => user.is_some(),
        "become_user" => Value::str_or_null(user.map(|user| user.user.as_str())),
        "become_method" => Value::str_or_null(user.map(|user| user.method.as_str())),
    };
    let host = crate::entries! {
        "name" => &*walk.host,
        "address" => walk.target.address.as_str(),
        "user" => Value::str_or_null(walk.target.user.as_deref()),
        "port" => walk.target.port.map_or(Value::Null, |port| Value::Int(i64::from(port))),
        "connection" => cx.names.connection.as_str(),
    };
    // The reference's own are looked through last, where any are named.
    let mut collections = module.collections.clone();
    let own = |name: &String| name == "ansible.builtin" || name == "ansible.legacy";
    if !collections.is_empty() && !collections.iter().any(own) {
        collections.push("ansible.legacy".to_owned());
    }
    task.set("collections", Value::strings(collections));
    let folders = module.folders.iter();
    let basedir = walk.scope.variable("playbook_dir");
    crate::entries! {
        "name" => module.name.as_str(),
        "action" => action,
        "names" => Value::strings(walk.scope.names()),
        "basedir" => basedir.unwrap_or_default(),
        "folders" => Value::strings(folders.map(|folder| folder.to_string_lossy().into_owned())),
        "task" => task,
        "host" => host,
    }
}

/// Does what the plugin wants, and tells it. The inner error is the plugin's process.
async fn answer(
    walk: &Walk,
    module: &PythonModule,
    action: &Action,
    wanted: Wanted,
) -> std::result::Result<Result<()>, Lost> {
    let error = |text: String| action.answer(crate::entries! { "error" => text });
    Ok(match wanted {
        Wanted::Run {
            command,
            stdin,
            become_,
        } => {
            let user = walk.user.as_ref().filter(|_| become_);
            action.answer(command_answer(walk, user, &command, &stdin).await?)
        }
        Wanted::Put { source, target } => {
            let mut lent = walk.links.lend(&walk.target, walk.user.as_ref()).await?;
            let body = Upload::File(Path::new(&source));
            let reply = lent.session.put(body, &target, walk.timeout).await?;
            lent.give_back();
            match reply.failure() {
                None => action.answer(Map::new()),
                Some(outcome) => error(outcome.text("msg").unwrap_or_default().to_owned()),
            }
        }
        Wanted::Fetch { source } => {
            let mut lent = walk.links.lend(&walk.target, walk.user.as_ref()).await?;
            let got = lent
                .session
                .get(&source, MOST_FETCHED, walk.timeout)
                .await?;
            lent.give_back();
            match got {
                Ok(bytes) => {
                    let data = data_encoding::BASE64.encode(&bytes);
                    action.answer(crate::entries! { "data" => data })
                }
                Err(message) => error(message),
            }
        }
        Wanted::Module {
            name,
            args,
            check,
            alone,
        } => {
            let limit = walk.background.as_ref().filter(|_| alone);
            let outcome = match limit {
                // `async` is the module's time; what the plugin does around it is not counted.
                Some(background) => {
                    let inner = walk.another(Some(background.limit));
                    nested(&inner, module, (&name, &args), check).await?
                }
                None => nested(walk, module, (&name, &args), check).await?,
            };
            action.answer_value("result", &outcome.to_value(), Map::new())
        }
        Wanted::Made(_) => action.answer(Map::new()),
        Wanted::Variable(name) => {
            let value = walk.scope.variable(&name);
            let value = value.map(|value| walk.run.engine.render(&value, &walk.scope));
            match value {
                Some(Ok(value)) => {
                    action.answer_value("value", &value, crate::entries! { "found" => true })
                }
                // What cannot be rendered fails where it is used.
                Some(Err(_)) | None => action.answer(crate::entries! { "found" => false }),
            }
        }
    })
}

async fn command_answer(
    walk: &Walk,
    user: Option<&Become>,
    command: &str,
    stdin: &[u8],
) -> std::result::Result<Map, Lost> {
    walk.trips.fetch_add(1, Relaxed);
    let mut script = Script::call(&SHELL, "exec_run")
        .as_logged_in()
        .set("command", command)
        .set("input", data_encoding::BASE64.encode(stdin));
    for (name, value) in &walk.environment {
        script = script.env(name, value);
    }
    let mut lent = walk.links.lend(&walk.target, user).await?;
    let reply = lent
        .session
        .run(&script, walk.timeout, &mut |_, _| ())
        .await?;
    lent.give_back();
    Ok(crate::entries! {
        "rc" => i64::from(reply.status),
        "stdout" => data_encoding::BASE64.encode(&reply.stdout),
        "stderr" => data_encoding::BASE64.encode(&reply.stderr),
    })
}

/// A module that the plugin calls: one of the house, or one in Python.
async fn nested(
    walk: &Walk,
    module: &PythonModule,
    (name, args): (&str, &Map),
    check: bool,
) -> Taken {
    let cx = Arc::new(Cx {
        check,
        ..Cx::clone(&module.cx)
    });
    let roles: Vec<&Path> = module
        .folders
        .iter()
        .map(std::path::PathBuf::as_path)
        .collect();
    let found = walk.run.catalogue.find(name, &roles, &[]);
    let first = match found {
        Ok(Found::Custom(found)) => {
            let found = crate::executor::run::Custom {
                action: None,
                ..(*found).clone()
            };
            custom::first_step(&found, args, &cx)
        }
        Ok(Found::Module(found)) => found.check(args).and_then(|()| found.step(args, &cx)),
        Ok(Found::Language(word)) => Err(Error::input(format!("`{word}` is not a module"))),
        Err(error) => Err(error),
    };
    walk.trips.fetch_add(1, Relaxed);
    again(walk, first).await
}

/// The walk within the walk, whose kind is told apart from the outer one's.
fn again(walk: &Walk, first: Result<Step>) -> Pin<Box<dyn Future<Output = Taken> + Send + '_>> {
    Box::pin(walk.take(first))
}

#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, ReplyReader, Script, Stream};
use crate::value::{Map, from_json, to_json};

/// The module.
pub static MODULE: Module = Module {
    name: "async_status",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "async_status",
    text: include_str!("async_status.sh"),
    needs: &[&PRELUDE],
};

choices! {
    /// What is wanted of a job.
    Mode { Cleanup = "cleanup", Status = "status" }
}

args! {
    /// What `async_status` takes.
    Args {
        jid: String,
        mode: Mode = Mode::Status,
    }
}

/// The folder of the jobs on the host, as the reference has it.
const FOLDER: &str = "~/.ansible_async";

/// Starts a script in the background, in a shell of its own that outlives the connection. `about`
/// is kept beside its output; after `limit` seconds it is ended.
///
/// # Errors
/// None before the host answers.
pub fn start(script: &Script, job: &str, about: &Map, limit: u64) -> Result<Step> {
    let mark = format!("job-{job}");
    let script = Script::call(&SHELL, "async_start")
        .path("folder", format!("{FOLDER}/{job}"))
        .set("mark", &mark)
        .set("about", to_json(&about.clone().into()))
        .secret("program", script.program(&mark))
        .set("limit", limit.to_string());
    Ok(Step::run(script, |_| Ok(Outcome::changed().into())))
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    if args.jid.contains('/') || args.jid.starts_with('.') || args.jid.is_empty() {
        return Err(Error::input(format!("`{}` is not the id of a job", args.jid)));
    }
    let folder = cx.variables.get("ansible_async_dir").and_then(|dir| dir.as_str());
    let folder = format!("{}/{}", folder.unwrap_or(FOLDER), args.jid);
    let job = args.jid.clone();
    if args.mode == Mode::Cleanup {
        let script = Script::call(&SHELL, "async_cleanup").path("folder", &folder);
        return Ok(Step::run(script, move |_| {
            Ok(Outcome::ok().with("ansible_job_id", job.as_str()).with("erased", folder).into())
        }));
    }
    let script = Script::call(&SHELL, "async_look").path("folder", &folder);
    Ok(Step::run(script, move |reply| Ok(state(&reply, &job).into())))
}

/// What the host says of a job.
fn state(reply: &Reply, job: &str) -> Outcome {
    let marks = |outcome: Outcome, finished: bool| {
        outcome
            .with("ansible_job_id", job)
            .with("started", true)
            .with("finished", finished)
            .with("results_file", format!("{FOLDER}/{job}"))
    };
    match reply.text("state").as_deref() {
        Some("missing") => marks(Outcome::failed("could not find job"), true),
        Some("running") => marks(Outcome::ok(), false),
        Some("late") => marks(
            Outcome::failed("async task did not complete within the requested time"),
            true,
        ),
        _ => marks(finished(reply, job), true),
    }
}

/// The outcome of a program that has ended.
fn finished(reply: &Reply, job: &str) -> Outcome {
    let mut reader = ReplyReader::new(&format!("job-{job}"));
    let mut feed = |stream, name: &str| {
        reader.feed(stream, reply.bytes(name).unwrap_or_default(), &mut |_, _| ())
    };
    let fed = feed(Stream::Stdout, "out").and_then(|()| feed(Stream::Stderr, "err"));
    if let Err(error) = fed {
        return Outcome::failed(error.chain());
    }
    let inner = reader.finish();
    let about = reply.text("about").and_then(|text| from_json(&text).ok());
    let mut outcome = Outcome::changed();
    if let Some(about) = about.as_ref().and_then(|about| about.as_map()) {
        outcome.data.extend_from(about);
    }
    if let Some(kept) = inner.text("kept_by") {
        outcome.changed = false;
        return outcome.with("rc", 0).with("msg", format!("did not run: `{kept}` says so"));
    }
    let rc = inner.int("rc").unwrap_or(i64::from(inner.status));
    let trimmed = |text: String| text.trim_end_matches(['\r', '\n']).to_owned();
    outcome = outcome
        .with("rc", rc)
        .with("stdout", trimmed(inner.stdout_text()))
        .with("stderr", trimmed(inner.stderr_text()))
        .with("msg", "");
    if rc != 0 {
        outcome.failed = true;
        outcome = outcome.with("msg", "The command exited with a non-zero return code.");
    }
    outcome
}

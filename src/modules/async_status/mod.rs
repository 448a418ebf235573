#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::ground::GROUND;
use crate::modules::program::Program;
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, ReplyReader, Script, Stream};
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
    needs: &[&GROUND],
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

/// Starts a program's script in the background, in a shell of its own that outlives the connection;
/// `job` is its id and how many seconds it may take.
///
/// # Errors
/// None before the host answers.
pub fn start(
    script: &Script,
    program: &Program,
    (job, limit): (&str, u64),
    cx: &Cx,
) -> Result<Step> {
    let mark = format!("job-{job}");
    let script = Script::call(&SHELL, "async_start").as_logged_in()
        .path("folder", format!("{}/{job}", folder(cx)))
        .set("mark", &mark)
        .set("about", to_json(&program.about().into()))
        .secret("program", script.program(&mark))
        .set("limit", limit.to_string());
    let job = job.to_owned();
    Ok(Step::run(script, move |reply| {
        Ok(marked(Outcome::changed(), &reply, &job, false).into())
    }))
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    if args.jid.contains('/') || args.jid.starts_with('.') || args.jid.is_empty() {
        return Err(Error::input(format!("`{}` is not the id of a job", args.jid)));
    }
    let folder = format!("{}/{}", folder(cx), args.jid);
    let job = args.jid.clone();
    if args.mode == Mode::Cleanup {
        let script = Script::call(&SHELL, "async_cleanup").path("folder", &folder);
        return Ok(Step::run(script, move |reply| {
            let folder = reply.text("folder").unwrap_or(folder);
            let outcome = said(Outcome::ok().with("ansible_job_id", job.as_str()));
            let outcome = outcome.with("started", false).with("finished", false);
            Ok(outcome.with("erased", folder).into())
        }));
    }
    let script = Script::call(&SHELL, "async_look").path("folder", &folder);
    Ok(Step::run(script, move |reply| Ok(state(&reply, &job).into())))
}

/// The folder of the jobs on this host.
fn folder(cx: &Cx) -> &str {
    let said = cx.variables.get("ansible_async_dir");
    said.and_then(|folder| folder.as_str()).unwrap_or(FOLDER)
}

/// What the host says of a job.
fn state(reply: &Reply, job: &str) -> Outcome {
    let (outcome, is_finished) = match reply.text("state").as_deref() {
        Some("missing") => (Outcome::failed("could not find job"), true),
        Some("running") => (Outcome::ok(), false),
        Some("late") => {
            let late = Outcome::failed("Timeout exceeded");
            (reply.int("pid").map_or(late.clone(), |pid| late.with("child_pid", pid)), true)
        }
        _ => (finished(reply, job), true),
    };
    said(marked(outcome, reply, job, is_finished))
}

/// An outcome with what is said of a job.
fn marked(outcome: Outcome, reply: &Reply, job: &str, finished: bool) -> Outcome {
    let folder = reply.text("folder").unwrap_or_else(|| format!("{FOLDER}/{job}"));
    outcome
        .with("ansible_job_id", job)
        .with("started", true)
        .with("finished", finished)
        .with("results_file", folder)
}

/// An outcome with the output that each state of a job has, be it empty.
pub fn said(mut outcome: Outcome) -> Outcome {
    for name in ["stdout", "stderr"] {
        if !outcome.data.contains(name) {
            outcome = outcome.with(name, "");
        }
    }
    outcome
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
    let about = reply.text("about").and_then(|text| from_json(&text).ok());
    let about = about.as_ref().and_then(|about| about.as_map());
    let program = about.map_or_else(Program::default, |about| Program::remembered(about));
    program.outcome(&reader.finish(), false)
}

#[cfg(test)]
mod tests;

#![doc = include_str!("page.md")]

use std::path::PathBuf;
use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::program::only_one;
use crate::modules::ground::GROUND;
use crate::modules::{Answer, Ask, Body, Cx, FreeForm, Module, RemotePath, Step, words};
use crate::outcome::{Outcome, Outlook};
use crate::shell::{Fragment, Reply, Script, quote};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "script",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::Command,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "script",
    text: include_str!("script.sh"),
    needs: &[&GROUND],
};

args! {
    /// What `script` takes.
    Args {
        _raw_params: Option<String>,
        chdir: Option<RemotePath>,
        cmd: Option<String>,
        creates: Option<RemotePath>,
        /// Whether a vault file is opened before it is sent.
        decrypt: bool = true,
        executable: Option<String>,
        removes: Option<RemotePath>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let text = only_one(args._raw_params.as_deref(), args.cmd.as_deref())?
        .ok_or_else(|| Error::input("one of the following is required: _raw_params, cmd"))?
        .to_owned();
    let (name, rest) = words::first(&text)
        .map(|(name, rest)| (name, rest.to_owned()))
        .map_err(|why| Error::input(format!("the script's command cannot be read: {why}")))?;
    let cx = Arc::clone(cx);
    Ok(Step::run(probe(&args, &cx), move |reply| {
        match decided(&reply, &args, &cx) {
            Some(outcome) if outcome.outlook == Outlook::Known && outcome.skipped => Ok(outcome.into()),
            // What would run is looked at: a plan is made of it.
            Some(outcome) => Ok(found(name, |path| {
                Step::ask(Ask::Checksum(path), |_| Ok(outcome.into()))
            })),
            None => Ok(send(args, name, rest, reply.text("file").unwrap_or_default())),
        }
    }))
}

fn probe(args: &Args, cx: &Cx) -> Script {
    let text = |path: &Option<RemotePath>| path.as_ref().map_or("", AsRef::as_ref).to_owned();
    Script::call(&SHELL, "script_probe")
        .path("creates", text(&args.creates))
        .path("removes", text(&args.removes))
        .flag("check", cx.check)
}

/// The outcome where the script does not run.
fn decided(reply: &Reply, args: &Args, cx: &Cx) -> Option<Outcome> {
    if let Some(path) = reply.text("created") {
        return Some(Outcome::skipped(format!("{path} exists, matching creates option")));
    }
    if let Some(path) = reply.text("removed") {
        return Some(Outcome::skipped(format!("{path} does not exist, matching removes option")));
    }
    match cx.check {
        false => None,
        true if args.creates.is_some() || args.removes.is_some() => Some(Outcome::changed()),
        true => Some(Outcome::unpredicted("Check mode is not supported for this task.")),
    }
}

/// Finds the script, brings it to `file` on the host, and runs it there.
fn send(args: Args, name: String, rest: String, file: String) -> Step {
    found(name, move |path| {
        let read = Ask::Read { path, open: args.decrypt };
        Step::ask(read, move |answer| {
            let Answer::Bytes(bytes) = answer else {
                return Err(Error::bug("no bytes came back for a script"));
            };
            let script = run(&args, &rest, &file);
            Ok(Step::put(Body::Bytes(bytes), file, move |_| {
                Ok(Step::run_any(script, |reply| Ok(outcome(&reply).into())))
            }))
        })
    })
}

/// Looks for the script among the playbook's files, and goes on with where it is.
fn found(name: String, then: impl FnOnce(PathBuf) -> Step + Send + 'static) -> Step {
    Step::ask(Ask::Find { kind: "files", name }, move |answer| match answer {
        Answer::Path(path) => Ok(then(path)),
        _ => Err(Error::bug("no path came back for a script")),
    })
}

fn run(args: &Args, rest: &str, file: &str) -> Script {
    let shell = args.executable.as_deref().unwrap_or_default();
    let line = format!("{shell} {} {rest}", quote(file).as_str());
    Script::call(&SHELL, "script_run").as_logged_in()
        .path("chdir", args.chdir.as_ref().map_or("", AsRef::as_ref))
        .set("file", file)
        .set("line", line.trim())
}

fn outcome(reply: &Reply) -> Outcome {
    let rc = reply.int("rc").unwrap_or_else(|| i64::from(reply.status));
    let mut outcome = Outcome::changed()
        .with("rc", rc)
        .with("stdout", reply.stdout_text())
        .with("stderr", reply.stderr_text());
    if rc != 0 {
        outcome.failed = true;
        outcome = outcome.with("msg", "non-zero return code");
    }
    outcome
}

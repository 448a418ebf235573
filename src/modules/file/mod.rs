#![doc = include_str!("page.md")]

mod desire;
mod people;
mod times;
mod tree;

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::placing::PLACING;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Script};
use crate::value::Map;

use desire::{Desire, Job};
use times::Time;

/// The module.
pub static MODULE: Module = Module {
    name: "file",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "file",
    text: include_str!("file.sh"),
    needs: &[&PLACING],
};

choices! {
    /// What a path shall be.
    State {
        Absent = "absent",
        Directory = "directory",
        File = "file",
        Hard = "hard",
        Link = "link",
        Touch = "touch",
    }
}

args! {
    /// What `file` takes beside the attributes.
    Args {
        path: RemotePath [dest, name],
        state: Option<State>,
        src: Option<RemotePath>,
        force: bool = false,
        follow: bool = true,
        recurse: bool = false,
        access_time: Option<String>,
        access_time_format: String = "%Y%m%d%H%M.%S".to_owned(),
        modification_time: Option<String>,
        modification_time_format: String = "%Y%m%d%H%M.%S".to_owned(),
        _diff_peek: Option<bool>,
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    let attributes = Attributes::read(map)?;
    check_together(&args, &attributes)?;
    if args._diff_peek.is_some() {
        return Ok(peek(&args));
    }
    let touch = args.state == Some(State::Touch);
    let (atime, mtime) = (&args.access_time, &args.modification_time);
    let job = Job {
        atime: Time::read("access_time", atime.as_deref(), &args.access_time_format, touch)?,
        mtime: Time::read(
            "modification_time",
            mtime.as_deref(),
            &args.modification_time_format,
            touch,
        )?,
        args,
        attributes,
        cx: cx.clone(),
    };
    Ok(Step::run_any(probe(&job), move |reply| {
        if let Some(outcome) = reply.failure() {
            return Ok(outcome.into());
        }
        let mut warnings = people::unknown(&job, &reply);
        if reply.flag("hidden") {
            let path = reply.text("path").unwrap_or_default();
            let warning = format!("Insufficient permissions to access {path}. Treating as absent");
            warnings.push(warning);
        }
        let step = match Desire::of(&job, &reply).and_then(|desire| desire.step(&job)) {
            Err(error) if !warnings.is_empty() => Outcome::failed(error.chain()).into(),
            other => other?,
        };
        Ok(warnings.into_iter().fold(step, Step::warned))
    }))
}

/// Says whether a file looks like a binary one, and nothing else (`execute_diff_peek` of the reference).
fn peek(args: &Args) -> Step {
    let script = Script::call(&SHELL, "file_peek").path("path", &args.path);
    Step::run(script, |reply| {
        let outcome = Outcome::ok().with("path", reply.text("path"));
        Ok(outcome.with("appears_binary", reply.flag("appears_binary")).into())
    })
}

fn check_together(args: &Args, attributes: &Attributes) -> Result<()> {
    let state = args.state;
    if args.recurse && !matches!(state, None | Some(State::Directory)) {
        return Err(Error::input("recurse option requires state to be 'directory'"));
    }
    if args.src.is_some() && !matches!(state, Some(State::Link | State::Hard)) {
        return Err(Error::input("src option requires state to be 'link' or 'hard'"));
    }
    if args.recurse && attributes.attributes.is_some() {
        return Err(Error::input(
            "`attributes` (the flags of chattr) cannot be set with `recurse`",
        ));
    }
    Ok(())
}

fn probe(job: &Job) -> Script {
    let args = &job.args;
    let script = Script::call(&SHELL, "file_probe")
        .path("path", &args.path)
        .path("src", args.src.as_ref().map_or("", |src| &src.0))
        .set("state", args.state.map_or("", State::word))
        .flag("follow", args.follow)
        .flag("recurse", args.recurse)
        .flag("listing", args.state == Some(State::Absent) && job.cx.diff)
        .set("atime", job.atime.for_date())
        .set("mtime", job.mtime.for_date());
    job.attributes.ask(people::ask(job, script))
}

#[cfg(test)]
mod tests;

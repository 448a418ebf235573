#![doc = include_str!("page.md")]

mod ppa;
mod sources;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::apt_cache::APT_CACHE;
use crate::modules::{Cx, FileMode, FreeForm, Module, Step};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};
use ppa::Archive;
use sources::{List, Source};

/// The module.
pub static MODULE: Module = Module {
    name: "apt_repository",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "apt_repository",
    text: include_str!("apt_repository.sh"),
    needs: &[&APT_CACHE],
};

crate::choices! {
    /// Whether the source is there.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `apt_repository` takes.
    Args {
        codename: Option<String>,
        filename: Option<String>,
        install_python_apt: bool = true,
        mode: Option<FileMode>,
        repo: String,
        state: State = State::Present,
        update_cache: bool ["update-cache"] = true,
        update_cache_retries: u64 = 5,
        update_cache_retry_max_delay: u64 = 12,
        validate_certs: bool = true,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let archive = Archive::read(&args.repo)?;
    if archive.is_none() {
        source(&args.repo)?;
    }
    let cx = Arc::clone(cx);
    let script = Script::call(&SHELL, "apt_repository_probe");
    Ok(Step::run(script, move |reply| match archive {
        None => {
            let source = source(&args.repo)?;
            Ok(bring(&args, &reply, &source, &cx))
        }
        Some(archive) => {
            let source = archive.source(&args, &reply)?;
            let step = bring(&args, &reply, &source, &cx);
            Ok(archive.with_key(step, &args, &reply, &cx))
        }
    }))
}

fn source(text: &str) -> Result<Source> {
    Source::read(text).ok_or_else(|| Error::input(format!("Invalid repository string: {text}")))
}

/// The steps that bring the lists to where they shall be.
fn bring(args: &Args, reply: &Reply, source: &Source, cx: &Cx) -> Step {
    let mut lists = sources::lists(reply);
    match args.state {
        State::Present => sources::add(&mut lists, source, &path(args, reply, source)),
        State::Absent => sources::remove(&mut lists, source),
    }
    lists.retain(|list| list.before != list.after);
    let outcome = outcome(args, &lists, cx);
    if lists.is_empty() || cx.check {
        return outcome.into();
    }
    Step::run(write(args, &lists), move |_| Ok(outcome.into()))
}

/// The list that a new source goes into.
fn path(args: &Args, reply: &Reply, source: &Source) -> String {
    let parts = reply.text("parts").unwrap_or_default();
    let name = args.filename.clone().unwrap_or_else(|| source.file_name());
    match name.starts_with('/') {
        true => format!("{name}.list"),
        false => format!("{parts}/{name}.list"),
    }
}

fn outcome(args: &Args, lists: &[List], cx: &Cx) -> Outcome {
    let paths = |lists: &mut dyn Iterator<Item = &List>| Value::strings(lists.map(|list| list.path.as_str()));
    let mut outcome = Outcome::new(!lists.is_empty())
        .with("repo", args.repo.as_str())
        .with("state", args.state.word())
        .with("sources_added", paths(&mut lists.iter().filter(|list| list.before.is_empty())))
        .with("sources_removed", paths(&mut lists.iter().filter(|list| list.after.is_empty())));
    if cx.diff {
        outcome.diff.extend(lists.iter().map(|list| {
            let header = |text: &str| if text.is_empty() { "/dev/null" } else { &list.path }.to_owned();
            Diff::Text {
                before: list.before.clone(),
                after: list.after.clone(),
                before_header: header(&list.before),
                after_header: header(&list.after),
            }
        }));
    }
    outcome
}

fn write(args: &Args, lists: &[List]) -> Script {
    let mode = match &args.mode {
        Some(FileMode::Bits(bits)) => format!("{bits:04o}"),
        Some(FileMode::Symbolic(mode)) => mode.clone(),
        Some(FileMode::Preserve) | None => String::new(),
    };
    let script = Script::call(&SHELL, "apt_repository_write")
        .set("mode", mode)
        .flag("update", args.update_cache)
        .set("retries", args.update_cache_retries.to_string())
        .set("longest_delay", args.update_cache_retry_max_delay.to_string());
    lists.iter().fold(script, |script, list| script.arg(&list.path).arg(&list.after))
}

#[cfg(test)]
mod tests;

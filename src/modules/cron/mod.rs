#![doc = include_str!("page.md")]

mod table;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::editing::{Edit, Editing, Keeps};
use crate::modules::ground::GROUND;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};
use table::{Table, Where};

/// The module.
pub static MODULE: Module = Module {
    name: "cron",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "cron",
    text: include_str!("cron.sh"),
    needs: &[&GROUND],
};

crate::choices! {
    /// Whether the job is there.
    State {
        Absent = "absent",
        Present = "present",
    }
}

crate::choices! {
    /// A time that cron has a word for.
    Special {
        Annually = "annually",
        Daily = "daily",
        Hourly = "hourly",
        Monthly = "monthly",
        Reboot = "reboot",
        Weekly = "weekly",
        Yearly = "yearly",
    }
}

args! {
    /// What `cron` takes.
    Args {
        backup: bool = false,
        cron_file: Option<RemotePath>,
        day: String [dom] = "*".to_owned(),
        disabled: bool = false,
        env: bool = false,
        hour: String = "*".to_owned(),
        insertafter: Option<String>,
        insertbefore: Option<String>,
        job: Option<String> [value],
        minute: String = "*".to_owned(),
        month: String = "*".to_owned(),
        name: String,
        special_time: Option<Special>,
        state: State = State::Present,
        user: Option<String>,
        weekday: String [dow] = "*".to_owned(),
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    check_together(&args)?;
    if let Some(file) = args.cron_file.clone() {
        return in_a_file(args, &file, cx);
    }
    let cx = Arc::clone(cx);
    let script = script(&args, "cron_probe");
    Ok(Step::run(script, move |reply| {
        let before = Table::read(&reply.text("table").unwrap_or_default());
        let (after, outcome) = changed(&args, &before)?;
        Ok(install(&args, &before, &after, outcome, &cx))
    }))
}

fn check_together(args: &Args) -> Result<()> {
    let wrong = |message: &str| Err(Error::input(message));
    let at_times = [&args.minute, &args.hour, &args.day, &args.month, &args.weekday];
    if args.special_time.is_some() && at_times.iter().any(|time| *time != "*") {
        return wrong("You cannot combine special_time with any of the time or day/date parameters.");
    }
    if args.state == State::Present && args.job.is_none() {
        return wrong("You must specify 'job' to install a new cron job or variable");
    }
    if args.env && args.name.contains(char::is_whitespace) {
        return wrong("Invalid name for environment variable");
    }
    if (args.insertafter.is_some() || args.insertbefore.is_some()) && !args.env {
        return wrong("Insertafter and insertbefore parameters are valid only with env=yes");
    }
    if args.name.contains('\n') {
        return wrong("the name of a job is one line");
    }
    Ok(())
}

fn script(args: &Args, function: &'static str) -> Script {
    Script::call(&SHELL, function).set("user", args.user.as_deref().unwrap_or_default())
}

/// The table as it is to be, and the outcome's keys.
fn changed(args: &Args, before: &Table) -> Result<(Table, Outcome)> {
    let mut table = before.clone();
    let job = args.job.as_deref().unwrap_or_default();
    match (args.state, args.env) {
        (State::Present, true) => {
            let place = match (&args.insertafter, &args.insertbefore) {
                (Some(name), _) => Where::After(name),
                (None, Some(name)) => Where::Before(name),
                (None, None) => Where::First,
            };
            table.set_variable(&args.name, job, place).map_err(Error::input)?;
        }
        (State::Present, false) => table.set_job(&args.name, &line(args, job)),
        (State::Absent, true) => table.remove_variable(&args.name),
        (State::Absent, false) => table.remove_job(&args.name),
    }
    let mut outcome = Outcome::ok()
        .with("jobs", Value::strings(table.jobs()))
        .with("envs", Value::strings(table.variables()));
    if let Some(file) = &args.cron_file {
        outcome = outcome.with("cron_file", file.as_ref());
    }
    if job.trim_matches(['\r', '\n']).contains(['\r', '\n']) {
        outcome = outcome.with_warning("Job should not contain line breaks");
    }
    Ok((table, outcome))
}

/// The line of the job. A table in a file names the user.
fn line(args: &Args, job: &str) -> String {
    let job = job.trim_matches(['\r', '\n']);
    let off = if args.disabled { "#" } else { "" };
    let time = match args.special_time {
        Some(special) => format!("@{}", special.word()),
        None => {
            let fields = [&args.minute, &args.hour, &args.day, &args.month, &args.weekday];
            fields.map(String::as_str).join(" ")
        }
    };
    match args.user.as_ref().filter(|_| args.cron_file.is_some()) {
        Some(user) => format!("{off}{time} {user} {job}"),
        None => format!("{off}{time} {job}"),
    }
}

fn install(args: &Args, before: &Table, after: &Table, mut outcome: Outcome, cx: &Cx) -> Step {
    outcome.changed = before != after;
    if !outcome.changed {
        return outcome.into();
    }
    if cx.diff {
        outcome.diff.extend(Diff::of("crontab", &before.text(), &after.text()));
    }
    if cx.check {
        return outcome.into();
    }
    let script = script(args, "cron_install")
        .set("table", after.text())
        .flag("backup", args.backup);
    Step::run(script, move |reply| Ok(with_backup(outcome, &reply).into()))
}

fn with_backup(outcome: Outcome, reply: &Reply) -> Outcome {
    match reply.text("backup_file") {
        Some(file) => outcome.with("backup_file", file),
        None => outcome,
    }
}

/// A table that is a file of its own, below /etc/cron.d where the path is not absolute. One whose job
/// goes is taken away.
fn in_a_file(args: Args, file: &RemotePath, cx: &Arc<Cx>) -> Result<Step> {
    if args.user.is_none() && args.state == State::Present && !args.env {
        return Err(Error::input("To use cron_file=... parameter you must specify user=... as well"));
    }
    let path = match file.0.starts_with(['/', '~', '$']) {
        true => file.0.clone(),
        false => format!("/etc/cron.d/{file}"),
    };
    let editing = Editing {
        path: RemotePath(path),
        encoding: "utf-8".to_owned(),
        attributes: Attributes::read(&Map::new())?,
        backup: args.backup,
        follow: true,
        describe: false,
        keeps: Keeps::Shown,
        validate: None,
        backup_key: "backup_file",
        backup_always: false,
        cx: Arc::clone(cx),
    };
    editing.step(move |original| {
        let before = Table::read(original.text.as_deref().unwrap_or_default());
        let (after, outcome) = changed(&args, &before)?;
        if before == after {
            return Ok(Edit::Done(outcome));
        }
        let text = after.text();
        // A file goes with its last job, where nothing else stands in it.
        if args.state == State::Absent && !args.env && text.trim().is_empty() {
            let name = args.cron_file.as_ref().map_or("", AsRef::as_ref);
            return Ok(Edit::Gone(Outcome::ok().with("cron_file", name).with("state", "absent")));
        }
        Ok(Edit::Text(text, outcome))
    })
}

#[cfg(test)]
mod tests;

#![doc = include_str!("page.md")]

mod table;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::editing::{EDITING, Edit, Editing, Keeps};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, rules};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::Map;
use table::{Table, same};

/// The module.
pub static MODULE: Module = Module {
    name: "sysctl",
    collection: "ansible.posix",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "sysctl",
    text: include_str!("sysctl.sh"),
    needs: &[&EDITING],
};

crate::choices! {
    /// Whether the line is in the file.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `sysctl` takes.
    Args {
        ignoreerrors: bool = false,
        name: String [key],
        reload: bool = true,
        state: State = State::Present,
        sysctl_file: RemotePath = RemotePath("/etc/sysctl.conf".to_owned()),
        sysctl_set: bool = false,
        value: Option<String> [val],
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let mut args = Args::read(args)?;
    rules::required_if(args.state == State::Present, "`state` is `present`", &[("value", args.value.is_some())])?;
    args.name = args.name.trim().to_owned();
    args.value = Some(plain(args.value.as_deref().unwrap_or_default()));
    for (name, blank) in [
        ("name", args.name.is_empty()),
        ("value", args.state == State::Present && args.value.as_deref() == Some("")),
    ] {
        if blank {
            return Err(Error::input(format!("{name} cannot be blank")));
        }
    }
    edit(args, cx)
}

/// A truth value is a number to the kernel.
fn plain(value: &str) -> String {
    match value.to_lowercase().as_str() {
        "y" | "yes" | "on" | "1" | "true" | "t" | "1.0" => "1".to_owned(),
        "n" | "no" | "off" | "0" | "false" | "f" | "0.0" => "0".to_owned(),
        _ => value.trim().to_owned(),
    }
}

/// The file is changed first; what the kernel is told comes after.
fn edit(args: Args, cx: &Arc<Cx>) -> Result<Step> {
    let editing = Editing {
        path: args.sysctl_file.clone(),
        encoding: "utf-8".to_owned(),
        attributes: Attributes::read(&Map::new())?,
        backup: false,
        follow: true,
        describe: false,
        keeps: Keeps::Shown,
        validate: None,
        backup_key: "backup_file",
        backup_always: false,
        cx: Arc::clone(cx),
    };
    let check = cx.check;
    let probe = Script::call(&SHELL, "sysctl_probe").set("name", &args.name);
    let tasks = Arc::new(std::sync::Mutex::new(None));
    let later = Arc::clone(&tasks);
    let step = editing.step_probing(probe, move |original, reply| {
        let before = Table::read(original.text.as_deref().unwrap_or_default());
        let tasks = Tasks::of(&args, &before, reply, original.path.clone())?;
        let outcome = Outcome::new(tasks.changed);
        let edit = match tasks.write {
            true => Edit::Text(before.with(&args.name, args.wanted()), outcome),
            false => Edit::Done(outcome),
        };
        if let Ok(mut slot) = later.lock() {
            *slot = Some(tasks);
        }
        Ok(edit)
    })?;
    Ok(step.followed_by(move |outcome| {
        let tasks = tasks.lock().ok().and_then(|mut slot| slot.take());
        let outcome = bare(outcome);
        match tasks {
            Some(tasks) if !check && outcome.changed => Ok(tasks.step(outcome)),
            _ => Ok(outcome.into()),
        }
    }))
}

/// The reference tells nothing but whether something changed.
fn bare(mut outcome: Outcome) -> Outcome {
    outcome.data = Map::new();
    outcome
}

impl Args {
    /// The value of the line in the file, where there is to be one.
    fn wanted(&self) -> Option<&str> {
        self.value.as_deref().filter(|_| self.state == State::Present)
    }
}

/// What has to be done.
struct Tasks {
    changed: bool,
    /// The file.
    write: bool,
    /// The value, at once.
    set: Option<Script>,
    /// The whole file, at once.
    reload: Option<Script>,
}

impl Tasks {
    fn of(args: &Args, before: &Table, reply: &Reply, file: String) -> Result<Tasks> {
        let system = reply.text("system").unwrap_or_default();
        let own = ["/etc/sysctl.conf", "/etc/sysctl.conf.local"];
        if system == "FreeBSD" && args.reload && !own.contains(&file.as_str()) {
            return Err(Error::input(format!("{file} can not be reloaded. Set reload=False.")));
        }
        let value = args.value.as_deref().unwrap_or_default();
        let now = reply.text("value");
        let differs = !now.as_deref().is_some_and(|now| same(now, value));
        let known = before.get(&args.name);
        let write = match args.state {
            State::Present => known != Some(value),
            State::Absent => known.is_some_and(|known| !known.is_empty()),
        };
        let stale = args.state == State::Present && differs;
        let set = args.sysctl_set && stale;
        let changed = write || set || args.reload && stale;
        let script = |function| {
            Script::call(&SHELL, function)
                .set("system", &system)
                .set("name", &args.name)
                .set("value", value)
                .flag("ignore", args.ignoreerrors)
        };
        let all = before.pairs_with(&args.name, args.wanted());
        Ok(Tasks {
            changed,
            write,
            set: (set && now.is_some()).then(|| script("sysctl_set")),
            reload: (changed && args.reload).then(|| script("sysctl_reload").set("file", &file).list("all", &all)),
        })
    }

    fn step(self, outcome: Outcome) -> Step {
        let scripts: Vec<Script> = [self.set, self.reload].into_iter().flatten().collect();
        scripts.into_iter().rev().fold(outcome.into(), |next: Step, script| {
            Step::run(script, move |_| Ok(next))
        })
    }
}

#[cfg(test)]
mod tests;

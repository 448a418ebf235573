#![doc = include_str!("page.md")]

mod entry;

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::editing::{Edit, Editing, Keeps, Original};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::value::Map;

use entry::Entry;

/// The module.
pub static MODULE: Module = Module {
    name: "known_hosts",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

choices! {
    /// Whether the host shall be known.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `known_hosts` takes.
    Args {
        name: String [host],
        hash_host: bool = false,
        key: Option<String>,
        path: RemotePath = RemotePath("~/.ssh/known_hosts".to_owned()),
        state: State = State::Present,
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    let host = args.name.to_lowercase();
    let key = args.key.as_deref().map(str::trim).filter(|key| !key.is_empty());
    let entry = key.map(|key| wanted(key, &host)).transpose()?;
    if entry.is_none() && args.state == State::Present {
        return Err(Error::input("`key` is required where `state` is `present`"));
    }
    let editing = Editing {
        keeps: Keeps::Shown,
        path: args.path.clone(),
        encoding: "utf-8".to_owned(),
        attributes: Attributes::read(&Map::new())?,
        backup: false,
        follow: true,
        describe: true,
        validate: None,
        backup_key: "backup_file",
        backup_always: false,
        cx: cx.clone(),
    };
    editing.step(move |original| {
        let outcome = echo(&args, &original.path);
        if original.text.is_none() && args.state == State::Absent {
            return Ok(Edit::Done(outcome));
        }
        let text = edited(&args, &host, entry.as_ref(), original);
        Ok(Edit::Text(text, outcome))
    })
}

/// The entry that the task gives, which must be one of the host.
fn wanted(key: &str, host: &str) -> Result<Entry> {
    if host.contains(',') {
        return Err(Error::input(format!(
            "argument `name`: `{host}` is more than one name; give each its own task"
        )));
    }
    let entry = Entry::read(key).ok_or_else(|| {
        Error::input("argument `key`: it does not have the form `HOST TYPE KEY`".to_owned())
    })?;
    if !entry.is_of(host) {
        return Err(Error::input(format!(
            "argument `key`: it is not a key of `{host}`: its first word names another host"
        )));
    }
    Ok(entry)
}

/// The arguments, which the reference tells as they were given.
fn echo(args: &Args, path: &str) -> Outcome {
    Outcome::ok()
        .with("name", &args.name)
        .with("key", args.key.clone())
        .with("path", path)
        .with("hash_host", args.hash_host)
        .with("state", args.state.word())
}

fn edited(args: &Args, host: &str, wanted: Option<&Entry>, original: &Original) -> String {
    let text = original.text.as_deref().unwrap_or("");
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let of_host = |line: &String| Entry::read(line).is_some_and(|it| it.is_of(host));
    let Some(wanted) = wanted else {
        lines.retain(|line| !of_host(line));
        return lines.concat();
    };
    let found = |line: &&String| of_host(line);
    let mut exact = false;
    let mut kin = None;
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| found(line)) {
        let Some(entry) = Entry::read(line) else { continue };
        if entry.is_same(wanted, args.hash_host) {
            exact = true;
            kin = Some(index);
            break;
        }
        if kin.is_none() && entry.replaces(wanted) {
            kin = Some(index);
        }
    }
    match (args.state, exact) {
        (State::Present, true) => return text.to_owned(),
        (State::Absent, _) => {
            kin.map(|index| lines.remove(index));
            return lines.concat();
        }
        (State::Present, false) => {}
    }
    kin.map(|index| lines.remove(index));
    if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
        last.push('\n');
    }
    lines.push(wanted.line(host, args.hash_host) + "\n");
    lines.concat()
}

#[cfg(test)]
mod tests;

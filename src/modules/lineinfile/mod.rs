#![doc = include_str!("page.md")]

mod search;

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::editing::{Edit, Editing, Keeps, Lines, Original};
use crate::modules::rules::exclusive;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, encoding};
use crate::outcome::Outcome;
use crate::value::Map;

use search::{Insert, Search};

/// The module.
pub static MODULE: Module = Module {
    name: "lineinfile",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

choices! {
    /// Whether the line shall be there.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `lineinfile` takes beside the attributes.
    Args {
        path: RemotePath [dest, destfile, name],
        backrefs: bool = false,
        backup: bool = false,
        create: bool = false,
        encoding: String = "utf-8".to_owned(),
        firstmatch: bool = false,
        insertafter: Option<String>,
        insertbefore: Option<String>,
        line: Option<String> [value],
        regexp: Option<String> [regex],
        search_string: Option<String>,
        state: State = State::Present,
        validate: Option<String>,
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    check_together(&args)?;
    encoding::check("encoding", &args.encoding)?;
    let search = Search::new(&args)?;
    let editing = Editing {
        path: args.path.clone(),
        encoding: args.encoding.clone(),
        attributes: Attributes::read(map)?,
        backup: args.backup,
        follow: true,
        describe: false,
        keeps: Keeps::Both,
        validate: args.validate.clone(),
        backup_key: "backup",
        backup_always: true,
        cx: cx.clone(),
    };
    editing.step(move |original| {
        let edit = match args.state {
            State::Present => present(&args, &search, original),
            State::Absent => absent(&args, &search, original),
        };
        edit.map(|edit| warned(&args, edit))
    })
}

fn check_together(args: &Args) -> Result<()> {
    let search_string = ("search_string", args.search_string.is_some());
    exclusive(&[
        ("insertafter", args.insertafter.is_some()),
        ("insertbefore", args.insertbefore.is_some()),
    ])?;
    exclusive(&[("regexp", args.regexp.is_some()), search_string])?;
    exclusive(&[("backrefs", args.backrefs), search_string])?;
    let found = args.regexp.is_some() || args.search_string.is_some();
    match args.state {
        State::Present if args.line.is_none() => {
            Err(Error::input("`line` is required where `state` is `present`"))
        }
        State::Present if args.backrefs && args.regexp.is_none() => {
            Err(Error::input("`regexp` is required with `backrefs`"))
        }
        State::Absent if !found && args.line.is_none() => Err(Error::input(
            "`line`, `regexp` or `search_string` is required where `state` is `absent`",
        )),
        _ => Ok(()),
    }
}

fn warned(args: &Args, edit: Edit) -> Edit {
    let empty = |text: &Option<String>| text.as_deref() == Some("");
    match edit {
        Edit::Text(text, outcome) if empty(&args.regexp) || empty(&args.search_string) => {
            let warning = "an empty `regexp` or `search_string` is found in every line; `^` says \
                           so on purpose";
            Edit::Text(text, outcome.with_warning(warning))
        }
        other => other,
    }
}

fn absent(args: &Args, search: &Search, original: &Original) -> Result<Edit> {
    let Some(text) = &original.text else {
        return Ok(Edit::Done(Outcome::ok().with("msg", "file not present")));
    };
    let mut lines = Lines::of(text);
    let before = lines.all.len();
    let wanted = args.line.as_deref();
    let mut kept = Vec::with_capacity(before);
    for line in lines.all {
        if !search.removes(&line, wanted)? {
            kept.push(line);
        }
    }
    lines.all = kept;
    let found = before - lines.all.len();
    let message = match found {
        0 => String::new(),
        count => format!("{count} line(s) removed"),
    };
    let outcome = Outcome::ok().with("found", found).with("msg", message);
    Ok(Edit::Text(lines.text(), outcome))
}

fn present(args: &Args, search: &Search, original: &Original) -> Result<Edit> {
    if original.text.is_none() && !args.create {
        let message = format!("Destination {} does not exist !", original.path);
        let outcome = Outcome::failed(message).with("rc", 257);
        return Ok(Edit::Done(outcome));
    }
    let text = original.text.as_deref().unwrap_or("");
    let line = args.line.as_deref().unwrap_or("");
    let mut lines = Lines::of(text);
    let message = set_line(&mut lines, line, args, search)?;
    let outcome = Outcome::ok().with("msg", message);
    Ok(Edit::Text(lines.text(), outcome))
}

/// Sets the line, and says what was done.
fn set_line(
    lines: &mut Lines,
    line: &str,
    args: &Args,
    search: &Search,
) -> Result<&'static str> {
    let found = search.find(&lines.all, line, args.firstmatch)?;
    if let Some((index, expanded)) = found.line {
        let text = expanded.filter(|_| args.backrefs);
        let new = lines.line(text.as_deref().unwrap_or(line));
        return Ok(replace_line(lines, index, new));
    }
    if args.backrefs {
        return Ok("");
    }
    let new = lines.line(line);
    match (&search.insert, found.place) {
        (Insert::Begin, _) => lines.all.insert(0, new),
        (Insert::After(_), Some(index)) => {
            let there = lines.all.get(index + 1).or(lines.all.get(index));
            if there.is_some_and(|there| there.text == line) {
                return Ok("");
            }
            lines.close();
            lines.all.insert(index + 1, new);
        }
        (Insert::Before(_), Some(index)) => lines.all.insert(index, new),
        _ => {
            lines.close();
            lines.all.push(new);
        }
    }
    Ok("line added")
}

fn replace_line(
    lines: &mut Lines,
    index: usize,
    mut new: crate::modules::editing::Line,
) -> &'static str {
    let Some(old) = lines.all.get_mut(index) else {
        return "";
    };
    if !old.end.is_empty() {
        new.end = old.end;
    }
    if *old == new {
        return "";
    }
    *old = new;
    "line replaced"
}

#[cfg(test)]
mod tests;

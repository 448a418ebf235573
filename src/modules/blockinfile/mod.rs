#![doc = include_str!("page.md")]

mod block;

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::Result;
use crate::modules::attributes::Attributes;
use crate::modules::editing::{Edit, Editing, Keeps, Original};
use crate::modules::rules::exclusive;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, encoding};
use crate::outcome::Outcome;
use crate::value::Map;

use block::Block;

/// The module.
pub static MODULE: Module = Module {
    name: "blockinfile",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

choices! {
    /// Whether the block shall be there.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `blockinfile` takes beside the attributes.
    Args {
        path: RemotePath [dest, destfile, name],
        append_newline: bool = false,
        backup: bool = false,
        block: String [content] = String::new(),
        create: bool = false,
        encoding: String = "utf-8".to_owned(),
        insertafter: Option<String>,
        insertbefore: Option<String>,
        marker: String = "# {mark} ANSIBLE MANAGED BLOCK".to_owned(),
        marker_begin: String = "BEGIN".to_owned(),
        marker_end: String = "END".to_owned(),
        prepend_newline: bool = false,
        state: State = State::Present,
        validate: Option<String>,
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    exclusive(&[
        ("insertafter", args.insertafter.is_some()),
        ("insertbefore", args.insertbefore.is_some()),
    ])?;
    encoding::check("encoding", &args.encoding)?;
    let block = Block::new(&args)?;
    let editing = Editing {
        path: args.path.clone(),
        encoding: args.encoding.clone(),
        attributes: Attributes::read(map)?,
        backup: args.backup,
        follow: true,
        describe: false,
        keeps: Keeps::Both,
        validate: args.validate.clone(),
        backup_key: "backup_file",
        backup_always: false,
        cx: cx.clone(),
    };
    editing.step(move |original| edit(&args, &block, original))
}

fn edit(args: &Args, block: &Block, original: &Original) -> Result<Edit> {
    let path = &original.path;
    let Some(text) = &original.text else {
        if args.state == State::Absent {
            let outcome = Outcome::ok().with("msg", format!("`{path}` is not there"));
            return Ok(Edit::Done(outcome));
        }
        if !args.create {
            let outcome = Outcome::failed(format!("`{path}` does not exist")).with("rc", 257);
            return Ok(Edit::Done(outcome));
        }
        let new = block.set("")?;
        return Ok(Edit::Text(new, Outcome::ok().with("msg", "File created")));
    };
    let new = block.set(text)?;
    let message = match () {
        () if new == *text => "",
        () if block.is_empty() => "Block removed",
        () => "Block inserted",
    };
    Ok(Edit::Text(new, Outcome::ok().with("msg", message)))
}

#[cfg(test)]
mod tests;

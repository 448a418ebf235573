#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::program::{Program, feed, only_one};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "shell",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::Command,
    check_mode: true,
    plan,
};

args! {
    /// What `shell` takes.
    Args {
        _raw_params: Option<String>,
        chdir: Option<RemotePath>,
        cmd: Option<String>,
        creates: Option<RemotePath>,
        executable: Option<RemotePath>,
        removes: Option<RemotePath>,
        stdin: Option<String>,
        stdin_add_newline: bool = true,
        strip_empty_ends: bool = true,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    Ok(program(args)?.step(cx.check))
}

/// The program that a task runs.
///
/// # Errors
/// The arguments do not say which.
pub fn program(args: &Map) -> Result<Program> {
    let args = Args::read(args)?;
    let text = only_one(args._raw_params.as_deref(), args.cmd.as_deref())?
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Error::input("one of the following is required: _raw_params, cmd, argv"))?
        .to_owned();
    let shell = args.executable.map_or_else(|| "/bin/sh".to_owned(), |path| path.0);
    Ok(Program {
        cmd: Value::str(text.as_str()),
        arguments: vec![shell, "-c".to_owned(), text],
        expand: false,
        chdir: args.chdir,
        creates: args.creates,
        removes: args.removes,
        stdin: feed(args.stdin, args.stdin_add_newline),
        strip: args.strip_empty_ends,
    })
}

#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::program::{Program, feed};
use crate::outcome::Outcome;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, rules, words};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "command",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::Command,
    check_mode: true,
    plan,
};

args! {
    /// What `command` takes.
    Args {
        _raw_params: Option<String>,
        argv: Option<Vec<String>>,
        chdir: Option<RemotePath>,
        cmd: Option<String>,
        creates: Option<RemotePath>,
        /// Taken out of the text and not used, as in the reference.
        executable: Option<String>,
        expand_argument_vars: bool = true,
        removes: Option<RemotePath>,
        stdin: Option<String>,
        stdin_add_newline: bool = true,
        strip_empty_ends: bool = true,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    if let Some(outcome) = nothing(&Args::read(args)?) {
        return Ok(outcome.into());
    }
    let (program, shell) = read(args)?;
    let step = program.step(cx.check);
    match shell {
        Some(shell) => Ok(step.warned(format!("`command` runs without a shell: `executable` {shell} is not used"))),
        None => Ok(step),
    }
}

/// The program that a task runs.
///
/// # Errors
/// The arguments do not say which.
pub fn program(args: &Map) -> Result<Program> {
    read(args).map(|(program, _)| program)
}

/// The failure where something is given and it names no program, as the reference's `run_command` has it.
fn nothing(args: &Args) -> Option<Outcome> {
    let raw = args._raw_params.as_deref().filter(|text| !text.is_empty());
    let text = raw.or(args.cmd.as_deref()).map(str::trim);
    match (text, &args.argv) {
        (Some(""), None) => Some(
            Outcome::failed("Argument 'args' to run_command must be list or string")
                .with("cmd", Value::Null)
                .with("rc", 257),
        ),
        (None, Some(list)) if list.is_empty() => Some(
            Outcome::failed("Error executing command.")
                .with("cmd", "")
                .with("rc", 257)
                .with("stdout", "")
                .with("stderr", ""),
        ),
        _ => None,
    }
}

/// The program, and the shell that is not used.
fn read(args: &Map) -> Result<(Program, Option<String>)> {
    let args = Args::read(args)?;
    let arguments = arguments(&args)?;
    let program = Program {
        cmd: Value::strings(arguments.iter().map(String::as_str)),
        arguments,
        expand: args.expand_argument_vars,
        chdir: args.chdir,
        creates: args.creates,
        removes: args.removes,
        stdin: feed(args.stdin, args.stdin_add_newline),
        strip: args.strip_empty_ends,
    };
    Ok((program, args.executable))
}

/// The program and its arguments, from whichever of the three ways they were given.
fn arguments(args: &Args) -> Result<Vec<String>> {
    let text = [("_raw_params", &args._raw_params), ("cmd", &args.cmd)];
    let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let list = args.argv.as_ref().filter(|list| !list.is_empty());
    let mut all: Vec<(&str, bool)> = text.iter().map(|(name, text)| (*name, given(text))).collect();
    all.push(("argv", list.is_some()));
    rules::exclusive(&all)?;
    rules::one_of(&all)?;
    if let Some(list) = list {
        return Ok(list.clone());
    }
    let text = text.iter().find_map(|(_, text)| text.as_deref().filter(|text| !text.trim().is_empty()));
    words::split(text.unwrap_or_default())
        .map_err(|why| Error::input(format!("the command cannot be split into words: {why}")))
}

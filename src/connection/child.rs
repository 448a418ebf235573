//! A shell behind a child process of ours.

use std::process::Stdio;

use tokio::process::Command;

use super::pipes::{Life, Pipes};
use super::{Lost, LostKind, Target};
use crate::error::Error;

/// Starts `command` in a process group of its own, so that the terminal's Ctrl-C does not reach it.
pub(super) fn start(target: &Target, command: &[String], gone: String) -> Result<Pipes, Lost> {
    spawn(command, &[], gone).map_err(|error| {
        let program = command.first().map_or("", String::as_str);
        let name = &target.name;
        let why = Error::from(error);
        let message = format!("cannot run `{program}` for {name}: {why}");
        Lost::new(LostKind::Unreachable, message)
    })
}

/// [`start`] for a program that reaches no host.
pub(super) fn spawn(
    command: &[String],
    environment: &[(String, String)],
    gone: String,
) -> std::io::Result<Pipes> {
    let missing = || std::io::Error::other("no program");
    let (program, arguments) = command.split_first().ok_or_else(missing)?;
    let mut child = Command::new(program)
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let stdin = child.stdin.take().ok_or_else(missing)?;
    let stdout = child.stdout.take().ok_or_else(missing)?;
    let stderr = child.stderr.take().ok_or_else(missing)?;
    Ok(Pipes::new(
        (Box::new(stdin), Box::new(stdout), Box::new(stderr)),
        Life::Process(Box::new(child)),
        gone,
    ))
}

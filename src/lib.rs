//! `play` runs Ansible-language playbooks from one native binary.
//! A managed host needs an SSH server and `/bin/sh`, nothing else. ARCHITECTURE.md follows one
//! task through the rooms below.

// How deep a task's future stands in others, down to the timers of tokio, is more than the usual 128.
#![recursion_limit = "256"]

pub mod cli;
pub mod config;
pub mod connection;
mod disk;
pub mod error;
pub mod executor;
pub mod facts;
pub mod galaxy;
pub mod inventory;
pub mod memory;
pub mod modules;
pub mod outcome;
pub mod plan;
pub mod playbook;
pub mod python;
pub mod report;
pub mod shell;
pub mod template;
pub mod value;
pub mod vars;
pub mod vault;
pub mod yaml;

/// Parses the command line, acts, prints the error if there is one, and returns the exit code.
pub fn run(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> std::process::ExitCode {
    cli::run(arguments)
}

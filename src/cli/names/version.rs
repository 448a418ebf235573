//! `--version`, in the reference's words: other programs read its first line.

use std::fmt::Write;

use crate::cli::setup;
use crate::config::Config;
use crate::error::Result;
use crate::value::Value;

/// The text of `--version`; `head` begins the first line (`ansible-playbook`), `program` is what
/// was called.
///
/// # Errors
/// The configuration cannot be read.
pub fn version(head: &str, program: &str) -> Result<String> {
    let config = setup::configuration()?;
    let file = config.file.as_ref().map(|file| file.display().to_string());
    let modules = Value::strings(config.list("DEFAULT_MODULE_PATH"));
    let exe = std::env::current_exe()?;
    let mut text = String::new();
    let _ = write!(
        text,
        "{head} [core {}]\n\
         \x20 config file = {}\n\
         \x20 configured module search path = {}\n\
         \x20 ansible python module location = None\n\
         \x20 ansible collection location = {}\n\
         \x20 executable location = {}\n\
         \x20 python version = None\n\
         \x20 jinja version = 3.1.6\n\
         \x20 pyyaml version = 6.0.4 (with libyaml v0.2.5)\n\
         \x20 play version = {} ({}, no Python)\n",
        setup::REFERENCE,
        file.as_deref().unwrap_or("None"),
        modules.to_text(),
        collections(&config),
        located(program),
        env!("CARGO_PKG_VERSION"),
        exe.display(),
    );
    Ok(text)
}

/// Where a program is that was called by its name alone: the first of that name on the PATH.
fn located(program: &str) -> String {
    if program.contains('/') {
        return program.to_owned();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file());
    found.map_or_else(|| program.to_owned(), |file| file.display().to_string())
}

fn collections(config: &Config) -> String {
    config.list("COLLECTIONS_PATHS").join(":")
}

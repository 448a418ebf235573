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
         \x20 executable location = {program}\n\
         \x20 python version = None\n\
         \x20 jinja version = 3.1.6\n\
         \x20 pyyaml version = 6.0.4 (with libyaml v0.2.5)\n\
         \x20 play version = {} ({}, no Python)\n",
        setup::REFERENCE,
        file.as_deref().unwrap_or("None"),
        modules.to_text(),
        collections(&config),
        env!("CARGO_PKG_VERSION"),
        exe.display(),
    );
    Ok(text)
}

fn collections(config: &Config) -> String {
    config.list("COLLECTIONS_PATHS").join(":")
}

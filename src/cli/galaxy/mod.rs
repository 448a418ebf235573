//! `play galaxy`: roles and collections, with ansible-galaxy's words and flags, and a lock file.

mod collection;
mod init;
mod install;
mod listing;
mod notes;
mod options;
mod role;

pub use options::expanded;

use std::ffi::OsString;

use clap::{Args, Subcommand};

use crate::error::Result;

/// What `play galaxy` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    /// Say more; may be repeated
    #[arg(short = 'v', long = "verbose", global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Called by the reference's name: no lock file is written.
    #[arg(skip)]
    pub as_reference: bool,
    /// What was typed as words, where it was called by the reference's name.
    #[arg(skip)]
    pub typed: Vec<OsString>,
}

/// What `play galaxy` can do.
#[derive(Subcommand, Clone, Debug)]
enum Verb {
    /// Manage collections
    #[command(subcommand)]
    Collection(collection::Verb),
    /// Manage roles
    #[command(subcommand)]
    Role(role::Verb),
    /// Install roles and collections
    Install(install::Install),
    /// Look for newer versions, install them, and write requirements.lock anew
    Update(install::Update),
    /// Show the roles that are installed
    List(role::List),
    /// Remove roles
    Remove(role::Remove),
    /// Show what is known of a role
    Info(role::Info),
    /// Make the folders and files of a new role
    Init(init::Role),
    /// Not built
    #[command(hide = true)]
    Search(role::NotBuilt),
    /// Not built
    #[command(hide = true)]
    Import(role::NotBuilt),
    /// Not built
    #[command(hide = true)]
    Setup(role::NotBuilt),
    /// Not built
    #[command(hide = true)]
    Delete(role::NotBuilt),
}

/// Does what is asked; gives the exit code.
///
/// # Errors
/// Something cannot be had, or is not what it should be.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let mut ground = options::Ground::new(arguments.verbose, arguments.as_reference)?;
    if arguments.as_reference {
        // The reference looks for the bare words: `--roles-path=x` and `-px` keep no collection away, and
        // Vagrant's own command line counts on it.
        let mut typed = arguments.typed.iter();
        let says = typed.any(|word| word == "-p" || word == "--roles-path");
        ground.says_roles_path = Some(says);
    }
    match &arguments.verb {
        Verb::Collection(verb) => collection::run(&ground, verb),
        Verb::Role(verb) => role::run(&ground, verb),
        Verb::Install(own) => install::install(&ground, own, install::Kind::Both),
        Verb::Update(own) => install::update(&ground, own),
        Verb::List(own) => role::list(&ground, own),
        Verb::Remove(own) => role::remove(&ground, own),
        Verb::Info(own) => role::info(&ground, own),
        Verb::Init(own) => init::role(&ground, own),
        Verb::Search(_) => role::not_built("search"),
        Verb::Import(_) => role::not_built("import"),
        Verb::Setup(_) => role::not_built("setup"),
        Verb::Delete(_) => role::not_built("delete"),
    }
}

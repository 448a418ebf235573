//! What `play vault` may be asked, with ansible-vault's words and flags.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::options::VaultOptions;

/// What `play vault` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    pub(super) verb: Verb,
    /// Say more
    #[arg(short = 'v', long = "verbose", global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

/// What `play vault` can do.
#[derive(Subcommand, Clone, Debug)]
pub enum Verb {
    /// Write a new encrypted file with an editor
    Create(Create),
    /// Decrypt files for good, or the `!vault` values in a YAML file, or standard input
    Decrypt(Files),
    /// Change an encrypted file, or the `!vault` values in a YAML file, with an editor
    Edit(Sealing),
    /// Encrypt files, or standard input
    Encrypt(Encrypt),
    /// Encrypt texts as values for a YAML file
    #[command(name = "encrypt-string", alias = "encrypt_string")]
    EncryptString(EncryptString),
    /// Encrypt files, or the `!vault` values in them, anew with another password
    Rekey(Rekey),
    /// Show encrypted files, or YAML files with their `!vault` values decrypted
    View(View),
}

/// Which files, and where the result goes.
#[derive(Args, Clone, Debug)]
pub struct Files {
    /// The files; `-` or none is standard input
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Write here instead of back to the file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) vault: VaultOptions,
}

/// What `play vault encrypt` takes.
#[derive(Args, Clone, Debug)]
pub struct Encrypt {
    #[command(flatten)]
    pub(super) files: Files,
    /// The vault id to encrypt with, where there are several
    #[arg(long, value_name = "ID")]
    pub(super) encrypt_vault_id: Option<String>,
}

/// What `play vault edit` takes.
#[derive(Args, Clone, Debug)]
pub struct Sealing {
    /// The files
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// The vault id to encrypt with, where there are several
    #[arg(long, value_name = "ID")]
    pub(super) encrypt_vault_id: Option<String>,
    #[command(flatten)]
    pub(super) vault: VaultOptions,
}

/// What `play vault create` takes.
#[derive(Args, Clone, Debug)]
pub struct Create {
    #[command(flatten)]
    pub(super) sealing: Sealing,
    /// Begin the editor even where there is no terminal
    #[arg(long)]
    pub(super) skip_tty_check: bool,
}

/// What `play vault view` takes.
#[derive(Args, Clone, Debug)]
pub struct View {
    /// The files; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) vault: VaultOptions,
}

/// What `play vault rekey` takes.
#[derive(Args, Clone, Debug)]
pub struct Rekey {
    /// The files
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// The new password, as LABEL@FILE, LABEL@prompt or FILE
    #[arg(long, value_name = "ID", conflicts_with = "new_vault_password_file")]
    pub(super) new_vault_id: Option<String>,
    /// The file of the new password
    #[arg(long, value_name = "FILE")]
    pub(super) new_vault_password_file: Option<PathBuf>,
    /// The vault id to encrypt with, where there are several
    #[arg(long, value_name = "ID")]
    pub(super) encrypt_vault_id: Option<String>,
    #[command(flatten)]
    pub(super) vault: VaultOptions,
}

/// What `play vault encrypt-string` takes.
#[derive(Args, Clone, Debug)]
pub struct EncryptString {
    /// The texts; `-` is standard input
    #[arg(value_name = "TEXT")]
    pub(super) texts: Vec<String>,
    /// The variable's name, one for each text
    #[arg(short = 'n', long = "name", value_name = "NAME")]
    pub(super) names: Vec<String>,
    /// The variable's name for the text of standard input
    #[arg(long, value_name = "NAME")]
    pub(super) stdin_name: Option<String>,
    /// Ask for the text
    #[arg(short = 'p', long)]
    pub(super) prompt: bool,
    /// Show the text while it is typed
    #[arg(long)]
    pub(super) show_input: bool,
    /// Write here instead of to standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// The vault id to encrypt with, where there are several
    #[arg(long, value_name = "ID")]
    pub(super) encrypt_vault_id: Option<String>,
    #[command(flatten)]
    pub(super) vault: VaultOptions,
}

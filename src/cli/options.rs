//! The options that several verbs share, as they are typed.

use std::path::PathBuf;

use clap::{ArgAction, Args};

/// Which hosts.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Hosts")]
pub struct InventoryOptions {
    /// Where hosts come from: a file, a directory, a script, a Vagrant project, or `host1,host2,`
    #[arg(
        short = 'i',
        long = "inventory",
        visible_alias = "inventory-file",
        value_name = "SOURCE"
    )]
    pub inventory: Vec<String>,
    /// Only these hosts: a pattern, or `@file` with one a line
    #[arg(short = 'l', long = "limit", value_name = "PATTERN")]
    pub limit: Vec<String>,
}

/// How to log in.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionOptions {
    /// Log in as this user
    #[arg(short = 'u', long = "user", value_name = "USER")]
    pub user: Option<String>,
    /// The kind of connection: ssh, local, docker, podman, kubectl, chroot, nspawn
    #[arg(short = 'c', long = "connection", value_name = "KIND")]
    pub connection: Option<String>,
    /// How many seconds connecting may take
    #[arg(short = 'T', long = "timeout", value_name = "SECONDS")]
    pub timeout: Option<u64>,
    /// Log in with this private key
    #[arg(long = "private-key", visible_alias = "key-file", value_name = "FILE")]
    pub private_key: Option<PathBuf>,
    /// OpenSSH options for every connection
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    pub ssh_common_args: Option<String>,
    /// OpenSSH options for the shell's connection
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    pub ssh_extra_args: Option<String>,
    /// Ask for the login password
    #[arg(short = 'k', long = "ask-pass")]
    pub ask_pass: bool,
    /// Read the login password from a file
    #[arg(long, visible_alias = "conn-pass-file", value_name = "FILE")]
    pub connection_password_file: Option<PathBuf>,
}

/// Who to become.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Becoming another user")]
pub struct BecomeOptions {
    /// Become another user (root, unless --become-user says otherwise)
    #[arg(short = 'b', long = "become")]
    pub become_: bool,
    /// How: sudo, su, doas
    #[arg(long, value_name = "METHOD")]
    pub become_method: Option<String>,
    /// Whom
    #[arg(long, value_name = "USER")]
    pub become_user: Option<String>,
    /// Ask for the password of becoming
    #[arg(short = 'K', long = "ask-become-pass")]
    pub ask_become_pass: bool,
    /// Read the password of becoming from a file
    #[arg(long, visible_alias = "become-pass-file", value_name = "FILE")]
    pub become_password_file: Option<PathBuf>,
}

/// Encrypted files.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Vault")]
pub struct VaultOptions {
    /// A vault password: LABEL@FILE, LABEL@prompt, FILE; may be repeated
    #[arg(long = "vault-id", value_name = "ID")]
    pub vault_ids: Vec<String>,
    /// Ask for the vault password
    #[arg(
        short = 'J',
        long = "ask-vault-pass",
        visible_alias = "ask-vault-password"
    )]
    pub ask_vault_pass: bool,
    /// Read the vault password from a file; may be repeated
    #[arg(
        long = "vault-password-file",
        visible_alias = "vault-pass-file",
        value_name = "FILE"
    )]
    pub vault_password_files: Vec<PathBuf>,
    /// Passwords are asked for only once something has to be opened
    #[arg(skip)]
    pub asks_late: bool,
}

/// What is told of a run, and where.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub struct OutputOptions {
    /// What is printed: ansible (as ansible-playbook does), dense (unchanged hosts folded), json (the
    /// events, one a line), quiet (failures only), github, gitlab
    #[arg(long = "output", value_name = "KIND", value_parser = ["ansible", "dense", "json", "quiet", "github", "gitlab"])]
    pub output: Option<String>,
    /// Write the results as JUnit XML to a file
    #[arg(long, value_name = "FILE", value_parser = file_name)]
    pub junit: Option<PathBuf>,
    /// Write figures as OpenMetrics to a file
    #[arg(long, value_name = "FILE", value_parser = file_name)]
    pub metrics: Option<PathBuf>,
    /// Keep no record of the run (`play runs` shows those that are kept)
    #[arg(long)]
    pub no_record: bool,
}

/// How a run goes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "The run")]
pub struct RunOptions {
    /// Predict what would change, and change nothing
    #[arg(short = 'C', long = "check")]
    pub check: bool,
    /// Show what differs in files
    #[arg(short = 'D', long = "diff")]
    pub diff: bool,
    /// More variables: key=value, JSON or YAML, or @file; may be repeated
    #[arg(short = 'e', long = "extra-vars", value_name = "VARS")]
    pub extra_vars: Vec<String>,
    /// How many hosts are worked on at once
    #[arg(short = 'f', long = "forks", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub forks: Option<u32>,
    /// Folders of custom modules, separated by colons
    #[arg(short = 'M', long = "module-path", value_name = "PATH")]
    pub module_path: Vec<String>,
    /// Run only a stable share of the hosts: 2/8, or auto (Slurm, Kubernetes, GitLab)
    #[arg(long, value_name = "M/N|auto")]
    pub partition: Option<String>,
    /// Say more; -vvvv shows the shell text that is sent, secrets masked
    #[arg(short = 'v', long = "verbose", action = ArgAction::Count)]
    pub verbose: u8,
    /// Show values whose names say that they are secret, in differences and loop items
    #[arg(long)]
    pub show_secrets: bool,
    /// When to colour: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = ["auto", "always", "never"])]
    pub color: String,
    /// A condition that is no truth value is an error, not a warning
    #[arg(long)]
    pub strict: bool,
    /// List the hosts that match, and do nothing else
    #[arg(long)]
    pub list_hosts: bool,
    /// Forget facts that were kept from earlier runs
    #[arg(long)]
    pub flush_cache: bool,
}

/// The name of a file that is written whole: standard output is none.
///
/// # Errors
/// It is `-` or empty.
pub fn file_name(word: &str) -> Result<PathBuf, String> {
    match word {
        "" => Err("a file has a name".to_owned()),
        "-" => Err("this is written to a file (`./-` is one of that name)".to_owned()),
        word => Ok(PathBuf::from(word)),
    }
}

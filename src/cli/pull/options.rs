//! What `play pull` takes.

use std::path::PathBuf;

use clap::Args;

use crate::cli::options::{InventoryOptions, VaultOptions};

/// What `play pull` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The playbooks in the repository [default: this host's name, then local.yml]
    #[arg(value_name = "PLAYBOOK")]
    pub(super) playbooks: Vec<PathBuf>,
    /// The repository
    #[arg(short = 'U', long, value_name = "URL")]
    pub(super) url: Option<String>,
    /// The folder that it is fetched into [default: ~/.ansible/pull/HOST]
    #[arg(short = 'd', long = "directory", value_name = "FOLDER")]
    pub(super) directory: Option<String>,
    /// The branch, tag or commit
    #[arg(short = 'C', long, value_name = "REVISION")]
    pub(super) checkout: Option<String>,
    /// Run nothing unless the repository has changed
    #[arg(short = 'o', long)]
    pub(super) only_if_changed: bool,
    /// Run the playbook even if the repository cannot be fetched
    #[arg(short = 'f', long)]
    pub(super) force: bool,
    /// Throw away what was changed in the fetched files
    #[arg(long)]
    pub(super) clean: bool,
    /// Fetch the whole history, not the last commit alone
    #[arg(long)]
    pub(super) full: bool,
    /// Remove the fetched files after the run
    #[arg(long)]
    pub(super) purge: bool,
    /// Wait so many seconds at most first, by chance, so that not all machines ask at once
    #[arg(short = 's', long, value_name = "SECONDS")]
    pub(super) sleep: Option<String>,
    /// Take the repository's host key if it is not known
    #[arg(long)]
    pub(super) accept_host_key: bool,
    /// Stop unless the commit's signature is good
    #[arg(long)]
    pub(super) verify_commit: bool,
    /// Fetch the newest of submodules
    #[arg(long)]
    pub(super) track_subs: bool,
    /// The module that fetches: git, subversion
    #[arg(short = 'm', long, value_name = "MODULE", default_value = "git")]
    pub(super) module_name: String,
    /// Only tasks with one of these tags
    #[arg(short = 't', long, value_name = "TAGS")]
    pub(super) tags: Vec<String>,
    /// No task with one of these tags
    #[arg(long, value_name = "TAGS")]
    pub(super) skip_tags: Vec<String>,
    /// Predict what would change, and change nothing
    #[arg(long)]
    pub(super) check: bool,
    /// Show what differs in files
    #[arg(long)]
    pub(super) diff: bool,
    /// More variables: key=value, JSON or YAML, or @file; may be repeated
    #[arg(short = 'e', long, value_name = "VARS")]
    pub(super) extra_vars: Vec<String>,
    /// Folders of custom modules, separated by colons
    #[arg(short = 'M', long, value_name = "PATH")]
    pub(super) module_path: Vec<String>,
    /// List the hosts that match, and do nothing else
    #[arg(long)]
    pub(super) list_hosts: bool,
    /// Forget facts that were kept from earlier runs
    #[arg(long)]
    pub(super) flush_cache: bool,
    /// Say more; may be repeated
    #[arg(short = 'v', long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// Ask for the password of becoming
    #[arg(short = 'K', long)]
    pub(super) ask_become_pass: bool,
    /// Read the password of becoming from a file
    #[arg(long, visible_alias = "become-pass-file", value_name = "FILE")]
    pub(super) become_password_file: Option<String>,
    /// Ask for the login password
    #[arg(short = 'k', long)]
    pub(super) ask_pass: bool,
    /// Read the login password from a file
    #[arg(long, visible_alias = "conn-pass-file", value_name = "FILE")]
    pub(super) connection_password_file: Option<String>,
    /// The key that the repository is fetched with
    #[arg(long, visible_alias = "key-file", value_name = "FILE")]
    pub(super) private_key: Option<String>,
    /// Log in as this user
    #[arg(short = 'u', long, value_name = "USER")]
    pub(super) user: Option<String>,
    /// The kind of connection; a pull is always local
    #[arg(short = 'c', long, value_name = "KIND", value_parser = ["local"])]
    pub(super) connection: Option<String>,
    /// How many seconds connecting may take
    #[arg(short = 'T', long, value_name = "SECONDS")]
    pub(super) timeout: Option<String>,
    /// OpenSSH options for every connection
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    pub(super) ssh_common_args: Option<String>,
    /// OpenSSH options for the shell's connection
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    pub(super) ssh_extra_args: Option<String>,
    #[command(flatten)]
    pub(super) inventory: InventoryOptions,
    #[command(flatten)]
    pub(super) vault: VaultOptions,
}

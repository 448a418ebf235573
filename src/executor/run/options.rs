//! What a run is asked to do: the command line and the configuration, already understood.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::tags::Tags;
use crate::connection::Asker;
use crate::inventory::Share;
use crate::plan::Book;
use crate::vault::Secret;

/// When facts are gathered without being asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gathering {
    /// Only where `gather_facts: true` says so.
    Explicit,
    /// Unless `gather_facts: false` says otherwise.
    #[default]
    Implicit,
    /// Unless the host's facts are known already.
    Smart,
}

/// Everything that a run needs to be told.
#[derive(Clone, Debug)]
pub struct Options {
    /// Predict, do not write.
    pub check: bool,
    /// Show what differs.
    pub diff: bool,
    /// How many `-v`.
    pub verbosity: u8,
    /// How many hosts are worked on at once.
    pub forks: usize,
    /// `--tags` and `--skip-tags`.
    pub tags: Tags,
    /// `--limit`, each as it was given.
    pub limit: Vec<String>,
    /// `--partition`: the share of each play's hosts that is run.
    pub partition: Option<Share>,
    /// `--force-handlers`.
    pub force_handlers: bool,
    /// `--start-at-task`.
    pub start_at: Option<String>,
    /// `--step`.
    pub step: bool,
    /// How to log in and to become another user, where playbook and inventory do not say.
    pub access: Access,
    /// When facts are gathered.
    pub gathering: Gathering,
    /// How long a task may take; nothing means as long as it wants.
    pub task_timeout: Option<Duration>,
    /// `any_errors_fatal` where the play does not say.
    pub any_errors_fatal: bool,
    /// `no_log` where the playbook does not say.
    pub no_log: bool,
    /// `strategy` where the play does not say.
    pub strategy: String,
    /// How often an asynchronous task is asked for its state, in seconds.
    pub poll_interval: u64,
    /// A condition that is no truth value is an error.
    pub strict: bool,
    /// What is told of a task has its arguments as written.
    pub tells_arguments: bool,
    /// A notified handler that does not exist is an error.
    pub missing_handler_is_error: bool,
    /// `module_args` of ad-hoc runs and `ansible_managed` of templates.
    pub ansible_managed: String,
    /// Retry files: whether, and where.
    pub retry_files: Option<PathBuf>,
    /// The plan that is made, or applied.
    pub plan: Option<Arc<Book>>,
}

/// How to log in, as the command line and the configuration say.
#[derive(Clone, Default)]
pub struct Access {
    /// `-u`.
    pub user: Option<String>,
    /// `-c`.
    pub connection: Option<String>,
    /// `-T`.
    pub timeout: Duration,
    /// `remote_port`.
    pub port: Option<u16>,
    /// `--private-key`.
    pub key: Option<PathBuf>,
    /// `-k`, `--connection-password-file`.
    pub password: Option<Secret>,
    /// `--ssh-common-args`, `--ssh-extra-args`, `ssh_args`.
    pub ssh_arguments: Vec<String>,
    /// `host_key_checking`.
    pub check_host_keys: bool,
    /// Who is asked about a host key that is not known yet; nobody where there is no terminal.
    pub asker: Option<Asker>,
    /// How many times a connection that could not be made is tried again.
    pub retries: u32,
    /// `-b`.
    pub become_: bool,
    /// `--become-method`.
    pub become_method: Option<String>,
    /// `--become-user`.
    pub become_user: Option<String>,
    /// `become_exe`.
    pub become_exe: Option<String>,
    /// `become_flags`.
    pub become_flags: Option<String>,
    /// `-K`, `--become-password-file`.
    pub become_password: Option<Secret>,
    /// The shell on the hosts.
    pub shell: Option<String>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("user", &self.user)
            .field("connection", &self.connection)
            .field("become", &self.become_)
            .finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            check: false,
            diff: false,
            verbosity: 0,
            forks: 50,
            tags: Tags::default(),
            limit: Vec::new(),
            partition: None,
            force_handlers: false,
            start_at: None,
            step: false,
            access: Access {
                timeout: Duration::from_secs(10),
                check_host_keys: true,
                ..Access::default()
            },
            gathering: Gathering::default(),
            task_timeout: None,
            any_errors_fatal: false,
            no_log: false,
            strategy: "linear".to_owned(),
            poll_interval: 15,
            strict: false,
            tells_arguments: false,
            missing_handler_is_error: true,
            ansible_managed: "Ansible managed".to_owned(),
            retry_files: None,
            plan: None,
        }
    }
}

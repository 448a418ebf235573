//! Where a host is, how to log in, and how that can fail.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::vault::Secret;

/// How a host is reached: everything a connection needs to know, already decided.
#[derive(Clone, Debug)]
pub struct Target {
    /// The host's name in the inventory, for messages.
    pub name: String,
    /// The kind of connection.
    pub transport: Transport,
    /// The name or address to connect to (the container's name, the folder of a chroot).
    pub address: String,
    /// The port; nothing means 22 or what `~/.ssh/config` says.
    pub port: Option<u16>,
    /// The login user; nothing means the controller's own or what `~/.ssh/config` says.
    pub user: Option<String>,
    /// How to log in.
    pub login: Login,
    /// What is done about host keys.
    pub host_keys: HostKeys,
    /// How long connecting and logging in may take.
    pub timeout: Duration,
    /// How many more times a connection is tried that could not be made.
    pub retries: u32,
    /// `ansible_ssh_common_args`, `ansible_ssh_extra_args`, `ansible_ssh_args`: OpenSSH's options.
    pub ssh_arguments: Vec<String>,
    /// Whether becoming another user happens on a terminal (`ansible_ssh_use_tty`); nothing means
    /// only where the host wants one.
    pub terminal: Option<bool>,
    /// The shell on the host: `/bin/sh` unless `ansible_shell_executable` says otherwise.
    pub shell: String,
}

/// The kinds of connection, by the reference's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `chroot`
    Chroot,
    /// `docker`, `community.docker.docker`
    Docker,
    /// `kubectl`: the namespace and the container
    Kubectl {
        /// The namespace.
        namespace: Option<String>,
        /// The container in the pod.
        container: Option<String>,
    },
    /// `local`
    Local,
    /// `nspawn`, `machinectl`
    Nspawn,
    /// `openssh`: the installed `ssh` program, for what libssh2 cannot do (FIDO keys, GSSAPI).
    OpenSsh,
    /// `podman`
    Podman,
    /// `ssh`, `paramiko`, `smart`
    Ssh,
}

/// How to log in over ssh.
#[derive(Clone, Default)]
pub struct Login {
    /// A password, also tried for keyboard-interactive.
    pub password: Option<Secret>,
    /// The private keys that are named for this host.
    pub keys: Vec<PathBuf>,
    /// The passphrase of an encrypted key.
    pub passphrase: Option<Secret>,
    /// Whether the agent and the default keys in `~/.ssh` are tried.
    pub defaults: bool,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("password", &self.password)
            .field("keys", &self.keys)
            .field("defaults", &self.defaults)
            .finish_non_exhaustive()
    }
}

/// The person who is asked about a host key that is not known yet: gets the question, gives what was typed,
/// or nothing where nobody answers.
#[derive(Clone)]
pub struct Asker(pub Arc<Ask>);

/// Gets a question, gives what was typed.
pub type Ask = dyn Fn(&str) -> Option<String> + Send + Sync;

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asker")
    }
}

impl PartialEq for Asker {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Asker {}

/// What is done about a host's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostKeys {
    /// It must stand in a known_hosts file, or the person at the terminal must say that it is right; then it
    /// is added.
    Ask {
        /// The files, the user's own first.
        files: Vec<PathBuf>,
        /// Who is asked.
        person: Asker,
    },
    /// It must stand in a known_hosts file.
    Strict {
        /// The files, the user's own first.
        files: Vec<PathBuf>,
    },
    /// A host that is not known yet is added; a key that changed is refused.
    AcceptNew {
        /// The files, the user's own first.
        files: Vec<PathBuf>,
    },
    /// Nothing is checked (`host_key_checking = False`).
    Off,
}

impl HostKeys {
    /// The known_hosts files, the user's own first.
    pub fn files(&self) -> &[PathBuf] {
        match self {
            HostKeys::Off => &[],
            HostKeys::Ask { files, .. }
            | HostKeys::Strict { files }
            | HostKeys::AcceptNew { files } => files,
        }
    }

    /// The file that new keys are added to.
    pub fn own_file(&self) -> Option<&Path> {
        self.files().first().map(PathBuf::as_path)
    }

    /// The same, with nobody to ask.
    #[must_use]
    pub fn without_questions(&self) -> HostKeys {
        match self {
            HostKeys::Ask { files, .. } => HostKeys::Strict {
                files: files.clone(),
            },
            other => other.clone(),
        }
    }
}

/// Another user on the host.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Become {
    /// `sudo`, `su`, `doas`, …
    pub method: String,
    /// The user to become.
    pub user: String,
    /// The program, where it is not the method's own name.
    pub exe: Option<String>,
    /// The program's flags; nothing means the method's defaults (`-H -S`).
    pub flags: Option<String>,
    /// Where sudo is begun, so that it is no folder that the other user may not enter.
    pub chdir: Option<String>,
    /// The password that the program asks for.
    pub password: Option<Secret>,
}

impl fmt::Debug for Become {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Become")
            .field("method", &self.method)
            .field("user", &self.user)
            .field("password", &self.password)
            .finish_non_exhaustive()
    }
}

/// Why a request could not be made or its fate is unknown.
#[derive(Clone, Debug)]
pub struct Lost {
    /// What happened.
    pub kind: LostKind,
    /// One clear line for the user. It holds no secret.
    pub message: String,
    /// What to do about it, where that is known better here than anywhere else: a command that works as it
    /// is printed.
    pub mend: Option<String>,
}

/// What happened to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostKind {
    /// The login was refused: wrong key or password. The host is unreachable.
    Authentication,
    /// Becoming the other user was refused. The task failed, the host is reachable.
    Become,
    /// The run was interrupted.
    Cancelled,
    /// The connection broke in the middle of a request: its fate is unknown. Unreachable.
    Cut,
    /// The server opens no more sessions for now. The host is unreachable where that stays so.
    Full,
    /// The host's key is not known, or not the one that is known. Unreachable.
    HostKey,
    /// The task took longer than it may; it was ended on the host.
    Timeout,
    /// No connection could be made. The host is unreachable.
    Unreachable,
}

impl Lost {
    /// A loss of `kind` with a message.
    pub fn new(kind: LostKind, message: impl Into<String>) -> Self {
        Lost {
            kind,
            message: message.into(),
            mend: None,
        }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn mended(self, mend: impl Into<String>) -> Self {
        Lost {
            mend: Some(mend.into()),
            ..self
        }
    }

    /// Says whether the host counts as unreachable (and not the task as failed).
    pub fn is_unreachable(&self) -> bool {
        !matches!(self.kind, LostKind::Become | LostKind::Timeout)
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.mend {
            Some(mend) => write!(f, "; {mend}"),
            None => Ok(()),
        }
    }
}

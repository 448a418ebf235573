//! The connections to one server, for one login: a second one is made where the server opens no
//! more sessions on the first (`MaxSessions`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::pipes::Pipes;
use super::super::{Lost, LostKind, Target};
use super::owner::{Owner, Refusal};
use super::{Command, shell};

/// The most connections for one login; a server that opens one session on each gives so many shells.
const MOST: usize = 64;

/// The connections, the oldest first.
pub(crate) struct Pool {
    target: Target,
    open: Mutex<Vec<Arc<Member>>>,
    /// Who makes another one.
    growing: tokio::sync::Mutex<()>,
}

struct Member {
    owner: Owner,
    full: AtomicBool,
}

impl Pool {
    /// Connects and logs in.
    ///
    /// # Errors
    /// It could not be reached, is not the host it should be, or does not let us in.
    pub(crate) async fn open(target: &Target) -> Result<Pool, Lost> {
        let first = Member::new(super::open(target).await?);
        Ok(Pool {
            target: target.clone(),
            open: Mutex::new(vec![first]),
            growing: tokio::sync::Mutex::default(),
        })
    }

    /// Opens a shell in a channel of its own, on the first connection that has room, or on a new one.
    ///
    /// # Errors
    /// The connection is gone, or there is room nowhere ([`LostKind::Full`]).
    pub(crate) async fn shell(&self, command: &Command<'_>) -> Result<Pipes, Lost> {
        if let Some(pipes) = self.shell_here(command).await? {
            return Ok(pipes);
        }
        let _growing = self.growing.lock().await;
        if let Some(pipes) = self.shell_here(command).await? {
            return Ok(pipes);
        }
        if self.members().len() >= MOST {
            return Err(self.full("so many connections are open already"));
        }
        let owner = super::open(&self.target).await;
        let member = Member::new(owner.map_err(|lost| self.full(&lost.to_string()))?);
        self.members().push(Arc::clone(&member));
        match self.try_shell(&member, command).await? {
            Some(pipes) => Ok(pipes),
            None => Err(self.full("it opens none on a new connection")),
        }
    }

    async fn shell_here(&self, command: &Command<'_>) -> Result<Option<Pipes>, Lost> {
        let members = self.members().clone();
        for member in members {
            if member.full.load(Ordering::SeqCst) {
                continue;
            }
            if let Some(pipes) = self.try_shell(&member, command).await? {
                return Ok(Some(pipes));
            }
        }
        Ok(None)
    }

    async fn try_shell(
        &self,
        member: &Member,
        command: &Command<'_>,
    ) -> Result<Option<Pipes>, Lost> {
        match shell(&member.owner, &self.target, command).await {
            Ok(pipes) => Ok(Some(pipes)),
            Err(Refusal::Full) => {
                member.full.store(true, Ordering::SeqCst);
                Ok(None)
            }
            Err(Refusal::Other(why)) => {
                let message = format!("cannot open a shell on {}: {why}", self.target.name);
                Err(Lost::new(LostKind::Unreachable, message))
            }
        }
    }

    /// How the first connection came about, a line each.
    pub(crate) fn story(&self) -> Vec<String> {
        let members = self.members();
        members
            .first()
            .map(|first| first.owner.story.clone())
            .unwrap_or_default()
    }

    /// Options of OpenSSH that ask for something that is not done.
    pub(crate) fn not_done(&self) -> Vec<&'static str> {
        let members = self.members();
        members
            .first()
            .map(|first| first.owner.not_done.clone())
            .unwrap_or_default()
    }

    fn full(&self, why: &str) -> Lost {
        let message = format!(
            "cannot open a shell on {}: the server allows no more sessions (MaxSessions in its \
             sshd_config): {why}",
            self.target.name
        );
        Lost::new(LostKind::Full, message)
    }

    /// A session has ended: there may be room again.
    pub(crate) fn has_room_again(&self) {
        for member in self.members().iter() {
            member.full.store(false, Ordering::SeqCst);
        }
    }

    /// Says whether every connection still stands, as far as is known.
    pub(crate) fn is_alive(&self) -> bool {
        self.members().iter().all(|member| member.owner.is_alive())
    }

    /// Ends the connections and waits for that.
    pub(crate) async fn close(&self) {
        let members = self.members().clone();
        for member in members {
            member.owner.close().await;
        }
    }

    fn members(&self) -> MutexGuard<'_, Vec<Arc<Member>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    fn new(owner: Owner) -> Arc<Member> {
        Arc::new(Member {
            owner,
            full: AtomicBool::new(false),
        })
    }
}

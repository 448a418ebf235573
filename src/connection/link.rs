//! One host and one login: what sessions are opened on.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::child;
use super::container;
use super::mark;
use super::opening::{Opening, Ready};
use super::pipes::Pipes;
use super::relay;
use super::ssh;
use super::{Become, Lost, Session, Target, Transport};

/// How long ending what another session has left running may take.
const ENDING: Duration = Duration::from_secs(10);

/// A host that can be reached: logged in over ssh, or a container whose shells are child processes.
///
/// It is cheap to clone; all clones are the same connection.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    target: Target,
    /// The ssh connections, where it is one.
    ssh: Option<ssh::Pool>,
    /// The requests that run now, so that none is left running on the host.
    running: Mutex<HashMap<u64, Running>>,
    next: AtomicU64,
}

/// What has to be ended when a request is given up.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) user: Option<Become>,
    pub(super) pid: u32,
    pub(super) group: u32,
}

impl Connection {
    /// Connects and logs in, within the target's `timeout` and as often as its `retries` say.
    /// Where shells are child processes there is nothing to do yet.
    pub async fn open(target: &Target) -> Result<Connection, Lost> {
        let ssh = match target.transport {
            Transport::Ssh => Some(ssh::Pool::open(target).await?),
            _ => None,
        };
        Ok(Connection(Arc::new(Inner {
            target: target.clone(),
            ssh,
            running: Mutex::default(),
            next: AtomicU64::new(0),
        })))
    }

    /// Opens a shell of the login user, or of `user`.
    pub async fn session(&self, user: Option<&Become>) -> Result<Session, Lost> {
        let mark = mark::random()?;
        let mut pipes = self.pipes(&mark).await?;
        let opening = Opening::new(&mut pipes, &self.0.target, &mark);
        match opening.run(user).await {
            Ok(ready) => Ok(Session::new(
                self.clone(),
                user.cloned(),
                pipes,
                mark,
                ready,
            )),
            Err(lost) => {
                pipes.close().await;
                Err(lost)
            }
        }
    }

    async fn pipes(&self, mark: &str) -> Result<Pipes, Lost> {
        let target = &self.0.target;
        if let Some(pool) = &self.0.ssh {
            let command = format!("exec {}", relay::command(&target.shell, mark, ""));
            return pool.shell(&command, &relay::gone(mark)).await;
        }
        let command = container::command(target, mark).unwrap_or_default();
        child::start(target, &command, relay::gone(mark))
    }

    /// Ends every request that still runs, and the connection.
    pub async fn close(self) {
        let left: Vec<Running> = self.running().drain().map(|(_, one)| one).collect();
        for one in &left {
            self.end(one).await;
        }
        if let Some(pool) = &self.0.ssh {
            pool.close().await;
        }
    }

    /// A session of this connection has ended: another one may find room.
    pub fn has_room_again(&self) {
        if let Some(pool) = &self.0.ssh {
            pool.has_room_again();
        }
    }

    /// Says whether the connection still stands, as far as is known.
    pub fn is_alive(&self) -> bool {
        self.0.ssh.as_ref().is_none_or(ssh::Pool::is_alive)
    }

    /// Where the host is.
    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// Remembers a request that begins; gives the number to forget it by.
    pub(super) fn begin(&self, running: Running) -> u64 {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.running().insert(number, running);
        number
    }

    /// Forgets a request that has ended.
    pub(super) fn forget(&self, number: u64) {
        self.running().remove(&number);
    }

    /// Ends the processes of a session, from a second one of the same user.
    pub(super) async fn end(&self, running: &Running) {
        let ending = async {
            let mut session = self.session(running.user.as_ref()).await?;
            session.end_other(running.pid, running.group).await
        };
        // Where this fails the host is gone or hangs, and there is nothing more to do.
        let _ = tokio::time::timeout(ENDING, ending).await;
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Running>> {
        self.0
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    pub(super) fn new(user: Option<Become>, ready: &Ready) -> Self {
        Running {
            user,
            pid: ready.pid,
            group: ready.group,
        }
    }
}

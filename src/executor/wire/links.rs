//! The connections of a run: one a host and login, their shells lent out and taken back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OnceCell};

use crate::connection::{Become, Connection, Lost, LostKind, Session, Target};

/// Every connection that is open.
#[derive(Default)]
pub struct Links {
    open: Mutex<HashMap<String, Arc<Link>>>,
}

/// One connection and its idle shells.
struct Link {
    connection: OnceCell<Connection>,
    idle: Mutex<Vec<(Option<Become>, Session)>>,
    /// How many shells are lent out.
    lent: AtomicUsize,
    /// Says that one has come back, or ended.
    back: Notify,
}

/// A shell that is lent out.
pub struct Lent {
    link: Arc<Link>,
    user: Option<Become>,
    /// The shell.
    pub session: Session,
    /// Whether it was opened for whoever borrows it.
    pub is_new: bool,
    _count: Counted,
}

/// One of the shells that are lent out.
struct Counted(Arc<Link>);

impl Counted {
    fn new(link: &Arc<Link>) -> Self {
        link.lent.fetch_add(1, Ordering::SeqCst);
        Counted(Arc::clone(link))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.lent.fetch_sub(1, Ordering::SeqCst);
        self.0.back.notify_waiters();
    }
}

impl Lent {
    /// Gives the shell back for the next task.
    pub fn give_back(self) {
        if self.session.is_alive() {
            lock(&self.link.idle).push((self.user, self.session));
        }
    }
}

impl Links {
    /// Lends a shell for `user` (nothing means the login user) on `target`.
    ///
    /// # Errors
    /// The host cannot be reached, or the user cannot be become.
    pub async fn lend(&self, target: &Target, user: Option<&Become>) -> Result<Lent, Lost> {
        let mut link = self.link(target);
        if link.is_cut() {
            // It broke while nothing ran: no task's fate is in doubt, and a new one may be had.
            self.forget(target);
            link = self.link(target);
        }
        if let Some(session) = link.take(user) {
            return Ok(link.lend(user, session, false));
        }
        let connection = link
            .connection
            .get_or_try_init(|| Connection::open(target))
            .await;
        let connection = match connection {
            Ok(connection) => connection.clone(),
            Err(lost) => {
                self.forget(target);
                return Err(lost);
            }
        };
        let opened = link.open(&connection, user).await;
        if let Err(lost) = &opened
            && lost.is_unreachable()
            && lost.kind != LostKind::Full
        {
            self.forget(target);
        }
        opened
    }

    /// Drops a connection and its shells; the next request connects anew.
    pub fn forget(&self, target: &Target) {
        lock(&self.open).remove(&key(target));
    }

    /// Closes every connection.
    pub async fn close(&self) {
        let links: Vec<Arc<Link>> = lock(&self.open).drain().map(|(_, link)| link).collect();
        let mut closing = tokio::task::JoinSet::new();
        for link in links {
            let sessions = std::mem::take(&mut *lock(&link.idle));
            drop(sessions);
            if let Some(connection) = link.connection.get().cloned() {
                closing.spawn(connection.close());
            }
        }
        closing.join_all().await;
    }

    fn link(&self, target: &Target) -> Arc<Link> {
        let mut open = lock(&self.open);
        Arc::clone(open.entry(key(target)).or_insert_with(|| {
            Arc::new(Link {
                connection: OnceCell::new(),
                idle: Mutex::default(),
                lent: AtomicUsize::new(0),
                back: Notify::new(),
            })
        }))
    }
}

impl Link {
    fn lend(self: &Arc<Self>, user: Option<&Become>, session: Session, is_new: bool) -> Lent {
        Lent {
            _count: Counted::new(self),
            link: Arc::clone(self),
            user: user.cloned(),
            session,
            is_new,
        }
    }

    /// Opens a shell. Where the server opens no more of them, an idle one of another user makes room,
    /// or one that is lent out is waited for.
    async fn open(
        self: &Arc<Self>,
        connection: &Connection,
        user: Option<&Become>,
    ) -> Result<Lent, Lost> {
        let mut tries = 0;
        loop {
            let back = self.back.notified();
            let full = match connection.session(user).await {
                Ok(session) => return Ok(self.lend(user, session, true)),
                Err(lost) if lost.kind == LostKind::Full => lost,
                Err(lost) => return Err(lost),
            };
            let idle = lock(&self.idle).pop();
            tries += 1;
            match idle {
                Some((known, session)) if known.as_ref() == user => {
                    return Ok(self.lend(user, session, false));
                }
                Some(other) => {
                    drop(other);
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                None if self.lent.load(Ordering::SeqCst) > 0 => back.await,
                None if tries < 10 => tokio::time::sleep(Duration::from_millis(100)).await,
                None => return Err(full),
            }
            if let Some(session) = self.take(user) {
                return Ok(self.lend(user, session, false));
            }
            connection.has_room_again();
        }
    }

    fn is_cut(&self) -> bool {
        let connection = self.connection.get();
        connection.is_some_and(|connection| !connection.is_alive())
    }

    fn take(&self, user: Option<&Become>) -> Option<Session> {
        let mut idle = lock(&self.idle);
        let position = idle.iter().position(|(known, _)| known.as_ref() == user)?;
        Some(idle.swap_remove(position).1)
    }
}

/// What makes two targets the same connection. Secrets are not part of it.
pub(super) fn key(target: &Target) -> String {
    format!(
        "{}\0{:?}\0{}\0{:?}\0{:?}\0{:?}\0{:?}\0{}",
        target.name,
        target.transport,
        target.address,
        target.port,
        target.user,
        target.login.keys,
        target.ssh_arguments,
        target.shell,
    )
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The connections of a run: one a host and login, their shells lent out and taken back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use crate::connection::{Become, Connection, Lost, Session, Target};

/// Every connection that is open.
#[derive(Default)]
pub struct Links {
    open: Mutex<HashMap<String, Arc<Link>>>,
}

/// One connection and its idle shells.
struct Link {
    connection: OnceCell<Connection>,
    idle: Mutex<Vec<(Option<Become>, Session)>>,
}

/// A shell that is lent out.
pub struct Lent {
    link: Arc<Link>,
    user: Option<Become>,
    /// The shell.
    pub session: Session,
    /// Whether it was opened for whoever borrows it.
    pub is_new: bool,
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
        let idle = link.take(user);
        if let Some(session) = idle {
            return Ok(Lent {
                link,
                user: user.cloned(),
                session,
                is_new: false,
            });
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
        match connection.session(user).await {
            Ok(session) => Ok(Lent {
                link,
                user: user.cloned(),
                session,
                is_new: true,
            }),
            Err(lost) => {
                if lost.is_unreachable() {
                    self.forget(target);
                }
                Err(lost)
            }
        }
    }

    /// Drops a connection and its shells; the next request connects anew.
    pub fn forget(&self, target: &Target) {
        lock(&self.open).remove(&key(target));
    }

    /// Closes every connection.
    pub async fn close(&self) {
        let links: Vec<Arc<Link>> = lock(&self.open).drain().map(|(_, link)| link).collect();
        for link in links {
            let sessions = std::mem::take(&mut *lock(&link.idle));
            drop(sessions);
            if let Some(connection) = link.connection.get() {
                connection.clone().close().await;
            }
        }
    }

    fn link(&self, target: &Target) -> Arc<Link> {
        let mut open = lock(&self.open);
        Arc::clone(open.entry(key(target)).or_insert_with(|| {
            Arc::new(Link {
                connection: OnceCell::new(),
                idle: Mutex::default(),
            })
        }))
    }
}

impl Link {
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
fn key(target: &Target) -> String {
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

//! The time that connecting and logging in may take, and what ends a thread that does not keep to
//! it.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::time::Instant;

use ssh2::Session;

use super::super::{Lost, LostKind, Target};

/// A deadline, with the words for when it is over.
pub(super) struct Clock<'a> {
    target: &'a Target,
    until: Instant,
    watch: Watch,
}

impl<'a> Clock<'a> {
    /// Begins now, with the target's own timeout.
    pub(super) fn start(target: &'a Target, watch: &Watch) -> Self {
        Clock {
            target,
            until: Instant::now() + target.timeout,
            watch: watch.clone(),
        }
    }

    /// What is left.
    ///
    /// # Errors
    /// Nothing is.
    pub(super) fn left(&self) -> Result<Duration, Lost> {
        let left = self.until.saturating_duration_since(Instant::now());
        match left.is_zero() || self.watch.lock().over {
            true => Err(self.over()),
            false => Ok(left),
        }
    }

    /// Bounds the session's next call. libssh2 counts anew for each.
    pub(super) fn arm(&self, session: &Session) -> Result<(), Lost> {
        let left = self.left()?.as_millis().max(1);
        session.set_timeout(u32::try_from(left).unwrap_or(u32::MAX));
        Ok(())
    }

    /// Has the socket closed when the time is over, for as long as what is given is kept: libssh2
    /// looks at no clock while the server keeps talking.
    pub(super) fn guard(&self, socket: &impl AsFd) -> Option<Guard> {
        self.watch.guard(socket)
    }

    /// Who may end the connecting at any time.
    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The loss when the time is over.
    pub(super) fn over(&self) -> Lost {
        late(self.target)
    }
}

/// The loss of a target that took too long.
pub(super) fn late(target: &Target) -> Lost {
    let message = format!(
        "cannot connect to {}: no answer within {} s",
        target.name,
        target.timeout.as_secs_f32()
    );
    Lost::new(LostKind::Unreachable, message)
}

/// The sockets on which somebody logs in; all of them are closed when nobody waits any more.
#[derive(Clone, Default)]
pub(super) struct Watch(Arc<Mutex<Watched>>);

#[derive(Default)]
struct Watched {
    over: bool,
    next: u64,
    sockets: Vec<(u64, OwnedFd)>,
}

/// A socket that is watched.
pub(super) struct Guard {
    watch: Watch,
    number: u64,
}

/// Ends the connecting when it is dropped: what has come through by then is no longer watched.
pub(super) struct Ender(pub(super) Watch);

impl Watch {
    fn guard(&self, socket: &impl AsFd) -> Option<Guard> {
        let own = socket.as_fd().try_clone_to_owned().ok()?;
        let mut watched = self.lock();
        if watched.over {
            close(&own);
        }
        let number = watched.next;
        watched.next += 1;
        watched.sockets.push((number, own));
        Some(Guard {
            watch: self.clone(),
            number,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let number = self.number;
        let mut watched = self.watch.lock();
        watched.sockets.retain(|(known, _)| *known != number);
    }
}

impl Drop for Ender {
    fn drop(&mut self) {
        let mut watched = self.0.lock();
        watched.over = true;
        watched.sockets.iter().for_each(|(_, socket)| close(socket));
    }
}

/// Whoever reads or writes there is told that this is the end.
fn close(socket: &OwnedFd) {
    let _ = rustix::net::shutdown(socket, rustix::net::Shutdown::Both);
}

//! The time that connecting and logging in may take.

use std::time::Duration;
use std::time::Instant;

use ssh2::Session;

use super::super::{Lost, LostKind, Target};

/// A deadline, with the words for when it is over.
pub(super) struct Clock<'a> {
    target: &'a Target,
    until: Instant,
}

impl<'a> Clock<'a> {
    /// Begins now, with the target's own timeout.
    pub(super) fn start(target: &'a Target) -> Self {
        Clock {
            target,
            until: Instant::now() + target.timeout,
        }
    }

    /// What is left.
    ///
    /// # Errors
    /// Nothing is.
    pub(super) fn left(&self) -> Result<Duration, Lost> {
        let left = self.until.saturating_duration_since(Instant::now());
        match left.is_zero() {
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

    /// The loss when the time is over.
    pub(super) fn over(&self) -> Lost {
        let message = format!(
            "cannot connect to {}: no answer within {} s",
            self.target.name,
            self.target.timeout.as_secs_f32()
        );
        Lost::new(LostKind::Unreachable, message)
    }
}

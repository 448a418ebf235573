//! How many log in to one server at once: an sshd drops some where more than its `MaxStartups` do.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::Target;

/// OpenSSH begins to drop at ten that have not logged in (`MaxStartups 10:30:100`).
const WIDE: usize = 8;

/// The way in to one server.
pub(super) struct Gate {
    places: Arc<Semaphore>,
    width: AtomicUsize,
}

impl Gate {
    /// The gate of a target's server.
    pub(super) fn of(target: &Target) -> Arc<Gate> {
        static ALL: Mutex<Option<HashMap<String, Arc<Gate>>>> = Mutex::new(None);
        let key = format!(
            "{}\0{:?}\0{:?}",
            target.address, target.port, target.ssh_arguments
        );
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = all.get_or_insert_default().entry(key);
        Arc::clone(gate.or_insert_with(|| {
            Arc::new(Gate {
                places: Arc::new(Semaphore::new(WIDE)),
                width: AtomicUsize::new(WIDE),
            })
        }))
    }

    /// Waits for a place; it is left when what is given is dropped.
    pub(super) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// The server dropped one: fewer go in at once from now on.
    pub(super) fn narrow(&self) {
        let halve = |width: usize| Some((width / 2).max(1));
        let before = self
            .width
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, halve)
            .unwrap_or(WIDE);
        let taken = before - (before / 2).max(1);
        let places = Arc::clone(&self.places);
        // Places that are in use are taken away when they come back.
        tokio::spawn(async move {
            if let Ok(places) = places.acquire_many(u32::try_from(taken).unwrap_or(0)).await {
                places.forget();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, WIDE};
    use crate::connection::tests::local;

    #[tokio::test]
    async fn one_is_always_let_in() {
        let gate = Gate::of(&local("/bin/sh"));
        for _ in 0..9 {
            gate.narrow();
        }
        tokio::task::yield_now().await;
        for _ in 0..WIDE {
            assert!(gate.enter().await.is_some());
        }
        assert_eq!(gate.places.available_permits(), 1);
    }
}

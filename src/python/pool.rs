//! The sessions of Python of a run: one a host, user and interpreter, lent out and taken back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::session::Session;

/// What makes two sessions the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The host, the login and the user.
    pub place: String,
    /// The interpreters that come into question.
    pub interpreters: Vec<String>,
    /// The variables that an interpreter reads when it starts.
    pub environment: Vec<(String, String)>,
}

/// The idle sessions.
#[derive(Default)]
pub struct Pool {
    idle: Mutex<HashMap<Key, Vec<Session>>>,
}

impl Pool {
    /// An idle session that still answers.
    pub async fn take(&self, key: &Key) -> Option<Session> {
        loop {
            let mut session = self.lock().get_mut(key)?.pop()?;
            if session.is_there().await {
                return Some(session);
            }
        }
    }

    /// Takes a session back for the next task.
    pub fn give_back(&self, key: Key, session: Session) {
        if session.is_alive() {
            self.lock().entry(key).or_default().push(session);
        }
    }

    /// Ends every session.
    pub async fn close(&self) {
        let all: Vec<_> = self.lock().drain().collect();
        for (_, sessions) in all {
            for session in sessions {
                session.close().await;
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Vec<Session>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The variables of `environment` that Python or its libraries read when they start; a session is
/// not shared with tasks that set others.
pub fn read_at_start(environment: &[(String, String)]) -> Vec<(String, String)> {
    let at_start = |name: &str| {
        ["PYTHON", "LD_", "LC_", "MALLOC_", "GLIBC_"]
            .iter()
            .any(|start| name.starts_with(start))
            || matches!(name, "LANG" | "LANGUAGE" | "OPENSSL_CONF" | "VIRTUAL_ENV")
    };
    let mut found: Vec<_> = environment
        .iter()
        .filter(|(name, _)| at_start(name))
        .cloned()
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::read_at_start;

    #[test]
    fn what_is_read_at_start_is_told_apart() {
        let all = ["PATH", "PYTHONPATH", "LC_ALL", "HOME", "LD_PRELOAD"];
        let all = all.map(|name| (name.to_owned(), "x".to_owned()));
        let names: Vec<String> = read_at_start(&all)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["LC_ALL", "LD_PRELOAD", "PYTHONPATH"]);
    }
}

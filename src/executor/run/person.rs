//! The person at the terminal, as the executor knows them.

use std::time::Duration;

use crate::error::{Error, Kind, Result};

/// Somebody who can be asked. The command line gives the real one.
pub trait Person: Send + Sync {
    /// Asks for a line. With `wait` the answer is an empty one when that time is over, whatever is typed;
    /// without a terminal it is nothing at once.
    ///
    /// # Errors
    /// The person pressed Ctrl-C.
    fn ask(&self, question: &str, echo: bool, wait: Option<Duration>) -> Result<Option<String>>;

    /// Asks for a line, at a terminal or not; nothing at the end of what is typed.
    fn line(&self, question: &str) -> Option<String>;

    /// Ctrl-C was pressed. Says whether a question is open that takes it for itself.
    fn interrupt(&self) -> bool {
        false
    }

    /// The run ends at once: no question is worth an answer any more.
    fn abandon(&self) {}

    /// Says whether there is somebody.
    fn is_there(&self) -> bool;
}

/// The error for a question that was not answered, or a pause that was cut short (the reference's words).
pub fn aborted() -> Error {
    Error::new(Kind::Interrupted, "user requested abort!")
}

/// Nobody: a run without a terminal.
pub struct Nobody;

impl Person for Nobody {
    fn ask(&self, _question: &str, _echo: bool, _wait: Option<Duration>) -> Result<Option<String>> {
        Ok(None)
    }

    fn line(&self, _question: &str) -> Option<String> {
        None
    }

    fn is_there(&self) -> bool {
        false
    }
}

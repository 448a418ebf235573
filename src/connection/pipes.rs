//! What every transport hands over: a shell's stdin, stdout and stderr.

use super::child::Child;
use crate::shell::Stream;

/// The three pipes of a shell, wherever it runs.
pub(super) enum Pipes {
    /// A child process of ours: the shell itself, or a program that reaches it.
    Child(Box<Child>),
}

/// What happened on the pipes.
pub(super) enum Turn {
    /// The shell took this many bytes.
    Wrote(usize),
    /// The shell said something.
    Heard(Stream, Vec<u8>),
    /// The shell is gone; all it said was heard before.
    End(End),
}

/// How the shell went, as far as the transport knows.
#[derive(Default)]
pub(super) struct End {
    /// Why the transport gave up, where it was the transport and not the shell.
    pub(super) cause: Option<String>,
}

impl Pipes {
    /// Writes what it can of `unsent` or hears what comes, whichever is first. Nothing is lost
    /// where the future is dropped.
    pub(super) async fn turn(&mut self, unsent: &[u8]) -> Turn {
        match self {
            Pipes::Child(child) => child.turn(unsent).await,
        }
    }

    /// Closes the shell's stdin, so that an idle shell ends, and waits a moment for that.
    pub(super) async fn close(&mut self) {
        match self {
            Pipes::Child(child) => child.close().await,
        }
    }
}

//! A program that goes on and is spoken with over its pipes: one that was started here, or one
//! that took the place of a session's shell.

use std::time::Duration;

use super::child;
use super::pipes::{Pipes, Turn};
use super::{Connection, Lost, LostKind};
use crate::error::{Error, Result};
use crate::shell::Stream;

/// The most of what a program says on its stderr that is kept.
const MOST_WORDS: usize = 64 * 1024;

/// The three pipes of a program that goes on.
pub struct Dialogue {
    pipes: Pipes,
    /// The last that it said on its stderr.
    words: Vec<u8>,
    /// The connection below, which must live as long as the pipes do.
    _connection: Option<Connection>,
}

/// What happened in a [`Dialogue`].
#[derive(Debug)]
pub enum Heard {
    /// The program took this many bytes.
    Took(usize),
    /// The program said this on its stdout.
    Said(Vec<u8>),
    /// The program is gone; why, where that is known.
    Gone(Option<String>),
}

impl Dialogue {
    /// Starts a program of the controller, in a process group of its own. It must be called inside
    /// a runtime. Variables of `environment` are added to our own.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &[String], environment: &[(String, String)]) -> Result<Dialogue> {
        let pipes = child::spawn(command, environment, String::new()).map_err(|error| {
            let program = command.first().map_or("", String::as_str);
            Error::input(format!("cannot run `{program}`")).because(error)
        })?;
        Ok(Dialogue::new(pipes, None))
    }

    pub(super) fn new(pipes: Pipes, connection: Option<Connection>) -> Self {
        Dialogue {
            pipes,
            words: Vec::new(),
            _connection: connection,
        }
    }

    /// Writes what it can of `unsent` or hears what comes, whichever is first. Nothing is lost
    /// where the future is dropped. What comes on stderr is kept for [`last_words`](Self::last_words).
    pub async fn turn(&mut self, unsent: &[u8]) -> Heard {
        loop {
            match self.pipes.turn(unsent).await {
                Turn::Wrote(count) => return Heard::Took(count),
                Turn::Heard(Stream::Stdout, bytes) => return Heard::Said(bytes),
                Turn::Heard(Stream::Stderr, bytes) => {
                    self.words.extend(bytes);
                    let more = self.words.len().saturating_sub(MOST_WORDS);
                    self.words.drain(..more);
                }
                Turn::Shown(_) => {}
                Turn::End(end) => return Heard::Gone(end.cause),
            }
        }
    }

    /// What the program said last on its stderr.
    pub fn last_words(&self) -> String {
        String::from_utf8_lossy(&self.words).trim().to_owned()
    }

    /// Closes the program's stdin, so that it ends; a child that does not is killed.
    pub async fn close(mut self) {
        self.pipes.close().await;
    }

    /// Sends `request` and waits for as much as `whole` wants: it is given all that was said since
    /// and answers once that is enough.
    ///
    /// # Errors
    /// The program is gone, `whole` refuses what it said, or the time is over.
    pub async fn exchange<T>(
        &mut self,
        request: &[u8],
        timeout: Option<Duration>,
        mut whole: impl FnMut(&mut Vec<u8>) -> std::result::Result<Option<T>, String>,
    ) -> std::result::Result<T, Lost> {
        let talk = async {
            let mut unsent = request;
            let mut said = Vec::new();
            loop {
                match self.turn(unsent).await {
                    Heard::Took(count) => unsent = &unsent[count..],
                    Heard::Said(bytes) => {
                        said.extend(bytes);
                        match whole(&mut said) {
                            Ok(Some(answer)) => return Ok(answer),
                            Ok(None) => {}
                            Err(why) => return Err(Lost::new(LostKind::Cut, why)),
                        }
                    }
                    Heard::Gone(cause) => {
                        let why = cause.unwrap_or_else(|| self.last_words());
                        return Err(Lost::new(LostKind::Cut, why));
                    }
                }
            }
        };
        match timeout {
            None => talk.await,
            Some(timeout) => match tokio::time::timeout(timeout, talk).await {
                Ok(answer) => answer,
                Err(_) => Err(Lost::new(LostKind::Timeout, String::new())),
            },
        }
    }
}

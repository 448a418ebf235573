//! A shell behind a child process of ours.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::process::ChildStderr;
use tokio::process::ChildStdin;
use tokio::process::ChildStdout;
use tokio::process::Command;
use tokio::time::Instant;

use super::pipes::{End, Turn};
use crate::shell::Stream;

/// How long the output of a child that has ended is waited for: a process in the background may
/// hold the pipes open for ever.
const LINGER: Duration = Duration::from_millis(200);

/// How long a child may take to end once its stdin is closed.
const FAREWELL: Duration = Duration::from_secs(2);

const PIECE: usize = 64 * 1024;

/// The child and the near ends of its pipes.
pub(super) struct Child {
    process: tokio::process::Child,
    stdin: Option<ChildStdin>,
    stdout: Output<ChildStdout>,
    stderr: Output<ChildStderr>,
    ended: Option<Instant>,
}

struct Output<T> {
    pipe: Option<T>,
    buffer: Vec<u8>,
}

impl Child {
    /// Starts `command` in a process group of its own, so that the terminal's Ctrl-C does not
    /// reach it.
    pub(super) fn start(command: &[String]) -> std::io::Result<Child> {
        let (program, arguments) = command
            .split_first()
            .ok_or_else(|| std::io::Error::other("no program"))?;
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        Ok(Child {
            stdin: process.stdin.take(),
            stdout: Output::new(process.stdout.take()),
            stderr: Output::new(process.stderr.take()),
            process,
            ended: None,
        })
    }

    pub(super) async fn turn(&mut self, unsent: &[u8]) -> Turn {
        loop {
            if !self.stdout.is_open() && !self.stderr.is_open() {
                return Turn::End(End::default());
            }
            let linger = self.ended.map(|at| at + LINGER);
            tokio::select! {
                biased;
                bytes = self.stdout.read() => if let Some(bytes) = bytes {
                    return Turn::Heard(Stream::Stdout, bytes);
                },
                bytes = self.stderr.read() => if let Some(bytes) = bytes {
                    return Turn::Heard(Stream::Stderr, bytes);
                },
                count = write(&mut self.stdin, unsent) => match count {
                    Some(count) => return Turn::Wrote(count),
                    // The reason is on stderr, or the child's end says it.
                    None => self.stdin = None,
                },
                _ = self.process.wait(), if self.ended.is_none() => {
                    self.ended = Some(Instant::now());
                }
                () = sleep_until(linger) => return Turn::End(End::default()),
            }
        }
    }

    /// Closes stdin and reaps the child, or kills it where it does not end.
    pub(super) async fn close(&mut self) {
        self.stdin = None;
        if tokio::time::timeout(FAREWELL, self.process.wait())
            .await
            .is_err()
        {
            let _ = self.process.kill().await;
        }
    }
}

/// Writes what the pipe takes of `unsent`; nothing where the pipe is broken. Never ends where there
/// is nothing to write or nowhere to write to.
async fn write(stdin: &mut Option<ChildStdin>, unsent: &[u8]) -> Option<usize> {
    match stdin {
        Some(pipe) if !unsent.is_empty() => pipe.write(unsent).await.ok(),
        _ => std::future::pending().await,
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

impl<T: AsyncReadExt + Unpin> Output<T> {
    fn new(pipe: Option<T>) -> Self {
        Output {
            pipe,
            buffer: vec![0; PIECE],
        }
    }

    fn is_open(&self) -> bool {
        self.pipe.is_some()
    }

    /// The next bytes; nothing where this was the end. Never ends once the pipe is closed.
    async fn read(&mut self) -> Option<Vec<u8>> {
        let Some(pipe) = &mut self.pipe else {
            return std::future::pending().await;
        };
        match pipe.read(&mut self.buffer).await {
            Ok(count) if count > 0 => Some(self.buffer[..count].to_vec()),
            _ => {
                self.pipe = None;
                None
            }
        }
    }
}

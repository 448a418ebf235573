//! What every transport hands over: a shell's stdin, stdout and stderr.

use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::process::Child;
use tokio::time::Instant;

use crate::shell::Stream;

/// How long the output of a child that has ended is waited for: a process in the background may
/// hold the pipes open for ever.
const LINGER: Duration = Duration::from_millis(200);

/// How long a child may take to end once its stdin is closed.
const FAREWELL: Duration = Duration::from_secs(2);

const PIECE: usize = 64 * 1024;

pub(super) type Input = Box<dyn AsyncWrite + Send + Unpin>;
pub(super) type Output = Box<dyn AsyncRead + Send + Unpin>;

/// The three pipes of a shell, wherever it runs.
pub(super) struct Pipes {
    stdin: Option<Input>,
    stdout: Ear,
    stderr: Ear,
    life: Life,
    ended: Option<Instant>,
    gone: Gone,
    terminal: Option<Terminal>,
}

/// A terminal beside the pipes: what runs there has it, and asks for passwords on it.
struct Terminal {
    keys: Input,
    screen: Ear,
    /// What holds the terminal open.
    _life: Life,
}

/// Sees in what comes on stdout that the shell has ended, though its pipes are still open.
struct Gone {
    /// What the relay says then.
    word: Vec<u8>,
    /// The end of what came before.
    before: Vec<u8>,
}

/// What the shell's life hangs on.
pub(super) enum Life {
    /// A connection that can break. Here stands why, once it did.
    Connection(Arc<OnceLock<String>>),
    /// A child process of ours: the shell itself, or a program that reaches it.
    Process(Box<Child>),
}

/// What happened on the pipes.
pub(super) enum Turn {
    /// The shell took this many bytes.
    Wrote(usize),
    /// The shell said something.
    Heard(Stream, Vec<u8>),
    /// Something was shown on the terminal.
    Shown(Vec<u8>),
    /// The shell is gone; all it said was heard before.
    End(End),
}

/// How the shell went, as far as the transport knows.
#[derive(Debug, Default)]
pub(super) struct End {
    /// Why the transport gave up, where it was the transport and not the shell.
    pub(super) cause: Option<String>,
}

struct Ear {
    pipe: Option<Output>,
    buffer: Vec<u8>,
}

impl Pipes {
    /// The pipes of a shell that says `gone` on stdout when it has ended.
    pub(super) fn new(
        (stdin, stdout, stderr): (Input, Output, Output),
        life: Life,
        gone: String,
    ) -> Self {
        Pipes {
            terminal: None,
            gone: Gone {
                word: gone.into_bytes(),
                before: Vec::new(),
            },
            stdin: Some(stdin),
            stdout: Ear::new(stdout),
            stderr: Ear::new(stderr),
            life,
            ended: None,
        }
    }

    /// Writes what it can of `unsent` or hears what comes, whichever is first. Nothing is lost
    /// where the future is dropped.
    pub(super) async fn turn(&mut self, unsent: &[u8]) -> Turn {
        loop {
            if self.stdout.pipe.is_none() && self.stderr.pipe.is_none() {
                return Turn::End(self.life.end());
            }
            let linger = self.ended.map(|at| at + LINGER);
            tokio::select! {
                biased;
                bytes = self.stdout.hear() => if let Some(bytes) = bytes {
                    if self.gone.is_in(&bytes) {
                        self.ended.get_or_insert_with(Instant::now);
                    }
                    return Turn::Heard(Stream::Stdout, bytes);
                },
                bytes = self.stderr.hear() => if let Some(bytes) = bytes {
                    return Turn::Heard(Stream::Stderr, bytes);
                },
                bytes = hear(&mut self.terminal) => match bytes {
                    Some(bytes) => return Turn::Shown(bytes),
                    None => self.terminal = None,
                },
                count = write(&mut self.stdin, unsent) => match count {
                    Some(count) => return Turn::Wrote(count),
                    // The reason is on stderr, or the end says it.
                    None => self.stdin = None,
                },
                () = self.life.wait(), if self.ended.is_none() => {
                    self.ended = Some(Instant::now());
                }
                () = sleep_until(linger) => return Turn::End(self.life.end()),
            }
        }
    }

    /// The same pipes with another's as the terminal of what runs there.
    pub(super) fn with_terminal(mut self, other: Pipes) -> Self {
        if let (Some(keys), Some(pipe)) = (other.stdin, other.stdout.pipe) {
            self.terminal = Some(Terminal {
                keys,
                screen: Ear::new(pipe),
                _life: other.life,
            });
        }
        self
    }

    /// Types on the terminal; says whether there is one.
    pub(super) async fn type_in(&mut self, keys: &[u8]) -> bool {
        match &mut self.terminal {
            Some(terminal) => terminal.keys.write_all(keys).await.is_ok(),
            None => false,
        }
    }

    /// Closes the shell's stdin, so that an idle shell ends. A child is reaped, or killed where it
    /// does not end.
    pub(super) async fn close(&mut self) {
        self.stdin = None;
        self.stdout.pipe = None;
        self.stderr.pipe = None;
        self.terminal = None;
        let Life::Process(child) = &mut self.life else {
            return;
        };
        if tokio::time::timeout(FAREWELL, child.wait()).await.is_err() {
            let _ = child.kill().await;
        }
    }
}

impl Gone {
    /// Says whether the word came. An empty one is never said.
    fn is_in(&mut self, bytes: &[u8]) -> bool {
        if self.word.is_empty() {
            return false;
        }
        let most = self.word.len().saturating_sub(1);
        self.before
            .extend_from_slice(&bytes[..bytes.len().min(most)]);
        let has = |text: &[u8]| text.windows(self.word.len()).any(|part| part == self.word);
        let found = has(&self.before) || has(bytes);
        let start = bytes.len().saturating_sub(most);
        self.before
            .extend_from_slice(&bytes[start.max(bytes.len().min(most))..]);
        let extra = self.before.len().saturating_sub(most);
        self.before.drain(..extra);
        found
    }
}

impl Life {
    /// Waits for the end where it can be seen apart from the pipes.
    async fn wait(&mut self) {
        match self {
            Life::Connection(_) => std::future::pending().await,
            Life::Process(child) => drop(child.wait().await),
        }
    }

    fn end(&self) -> End {
        let cause = match self {
            Life::Connection(cause) => cause.get().cloned(),
            Life::Process(_) => None,
        };
        End { cause }
    }
}

impl Ear {
    fn new(pipe: Output) -> Self {
        Ear {
            pipe: Some(pipe),
            buffer: vec![0; PIECE],
        }
    }

    /// The next bytes; nothing where this was the end. Never ends once the pipe is closed.
    async fn hear(&mut self) -> Option<Vec<u8>> {
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

/// What is shown next on the terminal; never ends where there is none.
async fn hear(terminal: &mut Option<Terminal>) -> Option<Vec<u8>> {
    match terminal {
        Some(terminal) => terminal.screen.hear().await,
        None => std::future::pending().await,
    }
}

/// Writes what the pipe takes of `unsent`; nothing where the pipe is broken. Never ends where there
/// is nothing to write or nowhere to write to.
async fn write(stdin: &mut Option<Input>, unsent: &[u8]) -> Option<usize> {
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

//! The person at the terminal, who may press Ctrl-C instead of an answer.

use std::io::{BufRead, IsTerminal, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::terminal::live_line;
use crate::error::{Error, Kind, Result};
use crate::executor::{Person, aborted};
use crate::report::printable;

/// How often it is looked whether Ctrl-C was pressed.
const GLANCE: Duration = Duration::from_millis(100);

/// A question is open.
static ASKING: AtomicBool = AtomicBool::new(false);
/// Ctrl-C was pressed while it was.
static PRESSED: AtomicBool = AtomicBool::new(false);
/// The run ends at once.
static ABANDONED: AtomicBool = AtomicBool::new(false);

/// The person at the terminal.
pub struct Terminal;

impl Person for Terminal {
    fn ask(&self, question: &str, echo: bool, wait: Option<Duration>) -> Result<Option<String>> {
        if !self.is_there() {
            return Ok(None);
        }
        live_line().aside(|| {
            ASKING.store(true, Ordering::SeqCst);
            let answer = ask_here(question, echo, wait);
            ASKING.store(false, Ordering::SeqCst);
            PRESSED.store(false, Ordering::SeqCst);
            answer
        })
    }

    fn line(&self, question: &str) -> Option<String> {
        live_line().aside(|| {
            say(&printable(question));
            let mut line = String::new();
            let read = std::io::stdin().lock().read_line(&mut line).unwrap_or(0);
            (read > 0).then_some(line)
        })
    }

    fn interrupt(&self) -> bool {
        let asking = ASKING.load(Ordering::SeqCst);
        if asking {
            PRESSED.store(true, Ordering::SeqCst);
        }
        asking
    }

    fn abandon(&self) {
        ABANDONED.store(true, Ordering::SeqCst);
    }

    fn is_there(&self) -> bool {
        std::io::stdin().is_terminal()
    }
}

/// How the terminal was before it was changed for a question.
struct Changed(Option<Termios>);

impl Changed {
    /// Takes modes away until the end of the question.
    fn without(modes: LocalModes) -> Self {
        let before = tcgetattr(std::io::stdin()).ok();
        if let Some(before) = &before {
            let mut after = before.clone();
            after.local_modes -= modes;
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &after);
        }
        Changed(before)
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

fn ask_here(question: &str, echo: bool, wait: Option<Duration>) -> Result<Option<String>> {
    say(&printable(question));
    if let Some(wait) = wait {
        return pass(wait).map(|()| Some(String::new()));
    }
    let hidden = (!echo).then(|| Changed::without(LocalModes::ECHO));
    let answer = answer();
    if hidden.is_some() {
        say("\n");
    }
    answer.map(Some)
}

/// Lets a time pass. What is typed meanwhile counts for nothing and is not shown; only Ctrl-C ends it early.
fn pass(time: Duration) -> Result<()> {
    let until = Instant::now() + time;
    let _one_key = Changed::without(LocalModes::ECHO | LocalModes::ICANON);
    loop {
        if PRESSED.swap(false, Ordering::SeqCst) {
            return offer();
        }
        let left = until.saturating_duration_since(Instant::now());
        if ABANDONED.load(Ordering::SeqCst) {
            return Err(aborted());
        }
        if left.is_zero() {
            return Ok(());
        }
        if is_typed(left.min(GLANCE)) && swallowed() == 0 {
            std::thread::sleep(left.min(GLANCE));
        }
    }
}

/// Takes what was typed and gives how much it was; nothing at the end of the input.
fn swallowed() -> usize {
    let mut typed = std::io::stdin().lock();
    let count = typed.fill_buf().map_or(0, <[u8]>::len);
    typed.consume(count);
    count
}

/// Waits for a line.
fn answer() -> Result<String> {
    loop {
        if ABANDONED.load(Ordering::SeqCst) {
            return Err(aborted());
        }
        if PRESSED.swap(false, Ordering::SeqCst) {
            offer()?;
            return Ok(String::new());
        }
        if is_typed(GLANCE) {
            let mut line = String::new();
            let read = std::io::stdin().lock().read_line(&mut line);
            read.map_err(|error| {
                Error::new(Kind::Interrupted, "nothing was typed").because(error)
            })?;
            return Ok(line.trim_end_matches(['\n', '\r']).to_owned());
        }
    }
}

/// Ctrl-C at a question: go on, or not, by one key (the reference's `pause`).
fn offer() -> Result<()> {
    say("\nPress 'C' to continue the play or 'A' to abort\n");
    let _one_key = Changed::without(LocalModes::ECHO | LocalModes::ICANON);
    loop {
        if PRESSED.swap(false, Ordering::SeqCst) || ABANDONED.load(Ordering::SeqCst) {
            return Err(aborted());
        }
        if !is_typed(GLANCE) {
            continue;
        }
        let mut key = [0];
        match std::io::stdin().lock().read(&mut key) {
            Ok(0) | Err(_) => return Err(aborted()),
            Ok(_) => match key[0].to_ascii_lowercase() {
                b'c' => return Ok(()),
                b'a' => return Err(aborted()),
                _ => (),
            },
        }
    }
}

/// Waits for something to be typed.
fn is_typed(wait: Duration) -> bool {
    let stdin = std::io::stdin();
    let mut ends = [PollFd::new(&stdin, PollFlags::IN)];
    let wait = Timespec::try_from(wait).ok();
    poll(&mut ends, wait.as_ref()).is_ok_and(|ready| ready > 0)
}

//! Programs on the user's own terminal: editors.

use std::io;
use std::time::Duration;

use rustix::process::{Pid, Signal as Number, kill_process};
use tokio::process::{Child, Command};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::{Error, Result};

/// How long a program may take to end when we are told to.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a signal may be on its way that came before the program ended.
const GRACE: Duration = Duration::from_millis(50);

/// How a program on the terminal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this status; -1 where a signal ended it.
    Status(i32),
    /// We were told to end (TERM, HUP), and so was the program: the exit code that is ours then.
    Told(u8),
}

/// The terminal, for a program that has it to itself.
///
/// From when this is made, INT and QUIT are the program's and not ours, and TERM and HUP no longer end
/// us at once, so that the caller can put away what must not stay. The program has the signals as we found them.
pub struct OnTerminal {
    runtime: Runtime,
    signals: Signals,
}

struct Signals {
    terminate: Signal,
    /// Nothing where it was ignored (`nohup`).
    hangup: Option<Signal>,
    _own: [Signal; 2],
}

impl OnTerminal {
    /// Takes the signals over.
    ///
    /// # Errors
    /// The system lets us hear of no signals.
    pub fn new() -> Result<OnTerminal> {
        let made = || -> io::Result<OnTerminal> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let signals = {
                let _inside = runtime.enter();
                Signals {
                    terminate: signal(SignalKind::terminate())?,
                    hangup: match is_ignored(1) {
                        true => None,
                        false => Some(signal(SignalKind::hangup())?),
                    },
                    _own: [
                        signal(SignalKind::interrupt())?,
                        signal(SignalKind::quit())?,
                    ],
                }
            };
            Ok(OnTerminal { runtime, signals })
        };
        made().map_err(|error| Error::input("failed to listen to signals").because(error))
    }

    /// Runs a program to its end, or until we are told to end.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn run(mut self, command: &[String]) -> Result<Ended> {
        let name = command.first().map_or("", String::as_str);
        let failed = || Error::input(format!("failed to run `{name}`"));
        let (program, arguments) = command.split_first().ok_or_else(failed)?;
        let signals = &mut self.signals;
        let work = async {
            let mut child = Command::new(program).args(arguments).spawn()?;
            let code = tokio::select! {
                biased;
                _ = signals.terminate.recv() => 143,
                () = received(&mut signals.hangup) => 129,
                status = child.wait() => {
                    let status = Ended::Status(status?.code().unwrap_or(-1));
                    // A signal that came just before may be told just after.
                    tokio::select! {
                        _ = signals.terminate.recv() => return Ok(Ended::Told(143)),
                        () = received(&mut signals.hangup) => return Ok(Ended::Told(129)),
                        () = tokio::time::sleep(GRACE) => return Ok(status),
                    }
                }
            };
            end(&mut child).await;
            Ok(Ended::Told(code))
        };
        self.runtime
            .block_on(work)
            .map_err(|error: io::Error| failed().because(error))
    }
}

/// Ends a program: it writes nothing more after this.
async fn end(child: &mut Child) {
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(id) = id.and_then(Pid::from_raw) {
        let _ = kill_process(id, Number::TERM);
    }
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Says whether a signal was ignored when we were started, where the system tells.
pub fn is_ignored(number: u32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (number - 1)) != 0)
}

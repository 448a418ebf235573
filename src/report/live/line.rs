//! The line itself: who draws it, and how it goes away.

use std::cell::Cell;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::fit::columns;
use super::progress::Progress;
use crate::report::event::Event;

/// How often it is drawn anew.
const TICK: Duration = Duration::from_millis(120);

const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

thread_local! {
    /// Whether this thread prints beside the line now: it may then do so again.
    static ASIDE: Cell<bool> = const { Cell::new(false) };
}

/// The live line; whoever prints on the terminal beside it does so inside of [`LiveLine::aside`].
#[derive(Clone, Default)]
pub struct LiveLine(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    progress: Progress,
    /// How many columns of it stand on the terminal; 0 where it is not there.
    drawn: usize,
    turn: usize,
    ticks: bool,
}

impl LiveLine {
    /// Takes in what happened; the clock shows it.
    pub fn hear(&self, event: &Event) {
        let mut state = self.state();
        state.progress.hear(event, Instant::now());
        let over = state.progress.slowest().is_none();
        match over {
            true if matches!(event, Event::Finished(_)) => state.erase(),
            false if !state.ticks => {
                state.ticks = true;
                let line = Arc::downgrade(&self.0);
                std::thread::spawn(move || tick(&line));
            }
            _ => (),
        }
    }

    /// Runs `print` while the live line is away.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        if ASIDE.get() {
            return print();
        }
        let mut state = self.state();
        let was_there = state.drawn > 0;
        state.erase();
        ASIDE.set(true);
        let done = print();
        ASIDE.set(false);
        if was_there {
            state.draw();
        }
        done
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Draws the line until nobody has it any more.
fn tick(line: &Weak<Mutex<State>>) {
    loop {
        std::thread::sleep(TICK);
        let Some(line) = line.upgrade() else {
            return;
        };
        let mut state = line.lock().unwrap_or_else(PoisonError::into_inner);
        state.turn += 1;
        state.draw();
    }
}

impl State {
    fn draw(&mut self) {
        let width = width();
        // The last column stays free: a line that fills it would begin another one.
        let room = width.saturating_sub(5);
        let Some(text) = self.progress.text(Instant::now(), room) else {
            return self.erase();
        };
        let spinner = SPINNER[self.turn % SPINNER.len()];
        let mut out = self.away(width);
        let _ = write!(out, "{spinner} {text}\x1b[K");
        self.drawn = columns(&text) + 2;
        say(&out);
    }

    fn erase(&mut self) {
        if self.drawn > 0 {
            let out = self.away(width());
            self.drawn = 0;
            say(&format!("{out}\x1b[J"));
        }
    }

    /// What leads back to where the line begins. A terminal that became narrower has broken it.
    fn away(&self, width: usize) -> String {
        let rows = self.drawn.saturating_sub(1) / width.max(1);
        match rows > 0 && breaks_lines() {
            true => format!("\x1b[{rows}A\r\x1b[J"),
            false => "\r".to_owned(),
        }
    }
}

/// Whether lines that are too long for a terminal that became narrower are broken. Few cut them off.
fn breaks_lines() -> bool {
    let cuts = std::env::var_os("XTERM_VERSION").is_some();
    let console = std::env::var("TERM").is_ok_and(|term| term == "linux" || term.starts_with("vt"));
    !cuts && !console
}

/// How wide the terminal is now.
fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stderr());
    let columns = size.map_or(0, |size| usize::from(size.ws_col));
    match columns {
        0 => 80,
        columns => columns,
    }
}

fn say(text: &str) {
    let mut out = std::io::stderr();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

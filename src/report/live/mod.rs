//! The live line of a terminal: what runs now and for how long, on which host, and the last line it printed
//! there. A clock moves it. Where there is no terminal, a task that takes long says so now and then.

mod fit;
mod line;
mod progress;
mod slow;
#[cfg(test)]
mod tests;

use std::io::Write;

pub use line::LiveLine;
pub use slow::Slow;

use super::event::{Event, Listener};
use super::out::Stdout;
use super::printed::Teller;

/// The screen of a terminal: the lines of its tellers, and below them one that lives.
pub struct Live {
    tellers: Vec<Box<dyn Teller>>,
    line: LiveLine,
}

impl Live {
    /// A screen with a live line.
    pub fn new(tellers: Vec<Box<dyn Teller>>, line: LiveLine) -> Self {
        Live { tellers, line }
    }
}

impl Listener for Live {
    fn on(&mut self, event: &Event) {
        self.line.hear(event);
        let mut printed = Vec::new();
        for teller in &mut self.tellers {
            teller.tell(event, &mut printed);
        }
        if !printed.is_empty() {
            self.line.aside(|| {
                let mut out = Stdout;
                let _ = out.write_all(&printed);
                let _ = out.flush();
            });
        }
    }
}

/// A listener that prints by itself, with the live line below what it prints.
pub struct Beside {
    inner: Box<dyn Listener>,
    line: LiveLine,
}

impl Beside {
    /// One that lets `inner` print.
    pub fn new(inner: Box<dyn Listener>, line: LiveLine) -> Self {
        Beside { inner, line }
    }
}

impl Listener for Beside {
    fn on(&mut self, event: &Event) {
        self.line.hear(event);
        let silent = matches!(
            event,
            Event::Line { .. } | Event::HostStarted { .. } | Event::TaskStarted(_)
        );
        match silent {
            true => self.inner.on(event),
            false => self.line.aside(|| self.inner.on(event)),
        }
    }
}

//! Text on standard output: who writes it, and where it goes.

use std::io::Write;

use super::event::{Event, Listener};

/// Answers events with text for standard output.
pub trait Teller: Send {
    /// Adds what an event is worth to `out`.
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>);
}

/// Listens, and writes what its tellers say.
pub struct Printed<W: Write + Send> {
    tellers: Vec<Box<dyn Teller>>,
    out: W,
}

impl<W: Write + Send> Printed<W> {
    /// One that writes to `out`; the tellers speak in this order.
    pub fn new(out: W, tellers: Vec<Box<dyn Teller>>) -> Self {
        Printed { tellers, out }
    }
}

impl<W: Write + Send> Listener for Printed<W> {
    fn on(&mut self, event: &Event) {
        let mut text = Vec::new();
        for teller in &mut self.tellers {
            teller.tell(event, &mut text);
        }
        if !text.is_empty() {
            // A screen that is gone must not stop the run.
            let _ = self.out.write_all(&text);
            let _ = self.out.flush();
        }
    }
}

/// Several listeners; each hears everything, in this order.
pub struct Several(pub Vec<Box<dyn Listener>>);

impl Listener for Several {
    fn on(&mut self, event: &Event) {
        for listener in &mut self.0 {
            listener.on(event);
        }
    }
}

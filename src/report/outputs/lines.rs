//! `--output json`: the events, one a line.

use crate::report::clean::escaped;
use crate::report::event::Event;
use crate::report::printed::Teller;
use crate::report::record::{Detail, Recorder};

/// Tells events as JSON lines; `docs/schema/events-1.json` describes them.
pub struct Lines(Recorder);

impl Default for Lines {
    fn default() -> Self {
        Lines(Recorder::new(Detail::Full))
    }
}

impl Teller for Lines {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        let mut line = Vec::new();
        self.0.record(event, &mut line);
        out.extend_from_slice(escaped(&String::from_utf8_lossy(&line)).as_bytes());
    }
}

//! `--output json`: the events, one a line.

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
        self.0.record(event, out);
    }
}

//! `ansible.posix.timer`: how long the playbook took.

use std::time::Instant;

use super::banner;
use crate::report::event::Event;
use crate::report::printed::Teller;

/// Tells the time at the end.
pub struct Timer {
    began: Instant,
    width: usize,
}

impl Timer {
    /// One that begins now.
    pub fn new(width: usize) -> Self {
        Timer {
            began: Instant::now(),
            width,
        }
    }
}

impl Teller for Timer {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        if let Event::PlaybookDone(_) | Event::Finished(_) = event {
            banner("PLAYBOOK RECAP", self.width, out);
            out.extend_from_slice(text(self.began.elapsed().as_secs()).as_bytes());
        }
    }
}

fn text(seconds: u64) -> String {
    format!(
        "Playbook run took {} days, {} hours, {} minutes, {} seconds\n\r\n",
        seconds / 86_400,
        seconds % 86_400 / 3600,
        seconds % 3600 / 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_hours_minutes_and_seconds_are_named() {
        let expected = "Playbook run took 1 days, 1 hours, 1 minutes, 1 seconds\n\r\n";
        assert_eq!(super::text(90_061), expected);
    }
}

//! `--output quiet`: what went wrong, and nothing else.

use std::sync::Arc;

use crate::report::event::{Event, Listener, Recap, Status};
use crate::report::printed::Teller;
use crate::report::screen::{Screen, ScreenOptions};

/// Shows failures as the screen does, and the recap of the hosts that have some.
pub struct Quiet {
    screen: Screen<Vec<u8>>,
    /// Errors whose result is not known yet: one that is ignored is nothing to be told.
    errors: Vec<Event>,
}

impl Quiet {
    /// One that shows what it shows as `options` say.
    pub fn new(options: ScreenOptions) -> Self {
        Quiet {
            screen: Screen::new(Vec::new(), options),
            errors: Vec::new(),
        }
    }

    fn failed(&mut self, event: &Event) {
        for error in std::mem::take(&mut self.errors) {
            self.screen.on(&error);
        }
        self.screen.on(event);
    }
}

impl Teller for Quiet {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::TaskError(_) => self.errors.push(event.clone()),
            Event::ItemDone(result) | Event::TaskDone(result) => match result.status {
                Status::Failed | Status::Unreachable => self.failed(event),
                _ => self.errors.clear(),
            },
            Event::TooManyFailed => self.screen.on(event),
            Event::Finished(recap) => {
                if let Some(recap) = wrong(recap) {
                    self.screen.on(&Event::Finished(Arc::new(recap)));
                }
            }
            _ => (),
        }
        out.append(&mut self.screen.take());
    }
}

/// The recap of the hosts that failed; nothing where none did and nobody interrupted the run.
fn wrong(recap: &Recap) -> Option<Recap> {
    let hosts = recap.hosts.iter();
    let hosts: Vec<_> = hosts
        .filter(|(_, counts)| counts.failed > 0 || counts.unreachable > 0)
        .cloned()
        .collect();
    let told = !hosts.is_empty() || recap.interrupted;
    told.then(|| Recap {
        hosts,
        ..recap.clone()
    })
}

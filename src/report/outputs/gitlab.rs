//! GitLab's sections around plays and tasks, chosen by itself in its jobs.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::steers;
use crate::report::event::Event;
use crate::report::printed::Teller;

/// Folds what another teller says into sections.
pub struct Gitlab {
    screen: Box<dyn Teller>,
    plays: u32,
    tasks: u32,
    open: Vec<String>,
}

impl Gitlab {
    /// Sections around what `screen` says.
    pub fn new(screen: Box<dyn Teller>) -> Self {
        Gitlab {
            screen,
            plays: 0,
            tasks: 0,
            open: Vec::new(),
        }
    }

    fn begin(&mut self, name: String, title: &str, out: &mut Vec<u8>) {
        let title: String = title
            .chars()
            .filter(|c| !c.is_control() && !steers(*c))
            .collect();
        let text = format!(
            "\u{1b}[0Ksection_start:{}:{name}\r\u{1b}[0K{title}\n",
            now()
        );
        out.extend_from_slice(text.as_bytes());
        self.open.push(name);
    }

    /// Closes sections until `depth` are left.
    fn close(&mut self, depth: usize, out: &mut Vec<u8>) {
        while self.open.len() > depth {
            let name = self.open.pop().unwrap_or_default();
            let text = format!("\u{1b}[0Ksection_end:{}:{name}\r\u{1b}[0K\n", now());
            out.extend_from_slice(text.as_bytes());
        }
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs())
}

impl Teller for Gitlab {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::PlayStarted(play) => {
                self.close(0, out);
                self.plays += 1;
                self.begin(
                    format!("play_{}", self.plays),
                    &format!("play {}", play.name),
                    out,
                );
            }
            Event::TaskStarted(task) => {
                self.close(1, out);
                self.tasks += 1;
                self.begin(format!("task_{}", self.tasks), &task.name, out);
            }
            Event::Finished(_) => self.close(0, out),
            _ => (),
        }
        self.screen.tell(event, out);
    }
}

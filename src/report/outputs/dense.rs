//! `--output dense`: changes and failures in full, everything else in one line a task.

use std::sync::Arc;

use crate::report::event::{Event, Listener, Status, TaskInfo};
use crate::report::printed::Teller;
use crate::report::screen::{Screen, ScreenOptions};

/// Folds the hosts on which nothing changed.
pub struct Dense {
    screen: Screen<Vec<u8>>,
    task: Option<Arc<TaskInfo>>,
    /// Whether the task was shown with its banner.
    shown: bool,
    folded: Folded,
}

/// How many hosts are not shown.
#[derive(Clone, Copy, Default)]
struct Folded {
    ok: usize,
    skipped: usize,
}

impl Dense {
    /// One that shows what it shows as `options` say.
    pub fn new(options: ScreenOptions) -> Self {
        Dense {
            screen: Screen::new(Vec::new(), options),
            task: None,
            shown: false,
            folded: Folded::default(),
        }
    }

    /// Begins a task, where it is another one than before.
    fn task(&mut self, task: &Arc<TaskInfo>, out: &mut Vec<u8>) {
        let known = self.task.as_ref();
        let same = known.is_some_and(|known| known.name == task.name && known.place == task.place);
        if !same {
            self.end(out);
            self.task = Some(Arc::clone(task));
        }
    }

    /// Tells of the hosts that were not shown.
    fn end(&mut self, out: &mut Vec<u8>) {
        let Some(task) = self.task.take() else {
            return;
        };
        let folded = std::mem::take(&mut self.folded);
        let shown = std::mem::take(&mut self.shown);
        let mut parts = Vec::new();
        for (count, word) in [(folded.ok, "ok"), (folded.skipped, "skipped")] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        if parts.is_empty() {
            return;
        }
        let text = match shown {
            true => format!("{} more\n", parts.join(", ")),
            false if task.handler => format!("handler [{}]: {}\n", task.name, parts.join(", ")),
            false => format!("[{}]: {}\n", task.name, parts.join(", ")),
        };
        out.extend_from_slice(text.as_bytes());
    }

    fn pass(&mut self, event: &Event, out: &mut Vec<u8>) {
        self.screen.on(event);
        out.append(&mut self.screen.take());
    }

    /// Shows a result in full.
    fn show(&mut self, event: &Event, out: &mut Vec<u8>) {
        self.shown = true;
        self.pass(event, out);
    }
}

impl Teller for Dense {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::TaskStarted(task) => self.task(task, out),
            Event::ItemDone(result) => {
                self.task(&result.task, out);
                if !matches!(result.status, Status::Ok | Status::Skipped) {
                    self.show(event, out);
                }
            }
            Event::TaskDone(result) => {
                self.task(&result.task, out);
                let diff = result.outcome.diff.is_empty();
                match result.status {
                    Status::Ok if diff && !result.outcome.shown && !result.task.always_verbose => {
                        self.folded.ok += 1;
                    }
                    Status::Skipped => self.folded.skipped += 1,
                    _ => self.show(event, out),
                }
            }
            Event::PlayStarted(_) | Event::Finished(_) | Event::TooManyFailed => {
                self.end(out);
                self.pass(event, out);
            }
            Event::Included(_) => self.end(out),
            other => self.pass(other, out),
        }
    }
}

//! The live line of a terminal: what runs now, on how many hosts, and the last line it printed.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::clean::printable;
use super::event::{Event, Listener, TaskInfo};
use super::out::Stdout;
use super::printed::Teller;

/// The screen of a terminal: the lines of its tellers, and below them one that lives.
pub struct Live {
    tellers: Vec<Box<dyn Teller>>,
    line: LiveLine,
    running: HashMap<Arc<str>, Instant>,
    task: Option<Arc<TaskInfo>>,
    done: usize,
    said: String,
}

/// The live line itself; whoever prints on the terminal beside it does so inside of
/// [`LiveLine::aside`].
#[derive(Clone, Default)]
pub struct LiveLine(Arc<Mutex<Option<ProgressBar>>>);

impl LiveLine {
    /// Runs `print` while the live line is away.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        let bar = self.bar().clone();
        match bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn show(&self, text: String) {
        let mut bar = self.bar();
        bar.get_or_insert_with(new_bar).set_message(text);
    }

    fn hide(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }

    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template("{spinner} {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

impl Live {
    /// A screen with a live line.
    pub fn new(tellers: Vec<Box<dyn Teller>>, line: LiveLine) -> Self {
        Live {
            tellers,
            line,
            running: HashMap::new(),
            task: None,
            done: 0,
            said: String::new(),
        }
    }

    fn begin(&mut self, task: &Arc<TaskInfo>, host: &Arc<str>) {
        let same = self
            .task
            .as_ref()
            .is_some_and(|known| known.place == task.place);
        if !same {
            self.task = Some(Arc::clone(task));
            self.done = 0;
            self.said.clear();
        }
        self.running.insert(Arc::clone(host), Instant::now());
    }

    fn end(&mut self, host: &Arc<str>) {
        self.running.remove(host);
        self.done += 1;
    }

    /// `name: 3 of 10 hosts, machine1: Unpacking …`
    fn text(&self) -> String {
        let Some(task) = &self.task else {
            return String::new();
        };
        let mut text = format!(
            "{}: {} of {} hosts",
            task.name,
            self.done,
            task.hosts.max(self.done)
        );
        let slow = self.running.iter().max_by_key(|(_, began)| began.elapsed());
        if self.running.len() <= 3
            && let Some((host, began)) = slow
        {
            text.push_str(&format!(
                ", waiting for {host} ({} s)",
                began.elapsed().as_secs()
            ));
        }
        if !self.said.is_empty() {
            text.push_str(": ");
            text.push_str(&self.said);
        }
        text
    }
}

impl Listener for Live {
    fn on(&mut self, event: &Event) {
        match event {
            Event::HostStarted { task, host } => self.begin(task, host),
            Event::TaskDone(result) => self.end(&result.host),
            Event::Line { host, text, .. } => {
                self.said = format!("{host}: {text}");
            }
            Event::Finished(_) => self.running.clear(),
            _ => (),
        }
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
        if self.running.is_empty() {
            self.line.hide();
        } else {
            // One line, whatever stands in names.
            let text = self.text().replace(['\t', '\n', '\r'], " ");
            self.line.show(printable(&text).into_owned());
        }
    }
}

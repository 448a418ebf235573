//! Where there is no terminal: a task that takes long says so, or a log would stand still.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::progress::Progress;
use crate::report::event::{Event, Listener};

/// After how long a task says so for the first time.
const FIRST: Duration = Duration::from_secs(30);
/// How often after that.
const AGAIN: Duration = Duration::from_secs(60);

/// Prints a line where the slowest host has been at its task for 30 seconds, and once a minute then.
pub struct Slow(Arc<Mutex<State>>);

struct State {
    progress: Progress,
    /// Which task of which host was told of last, by its beginning, and when.
    told: Option<(Instant, Instant)>,
}

impl Slow {
    /// One that says its lines with `say`.
    pub fn new(say: impl Fn(&str) + Send + 'static) -> Self {
        let state = Arc::new(Mutex::new(State {
            progress: Progress::default(),
            told: None,
        }));
        let watched = Arc::downgrade(&state);
        std::thread::spawn(move || watch(&watched, &say));
        Slow(state)
    }
}

impl Listener for Slow {
    fn on(&mut self, event: &Event) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.progress.hear(event, Instant::now());
    }
}

fn watch(state: &Weak<Mutex<State>>, say: &dyn Fn(&str)) {
    loop {
        std::thread::sleep(Duration::from_millis(500));
        let Some(state) = state.upgrade() else {
            return;
        };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = state.due(Instant::now()) {
            say(&line);
        }
    }
}

impl State {
    /// The line that is to be printed now.
    fn due(&mut self, now: Instant) -> Option<String> {
        let slow = self.progress.slowest()?;
        let told = self.told.filter(|(began, _)| *began == slow.began);
        let is_due = match told {
            None => now.saturating_duration_since(slow.began) >= FIRST,
            Some((_, when)) => now.saturating_duration_since(when) >= AGAIN,
        };
        if !is_due {
            return None;
        }
        let began = slow.began;
        let text = self.progress.text(now, 500)?;
        self.told = Some((began, now));
        Some(format!("still running: {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::TaskInfo;

    #[test]
    fn a_long_task_says_so_after_half_a_minute_and_then_once_a_minute() {
        let start = Instant::now();
        let mut state = State {
            progress: Progress::default(),
            told: None,
        };
        let task = Arc::new(TaskInfo {
            name: "make".to_owned(),
            hosts: 3,
            ..TaskInfo::default()
        });
        let host: Arc<str> = "web1".into();
        state
            .progress
            .hear(&Event::HostStarted { task, host }, start);
        let mut told = Vec::new();
        for second in 0..200 {
            let said = state.due(start + Duration::from_secs(second));
            told.extend(said.map(|line| (second, line)));
        }
        let seconds: Vec<u64> = told.iter().map(|(second, _)| *second).collect();
        assert_eq!(seconds, [30, 90, 150]);
        assert_eq!(told[0].1, "still running: make: 0 of 3 hosts, web1 30 s");
        assert_eq!(
            told[1].1,
            "still running: make: 0 of 3 hosts, web1 1 min 30 s"
        );
    }
}

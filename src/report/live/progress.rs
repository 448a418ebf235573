//! What runs on which host, and since when.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use super::fit::{columns, middle, one_line, start};
use crate::error::Place;
use crate::report::event::{Event, PlayInfo, Result, Status, TaskInfo};
use crate::report::screen::time_text;

/// The state of a run, as far as one line tells of it.
#[derive(Default)]
pub struct Progress {
    play: Option<Arc<PlayInfo>>,
    /// Hosts that are out of the play.
    lost: HashSet<Arc<str>>,
    running: HashMap<Arc<str>, Running>,
    /// The hosts that are done with a task, by where it stands and its name.
    done: HashMap<Key, HashSet<Arc<str>>>,
}

/// Where a task stands and its name, as one text.
type Key = String;

/// A task on a host.
struct Running {
    task: Arc<TaskInfo>,
    began: Instant,
    /// The last line that it printed.
    said: String,
}

/// The host that has been at its task for the longest time.
pub struct Slowest<'a> {
    /// The host.
    pub host: &'a Arc<str>,
    /// Its task.
    pub task: &'a Arc<TaskInfo>,
    /// When it began.
    pub began: Instant,
    /// The last line that it printed; empty where there is none.
    pub said: &'a str,
}

fn key(task: &TaskInfo) -> Key {
    let place = task.place.as_ref();
    let place = place.map(Place::to_string).unwrap_or_default();
    format!("{place} {}", task.name)
}

impl Progress {
    /// Takes in what happened.
    pub fn hear(&mut self, event: &Event, now: Instant) {
        match event {
            Event::PlayStarted(play) => {
                *self = Progress {
                    play: Some(Arc::clone(play)),
                    ..Progress::default()
                };
            }
            Event::HostStarted { task, host } => self.begin(task, host, now),
            Event::TaskDone(result) => self.end(result),
            Event::Line { host, text, .. } => self.said(host, text),
            Event::Retrying { result, left } => {
                self.said(&result.host, &format!("failed, {left} retries left"));
            }
            Event::Finished(_) => *self = Progress::default(),
            _ => (),
        }
    }

    fn begin(&mut self, task: &Arc<TaskInfo>, host: &Arc<str>, now: Instant) {
        // The same task again, by another round of an include: all of it begins anew.
        if let Some(done) = self.done.get_mut(&key(task))
            && done.contains(host)
        {
            done.clear();
        }
        let running = Running {
            task: Arc::clone(task),
            began: now,
            said: String::new(),
        };
        self.running.insert(Arc::clone(host), running);
    }

    fn end(&mut self, result: &Result) {
        self.running.remove(&result.host);
        let done = self.done.entry(key(&result.task)).or_default();
        done.insert(Arc::clone(&result.host));
        let lost = match result.status {
            Status::Unreachable => true,
            Status::Failed => !result.task.rescued,
            _ => false,
        };
        if lost {
            self.lost.insert(Arc::clone(&result.host));
        }
    }

    fn said(&mut self, host: &Arc<str>, text: &str) {
        if let Some(running) = self.running.get_mut(host) {
            running.said = one_line(text);
        }
    }

    /// The host that has been at its task for the longest time.
    pub fn slowest(&self) -> Option<Slowest<'_>> {
        let (host, running) = self
            .running
            .iter()
            .min_by(|(a, left), (b, right)| left.began.cmp(&right.began).then_with(|| a.cmp(b)))?;
        Some(Slowest {
            host,
            task: &running.task,
            began: running.began,
            said: &running.said,
        })
    }

    /// How many hosts are done with a task, and how many there are that live, or were lost by it.
    pub fn count(&self, task: &TaskInfo) -> (usize, usize) {
        let done = self.done.get(&key(task));
        let finished = done.map_or(0, HashSet::len);
        let hosts = self
            .play
            .as_ref()
            .map_or(task.hosts, |play| play.hosts.len());
        let gone = self
            .lost
            .iter()
            .filter(|host| !done.is_some_and(|done| done.contains(*host)));
        (finished, hosts.saturating_sub(gone.count()).max(finished))
    }

    /// The line, in at most `room` columns; nothing where nothing runs.
    pub fn text(&self, now: Instant, room: usize) -> Option<String> {
        let slow = self.slowest()?;
        let (done, hosts) = self.count(slow.task);
        let wide = room >= 60;
        let count = match (hosts, wide) {
            (0 | 1, _) => String::new(),
            (_, true) => format!(" {done} of {hosts} hosts"),
            (_, false) => format!(" {done}/{hosts}"),
        };
        let marks = self.marks(slow.task, wide);
        let time = time_text_whole(now.saturating_duration_since(slow.began));
        let host = middle(&one_line(slow.host), room / 3);
        let fixed = format!("{count}{marks}, {host} {time}");
        let left = room.saturating_sub(columns(&fixed) + 1);
        let name = one_line(&slow.task.name);
        // What was printed gets what the name leaves, and at least half of it.
        let said = match slow.said.is_empty() {
            true => String::new(),
            false => {
                let least = left / 2;
                let rest = left
                    .saturating_sub(columns(&name) + 2)
                    .max(least.saturating_sub(2));
                start(slow.said, rest)
            }
        };
        let said = match columns(&said) {
            0..=3 => String::new(),
            _ => format!(": {said}"),
        };
        let name = middle(&name, left.saturating_sub(columns(&said)));
        let text = format!("{name}:{fixed}{said}");
        Some(start(&text.replace(":, ", ": "), room))
    }

    fn marks(&self, task: &TaskInfo, wide: bool) -> String {
        let batch = self.play.as_ref().and_then(|play| play.batch);
        let check = match (task.check, wide) {
            (false, _) => "",
            (true, true) => ", check mode",
            (true, false) => ", check",
        };
        let batch = match (batch, wide) {
            (None, _) => String::new(),
            (Some((number, of)), true) => format!(", batch {number} of {of}"),
            (Some((number, of)), false) => format!(", batch {number}/{of}"),
        };
        format!("{check}{batch}")
    }
}

/// Seconds without tenths: `4 s`, `2 min 5 s`.
fn time_text_whole(time: std::time::Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        _ => time_text(time),
    }
}

//! `ansible.posix.profile_tasks` and `profile_roles`: how long each took.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Zoned;

use super::result::short;
use super::{Settings, banner};
use crate::report::event::{Event, TaskInfo};
use crate::report::printed::Teller;

/// The order of a list of tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sorted {
    /// The slowest first.
    #[default]
    Descending,
    /// The slowest last.
    Ascending,
    /// As they ran.
    No,
}

/// The time of day, since the last task, and since the beginning.
struct Clock {
    began: Instant,
    last: Instant,
    format: String,
}

impl Clock {
    fn new(format: String) -> Self {
        Clock {
            began: Instant::now(),
            last: Instant::now(),
            format,
        }
    }

    fn line(&mut self) -> String {
        let time = Zoned::now().strftime(&self.format).to_string();
        let (since, all) = (self.last.elapsed(), self.began.elapsed());
        self.last = Instant::now();
        filled(
            &format!("{time} ({})       {}", seconds(since), seconds(all)),
            '*',
        )
    }
}

/// `0:00:01.250`.
fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    format!(
        "{}:{:02}:{:02}.{:03}",
        whole / 3600,
        whole % 3600 / 60,
        whole % 60,
        time.subsec_millis()
    )
}

/// A line filled up to the 79th column.
fn filled(text: &str, with: char) -> String {
    let text = match text {
        "" => String::new(),
        text => format!("{text} "),
    };
    let room = 79_usize.saturating_sub(text.chars().count()).max(3);
    format!("{text}{} \n", with.to_string().repeat(room))
}

/// `name ------- 1.25s`, in so many columns.
fn dashed(name: &str, time: Duration, columns: usize) -> String {
    let time = format!(" {:.2}s", time.as_secs_f64());
    let room = columns.saturating_sub(name.chars().count() + 1);
    format!("{name} {}{time:->9}\n", "-".repeat(room))
}

/// Times of things that follow each other.
#[derive(Default)]
struct Times {
    current: Option<(usize, Instant)>,
    list: Vec<(String, Duration)>,
}

impl Times {
    fn begin(&mut self, name: &str, once: bool) {
        self.end();
        let known = self.list.iter().position(|(known, _)| known == name);
        let number = match known.filter(|_| once) {
            Some(number) => number,
            None => {
                self.list.push((name.to_owned(), Duration::ZERO));
                self.list.len() - 1
            }
        };
        self.current = Some((number, Instant::now()));
    }

    fn end(&mut self) {
        if let Some((number, began)) = self.current.take() {
            self.list[number].1 += began.elapsed();
        }
    }
}

/// `profile_tasks`.
pub struct Tasks {
    clock: Clock,
    times: Times,
    width: usize,
    limit: Option<usize>,
    sorted: Sorted,
    summary: bool,
    verbosity: u8,
    places: Vec<String>,
}

impl Tasks {
    /// One that lists as the settings say.
    pub fn new(settings: &Settings) -> Self {
        let format = match settings.profile_time.as_str() {
            "iso8601" => "%Y-%m-%dT%H:%M:%S.%6f".to_owned(),
            other => other.to_owned(),
        };
        Tasks {
            clock: Clock::new(format),
            times: Times::default(),
            width: settings.screen.width,
            limit: settings.profile_limit,
            sorted: settings.profile_sorted,
            summary: settings.profile_summary,
            verbosity: settings.screen.verbosity,
            places: Vec::new(),
        }
    }

    fn task(&mut self, task: &Arc<TaskInfo>, out: &mut Vec<u8>) {
        if !self.summary {
            out.extend_from_slice(self.clock.line().as_bytes());
        }
        self.times.begin(&task.name, false);
        let place = task.place.as_ref();
        let place = place.map(|place| format!("{}:{}", place.path().display(), place.line));
        self.places.push(place.unwrap_or_default());
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        self.times.end();
        banner("TASKS RECAP", self.width, out);
        out.extend_from_slice(self.clock.line().as_bytes());
        out.extend_from_slice(filled("", '=').as_bytes());
        let mut order: Vec<usize> = (0..self.times.list.len()).collect();
        let time = |number: &usize| self.times.list[*number].1;
        match self.sorted {
            Sorted::Ascending => order.sort_by_key(time),
            Sorted::Descending => order.sort_by_key(|number| std::cmp::Reverse(time(number))),
            Sorted::No => (),
        }
        for number in order.into_iter().take(self.limit.unwrap_or(usize::MAX)) {
            let (name, time) = &self.times.list[number];
            out.extend_from_slice(dashed(name, *time, self.width - 9).as_bytes());
            if self.verbosity >= 2 {
                let place = &self.places[number];
                let room = self.width.saturating_sub(place.chars().count() + 1);
                out.extend_from_slice(format!("{place} {}\n", "-".repeat(room)).as_bytes());
            }
        }
    }
}

impl Teller for Tasks {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::TaskStarted(task) => self.task(task, out),
            Event::PlaybookDone(_) | Event::Finished(_) => self.finish(out),
            _ => (),
        }
    }
}

/// `profile_roles`.
pub struct Roles {
    clock: Clock,
    times: Times,
    width: usize,
    summary: bool,
}

impl Roles {
    /// One that lists as the settings say.
    pub fn new(settings: &Settings) -> Self {
        Roles {
            clock: Clock::new("%A %d %B %Y  %H:%M:%S %z".to_owned()),
            times: Times::default(),
            width: settings.screen.width,
            summary: settings.roles_summary,
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        self.times.end();
        banner("ROLES RECAP", self.width, out);
        let mut text = self.clock.line() + &filled("", '=');
        let mut list = self.times.list.clone();
        list.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        for (name, time) in &list {
            text.push_str(&dashed(name, *time, 70));
        }
        let total = list.iter().map(|(_, time)| *time).sum();
        text.push_str(&filled("", '~'));
        text.push_str(&dashed("total", total, 70));
        out.extend_from_slice(text.as_bytes());
    }
}

impl Teller for Roles {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::TaskStarted(task) => {
                if !self.summary {
                    out.extend_from_slice(self.clock.line().as_bytes());
                }
                let name = task.role.as_deref().unwrap_or(&task.action);
                self.times.begin(short_role(name), true);
            }
            Event::PlaybookDone(_) | Event::Finished(_) => self.finish(out),
            _ => (),
        }
    }
}

/// The reference names a module as it was written, and a role without its collection.
fn short_role(name: &str) -> &str {
    match short(name) == name && name.matches('.').count() >= 2 {
        true => name.rsplit('.').next().unwrap_or(name),
        false => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_wide_as_in_the_reference() {
        let time = Duration::from_millis(3780);
        let expected =
            "Change ------------------------------------------------------------------ 3.78s\n";
        assert_eq!(dashed("Change", time, 70), expected);
        assert_eq!(seconds(Duration::from_millis(3_723_004)), "1:02:03.004");
        assert_eq!(filled("", '=').len(), 81);
    }
}

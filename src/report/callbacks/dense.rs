//! `community.general.dense`: one line a task that is written over and over, for terminals.

use std::sync::Arc;

use super::result::{is_failed, is_unreachable};
use crate::report::diff;
use crate::report::event::{Event, Result, Status, TaskInfo};
use crate::report::printed::Teller;
use crate::report::screen::ScreenOptions;
use crate::value::{Value, to_json_sorted};

const RESET: &str = "\u{1b}[0;0m";
const BOLD: &str = "\u{1b}[1m";
const UNDERLINE: &str = "\u{1b}[4m";
const CLEAR: &str = "\u{1b}[2K";
const SAVE: &str = "\u{1b}[s";
const RESTORE: &str = "\u{1b}[u";
const WRAP: &str = "\u{1b}[7h";
const NO_WRAP: &str = "\u{1b}[7l";

/// The states of a host, the weakest first, and their colours.
const STATES: [(&str, &str); 5] = [
    ("skipped", "\u{1b}[0;36m"),
    ("ok", "\u{1b}[0;32m"),
    ("changed", "\u{1b}[0;33m"),
    ("failed", "\u{1b}[0;31m"),
    ("unreachable", "\u{1b}[1;31m"),
];
const IGNORED: &str = "\u{1b}[46m\u{1b}[1;31m";

/// Writes the line of a task anew with each result.
pub struct Dense {
    options: ScreenOptions,
    begun: bool,
    hosts: Vec<Host>,
    keep: bool,
    titled: bool,
    plays: u32,
    tasks: u32,
    handlers: u32,
    task: Option<Arc<TaskInfo>>,
}

struct Host {
    name: Arc<str>,
    state: usize,
    ignored: bool,
    delegated: Option<String>,
}

impl Dense {
    /// One with what `options` say of verbosity and differences.
    pub fn new(options: ScreenOptions) -> Self {
        Dense {
            options,
            begun: false,
            hosts: Vec::new(),
            keep: false,
            titled: false,
            plays: 0,
            tasks: 0,
            handlers: 0,
            task: None,
        }
    }

    /// Leaves the line of the task before on the screen where it says something.
    fn leave(&mut self, clears: bool, out: &mut String) {
        if self.options.verbosity == 0 && self.keep {
            out.push_str(&format!("{RESTORE}{RESET}\n{SAVE}{CLEAR}"));
        } else {
            out.push_str(RESTORE);
            out.push_str(RESET);
            if clears {
                out.push_str(CLEAR);
            }
        }
        self.keep = false;
    }

    fn play(&mut self, name: &str, out: &mut String) {
        self.leave(true, out);
        self.tasks = 0;
        self.handlers = 0;
        self.plays += 1;
        let name = match name.trim() {
            "" => "UNNAMED".to_owned(),
            name => name.to_uppercase(),
        };
        out.push_str(&format!("{BOLD}PLAY {}: {name}", self.plays));
        out.push_str(&format!("{RESTORE}{RESET}\n{SAVE}{CLEAR}"));
    }

    fn task(&mut self, task: &Arc<TaskInfo>, out: &mut String) {
        self.leave(task.handler, out);
        self.titled = false;
        self.hosts.clear();
        let count = match task.handler {
            true => &mut self.handlers,
            false => &mut self.tasks,
        };
        *count += u32::from(task.name != "setup");
        self.task = Some(Arc::clone(task));
        out.push_str(&format!("{UNDERLINE}{}.{RESET}", self.title()));
    }

    fn title(&self) -> String {
        match &self.task {
            Some(task) if task.handler => format!("handler {}", self.handlers),
            _ => format!("task {}", self.tasks),
        }
    }

    fn result(&mut self, result: &Result, out: &mut String) {
        if self.options.diff && !result.of_loop {
            for text in result.outcome.diff.iter().filter_map(diff::render) {
                out.push_str(&format!("{BOLD}{text}\n{RESET}"));
            }
        }
        let ignored = result.status == Status::Ignored;
        let state = match result.status {
            Status::Skipped => 0,
            _ if is_unreachable(result) => 4,
            _ if is_failed(result) => 3,
            _ if result.outcome.changed => 2,
            _ => 1,
        };
        let known = self.hosts.iter_mut().find(|host| host.name == result.host);
        match known {
            Some(host) if host.state < state => {
                host.state = state;
                host.ignored = ignored;
            }
            Some(_) => (),
            None => self.hosts.push(Host {
                name: Arc::clone(&result.host),
                state,
                ignored,
                delegated: result.delegated.clone(),
            }),
        }
        self.progress(out);
        if state >= 2 && !ignored {
            self.keep = true;
            if self.options.verbosity == 1 {
                self.banner(out);
                self.details(result, STATES[state], out);
            }
        }
    }

    fn progress(&self, out: &mut String) {
        out.push_str(&format!(
            "{RESTORE}{RESET}{CLEAR}{NO_WRAP}{UNDERLINE}{}:{RESET}",
            self.title()
        ));
        for host in &self.hosts {
            out.push(' ');
            if let Some(other) = &host.delegated {
                out.push_str(&format!("{other}>"));
            }
            let colour = match host.ignored {
                true => IGNORED,
                false => STATES[host.state].1,
            };
            out.push_str(&format!("{colour}{}{RESET}", host.name));
        }
        out.push_str(WRAP);
    }

    fn banner(&mut self, out: &mut String) {
        out.push_str(&format!("{RESTORE}{RESET}{CLEAR}"));
        if !self.titled {
            self.titled = true;
            let name = self.task.as_ref().map(|task| task.name.trim().to_owned());
            out.push_str(&format!(
                "{UNDERLINE}{}: {}",
                self.title(),
                name.unwrap_or_default()
            ));
            out.push_str(&format!("{RESTORE}{RESET}\n{SAVE}{CLEAR}"));
        }
        self.keep = false;
    }

    fn details(&mut self, result: &Result, state: (&str, &str), out: &mut String) {
        self.leave(true, out);
        let (word, colour) = state;
        let mut map = super::result::whole(result);
        for name in [
            "delta",
            "end",
            "failed_when_result",
            "start",
            "stdout_lines",
        ] {
            map.remove(name);
        }
        let empty = |value: &Value| match value {
            Value::Str(text) => text.as_str().is_empty(),
            Value::List(items) => items.is_empty(),
            Value::Map(map) => map.is_empty(),
            _ => false,
        };
        let kept = map.into_iter().filter(|(_, value)| !empty(value)).collect();
        let dump = to_json_sorted(&Value::map(kept));
        let host = match &result.delegated {
            Some(other) => format!("{RESET}{}>{colour}{other}", result.host),
            None => result.host.to_string(),
        };
        out.push_str(&format!(
            "{colour}{word}: {host}: {dump}\n{RESET}{SAVE}{CLEAR}"
        ));
    }
}

impl Teller for Dense {
    fn tell(&mut self, event: &Event, bytes: &mut Vec<u8>) {
        let mut out = String::new();
        if !self.begun {
            self.begun = true;
            out.push_str(&format!("{RESET}{SAVE}{CLEAR}"));
        }
        match event {
            Event::PlayStarted(play) => self.play(&play.name, &mut out),
            Event::TaskStarted(task) => self.task(task, &mut out),
            Event::ItemDone(result) | Event::TaskDone(result) => self.result(result, &mut out),
            Event::Retrying { result, left } => out.push_str(&format!(
                "FAILED - RETRYING: [{}]: {} ({left} retries left).\n",
                result.host, result.task.name
            )),
            Event::TooManyFailed => {
                self.leave(true, &mut out);
                out.push_str("\u{1b}[1;37m\u{1b}[41mNO MORE HOSTS LEFT");
                out.push_str(&format!("{RESTORE}{RESET}\n{SAVE}{CLEAR}"));
            }
            Event::PlaybookDone(_) | Event::Finished(_) => self.leave(true, &mut out),
            _ => (),
        }
        bytes.extend_from_slice(out.as_bytes());
    }
}

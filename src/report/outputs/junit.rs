//! `--junit FILE`: a suite a play, a case for each task and host.

use std::path::PathBuf;
use std::time::Duration;

use super::{attribute, xml_text};
use crate::disk::write_named;
use crate::error::Error;
use crate::report::event::{Event, Listener, Result, Status};
use crate::report::screen::shown;
use crate::value::to_json;

/// Collects results and writes them when the run is over.
pub struct Junit {
    path: PathBuf,
    warn: Box<dyn Fn(Error) + Send>,
    suites: Vec<Suite>,
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    host: String,
    file: Option<(String, u32)>,
    time: Duration,
    end: End,
    output: String,
}

enum End {
    Passed,
    Skipped(String),
    Failed(String),
    Unreachable(String),
}

impl Junit {
    /// One that writes to `path`; where that fails, `warn` is told.
    pub fn new(path: PathBuf, warn: Box<dyn Fn(Error) + Send>) -> Self {
        Junit {
            path,
            warn,
            suites: Vec::new(),
        }
    }

    fn add(&mut self, result: &Result) {
        if self.suites.is_empty() {
            self.suites.push(Suite {
                name: String::new(),
                cases: Vec::new(),
            });
        }
        let message = || result.outcome.text("msg").unwrap_or("failed").to_owned();
        let reason = result.outcome.text("skip_reason").unwrap_or("skipped");
        let place = result.task.place.as_ref();
        let case = Case {
            name: result.task.name.clone(),
            host: result.host.to_string(),
            file: place.map(|place| (place.path().display().to_string(), place.line)),
            time: result.duration,
            end: match result.status {
                Status::Ok | Status::Changed | Status::Ignored => End::Passed,
                // The run goes on, and ends well: a rescue that fails has a case of its own.
                Status::Failed if result.task.rescued => End::Passed,
                Status::Skipped => End::Skipped(reason.to_owned()),
                Status::Failed => End::Failed(message()),
                Status::Unreachable => End::Unreachable(message()),
            },
            output: to_json(&shown(result)),
        };
        if let Some(suite) = self.suites.last_mut() {
            suite.cases.push(case);
        }
    }

    fn text(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
        for suite in &self.suites {
            suite.write(&mut out);
        }
        out.push_str("</testsuites>\n");
        out
    }
}

impl Suite {
    fn write(&self, out: &mut String) {
        let count = |of: fn(&End) -> bool| self.cases.iter().filter(|case| of(&case.end)).count();
        let time: Duration = self.cases.iter().map(|case| case.time).sum();
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.6}\">\n",
            attribute(&self.name),
            self.cases.len(),
            count(|end| matches!(end, End::Failed(_))),
            count(|end| matches!(end, End::Unreachable(_))),
            count(|end| matches!(end, End::Skipped(_))),
            time.as_secs_f64(),
        ));
        for case in &self.cases {
            case.write(out);
        }
        out.push_str("  </testsuite>\n");
    }
}

impl Case {
    fn write(&self, out: &mut String) {
        let file = self
            .file
            .as_ref()
            .map(|(path, line)| format!(" file=\"{}\" line=\"{line}\"", attribute(path)));
        out.push_str(&format!(
            "    <testcase classname=\"{}\" name=\"{}\"{} time=\"{:.6}\">",
            attribute(&self.host),
            attribute(&self.name),
            file.unwrap_or_default(),
            self.time.as_secs_f64(),
        ));
        let output = xml_text(&self.output);
        match &self.end {
            End::Passed => out.push_str(&format!("<system-out>{output}</system-out>")),
            End::Skipped(why) => {
                out.push_str(&format!("<skipped message=\"{}\"/>", attribute(why)));
            }
            End::Failed(why) => out.push_str(&format!(
                "<failure message=\"{}\" type=\"failed\">{output}</failure>",
                attribute(why)
            )),
            End::Unreachable(why) => out.push_str(&format!(
                "<error message=\"{}\" type=\"unreachable\">{output}</error>",
                attribute(why)
            )),
        }
        out.push_str("</testcase>\n");
    }
}

impl Listener for Junit {
    fn on(&mut self, event: &Event) {
        match event {
            Event::PlayStarted(play) => self.suites.push(Suite {
                name: play.name.clone(),
                cases: Vec::new(),
            }),
            Event::TaskDone(result) => self.add(result),
            Event::RunEnded { .. } => {
                if let Err(error) = write_named(&self.path, self.text().as_bytes(), 0o666) {
                    (self.warn)(error);
                }
            }
            _ => (),
        }
    }
}

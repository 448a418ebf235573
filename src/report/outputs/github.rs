//! `--output github`: annotations beside the screen, as GitHub Actions shows them in the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::event::{Event, Recap, Result, Status};
use super::super::printed::Teller;
use crate::error::{Error, Place};

/// How many hosts an annotation names.
const NAMED: usize = 5;

/// Adds workflow commands to another teller's text. Between them the runner is told to take no
/// command: what a host prints must not be one.
pub struct Github {
    screen: Box<dyn Teller>,
    folder: PathBuf,
    token: String,
    summary: Option<PathBuf>,
    begun: bool,
    /// Failures of the task that runs: by place and message, the hosts.
    failures: BTreeMap<(String, String), Vec<String>>,
}

impl Github {
    /// Annotations with paths relative to `folder`; `token` must be a word that nobody can guess.
    /// A table of hosts is added to the file `summary`.
    pub fn new(
        screen: Box<dyn Teller>,
        folder: PathBuf,
        token: String,
        summary: Option<PathBuf>,
    ) -> Self {
        Github {
            screen,
            folder,
            token,
            summary,
            begun: false,
            failures: BTreeMap::new(),
        }
    }

    /// Writes commands where the runner listens.
    fn command(&self, lines: &[String], out: &mut Vec<u8>) {
        if lines.is_empty() {
            return;
        }
        let token = &self.token;
        let text = format!(
            "::{token}::\n{}\n::stop-commands::{token}\n",
            lines.join("\n")
        );
        out.extend_from_slice(text.as_bytes());
    }

    fn remember(&mut self, result: &Result) {
        let failed = matches!(result.status, Status::Failed | Status::Unreachable);
        if !failed || (result.of_loop && result.item.is_none()) {
            return;
        }
        let message = result.outcome.text("msg").unwrap_or("failed");
        let place = self.place(result.task.place.as_ref());
        // What a rescue answers does not fail the job.
        let rescued = result.status == Status::Failed && result.task.rescued;
        let level = if rescued { "warning" } else { "error" };
        let title = format!("{level} {place}title={}", property(&result.task.name));
        let hosts = self
            .failures
            .entry((title, message.to_owned()))
            .or_default();
        if hosts.last().is_none_or(|last| **last != *result.host) {
            hosts.push(result.host.to_string());
        }
    }

    fn annotate(&mut self, out: &mut Vec<u8>) {
        let failures = std::mem::take(&mut self.failures);
        let lines = failures.iter().map(|((head, message), hosts)| {
            let text = format!("{}: {message}", names(hosts));
            format!("::{head}::{}", data(&text))
        });
        let lines: Vec<String> = lines.collect();
        self.command(&lines, out);
    }

    fn warning(&self, warning: &Error, out: &mut Vec<u8>) {
        let place = self.place(warning.place());
        let place = place.trim_end_matches(',');
        let line = format!("::warning {place}::{}", data(&warning.chain()));
        self.command(&[line.replace("::warning ::", "::warning::")], out);
    }

    /// `file=…,line=…,col=…,`, or nothing.
    fn place(&self, place: Option<&Place>) -> String {
        let Some(place) = place else {
            return String::new();
        };
        let path = place.path().strip_prefix(&self.folder);
        let path = path.unwrap_or(place.path()).display().to_string();
        format!(
            "file={},line={},col={},",
            property(&path),
            place.line,
            place.column
        )
    }
}

impl Teller for Github {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        if !self.begun {
            self.begun = true;
            out.extend_from_slice(format!("::stop-commands::{}\n", self.token).as_bytes());
        }
        if matches!(
            event,
            Event::TaskStarted(_) | Event::PlayStarted(_) | Event::Finished(_)
        ) {
            self.annotate(out);
        }
        self.screen.tell(event, out);
        match event {
            Event::ItemDone(result) | Event::TaskDone(result) => self.remember(result),
            Event::Warning(warning) => self.warning(warning, out),
            Event::Finished(recap) => {
                if let Some(path) = &self.summary {
                    // The summary is an extra: a runner without it loses nothing else.
                    let _ = append(path, &table(recap));
                }
            }
            Event::RunEnded { .. } => {
                self.annotate(out);
                out.extend_from_slice(format!("::{}::\n", self.token).as_bytes());
                self.begun = false;
            }
            _ => (),
        }
    }
}

/// `web1, web2 and 7 more`.
fn names(hosts: &[String]) -> String {
    let named = hosts.len().min(NAMED);
    let text = hosts[..named].join(", ");
    match hosts.len() - named {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

/// A text as the data of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A text as the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)?;
    file.write_all(text.as_bytes())
}

/// The recap in Markdown.
fn table(recap: &Recap) -> String {
    let mut text = String::from(
        "| host | ok | changed | unreachable | failed | skipped | rescued | ignored |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for (host, counts) in &recap.hosts {
        let host = host.replace('|', "\\|");
        text.push_str(&format!(
            "| {host} | {} | {} | {} | {} | {} | {} | {} |\n",
            counts.ok,
            counts.changed,
            counts.unreachable,
            counts.failed,
            counts.skipped,
            counts.rescued,
            counts.ignored
        ));
    }
    text
}

//! `--metrics FILE`: the run in figures, as OpenMetrics text for node_exporter's textfile collector
//! and for pushgateways.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::disk::write_named;
use crate::error::Error;
use crate::report::event::{Counts, Event, Listener, Recap, Result, RunInfo, Status};

/// How many tasks get a figure of their own: the slowest.
const SLOWEST: usize = 50;

/// Counts, and writes when the run is over.
pub struct Metrics {
    path: PathBuf,
    warn: Box<dyn Fn(Error) + Send>,
    /// The labels that tell this run from others that write beside it.
    run: String,
    version: String,
    began: Option<SystemTime>,
    outcomes: [u64; OUTCOMES.len()],
    tasks: Vec<(String, Duration)>,
    /// How many connections were opened, and the longest time that took.
    connections: (u64, Duration),
    recap: Option<Arc<Recap>>,
}

const OUTCOMES: [&str; 7] = [
    "ok",
    "changed",
    "skipped",
    "failed",
    "rescued",
    "ignored",
    "unreachable",
];

/// How a task ended, in a word.
fn outcome(result: &Result) -> &'static str {
    match result.status {
        Status::Ok => "ok",
        Status::Changed => "changed",
        Status::Skipped => "skipped",
        Status::Failed if result.task.rescued => "rescued",
        Status::Failed => "failed",
        Status::Ignored => "ignored",
        Status::Unreachable => "unreachable",
    }
}

impl Metrics {
    /// One that writes to `path`; where that fails, `warn` is told.
    pub fn new(path: PathBuf, warn: Box<dyn Fn(Error) + Send>) -> Self {
        Metrics {
            path,
            warn,
            run: String::new(),
            version: String::new(),
            began: None,
            outcomes: [0; OUTCOMES.len()],
            tasks: Vec::new(),
            connections: Default::default(),
            recap: None,
        }
    }

    fn done(&mut self, result: &Result) {
        let ended = outcome(result);
        for (count, word) in self.outcomes.iter_mut().zip(OUTCOMES) {
            *count += u64::from(word == ended);
        }
        let name = &result.task.name;
        match self.tasks.iter_mut().rev().find(|(known, _)| known == name) {
            Some((_, longest)) => *longest = (*longest).max(result.duration),
            None => self.tasks.push((name.clone(), result.duration)),
        }
    }

    fn text(&self, code: u8) -> String {
        let mut sheet = Sheet {
            out: String::new(),
            run: self.run.clone(),
        };
        let version = format!("version=\"{}\"", label(&self.version));
        let version = vec![(version, "1".to_owned())];
        sheet.family("play_build", "gauge", "The version of play.", version);
        self.write_tasks(&mut sheet);
        self.write_connections(&mut sheet);
        self.write_run(&mut sheet, code);
        sheet.out + "# EOF\n"
    }

    fn write_tasks(&self, sheet: &mut Sheet) {
        let tasks = OUTCOMES.iter().zip(self.outcomes);
        let tasks = tasks.map(|(word, count)| (format!("outcome=\"{word}\""), count.to_string()));
        let help = "Tasks done on hosts, by outcome.";
        sheet.family("play_tasks", "counter", help, tasks.collect());
        let help = "Hosts of the run, by how they ended.";
        sheet.family("play_hosts", "gauge", help, self.host_samples());
        let mut slowest = self.tasks.clone();
        slowest.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        let slowest = slowest.iter().take(SLOWEST);
        let slowest =
            slowest.map(|(name, time)| (format!("task=\"{}\"", label(name)), seconds(*time)));
        let help = "The longest time that a task took on one host; the slowest tasks only.";
        sheet.family(
            "play_task_duration_seconds",
            "gauge",
            help,
            slowest.collect(),
        );
    }

    fn write_connections(&self, sheet: &mut Sheet) {
        let (count, longest) = self.connections;
        let help = "Connections, and shells of other users, that were opened.";
        sheet.one("play_connections", "counter", help, count.to_string());
        let help = "The longest time that opening one took.";
        sheet.one(
            "play_connection_duration_seconds",
            "gauge",
            help,
            seconds(longest),
        );
    }

    fn write_run(&self, sheet: &mut Sheet, code: u8) {
        let recap = self.recap.as_ref();
        let time = recap.map_or(Duration::ZERO, |recap| recap.duration);
        let help = "How long the run took.";
        sheet.one("play_run_duration_seconds", "gauge", help, seconds(time));
        let began = self
            .began
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let began = format!("{:.3}", began.unwrap_or_default().as_secs_f64());
        let help = "When the run began.";
        sheet.one("play_run_started_timestamp_seconds", "gauge", help, began);
        let help = "The exit code of the run.";
        sheet.one("play_run_exit_code", "gauge", help, code.to_string());
    }

    fn host_samples(&self) -> Vec<(String, String)> {
        let hosts = self.recap.as_ref().map(|recap| recap.hosts.as_slice());
        let hosts = hosts.unwrap_or_default();
        let count = |wanted: &str| {
            hosts
                .iter()
                .filter(|(_, counts)| end(counts) == wanted)
                .count()
        };
        let words = ["ok", "changed", "failed", "unreachable"];
        words
            .iter()
            .map(|word| (format!("outcome=\"{word}\""), count(word).to_string()))
            .collect()
    }
}

/// The text, and the label that all of it has.
struct Sheet {
    out: String,
    run: String,
}

impl Sheet {
    /// A metric with its samples: labels, and the value.
    fn family(&mut self, name: &str, kind: &str, help: &str, samples: Vec<(String, String)>) {
        let (out, run) = (&mut self.out, &self.run);
        out.push_str(&format!("# TYPE {name} {kind}\n# HELP {name} {help}\n"));
        let end = if kind == "counter" { "_total" } else { "" };
        for (labels, value) in samples {
            let comma = if labels.is_empty() { "" } else { "," };
            out.push_str(&format!("{name}{end}{{{run}{comma}{labels}}} {value}\n"));
        }
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: String) {
        self.family(name, kind, help, vec![(String::new(), value)]);
    }
}

/// What was run, where, and which share of it: a collector refuses two files with the same labels.
fn labels_of(run: &RunInfo) -> String {
    let labels = [
        ("playbook", run.what.join(" ")),
        ("folder", run.folder.clone()),
        ("limit", run.limit.join(",")),
        ("partition", run.partition.clone().unwrap_or_default()),
        ("tags", run.tags.join(",")),
        ("skip_tags", run.skip_tags.join(",")),
    ];
    let said = labels
        .iter()
        .filter(|(name, text)| *name == "playbook" || !text.is_empty());
    let said = said.map(|(name, text)| format!("{name}=\"{}\"", label(text)));
    said.collect::<Vec<_>>().join(",")
}

fn seconds(time: Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
}

/// How a host ended, the worst first.
fn end(counts: &Counts) -> &'static str {
    match counts {
        Counts {
            unreachable: 1.., ..
        } => "unreachable",
        Counts { failed: 1.., .. } => "failed",
        Counts { changed: 1.., .. } => "changed",
        _ => "ok",
    }
}

/// A text as the value of a label.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

impl Listener for Metrics {
    fn on(&mut self, event: &Event) {
        match event {
            Event::RunStarted(run) => {
                self.began = Some(SystemTime::now());
                self.run = labels_of(run);
                self.version.clone_from(&run.play);
            }
            Event::TaskDone(result) => self.done(result),
            Event::Connected { duration, .. } => {
                self.connections.0 += 1;
                self.connections.1 = self.connections.1.max(*duration);
            }
            Event::Finished(recap) => self.recap = Some(Arc::clone(recap)),
            Event::RunEnded { code, .. } => {
                if let Err(error) = write_named(&self.path, self.text(*code).as_bytes(), 0o666) {
                    (self.warn)(error);
                }
            }
            _ => (),
        }
    }
}

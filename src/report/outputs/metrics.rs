//! `--metrics FILE`: the run in figures, as OpenMetrics text for node_exporter's textfile collector
//! and for pushgateways.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::disk::write_named;
use crate::error::Error;
use crate::report::event::{Counts, Event, Listener, Recap, Result, Status};

/// How many tasks get a figure of their own: the slowest.
const SLOWEST: usize = 50;

/// Counts, and writes when the run is over.
pub struct Metrics {
    path: PathBuf,
    warn: Box<dyn Fn(Error) + Send>,
    playbook: String,
    version: String,
    began: Option<SystemTime>,
    outcomes: [u64; OUTCOMES.len()],
    tasks: Vec<(String, Duration)>,
    recap: Option<Arc<Recap>>,
}

const OUTCOMES: [(Status, &str); 6] = [
    (Status::Ok, "ok"),
    (Status::Changed, "changed"),
    (Status::Skipped, "skipped"),
    (Status::Failed, "failed"),
    (Status::Ignored, "ignored"),
    (Status::Unreachable, "unreachable"),
];

impl Metrics {
    /// One that writes to `path`; where that fails, `warn` is told.
    pub fn new(path: PathBuf, warn: Box<dyn Fn(Error) + Send>) -> Self {
        Metrics {
            path,
            warn,
            playbook: String::new(),
            version: String::new(),
            began: None,
            outcomes: [0; OUTCOMES.len()],
            tasks: Vec::new(),
            recap: None,
        }
    }

    fn done(&mut self, result: &Result) {
        for (count, (status, _)) in self.outcomes.iter_mut().zip(OUTCOMES) {
            *count += u64::from(status == result.status);
        }
        let name = &result.task.name;
        match self.tasks.iter_mut().rev().find(|(known, _)| known == name) {
            Some((_, longest)) => *longest = (*longest).max(result.duration),
            None => self.tasks.push((name.clone(), result.duration)),
        }
    }

    fn text(&self, code: u8) -> String {
        let mut out = String::new();
        let run = format!("playbook=\"{}\"", label(&self.playbook));
        let mut family = |name: &str, kind: &str, help: &str, samples: Vec<(String, String)>| {
            out.push_str(&format!("# TYPE {name} {kind}\n# HELP {name} {help}\n"));
            let end = if kind == "counter" { "_total" } else { "" };
            for (labels, value) in samples {
                let comma = if labels.is_empty() { "" } else { "," };
                out.push_str(&format!("{name}{end}{{{run}{comma}{labels}}} {value}\n"));
            }
        };
        let one = |value: String| vec![(String::new(), value)];
        let version = format!("version=\"{}\"", label(&self.version));
        family(
            "play_build",
            "gauge",
            "The version of play.",
            vec![(version, "1".into())],
        );
        let tasks = OUTCOMES.iter().zip(self.outcomes);
        let tasks =
            tasks.map(|((_, word), count)| (format!("outcome=\"{word}\""), count.to_string()));
        family(
            "play_tasks",
            "counter",
            "Tasks done on hosts, by outcome.",
            tasks.collect(),
        );
        family(
            "play_hosts",
            "gauge",
            "Hosts of the run, by how they ended.",
            self.host_samples(),
        );
        let mut slowest = self.tasks.clone();
        slowest.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        let slowest = slowest.iter().take(SLOWEST).map(|(name, time)| {
            (
                format!("task=\"{}\"", label(name)),
                format!("{:.6}", time.as_secs_f64()),
            )
        });
        family(
            "play_task_duration_seconds",
            "gauge",
            "The longest time that a task took on one host; the slowest tasks only.",
            slowest.collect(),
        );
        let recap = self.recap.as_ref();
        let time = recap.map_or(Duration::ZERO, |recap| recap.duration);
        family(
            "play_run_duration_seconds",
            "gauge",
            "How long the run took.",
            one(format!("{:.6}", time.as_secs_f64())),
        );
        let began = self
            .began
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        family(
            "play_run_started_timestamp_seconds",
            "gauge",
            "When the run began.",
            one(format!("{:.3}", began.unwrap_or_default().as_secs_f64())),
        );
        family(
            "play_run_exit_code",
            "gauge",
            "The exit code of the run.",
            one(code.to_string()),
        );
        out.push_str("# EOF\n");
        out
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
                self.playbook = run.what.join(" ");
                self.version.clone_from(&run.play);
            }
            Event::TaskDone(result) => self.done(result),
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

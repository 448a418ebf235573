//! What a page shows, in columns.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::held::held;
use super::texts::Texts;
use crate::report::diff;
use crate::report::event::{Counts, RunInfo, Status};
use crate::report::record::{Body, Line, PlaceLine, ResultLine, TaskLine};

/// The longest text of a failure, and of anything else.
const FAILURE: usize = 16 * 1024;
const OTHER: usize = 4 * 1024;
/// The most items of a loop that are named.
const ITEMS: usize = 100;

/// Everything a page shows, of one run or of many.
#[derive(Default)]
pub struct Data {
    runs: Vec<RunInfo>,
    began: Option<Timestamp>,
    ended: Option<Timestamp>,
    code: Option<u8>,
    hosts: Numbers,
    counts: HashMap<usize, Counts>,
    tasks: Numbers,
    described: Vec<Value>,
    cells: Vec<Vec<Cell>>,
    details: Vec<Value>,
    texts: Texts,
    /// The tasks of the record that is read, by their numbers there.
    own: HashMap<u32, usize>,
    /// The items that were told of before their loop was.
    items: HashMap<(String, u32), Vec<Value>>,
}

/// One task on one host; times in milliseconds since the first run began.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The task.
    pub task: usize,
    /// When it began.
    pub start: u64,
    /// How long it took, connecting too.
    pub work: u64,
    /// How long the host had waited before.
    pub wait: u64,
    /// How long it connected.
    pub connect: u64,
    status: Status,
    detail: Option<usize>,
}

/// Names and their numbers, in the order they were met.
#[derive(Default)]
struct Numbers {
    known: HashMap<String, usize>,
    list: Vec<String>,
}

impl Numbers {
    fn of(&mut self, name: &str) -> usize {
        if let Some(number) = self.known.get(name) {
            return *number;
        }
        self.known.insert(name.to_owned(), self.list.len());
        self.list.push(name.to_owned());
        self.list.len() - 1
    }
}

impl Data {
    /// Takes a line of a record; the lines of one record follow each other.
    pub fn add(&mut self, line: &Line) {
        self.ended = self.ended.max(Some(line.time));
        match &line.body {
            Body::RunStarted(run) => {
                self.runs.push(run.run.clone());
                self.own.clear();
                self.items.clear();
                self.began = Some(self.began.map_or(line.time, |began| began.min(line.time)));
            }
            Body::PlayStarted(play) => {
                for host in &play.hosts {
                    self.host(host);
                }
            }
            Body::Task(task) => self.task(task),
            Body::ItemDone(result) => self.item(result),
            Body::TaskDone(result) => self.done(line.time, result),
            Body::Finished(finished) => {
                for (host, counts) in &finished.hosts {
                    let host = self.host(host);
                    self.counts.entry(host).or_default().add(counts);
                }
            }
            Body::RunEnded(ended) => self.code = self.code.max(Some(ended.code)),
            _ => (),
        }
    }

    fn host(&mut self, name: &str) -> usize {
        let number = self.hosts.of(name);
        if number == self.cells.len() {
            self.cells.push(Vec::new());
        }
        number
    }

    /// A task; the batches of a play, hosts with names of their own and many controllers share one.
    fn task(&mut self, task: &TaskLine) {
        let key = match &task.place {
            Some(place) => format!(
                "{}:{}:{}:{}",
                place.path, place.line, place.column, task.handler
            ),
            None => format!("{}:{}", task.name, task.handler),
        };
        let number = self.tasks.of(&key);
        self.own.insert(task.task, number);
        if number == self.described.len() {
            let place = task.place.as_ref();
            self.described.push(json!({
                "n": task.name,
                "a": task.action,
                "p": place.map_or_else(String::new, |place| format!("{}:{}", place.path, place.line)),
                "x": place.map_or_else(String::new, excerpt),
            }));
        }
    }

    fn item(&mut self, result: &ResultLine) {
        let label = self
            .texts
            .add(result.item.as_deref().unwrap_or_default(), 400);
        let key = (result.host.clone(), result.task);
        let items = self.items.entry(key).or_default();
        if items.len() < ITEMS {
            items.push(json!([label, state(result.status)]));
        }
    }

    fn done(&mut self, time: Timestamp, result: &ResultLine) {
        let Some(task) = self.own.get(&result.task).copied() else {
            return;
        };
        let host = self.host(&result.host);
        let since = time
            .duration_since(self.began.unwrap_or(time))
            .as_secs_f64();
        let detail = self.detail(result);
        let millis = |seconds: f64| (seconds.clamp(0.0, 1e9) * 1000.0).round() as u64;
        self.cells[host].push(Cell {
            task,
            start: millis(since - result.seconds),
            work: millis(result.seconds),
            wait: millis(result.wait),
            connect: millis(result.connect),
            status: result.status,
            detail,
        });
    }

    /// What is told of a result beside its state, where there is anything.
    fn detail(&mut self, result: &ResultLine) -> Option<usize> {
        let key = (result.host.clone(), result.task);
        let items = self.items.remove(&key);
        let bad = matches!(
            result.status,
            Status::Failed | Status::Unreachable | Status::Ignored
        );
        let told = bad || result.changed || result.shown || !result.warnings.is_empty();
        if !told && result.diff.is_empty() {
            return None;
        }
        let limit = if bad { FAILURE } else { OTHER };
        let mut detail = Map::new();
        self.outputs(result, bad, limit, &mut detail);
        if let Some(cause) = result.cause.as_ref().filter(|_| bad) {
            detail.insert("c".to_owned(), json!(self.texts.add(cause, OTHER)));
        }
        let texts = &mut self.texts;
        let diffs = result
            .diff
            .iter()
            .filter_map(|line| diff::render(&line.to_diff()));
        let diffs: Vec<usize> = diffs.map(|text| texts.add(&text, OTHER * 2)).collect();
        let warnings = result.warnings.iter();
        let warnings: Vec<usize> = warnings.map(|text| texts.add(text, OTHER)).collect();
        if !diffs.is_empty() && !result.of_loop {
            detail.insert("d".to_owned(), json!(diffs));
        }
        if !warnings.is_empty() {
            detail.insert("w".to_owned(), json!(warnings));
        }
        if let Some(items) = items {
            detail.insert("i".to_owned(), json!(items));
        }
        if detail.is_empty() {
            return None;
        }
        self.details.push(Value::Object(detail));
        Some(self.details.len() - 1)
    }

    fn outputs(
        &mut self,
        result: &ResultLine,
        bad: bool,
        limit: usize,
        detail: &mut Map<String, Value>,
    ) {
        let Ok(Value::Object(mut data)) = serde_json::from_str(result.data.get()) else {
            return;
        };
        for (key, name) in [("msg", "m"), ("stdout", "o"), ("stderr", "e")] {
            let text = match data.remove(key) {
                Some(Value::String(text)) if !text.trim().is_empty() => text,
                Some(Value::String(_)) | None => continue,
                Some(other) => other.to_string(),
            };
            detail.insert(name.to_owned(), json!(self.texts.add(&text, limit)));
        }
        for key in ["results", "stdout_lines", "stderr_lines"] {
            data.remove(key);
        }
        if (bad || result.shown) && !data.is_empty() {
            let text = serde_json::to_string_pretty(&data).unwrap_or_default();
            detail.insert("j".to_owned(), json!(self.texts.add(&text, limit)));
        }
    }

    /// The title of the page.
    pub fn title(&self) -> String {
        let first = self.runs.first();
        let what = first.map_or_else(|| "run".to_owned(), |run| run.what.join(" "));
        format!("{what} – play")
    }

    /// Everything as JSON that may stand inside of a page.
    pub fn to_json(&self) -> String {
        let runs = self.runs.iter().map(|run| {
            json!({
                "id": run.id,
                "what": run.what.join(" "),
                "by": format!("{}@{}", run.user, run.controller),
                "check": run.check,
            })
        });
        let took = match (self.began, self.ended) {
            (Some(began), Some(ended)) => ended.duration_since(began).as_millis(),
            _ => 0,
        };
        let all = json!({
            "play": env!("CARGO_PKG_VERSION"),
            "runs": runs.collect::<Vec<_>>(),
            "began": self.began.map_or(0, Timestamp::as_millisecond),
            "took": i64::try_from(took).unwrap_or(i64::MAX),
            "end": self.end(),
            "hosts": self.hosts.list,
            "recap": self.recap(),
            "tasks": self.described,
            "counts": self.cells.iter().map(Vec::len).collect::<Vec<_>>(),
            "cells": self.columns(),
            "details": self.details,
            "texts": self.texts.list(),
            "held": held(&self.cells).iter().map(|held| {
                json!([held.host, held.task, held.took, held.usual, held.lost, held.hosts])
            }).collect::<Vec<_>>(),
            "left": self.texts.left_out,
        });
        // A script's end, and what old browsers take for a line's, cannot stand in the page.
        all.to_string()
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026")
            .replace('\u{2028}', "\\u2028")
            .replace('\u{2029}', "\\u2029")
    }

    /// How the run ended, in a word, and the state whose colour it has.
    fn end(&self) -> [&'static str; 2] {
        match self.code {
            Some(0) if self.counts.values().any(|counts| counts.changed > 0) => {
                ["changed", "changed"]
            }
            Some(0) => ["ok", "ok"],
            Some(2) => ["failed", "failed"],
            Some(4) => ["unreachable", "unreachable"],
            Some(99) => ["interrupted", "ignored"],
            Some(_) => ["ended with an error", "failed"],
            None => ["has no end: killed, or still running", "ignored"],
        }
    }

    fn recap(&self) -> Vec<Value> {
        let hosts = 0..self.hosts.list.len();
        let row = |host: usize| match self.counts.get(&host) {
            Some(c) => json!([
                c.ok,
                c.changed,
                c.unreachable,
                c.failed,
                c.skipped,
                c.rescued,
                c.ignored
            ]),
            None => Value::Null,
        };
        hosts.map(row).collect()
    }

    fn columns(&self) -> Value {
        let column = |of: fn(&Cell) -> i64| {
            let cells = self.cells.iter().flatten();
            cells.map(of).collect::<Vec<i64>>()
        };
        json!({
            "t": column(|cell| cell.task as i64),
            "s": column(|cell| cell.start as i64),
            "w": column(|cell| cell.work as i64),
            "q": column(|cell| cell.wait as i64),
            "c": column(|cell| cell.connect as i64),
            "o": column(|cell| i64::from(state(cell.status))),
            "d": column(|cell| cell.detail.map_or(-1, |detail| detail as i64)),
        })
    }
}

/// The number of a state in the page's list.
fn state(status: Status) -> u8 {
    match status {
        Status::Ok => 0,
        Status::Changed => 1,
        Status::Skipped => 2,
        Status::Failed => 3,
        Status::Ignored => 4,
        Status::Unreachable => 5,
    }
}

/// The lines of the user's file, with their numbers.
fn excerpt(place: &PlaceLine) -> String {
    let first = (place.line as usize + 1).saturating_sub(place.excerpt.len());
    let lines = place.excerpt.iter().enumerate();
    let lines: Vec<String> = lines
        .map(|(number, text)| format!("{:>5} | {text}", first + number))
        .collect();
    lines.join("\n")
}

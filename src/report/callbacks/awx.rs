//! `awx_display`: what ansible-runner, and AWX behind it, read. Every event goes into a file below
//! `AWX_ISOLATED_DATA_DIR`, and marks around the screen's text say which event it belongs to.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use data_encoding::BASE64;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::json::value as result_value;
use crate::report::event::{Counts, Event, PlayInfo, Recap, Result, Status, TaskInfo};
use crate::report::printed::Teller;
use crate::value::to_json;

/// The widest piece of a mark.
const WIDTH: usize = 78;

/// Writes events beside what another teller says.
pub struct Awx {
    screen: Box<dyn Teller>,
    options: Options,
    token: String,
    number: u64,
    /// What belongs to every event until the next playbook, play or task.
    playbook: Map<String, Value>,
    play: Map<String, Value>,
    task: Map<String, Value>,
    /// The id of each task that was told of.
    tasks: HashMap<String, String>,
    started: HashMap<Arc<str>, Timestamp>,
}

/// What the environment says.
struct Options {
    folder: Option<PathBuf>,
    omit: bool,
    only_failed: bool,
    most: usize,
    ids: Map<String, Value>,
}

impl Options {
    fn read(variable: &dyn Fn(&str) -> Option<String>) -> Options {
        let flag = |name: &str| variable(name).is_some_and(|text| text.to_lowercase() == "true");
        let mut ids = Map::new();
        for (name, key) in [
            ("JOB_ID", "job_id"),
            ("AD_HOC_COMMAND_ID", "ad_hoc_command_id"),
            ("PROJECT_UPDATE_ID", "project_update_id"),
        ] {
            if let Some(number) = variable(name).and_then(|text| text.parse::<i64>().ok()) {
                ids.insert(key.to_owned(), json!(number));
            }
        }
        let most = variable("MAX_EVENT_RES").and_then(|text| text.parse().ok());
        Options {
            folder: variable("AWX_ISOLATED_DATA_DIR").map(PathBuf::from),
            omit: flag("RUNNER_OMIT_EVENTS"),
            only_failed: flag("RUNNER_ONLY_FAILED_EVENTS"),
            most: most.unwrap_or(700_000),
            ids,
        }
    }
}

impl Awx {
    /// Events around what `screen` says; `token` makes their ids unlike those of other runs.
    pub fn new(screen: Box<dyn Teller>, token: String) -> Self {
        Awx {
            screen,
            options: Options::read(&|name| std::env::var(name).ok()),
            token,
            number: 0,
            playbook: Map::new(),
            play: Map::new(),
            task: Map::new(),
            tasks: HashMap::new(),
            started: HashMap::new(),
        }
    }

    fn id(&mut self) -> String {
        self.number += 1;
        let name = format!("{} {}", self.token, self.number);
        uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
    }

    /// Tells one event: its file, and the marks around its text.
    fn event(&mut self, name: &str, data: Map<String, Value>, text: &[u8], out: &mut Vec<u8>) {
        let uuid = match data.get("uuid").and_then(Value::as_str) {
            Some(uuid) => uuid.to_owned(),
            None => self.id(),
        };
        let mut all = self.playbook.clone();
        if !matches!(name, "playbook_on_start" | "playbook_on_stats") {
            all.extend(self.play.clone());
            all.extend(self.task.clone());
        }
        all.extend(data);
        all.insert("uuid".to_owned(), json!(uuid));
        let parents = ["task_uuid", "play_uuid", "playbook_uuid"];
        let mut parents = parents.iter().filter_map(|key| all.get(*key));
        let parent = parents.find(|parent| **parent != json!(uuid)).cloned();
        let mut event = Map::new();
        event.insert("event".to_owned(), json!(name));
        event.extend(self.options.ids.clone());
        event.insert("pid".to_owned(), json!(std::process::id()));
        event.insert("uuid".to_owned(), json!(uuid));
        event.insert("created".to_owned(), json!(time(Timestamp::now())));
        if let Some(parent) = parent {
            event.insert("parent_uuid".to_owned(), parent);
        }
        event.insert(
            "event_data".to_owned(),
            Value::Object(self.bounded(name, all)),
        );
        self.write(&uuid, &Value::Object(event));
        mark(&json!({"uuid": uuid}), out);
        out.extend_from_slice(text);
        mark(&json!({}), out);
    }

    fn bounded(&self, name: &str, mut data: Map<String, Value>) -> Map<String, Value> {
        if self.options.omit || self.options.only_failed && name != "runner_on_failed" {
            return Map::new();
        }
        let long = |result: &Value| result.to_string().len() > self.options.most;
        if name != "playbook_on_stats" && data.get("res").is_some_and(long) {
            data.insert("res".to_owned(), json!({}));
        }
        data
    }

    /// Writes an event's file beside its place and renames it: its reader waits for the name.
    fn write(&self, uuid: &str, event: &Value) {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        let Some(folder) = &self.options.folder else {
            return;
        };
        let folder = folder.join("job_events");
        let path = folder.join(format!("{uuid}-partial.json"));
        let staged = folder.join(format!("{uuid}-partial.json.tmp"));
        let written = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .and_then(|()| {
                let mut options = std::fs::OpenOptions::new();
                let mut file = options
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(&staged)?;
                std::io::Write::write_all(&mut file, event.to_string().as_bytes())
            })
            .and_then(|()| std::fs::rename(&staged, &path));
        // The runner notices what is missing; the run itself goes on.
        let _ = written;
    }

    fn begin_play(&mut self, play: &PlayInfo) -> Map<String, Value> {
        let uuid = self.id();
        let pattern = match play.pattern.as_str() {
            "" => &play.name,
            pattern => pattern,
        };
        self.task = Map::new();
        self.play = object(json!({
            "play": play.name, "play_uuid": uuid, "play_pattern": pattern,
        }));
        object(json!({"name": play.name, "pattern": pattern, "uuid": uuid}))
    }

    fn task_data(&mut self, task: &TaskInfo) -> Map<String, Value> {
        let key = format!("{} {:?} {}", task.name, task.place, self.play.len());
        let uuid = match self.tasks.get(&key) {
            Some(uuid) => uuid.clone(),
            None => self.id(),
        };
        self.tasks.insert(key, uuid.clone());
        let name = match &task.role {
            Some(role) => task
                .name
                .strip_prefix(&format!("{role} : "))
                .unwrap_or(&task.name),
            None => &task.name,
        };
        let resolved = match task.action.contains('.') {
            true => task.action.clone(),
            false => format!("ansible.builtin.{}", task.action),
        };
        let mut data = object(json!({
            "task": name, "task_uuid": uuid, "task_action": task.action,
            "resolved_action": resolved, "task_args": "",
        }));
        if let Some(place) = &task.place {
            let path = std::path::absolute(place.path()).unwrap_or(place.path().to_owned());
            let path = format!("{}:{}", path.display(), place.line);
            data.insert("task_path".to_owned(), json!(path));
        }
        if let Some(role) = &task.role {
            data.insert("role".to_owned(), json!(role));
        }
        data
    }

    fn begin_task(&mut self, task: &TaskInfo) -> Map<String, Value> {
        self.task = self.task_data(task);
        let uuid = self.task.get("task_uuid").cloned().unwrap_or_default();
        object(json!({"name": task.name, "is_conditional": task.handler, "uuid": uuid}))
    }

    fn result(&mut self, result: &Result) -> (&'static str, Map<String, Value>) {
        let item = result.item.is_some();
        let name = match (result.status, item) {
            (Status::Skipped, false) => "runner_on_skipped",
            (Status::Skipped, true) => "runner_item_on_skipped",
            (Status::Unreachable, _) => "runner_on_unreachable",
            (Status::Failed | Status::Ignored, false) => "runner_on_failed",
            (Status::Failed | Status::Ignored, true) => "runner_item_on_failed",
            (_, false) => "runner_on_ok",
            (_, true) => "runner_item_on_ok",
        };
        let mut data = self.task_data(&result.task);
        data.insert("host".to_owned(), json!(&*result.host));
        if name != "runner_on_skipped" {
            data.insert("res".to_owned(), res(result));
        }
        if !item {
            let now = Timestamp::now();
            let start = self.started.get(&result.host).copied().unwrap_or(now);
            let duration = now.duration_since(start).as_secs_f64();
            data.insert("remote_addr".to_owned(), json!(&*result.host));
            data.insert("start".to_owned(), json!(time(start)));
            data.insert("end".to_owned(), json!(time(now)));
            data.insert("duration".to_owned(), json!(duration));
            if name != "runner_on_unreachable" {
                let looped = if result.of_loop {
                    json!("items")
                } else {
                    Value::Null
                };
                data.insert("event_loop".to_owned(), looped);
            }
        }
        if name == "runner_on_failed" {
            let ignored = result.status == Status::Ignored;
            data.insert("ignore_errors".to_owned(), json!(ignored));
        }
        (name, data)
    }
}

/// The result as the reference hands it to callbacks.
fn res(result: &Result) -> Value {
    let text = to_json(&result_value(result));
    let mut value: Value = serde_json::from_str(&text).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.remove("action");
        // The event's name says it.
        map.remove("failed");
        if result.task.no_log {
            map.retain(|key, _| key == "censored");
        } else {
            map.insert("_ansible_no_log".to_owned(), json!(false));
        }
    }
    value
}

fn stats(recap: &Recap) -> Map<String, Value> {
    let of = |count: fn(&Counts) -> u32| {
        let hosts = recap.hosts.iter().filter(|(_, counts)| count(counts) > 0);
        let hosts = hosts.map(|(host, counts)| (host.to_string(), json!(count(counts))));
        Value::Object(hosts.collect())
    };
    let processed = recap
        .hosts
        .iter()
        .map(|(host, _)| (host.to_string(), json!(1)));
    let artifacts = recap.stats.get("_run").map(to_json);
    let artifacts = artifacts.and_then(|text| serde_json::from_str(&text).ok());
    object(json!({
        "changed": of(|counts| counts.changed),
        "dark": of(|counts| counts.unreachable),
        "failures": of(|counts| counts.failed),
        "ignored": of(|counts| counts.ignored),
        "ok": of(|counts| counts.ok),
        "processed": Value::Object(processed.collect()),
        "rescued": of(|counts| counts.rescued),
        "skipped": of(|counts| counts.skipped),
        "artifact_data": artifacts.unwrap_or_else(|| json!({})),
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The time as Python's `isoformat` writes it, with its zone.
fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

/// A mark that terminals do not show: base64 in pieces, each taken back by moving the cursor.
fn mark(data: &Value, out: &mut Vec<u8>) {
    let text = BASE64.encode(data.to_string().as_bytes());
    out.extend_from_slice(b"\x1b[K");
    for piece in text.as_bytes().chunks(WIDTH) {
        out.extend_from_slice(piece);
        out.extend_from_slice(format!("\u{1b}[{}D", piece.len()).as_bytes());
    }
    out.extend_from_slice(b"\x1b[K");
}

impl Teller for Awx {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        let mut text = Vec::new();
        self.screen.tell(event, &mut text);
        let (name, data) = match event {
            Event::PlaybookStarted { path } => {
                let uuid = self.id();
                let path = path.display().to_string();
                self.play = Map::new();
                self.task = Map::new();
                self.playbook = object(json!({"playbook": path, "playbook_uuid": uuid}));
                ("playbook_on_start", object(json!({"uuid": uuid})))
            }
            Event::PlayStarted(play) => ("playbook_on_play_start", self.begin_play(play)),
            Event::TaskStarted(task) => ("playbook_on_task_start", self.begin_task(task)),
            Event::HostStarted { task, host } => {
                self.started.insert(Arc::clone(host), Timestamp::now());
                let mut data = self.task_data(task);
                data.insert("host".to_owned(), json!(&**host));
                ("runner_on_start", data)
            }
            Event::ItemDone(result) | Event::TaskDone(result) => self.result(result),
            Event::Retrying { result, .. } => {
                let mut data = self.task_data(&result.task);
                data.insert("host".to_owned(), json!(&*result.host));
                data.insert("res".to_owned(), res(result));
                ("runner_retry", data)
            }
            Event::Included(included) => {
                let data = object(json!({"included_file": included.path}));
                ("playbook_on_include", data)
            }
            Event::Notified { handler, host } => {
                let data = object(json!({"host": &**host, "handler": handler}));
                ("playbook_on_notify", data)
            }
            Event::NoHostsMatched => ("playbook_on_no_hosts_matched", Map::new()),
            Event::TooManyFailed => ("playbook_on_no_hosts_remaining", Map::new()),
            Event::PlaybookDone(recap) | Event::Finished(recap) => {
                ("playbook_on_stats", stats(recap))
            }
            _ if text.is_empty() => return,
            _ => ("verbose", Map::new()),
        };
        self.event(name, data, &text, out);
    }
}

//! `play runs diff`: what is different in the later of two runs.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use super::super::terminal;
use super::one;
use crate::config::Config;
use crate::error::Result;
use crate::report::Status;
use crate::report::journal::Record;
use crate::report::record::Body;

/// What `play runs diff` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The earlier run
    #[arg(value_name = "A", default_value = "last-1")]
    before: String,
    /// The later run
    #[arg(value_name = "B", default_value = "last")]
    after: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Which task of which host: its file, its name, and the how-manieth of that name it is.
type Key = (String, String, String, usize);

/// How a task ended, by host and task.
type Ends = BTreeMap<Key, Status>;

/// Shows.
///
/// # Errors
/// There is no such run, or it cannot be read.
pub fn run(arguments: &Arguments, config: &Config) -> Result<u8> {
    let before = ends(&one(&arguments.before, config)?)?;
    let after = ends(&one(&arguments.after, config)?)?;
    let found = compare(&before, &after);
    let text = match arguments.json {
        true => format!(
            "{:#}\n",
            json!(found.iter().map(Difference::json).collect::<Vec<_>>())
        ),
        false if found.is_empty() => "nothing is different\n".to_owned(),
        false => shown(&found),
    };
    terminal::print(&text)?;
    Ok(0)
}

/// How every task ended on every host.
fn ends(record: &Record) -> Result<Ends> {
    let mut ends = Ends::new();
    let mut files = BTreeMap::new();
    let mut counts: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    record.read(|line| match line.body {
        Body::Task(task) => {
            let file = task.place.map_or_else(String::new, |place| place.path);
            files.insert(task.task, file);
        }
        Body::TaskDone(result) => {
            let file = files.get(&result.task).cloned().unwrap_or_default();
            let key = (result.host.clone(), file.clone(), result.name.clone());
            let count = counts.entry(key).or_default();
            ends.insert((result.host, file, result.name, *count), result.status);
            *count += 1;
        }
        _ => (),
    })?;
    Ok(ends)
}

/// One task that ended otherwise.
struct Difference {
    host: String,
    task: String,
    before: Option<Status>,
    after: Option<Status>,
}

/// What is worth a line: changes and failures that are new, and those that are gone.
fn compare(before: &Ends, after: &Ends) -> Vec<Difference> {
    let mut found = Vec::new();
    let keys: std::collections::BTreeSet<&Key> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let (old, new) = (before.get(key).copied(), after.get(key).copied());
        let quiet =
            |status: Option<Status>| matches!(status, None | Some(Status::Ok | Status::Skipped));
        if old != new && !(quiet(old) && quiet(new)) {
            found.push(Difference {
                host: key.0.clone(),
                task: key.2.clone(),
                before: old,
                after: new,
            });
        }
    }
    found
}

fn word(status: Option<Status>) -> &'static str {
    match status {
        None => "not run",
        Some(Status::Ok) => "ok",
        Some(Status::Changed) => "changed",
        Some(Status::Skipped) => "skipped",
        Some(Status::Failed) => "failed",
        Some(Status::Ignored) => "ignored",
        Some(Status::Unreachable) => "unreachable",
    }
}

impl Difference {
    fn json(&self) -> serde_json::Value {
        json!({
            "host": self.host,
            "task": self.task,
            "before": word(self.before),
            "after": word(self.after),
        })
    }
}

/// A heading a host, a line a task.
fn shown(found: &[Difference]) -> String {
    let mut text = String::new();
    let mut host = None;
    for difference in found {
        if host != Some(&difference.host) {
            text.push_str(&format!("{}\n", difference.host));
            host = Some(&difference.host);
        }
        let (before, after) = (word(difference.before), word(difference.after));
        text.push_str(&format!(
            "  {before:>11} → {after:<11}  {}\n",
            difference.task
        ));
    }
    text
}

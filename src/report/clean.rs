//! Text of strangers on its way to a terminal.

use std::borrow::Cow;
use std::sync::Arc;

use super::event::{Event, Item, Result, TaskInfo};
use super::printed::Teller;
use crate::error::{printable, steers};
use crate::outcome::Outcome;
use crate::value::{Map, Value};

/// A teller that hears of no control character, for those that write texts as they are.
pub struct Clean(pub Box<dyn Teller>);

impl Teller for Clean {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::PlayStarted(play) if is_dirty(&play.name) => {
                let mut play = (**play).clone();
                play.name = own(&play.name);
                self.0.tell(&Event::PlayStarted(Arc::new(play)), out);
            }
            Event::TaskStarted(info) => self.0.tell(&Event::TaskStarted(task(info)), out),
            Event::ItemDone(done) => self.0.tell(&Event::ItemDone(result(done)), out),
            Event::TaskDone(done) => self.0.tell(&Event::TaskDone(result(done)), out),
            Event::Retrying { result: done, left } => {
                let (result, left) = (result(done), *left);
                self.0.tell(&Event::Retrying { result, left }, out);
            }
            Event::Included(included) => {
                let mut included = included.clone();
                included.path = own(&included.path);
                included.item = included.item.as_deref().map(own);
                self.0.tell(&Event::Included(included), out);
            }
            Event::Line { host, stream, text } => {
                let (host, stream, text) = (Arc::clone(host), *stream, own(text));
                self.0.tell(&Event::Line { host, stream, text }, out);
            }
            other => self.0.tell(other, out),
        }
    }
}

/// The text as JSON may hold it on a terminal: control characters beyond ASCII's, and those that turn the
/// direction of a text, are escaped too. They can stand in texts only.
pub fn escaped(json: &str) -> Cow<'_, str> {
    // JSON's own white space and what it escapes itself are ASCII.
    let harmful = |c: char| c >= '\x7f' && steers(c);
    if !json.chars().any(harmful) {
        return Cow::Borrowed(json);
    }
    let mut clean = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            c if harmful(c) => clean.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

fn own(text: &str) -> String {
    printable(text).into_owned()
}

fn is_dirty(text: &str) -> bool {
    matches!(printable(text), Cow::Owned(_))
}

/// The same task where its name is clean: some tellers know it by where it is.
fn task(info: &Arc<TaskInfo>) -> Arc<TaskInfo> {
    if !is_dirty(&info.name) {
        return Arc::clone(info);
    }
    Arc::new(TaskInfo {
        name: own(&info.name),
        ..(**info).clone()
    })
}

fn result(done: &Result) -> Result {
    let mut done = done.clone();
    done.task = task(&done.task);
    done.item = done.item.map(|item| Item {
        label: own(&item.label),
    });
    if is_dirty(&done.host) {
        done.host = own(&done.host).into();
    }
    if outcome_is_dirty(&done.outcome) {
        done.outcome = Arc::new(clean_outcome(&done.outcome));
    }
    done
}

fn outcome_is_dirty(outcome: &Outcome) -> bool {
    value_is_dirty(&Value::map(outcome.data.clone()))
        || value_is_dirty(&Value::map(outcome.facts.clone()))
        || outcome.warnings.iter().any(|text| is_dirty(text))
        || !outcome.diff.is_empty()
}

fn clean_outcome(outcome: &Outcome) -> Outcome {
    let mut clean = outcome.clone();
    clean.data = clean_map(&clean.data);
    clean.facts = clean_map(&clean.facts);
    clean.warnings.iter_mut().for_each(|text| *text = own(text));
    for diff in &mut clean.diff {
        diff.each_text(|text| *text = own(text));
    }
    clean
}

fn value_is_dirty(value: &Value) -> bool {
    match value {
        Value::Str(text) => is_dirty(text.as_str()),
        Value::List(items) => items.iter().any(value_is_dirty),
        Value::Map(map) => map
            .iter()
            .any(|(key, item)| value_is_dirty(key) || value_is_dirty(item)),
        _ => false,
    }
}

fn clean_map(map: &Map) -> Map {
    map.iter()
        .map(|(key, value)| (clean_value(key), clean_value(value)))
        .collect()
}

fn clean_value(value: &Value) -> Value {
    match value {
        Value::Str(text) if is_dirty(text.as_str()) => Value::str(own(text.as_str())),
        Value::List(items) => Value::list(items.iter().map(clean_value).collect::<Vec<_>>()),
        Value::Map(map) => Value::map(clean_map(map)),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn json_stays_json() {
        let json = "{\"a\": \"x\u{9b}y\u{202e}z\x7f\"}";
        let clean = escaped(json);
        assert_eq!(clean, "{\"a\": \"x\\u009by\\u202ez\\u007f\"}");
    }
}

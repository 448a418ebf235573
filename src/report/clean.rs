//! Text of strangers on its way to a terminal.

use std::borrow::Cow;
use std::sync::Arc;

use super::event::{Event, Item, Result, TaskInfo};
use super::printed::Teller;
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

/// The text as JSON may hold it on a terminal: control characters beyond ASCII's are escaped too. They can
/// stand in texts only.
pub fn escaped(json: &str) -> Cow<'_, str> {
    if !json.chars().any(|c| matches!(c, '\x7f'..='\u{9f}')) {
        return Cow::Borrowed(json);
    }
    let mut clean = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\x7f'..='\u{9f}' => clean.push_str(&format!("\\u{:04x}", u32::from(c))),
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

/// The text with a picture for each control character but tabs and line ends: hosts, items and names
/// are not to move the cursor, name the window, or write over what stood there before. A carriage
/// return is a line end only before a line feed.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\t' | '\n'))
    {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\t' | '\n' => clean.push(c),
            '\r' if chars.peek() == Some(&'\n') => clean.push(c),
            // U+2400 and on are pictures of the first 32, as the excerpts of errors show them.
            '\0'..='\x1f' => clean.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('?')),
            '\x7f' => clean.push('␡'),
            c if c.is_control() => clean.push('\u{fffd}'),
            c => clean.push(c),
        }
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn no_control_character_comes_through() {
        for (text, clean) in [
            ("a\tb\nc\r\nd", "a\tb\nc\r\nd"),
            ("\x1b[2J\x1b]0;T\x07x", "␛[2J␛]0;T␇x"),
            ("50 %\rdone\x08", "50 %␍done␈"),
            ("\u{9b}31m\x7f", "\u{fffd}31m␡"),
            ("grün ✓", "grün ✓"),
        ] {
            assert_eq!(printable(text), clean);
        }
    }
}

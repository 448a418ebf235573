//! What came out of vaults, kept out of what is written: the record, JSON, JUnit, callbacks. The screen shows what
//! tasks print.

mod finder;
mod secrets;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use secrets::Secrets;

use super::event::{Cut, Event, Listener, PlayInfo, Recap, Result, TaskInfo};
use super::printed::Teller;
use crate::error::Error;
use crate::outcome::{Aside, Outcome};
use crate::value::{Map, Value};
use finder::Finder;

/// A listener, or a teller, that hears of nothing that came out of a vault.
pub struct Masked<T> {
    inner: T,
    secrets: Arc<Secrets>,
}

impl<T> Masked<T> {
    /// One that lets `inner` hear the rest.
    pub fn new(inner: T, secrets: &Arc<Secrets>) -> Self {
        let secrets = Arc::clone(secrets);
        Masked { inner, secrets }
    }

    fn masked(&self, event: &Event) -> Option<Event> {
        let finder = self.secrets.finder()?;
        masked(event, &finder)
    }
}

impl Listener for Masked<Box<dyn Listener>> {
    fn on(&mut self, event: &Event) {
        match self.masked(event) {
            Some(event) => self.inner.on(&event),
            None => self.inner.on(event),
        }
    }
}

impl Teller for Masked<Box<dyn Teller>> {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match self.masked(event) {
            Some(event) => self.inner.tell(&event, out),
            None => self.inner.tell(event, out),
        }
    }
}

/// The event without secrets; nothing where it has none.
fn masked(event: &Event, finder: &Finder) -> Option<Event> {
    Some(match event {
        Event::PlayStarted(play) => Event::PlayStarted(of_play(play, finder)?),
        Event::TaskStarted(task) => Event::TaskStarted(of_task(task, finder)?),
        Event::HostStarted { task, host } => Event::HostStarted {
            task: of_task(task, finder)?,
            host: Arc::clone(host),
        },
        Event::Notified { handler, host } => Event::Notified {
            handler: finder.masked(handler)?,
            host: Arc::clone(host),
        },
        Event::ItemDone(result) => Event::ItemDone(of_result(result, finder)?),
        Event::TaskDone(result) => Event::TaskDone(of_result(result, finder)?),
        Event::Retrying { result, left } => Event::Retrying {
            result: of_result(result, finder)?,
            left: *left,
        },
        Event::Line { host, stream, text } => Event::Line {
            host: Arc::clone(host),
            stream: *stream,
            text: finder.masked(text)?,
        },
        Event::Note { level, text } => Event::Note {
            level: *level,
            text: finder.masked(text)?,
        },
        Event::Included(included) => {
            let mut included = included.clone();
            let mut hides = mask(&mut included.path, finder);
            if let Some(item) = &mut included.item {
                hides |= mask(item, finder);
            }
            hides.then_some(Event::Included(included))?
        }
        Event::Warning(error) => Event::Warning(of_error(error, finder)),
        Event::TaskError(error) => Event::TaskError(of_error(error, finder)),
        Event::PlaybookDone(recap) => Event::PlaybookDone(of_recap(recap, finder)?),
        Event::Finished(recap) => Event::Finished(of_recap(recap, finder)?),
        Event::RunEnded {
            code,
            error: Some(error),
        } => Event::RunEnded {
            code: *code,
            error: Some(of_error(error, finder)),
        },
        _ => return None,
    })
}

fn of_recap(recap: &Recap, finder: &Finder) -> Option<Arc<Recap>> {
    let stats = of_map(&recap.stats, finder);
    let mut cut: Vec<Cut> = recap.cut.clone();
    let each = cut.iter_mut().map(|cut| mask(&mut cut.task, finder));
    let hides = each.fold(stats.is_some(), |hides, one| hides | one);
    hides.then(|| {
        Arc::new(Recap {
            stats: stats.unwrap_or_else(|| recap.stats.clone()),
            cut,
            ..recap.clone()
        })
    })
}

fn of_play(play: &PlayInfo, finder: &Finder) -> Option<Arc<PlayInfo>> {
    let mut shown = play.clone();
    let hides = mask(&mut shown.name, finder) | mask(&mut shown.pattern, finder);
    hides.then(|| Arc::new(shown))
}

/// A task's names; where it stands is the user's own text.
fn of_task(task: &TaskInfo, finder: &Finder) -> Option<Arc<TaskInfo>> {
    let name = finder.masked(&task.name);
    let arguments = task.arguments.as_deref();
    let arguments = arguments.and_then(|text| finder.masked(text));
    if name.is_none() && arguments.is_none() {
        return None;
    }
    Some(Arc::new(TaskInfo {
        name: name.unwrap_or_else(|| task.name.clone()),
        arguments: arguments.or_else(|| task.arguments.clone()),
        ..task.clone()
    }))
}

fn of_error(error: &Error, finder: &Finder) -> Error {
    error
        .clone()
        .reworded(&|text| finder.masked(text).unwrap_or_else(|| text.to_owned()))
}

/// Changes a text where there is something to hide in it; says so.
fn mask(text: &mut String, finder: &Finder) -> bool {
    match finder.masked(text) {
        Some(shown) => {
            *text = shown;
            true
        }
        None => false,
    }
}

fn of_result(result: &Result, finder: &Finder) -> Option<Result> {
    let outcome = &result.outcome;
    let (data, facts) = (
        of_map(&outcome.data, finder),
        of_map(&outcome.facts, finder),
    );
    let task = of_task(&result.task, finder);
    let mut hides = data.is_some() || facts.is_some() || task.is_some();
    let mut diff = outcome.diff.clone();
    for diff in &mut diff {
        diff.each_text(|text| hides |= mask(text, finder));
    }
    let mut warnings = outcome.warnings.clone();
    let mut told = outcome.told.clone();
    let mut deprecations = outcome.deprecations.clone();
    for text in warnings.iter_mut().chain(&mut told) {
        hides |= mask(text, finder);
    }
    for told in &mut deprecations {
        if let Some(shown) = of_map(told, finder) {
            *told = shown;
            hides = true;
        }
    }
    let mut aside = outcome.aside.clone();
    if let Some(aside) = &mut aside {
        hides |= of_aside(aside, finder);
    }
    let mut item = result.item.clone();
    if let Some(item) = &mut item {
        hides |= mask(&mut item.label, finder);
    }
    hides.then(|| Result {
        task: task.unwrap_or_else(|| Arc::clone(&result.task)),
        item,
        outcome: Arc::new(Outcome {
            data: data.unwrap_or_else(|| outcome.data.clone()),
            facts: facts.unwrap_or_else(|| outcome.facts.clone()),
            diff,
            warnings,
            told,
            deprecations,
            aside,
            ..(**outcome).clone()
        }),
        ..result.clone()
    })
}

fn of_aside(aside: &mut Aside, finder: &Finder) -> bool {
    let mut hides = false;
    let texts = aside.cause.iter_mut().chain(&mut aside.hint);
    for text in texts.chain(&mut aside.below) {
        hides |= mask(text, finder);
    }
    if let Some(error) = &mut aside.error {
        *error = of_error(error, finder);
        hides = true;
    }
    hides
}

fn of_map(map: &Map, finder: &Finder) -> Option<Map> {
    let mut shown: Option<Map> = None;
    for (key, value) in map.iter() {
        if let Some(value) = of_value(value, finder) {
            let shown = shown.get_or_insert_with(|| map.clone());
            shown.insert(key.clone(), value);
        }
    }
    shown
}

fn of_value(value: &Value, finder: &Finder) -> Option<Value> {
    match value {
        Value::Str(text) => finder.masked(text.as_str()).map(Value::str),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => finder
            .is_secret(&value.to_text())
            .then(|| Value::str(finder::HIDDEN)),
        Value::Map(map) => of_map(map, finder).map(Value::map),
        Value::List(items) | Value::Tuple(items) => {
            let shown: Vec<Option<Value>> =
                items.iter().map(|item| of_value(item, finder)).collect();
            if shown.iter().all(Option::is_none) {
                return None;
            }
            let both = shown.into_iter().zip(items.iter());
            let all = both.map(|(shown, item)| shown.unwrap_or_else(|| item.clone()));
            Some(Value::list(all.collect()))
        }
        _ => None,
    }
}

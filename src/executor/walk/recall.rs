//! What an earlier run has done is not done again; what is done here is kept for a later one.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use super::handlers::Handler;
use super::turnstile::Stop;
use super::walker::{Flow, Walker, Way};
use crate::executor::run::Run;
use crate::executor::task::Done;
use crate::memory::{Key, LONG_LOOP, Memory, Print};
use crate::playbook::Task;
use crate::report::{Event, Status};
use crate::value::{Map, Value};
use crate::vars::{Frame, FrameKind};

impl Walker {
    /// What is kept of the run, where anything is.
    pub(super) fn memory(&self) -> Option<&Memory> {
        self.actor.run().memory()
    }

    /// What the result of a task that the host has come to is kept by; `shared` where one host does
    /// it for all. Each call is one more time that the host came to a task of these words.
    pub(super) fn key_of(&self, task: &Task, way: &Way, shared: bool) -> Option<Key> {
        if self.memory().is_none() && self.run().options.plan.is_none() {
            return None;
        }
        let print = print_of(self.run(), task, &way.frame);
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = met.entry(print).or_default();
        *nth += 1;
        let play = &self.batch.word;
        Some(match shared {
            true => Key::of_batch(play, self.batch.batch, print, *nth),
            false => Key::of_host(play, &self.actor.host.name, print, *nth),
        })
    }

    /// What an earlier run has done of a task, which then is settled as if it were done now, but not
    /// counted and not told of.
    pub(super) fn recalled(&self, key: Option<&Key>, task: &Task, way: &Way) -> Option<Done> {
        let kept = self.memory()?.recall(key?)?;
        let done = Done::of_kept(kept)?;
        if done.status != Status::Skipped {
            self.touch_role(&way.frame);
        }
        if done.status == Status::Failed && way.rescuable {
            self.actor.remember_failure(task, &way.frame, &done.value);
        }
        self.actor.tell(Event::Note {
            level: 1,
            text: format!(
                "{}: `{}` was done before and is not done again",
                self.actor.host.name,
                self.actor.describe(task, &way.frame).name
            ),
        });
        Some(done)
    }

    /// Keeps the result of a finished task. One that failed is done again, unless a rescue is its
    /// answer, and so is one that an interrupt ended.
    pub(super) fn remember(
        &self,
        key: Option<&Key>,
        way: &Way,
        (done, hidden): (&Done, bool),
        reads: BTreeSet<PathBuf>,
    ) {
        let (Some(memory), Some(key)) = (self.memory(), key) else {
            return;
        };
        let finished = match done.status {
            Status::Unreachable => false,
            Status::Failed => way.rescuable && !self.run().is_interrupted(),
            _ => done.whole,
        };
        // Its items are kept by themselves: of a long loop, that has to do.
        if done.looped && done.parts.len() > LONG_LOOP {
            return;
        }
        match finished {
            true if hidden => memory.hide(key),
            true => memory.keep(key, &done.to_kept(reads)),
            false => (),
        }
    }

    /// A handler has run to its end.
    pub(super) fn paid(&self, handler: &Handler) {
        if let Some(memory) = self.memory() {
            memory.pay(&self.actor.host.name, &self.batch.word, handler.label());
        }
    }

    /// What a notification meant is known now: the handlers are owed, each by its own name.
    pub(super) fn owes(&self, notification: &str, meant: &[usize]) {
        let Some(memory) = self.memory() else {
            return;
        };
        let host = &self.actor.host.name;
        let handlers = meant
            .iter()
            .filter_map(|number| self.batch.handlers.at(*number));
        let handlers: Vec<Arc<Handler>> = handlers.collect();
        for handler in &handlers {
            memory.owe(host, &self.batch.word, handler.label());
        }
        if !handlers.is_empty() && handlers.iter().all(|one| one.label() != notification) {
            memory.pay(host, &self.batch.word, notification);
        }
    }

    /// The play is over for the host, as its author wants it: what it was notified for and did not
    /// run is not owed.
    pub fn forgive_handlers(&self, flow: Flow) {
        let wanted = matches!(
            flow,
            Flow::EndHost | Flow::Stopped(Stop::Batch | Stop::Play)
        );
        let Some(memory) = self.memory().filter(|_| wanted) else {
            return;
        };
        let notified = self.notified.lock().unwrap_or_else(PoisonError::into_inner);
        for name in &notified.names {
            memory.pay(&self.actor.host.name, &self.batch.word, name);
        }
    }
}

/// The print of a task: its own words, and those of everything around it.
fn print_of(run: &Run, task: &Task, frame: &Arc<Frame>) -> Print {
    let text = |value: &Value| Print::of_value(value).to_string();
    let map = |map: &Map| Print::of_map(map).to_string();
    let mut words = vec![
        task.name.as_ref().map(text).unwrap_or_default(),
        task.action.name.clone(),
        map(&task.action.args),
        task.handler.to_string(),
    ];
    if let Some(repeat) = &task.repeat {
        words.push(repeat.lookup.clone().unwrap_or_default());
        words.push(text(&repeat.value));
    }
    for frame in frame.upward() {
        if let FrameKind::Role(role) = &frame.kind {
            words.push(role.key());
        }
        for entry in frame.keywords.iter() {
            words.push(entry.keyword.name.to_owned());
            words.push(text(&entry.value));
        }
        match frame.kind {
            _ if frame.vars.is_empty() => (),
            // These may be made anew for each host and item.
            FrameKind::Include | FrameKind::Task => words.push(map(&frame.vars)),
            _ => words.push(run.print_of_vars(&frame.vars).to_string()),
        }
    }
    Print::of(words.iter().map(String::as_str))
}

//! Handlers on a host's way: it is notified, and runs what it was notified for.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::batch::Batch;
use super::position::Position;
use super::walker::{Flow, Notified, Walker, Way};
use crate::error::{Error, Result, nearest};
use crate::executor::run::Run;
use crate::memory::Part;
use crate::outcome::Outcome;
use crate::playbook::{Node, Task};
use crate::report::{CENSORED, Event};
use crate::value::Map;
use crate::vars::{Frame, TaskScope, Values};

/// The names that an item of a loop brought.
fn names_of(item: &Outcome) -> Map {
    let mut names = Map::new();
    for word in ["ansible_loop_var", "ansible_index_var"] {
        if let Some(name) = item.text(word)
            && let Some(value) = item.data.get(name)
        {
            names.set(name, value.clone());
        }
    }
    names
}

/// A handler's name, rendered with what the play knows.
fn handler_name(run: &Run, names: &TaskScope, task: &Task) -> String {
    let values = Values::new(&run.engine, names);
    match &task.name {
        None => String::new(),
        Some(name) => values
            .render(name)
            .map_or_else(|_| name.to_text(), |name| name.to_text()),
    }
}

impl Walker {
    /// Notifies the handlers of a task that changed something, for `item` of its loop.
    ///
    /// # Errors
    /// There is no such handler.
    pub fn notify(&self, way: &Way, task: &Arc<Task>, part: &Part) -> Result<()> {
        let item = &part.outcome;
        let names = self.actor.names(&way.frame, Some(task));
        let names = names.with_locals(&names_of(item));
        let values = Values::new(&self.run().engine, &names);
        let notified = way.frame.keywords.get("notify");
        // What a template makes of a value that is not to be told is not to be told either.
        let hides = part.hidden && notified.is_some_and(|entry| entry.value.has_templates());
        let names = match values.added("notify") {
            Err(error) if error.unknown().is_some() => {
                self.may_notify_any(error.unknown().unwrap_or_default());
                return Ok(());
            }
            names => names?,
        };
        for name in names {
            let name = name.to_text();
            let meant = self.batch.handlers.meant(&name);
            if meant.is_empty() {
                self.no_such_handler(if hides { CENSORED } else { &name }, way)?;
                continue;
            }
            let mut notified = self.notified();
            if let Some(why) = item.unknown_why() {
                notified.maybe.insert(name, why.to_owned());
                continue;
            }
            if notified.runs {
                self.owes(&name, &meant);
                notified.due.extend(meant);
            } else if !notified.names.contains(&name) {
                notified.names.push(name.clone());
            } else {
                continue;
            }
            drop(notified);
            if let Some(memory) = self.memory() {
                memory.owe(&self.actor.host.name, &self.batch.word, &name);
            }
            self.actor.tell(Event::Notified {
                handler: if hides { CENSORED.to_owned() } else { name },
                host: Arc::clone(&self.actor.host.name),
            });
        }
        Ok(())
    }

    /// In a plan: which handlers are notified is not known yet.
    fn may_notify_any(&self, why: &str) {
        let mut notified = self.notified();
        for handler in self.batch.handlers.all() {
            let label = handler.label().to_owned();
            notified.maybe.insert(label, why.to_owned());
        }
    }

    fn notified(&self) -> MutexGuard<'_, Notified> {
        self.notified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn no_such_handler(&self, name: &str, way: &Way) -> Result<()> {
        let all = self.batch.handlers.all();
        let known = all
            .iter()
            .flat_map(|handler| std::iter::once(&handler.name).chain(&handler.listen))
            .map(String::as_str);
        let place = way
            .frame
            .keywords
            .get("notify")
            .map(|entry| entry.place.clone());
        let error = Error::input(format!(
            "The requested handler '{name}' was not found in either the main handlers list nor in \
             the listening handlers list"
        ))
        .at(place)
        .hint_if(nearest(name, known));
        if self.run().options.missing_handler_is_error {
            return Err(error);
        }
        self.run().warn(error);
        Ok(())
    }

    /// Runs the handlers that the host was notified for, in the order of their definition.
    /// With `rescuable`, a block around has a rescue for what fails.
    pub async fn flush(&self, at: &Position, rescuable: bool) -> Flow {
        let unsure = {
            let mut notified = self.notified();
            for name in std::mem::take(&mut notified.names) {
                let meant = self.batch.handlers.meant(&name);
                self.owes(&name, &meant);
                notified.due.extend(meant);
            }
            notified.runs = true;
            std::mem::take(&mut notified.maybe)
        };
        let flow = self.run_due(at, rescuable, &self.unsure(unsure)).await;
        self.notified().runs = false;
        flow
    }

    /// Notifies the host of the handlers that earlier runs owe, where this run pays for them. They run with
    /// its own: what its tasks bring is there, and a handler runs once.
    pub fn notify_owed(&self) {
        let Some(memory) = self.memory().filter(|_| self.has_begun()) else {
            return;
        };
        let due = memory.due(&self.actor.host.name, &self.batch.word);
        let mut notified = self.notified();
        for name in due {
            if self.batch.handlers.meant(&name).is_empty() {
                // What came out of a vault is not in the names that are kept.
                let all = self.batch.handlers.all().into_iter().enumerate();
                let like = all.filter(|(_, one)| memory.masked(one.label()) == name);
                notified.due.extend(like.map(|(number, _)| number));
            } else if !notified.names.contains(&name) {
                notified.names.push(name);
            }
        }
    }

    /// The numbers of handlers of which it is not known whether they run, and why.
    fn unsure(&self, maybe: BTreeMap<String, String>) -> BTreeMap<usize, String> {
        let meant = |name: &String| self.batch.handlers.meant(name);
        let each = maybe.iter().flat_map(|(name, why)| {
            let numbers = meant(name).into_iter();
            numbers.map(|number| (number, why.clone()))
        });
        each.collect()
    }

    async fn run_due(
        &self,
        at: &Position,
        rescuable: bool,
        unsure: &BTreeMap<usize, String>,
    ) -> Flow {
        let mut number = 0;
        while let Some(handler) = self.batch.handlers.at(number) {
            let place = at.child(number);
            let due = self.notified().due.remove(&number);
            let why = unsure.get(&number);
            number += 1;
            let way = Way {
                frame: Arc::clone(&handler.frame),
                rescuable,
            };
            if let (false, Some(why)) = (due, why) {
                self.tell_unknown(&handler.task, &way, why);
            }
            if !due {
                continue;
            }
            let node = [Node::Task(Arc::clone(&handler.task))];
            let flow = self.walk(&node, &way, place).await;
            if flow != Flow::Next {
                return flow;
            }
            self.paid(&handler);
        }
        Flow::Next
    }
}

/// Adds the handlers of a list to a batch.
pub fn add_all(batch: &Batch, nodes: &[Node], frame: &Arc<Frame>) {
    let run = batch.run();
    batch.handlers.add(nodes, frame, &|task, frame| {
        let mut names = TaskScope::of_host(&run.store, "");
        names.play = Some(Arc::clone(&batch.state));
        names.frame = Some(Arc::clone(frame));
        names.locals = Arc::new(Map::new());
        handler_name(run, &names, task)
    });
}

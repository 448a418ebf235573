//! Handlers: who is notified, and when they run.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use super::position::Position;
use super::run::Run;
use super::values::Values;
use super::walker::{Flow, Walker, Way};
use crate::error::{Error, Result, nearest};
use crate::outcome::Outcome;
use crate::playbook::{Node, Origin, RoleUse, Task};
use crate::report::Event;
use crate::value::{Map, Value};
use crate::vars::{Frame, FrameKind};

/// The handlers of a batch, in the order of their definition.
#[derive(Default)]
pub struct Handlers(RwLock<Vec<Arc<Handler>>>);

/// One handler.
pub struct Handler {
    /// What it does.
    pub task: Arc<Task>,
    /// What stands around it.
    pub frame: Arc<Frame>,
    /// Its name, rendered with the play's variables.
    pub name: String,
    /// What it listens to beside its name.
    pub listen: Vec<String>,
    /// The number of the list it stands in: a role's, or the play's.
    list: usize,
}

impl Handlers {
    /// Adds handlers, blocks among them taken apart.
    pub fn add(
        &self,
        nodes: &[Node],
        frame: &Arc<Frame>,
        name: &dyn Fn(&Task, &Arc<Frame>) -> String,
    ) {
        for node in nodes {
            match node {
                Node::Task(task) => self.add_task(task, frame, name),
                Node::Block(block) => {
                    let kind = match &block.origin {
                        Origin::Block | Origin::Import => FrameKind::Block,
                        Origin::Role(role) => FrameKind::Role(Arc::clone(role)),
                    };
                    let inner = frame.below(kind, block.keywords.clone(), Arc::clone(&block.vars));
                    self.add(&block.block, &inner, name);
                }
            }
        }
    }

    fn add_task(
        &self,
        task: &Arc<Task>,
        frame: &Arc<Frame>,
        name: &dyn Fn(&Task, &Arc<Frame>) -> String,
    ) {
        let listen = match task.keyword("listen") {
            Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
            Some(Value::Null) | None => Vec::new(),
            Some(other) => vec![other.to_text()],
        };
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let list = all.last().map_or(0, |last: &Arc<Handler>| {
            last.list + usize::from(owner_of(&last.frame) != owner_of(frame))
        });
        all.push(Arc::new(Handler {
            name: name(task, frame),
            task: Arc::clone(task),
            frame: Arc::clone(frame),
            listen,
            list,
        }));
    }

    /// All of them.
    pub fn all(&self) -> Vec<Arc<Handler>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn at(&self, number: usize) -> Option<Arc<Handler>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(number)
            .cloned()
    }

    /// The numbers of the handlers that a notification means: the one of that name, and those that
    /// listen, each name once. Later lists win over earlier ones, and the first within a list.
    fn meant(&self, notification: &str) -> Vec<usize> {
        let all = self.all();
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|number| Reverse(all.get(*number).map(|handler| handler.list)));
        let handlers = || order.iter().filter_map(|n| Some((*n, all.get(*n)?)));
        let mut meant: Vec<usize> = handlers()
            .find(|(_, handler)| handler.answers_to(notification))
            .map(|(number, _)| number)
            .into_iter()
            .collect();
        let mut seen = HashSet::new();
        let listening = handlers()
            .filter(|(_, handler)| handler.listens_to(notification))
            .filter(|(_, handler)| handler.name.is_empty() || seen.insert(&handler.name));
        meant.extend(listening.map(|(number, _)| number));
        meant.sort_unstable();
        meant.dedup();
        meant
    }
}

/// The use of a role that handlers belong to; nothing for the play's own.
fn owner_of(frame: &Arc<Frame>) -> Option<*const RoleUse> {
    frame.role().map(Arc::as_ptr)
}

impl Handler {
    fn answers_to(&self, notification: &str) -> bool {
        if self.name.is_empty() {
            return false;
        }
        if self.name == notification {
            return true;
        }
        self.of_role(notification)
            .is_some_and(|name| name == self.name)
    }

    fn listens_to(&self, notification: &str) -> bool {
        let own = self.of_role(notification);
        self.listen
            .iter()
            .any(|word| word == notification || own == Some(word))
    }

    /// What a notification says behind the name of the handler's role.
    fn of_role<'n>(&self, notification: &'n str) -> Option<&'n str> {
        let role = &self.frame.role()?.role;
        let behind = |owner: &str| notification.strip_prefix(owner)?.strip_prefix(" : ");
        let short = role.name.rsplit(['.', '/']).next().unwrap_or(&role.name);
        behind(&role.name)
            .or_else(|| behind(short))
            .or_else(|| behind(&format!("{}.{short}", role.collection.as_ref()?)))
    }
}

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
pub fn handler_name(run: &Run, names: &crate::vars::TaskScope, task: &Task) -> String {
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
    pub fn notify(&self, way: &Way, task: &Arc<Task>, item: &Outcome) -> Result<()> {
        let names = self.names(&way.frame, Some(task));
        let names = names.with_locals(&names_of(item));
        let values = Values::new(&self.run().engine, &names);
        for name in values.added("notify")? {
            let name = name.to_text();
            let meant = self.batch.handlers.meant(&name);
            if meant.is_empty() {
                self.no_such_handler(&name, way)?;
            }
            for number in meant {
                if self.remember(number) {
                    self.tell(Event::Notified {
                        handler: name.clone(),
                        host: Arc::clone(&self.host.name),
                    });
                }
            }
        }
        Ok(())
    }

    fn remember(&self, number: usize) -> bool {
        self.notified
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(number)
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
            "the requested handler `{name}` was not found in either the main handlers list nor in \
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
        let mut number = 0;
        while let Some(handler) = self.batch.handlers.at(number) {
            let place = at.child(number);
            number += 1;
            let due = self
                .notified
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&(number - 1));
            if !due {
                continue;
            }
            let way = Way {
                frame: Arc::clone(&handler.frame),
                rescuable,
            };
            let node = [Node::Task(Arc::clone(&handler.task))];
            let flow = self.walk(&node, &way, place).await;
            if flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }
}

/// Adds the handlers of a list to a batch.
pub fn add_all(run: &Run, batch: &super::walker::Batch, nodes: &[Node], frame: &Arc<Frame>) {
    batch.handlers.add(nodes, frame, &|task, frame| {
        let mut names = crate::vars::TaskScope::of_host(&run.store, "");
        names.play = Some(Arc::clone(&batch.state));
        names.frame = Some(Arc::clone(frame));
        names.locals = Arc::new(Map::new());
        handler_name(run, &names, task)
    });
}

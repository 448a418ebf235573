//! The handlers of a batch, and which a notification means.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use crate::playbook::{Node, RoleUse, Task};
use crate::value::Value;
use crate::vars::Frame;

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
                    let inner = frame.of_block(block);
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

    /// The handler of that number.
    pub fn at(&self, number: usize) -> Option<Arc<Handler>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(number)
            .cloned()
    }

    /// The numbers of the handlers that a notification means: the one of that name, and those that
    /// listen, each name once. Later lists win over earlier ones, and the first within a list.
    pub fn meant(&self, notification: &str) -> Vec<usize> {
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
    /// What it is called where it has no name: what it listens to.
    pub fn label(&self) -> &str {
        match (self.name.as_str(), self.listen.first()) {
            ("", Some(word)) => word,
            (name, _) => name,
        }
    }

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

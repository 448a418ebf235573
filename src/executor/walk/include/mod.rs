//! `include_tasks` and `include_role`: tasks that are read while the play runs.

mod nodes;
mod wanted;

use std::sync::Arc;

use super::position::Position;
use super::shared::{Include, Shared, What};
use super::walker::{Flow, Walker, Way};
use crate::error::{Error, Result};
use crate::playbook::{Node, Task};
use crate::report::{CENSORED, Event, Included, hidden_now};
use crate::vars::{TaskScope, Values};

/// An include with the tasks that were read for it.
struct Ready {
    include: Include,
    nodes: Vec<Node>,
    way: Way,
}

impl Walker {
    /// `include_tasks`.
    pub async fn include_tasks(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Flow {
        self.include(task, way, at, |names, values| {
            self.file_of(task, names, values)
        })
        .await
    }

    /// `include_role`.
    pub async fn include_role(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Flow {
        self.include(task, way, at, |_, values| wanted::role_of(task, values))
            .await
    }

    async fn include(
        &self,
        task: &Arc<Task>,
        way: &Way,
        at: &Position,
        what: impl Fn(&TaskScope, &Values<'_>) -> Result<What>,
    ) -> Flow {
        let hide = self.is_hidden(task, way);
        let told = !self.came_by(task, way);
        let (wanted, broken) = match self.is_for_others(task, way, at) {
            Ok(true) => (Vec::new(), None),
            Ok(false) => match hidden_now(hide, || self.wanted(task, way, at, told, &what)) {
                Ok(wanted) => hidden_now(hide, || self.ready(task, way, wanted, told)),
                Err(flow) => return flow,
            },
            Err(error) => return self.fail_announced(task, way, at, error),
        };
        let includes = wanted.iter().map(|ready| ready.include.clone()).collect();
        let shared = Shared::Includes(Arc::new(includes));
        self.batch.turnstile.deposit(self.number, at, shared);
        // Its own place stands before all that is included: hosts that are still to come here are
        // waited for, and none goes on ahead of the others.
        if let Err(stop) = self.batch.turnstile.enter(self.number, &at.child(0)).await {
            return Flow::Stopped(stop);
        }
        let order = self.order(at);
        if told {
            let hides = hide && task.action.has_templates();
            hidden_now(hide, || self.tell_includes(at, &order, hides));
        }
        if let Some(error) = broken {
            return self.fail_include(task, way, error);
        }
        for ready in &wanted {
            let group = order
                .iter()
                .position(|(known, _)| *known == ready.include)
                .unwrap_or(0);
            let place = at.child(group + 1);
            let flow = self.walk(&ready.nodes, &ready.way, place).await;
            if flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }

    /// Says whether an earlier run came by an include, which is read again and not told of again.
    fn came_by(&self, task: &Task, way: &Way) -> bool {
        let (Some(memory), Some(key)) = (self.memory(), self.key_of(task, way, false)) else {
            return false;
        };
        let known = memory.came_by(&key);
        if !known {
            memory.comes_by(&key);
        }
        known
    }

    /// Says whether nothing may be told of an include (`no_log`).
    fn is_hidden(&self, task: &Task, way: &Way) -> bool {
        let names = self.actor.names(&way.frame, Some(task));
        let said = Values::new(&self.run().engine, &names).keyword_flag("no_log");
        said.map_or(true, |said| said.unwrap_or(self.run().options.no_log))
    }

    /// Reads what is included, up to the first that cannot be had.
    fn ready(
        &self,
        task: &Arc<Task>,
        way: &Way,
        wanted: Vec<Include>,
        told: bool,
    ) -> (Vec<Ready>, Option<Error>) {
        let mut ready = Vec::new();
        let mut broken = None;
        for include in wanted {
            match self.nodes_of(task, way, &include) {
                Ok((nodes, way)) => ready.push(Ready {
                    include,
                    nodes,
                    way,
                }),
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        if !ready.is_empty() {
            self.touch_role(&way.frame);
        }
        if told {
            self.run().count(&self.actor.host.name, |counts| {
                counts.ok += ready.len() as u32
            });
        }
        (ready, broken)
    }

    /// Says whether another host includes alone: the first one, with `run_once`.
    fn is_for_others(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Result<bool> {
        let names = self.actor.names(&way.frame, Some(task));
        let once = Values::new(&self.run().engine, &names).keyword_flag("run_once")?;
        let once = once.unwrap_or(false) && self.batch.turnstile.is_linear();
        Ok(once && !self.batch.turnstile.leads(self.number, at))
    }

    /// The includes of all hosts that are here, in order, each once, with their hosts.
    fn order(&self, at: &Position) -> Vec<(Include, Vec<usize>)> {
        let mut order: Vec<(Include, Vec<usize>)> = Vec::new();
        for (host, shared) in self.batch.turnstile.deposits(self.number, at) {
            let Shared::Includes(includes) = shared else {
                continue;
            };
            for include in includes.iter() {
                match order.iter_mut().find(|(known, _)| known == include) {
                    Some((_, hosts)) => hosts.push(host),
                    None => order.push((include.clone(), vec![host])),
                }
            }
        }
        order
    }

    /// Tells of what is included; not of its name, where that is made of values that are not to be told.
    fn tell_includes(&self, at: &Position, order: &[(Include, Vec<usize>)], hides: bool) {
        if self.batch.turnstile.is_linear() && !self.batch.turnstile.announce(&at.end()) {
            return;
        }
        for (include, numbers) in order {
            let hosts = numbers
                .iter()
                .filter_map(|number| self.batch.hosts.get(*number));
            self.actor.tell(Event::Included(Included {
                path: match hides {
                    true => CENSORED.to_owned(),
                    false => include.shown(),
                },
                hosts: hosts.cloned().collect(),
                item: include.label.clone(),
            }));
        }
    }
}

//! The way itself: plain recursion over the tree of tasks.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::position::Position;
use super::turnstile::Stop;
use super::walker::{Flow, Walker, Way};
use crate::executor::run::Lost;
use crate::playbook::{Block, Node, Task};
use crate::vars::{FrameKind, Values};

type Walk<'a> = Pin<Box<dyn Future<Output = Flow> + Send + 'a>>;

impl Walker {
    /// Walks a list of tasks and blocks.
    pub fn walk<'a>(&'a self, nodes: &'a [Node], way: &'a Way, at: Position) -> Walk<'a> {
        Box::pin(async move {
            for (number, node) in nodes.iter().enumerate() {
                let place = at.child(number);
                let flow = match node {
                    Node::Task(task) => self.task(task, way, &place).await,
                    Node::Block(block) => self.block(block, way, &place).await,
                };
                if flow != Flow::Next {
                    return flow;
                }
            }
            Flow::Next
        })
    }

    async fn block(&self, block: &Block, way: &Way, at: &Position) -> Flow {
        let frame = way.frame.of_block(block);
        let role = block.role().filter(|role| self.may_run(role));
        let nodes = match (block.role(), role) {
            // The roles that it depends on may run again even so, each by its own rule.
            (Some(over), None) => {
                &block.block[..over.role.dependencies.len().min(block.block.len())]
            }
            _ => &block.block,
        };
        let inside = Way {
            rescuable: way.rescuable || !block.rescue.is_empty(),
            frame: Arc::clone(&frame),
        };
        let outside = Way {
            frame,
            rescuable: way.rescuable,
        };
        let mut flow = match role {
            Some(role) if role.validate => self.validate_role(role, &inside, at).await,
            _ => Flow::Next,
        };
        if flow == Flow::Next {
            flow = self.walk(nodes, &inside, at.child(0)).await;
        }
        if block.role().is_some() {
            self.trust_again();
            if flow == Flow::EndRole {
                flow = Flow::Next;
            }
        }
        if let Some(role) = role {
            self.end_role(role);
            if flow == Flow::Next {
                self.tell_role_complete(role);
            }
        }
        if flow == Flow::Failed && !block.rescue.is_empty() {
            flow = self.walk(&block.rescue, &outside, at.child(1)).await;
        }
        let ends = matches!(
            flow,
            Flow::Next | Flow::Failed | Flow::FailedElsewhere | Flow::EndRole
        );
        if block.always.is_empty() || !ends {
            return flow;
        }
        let before = self.batch.forgiven.load(Ordering::Relaxed);
        let always = self.walk(&block.always, &outside, at.child(2)).await;
        let forgiven = self.batch.forgiven.load(Ordering::Relaxed) != before;
        match always {
            Flow::Next if flow == Flow::Failed && forgiven => {
                // It goes on, but the lists of the play's hosts have lost it.
                self.batch.state.end(&self.actor.host.name);
                Flow::Next
            }
            Flow::Next => flow,
            other => other,
        }
    }

    async fn task(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Flow {
        let frame = way.frame.below(
            FrameKind::Task,
            task.keywords.clone(),
            Arc::clone(&task.vars),
        );
        let names = self.actor.names(&frame, Some(task));
        let values = Values::new(&self.run().engine, &names);
        let inside = Way {
            frame: Arc::clone(&frame),
            rescuable: way.rescuable,
        };
        match self.is_chosen(task, &values) {
            Ok(true) => (),
            Ok(false) => return Flow::Next,
            Err(error) => return self.fail_before(task, &inside, at, error).await,
        }
        if let Err(stop) = self.batch.turnstile.enter(self.number, at).await {
            return Flow::Stopped(stop);
        }
        if self.run().is_interrupted() {
            return Flow::Interrupted;
        }
        if let Some(why) = self.doubted() {
            self.tell_unknown_here(task, &inside, &why);
            return Flow::Next;
        }
        let flow = match task.action.short_name() {
            "meta" => self.meta(task, &inside, at).await,
            "include_tasks" => self.include_tasks(task, &inside, at).await,
            "include_role" => self.include_role(task, &inside, at).await,
            _ => self.perform(task, &inside, at).await,
        };
        match self.after(&values, &inside, at, flow).await {
            Flow::Gone if self.comes_back(at).await => Flow::Next,
            flow => flow,
        }
    }

    /// A host that cannot be reached waits whether `meta: clear_host_errors` brings it back: it then
    /// goes on behind the task where it was lost, once the others are done (they wait for nobody
    /// that is unreachable: `get_hosts_left` of the reference's `plugins/strategy`).
    async fn comes_back(&self, at: &Position) -> bool {
        if self.batch.takes_turns {
            return false;
        }
        self.lose(Lost::Unreachable);
        self.batch.turnstile.step_aside(self.number, at).await
    }

    /// The host is lost to the play and to the run.
    pub fn lose(&self, why: Lost) {
        let name = &self.actor.host.name;
        self.batch.state.lose(name, why == Lost::Unreachable);
        self.run().lose(name, why);
    }

    /// What the failure of one host means for the others.
    async fn after(&self, values: &Values<'_>, way: &Way, at: &Position, flow: Flow) -> Flow {
        let fatal = match values.keyword_flag("any_errors_fatal") {
            Ok(said) => said.unwrap_or(self.run().options.any_errors_fatal),
            Err(_) => false,
        };
        if fatal && matches!(flow, Flow::Failed | Flow::Gone) {
            self.batch.turnstile.fail_all(at);
            if flow == Flow::Gone {
                self.batch.counts_twice.store(true, Ordering::Relaxed);
            }
        }
        let failed = matches!(flow, Flow::Failed | Flow::FailedElsewhere);
        // With `force_handlers` a host that was notified has its handlers before it, and is not lost yet:
        // as in the reference, it does not count.
        let owes = self.batch.force_handlers && self.is_notified();
        if failed && !way.rescuable && !owes && self.batch.max_fail_percentage.is_some() {
            *self
                .batch
                .failed
                .lock()
                .unwrap_or_else(PoisonError::into_inner) += 1;
        }
        if flow != Flow::Next || !(fatal || self.batch.max_fail_percentage.is_some()) {
            return flow;
        }
        match self.batch.turnstile.settle(self.number, at).await {
            Err(Stop::Fatal) => return Flow::Failed,
            Err(stop) => return Flow::Stopped(stop),
            Ok(()) => (),
        }
        if self.batch.too_many_failed() {
            self.batch.turnstile.stop(Stop::TooManyFailed);
            return Flow::Stopped(Stop::TooManyFailed);
        }
        flow
    }
}

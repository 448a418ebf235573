//! Which tasks are begun: tags, and `--start-at-task`.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::glob;
use super::walker::Walker;
use crate::error::Result;
use crate::playbook::{Node, Task};
use crate::value::Value;
use crate::vars::{Frame, FrameKind, Values};

impl Walker {
    /// Says whether a task is to run, by its tags and where the run begins.
    ///
    /// # Errors
    /// A tag cannot be rendered.
    pub(super) fn is_chosen(&self, task: &Task, values: &Values<'_>) -> Result<bool> {
        let tags = values.tags()?;
        if !self.run().options.tags.choose(&tags) && !task.handler {
            return Ok(false);
        }
        if self.started.load(Ordering::Relaxed) {
            return Ok(true);
        }
        if self.is_start(task, values) {
            self.started.store(true, Ordering::Relaxed);
            self.run().start();
            return Ok(true);
        }
        Ok(false)
    }

    /// Says whether the host has come to the task of `--start-at-task`.
    pub(super) fn has_begun(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    /// Says whether the run has begun, or does in this play: facts are gathered then, though they
    /// come before the task of `--start-at-task` (the reference's `executor/play_iterator.py`).
    pub fn starts_in_play(&self) -> bool {
        let play = &self.batch.state.play;
        let sections = [&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks];
        self.started.load(Ordering::Relaxed)
            || sections
                .iter()
                .any(|nodes| self.holds_start(nodes, &self.batch.frame))
    }

    fn holds_start(&self, nodes: &[Node], frame: &Arc<Frame>) -> bool {
        nodes.iter().any(|node| match node {
            Node::Task(task) => {
                let (keywords, vars) = (task.keywords.clone(), Arc::clone(&task.vars));
                let frame = frame.below(FrameKind::Task, keywords, vars);
                let names = self.actor.names(&frame, Some(task));
                self.is_start(task, &Values::new(&self.run().engine, &names))
            }
            Node::Block(block) => {
                let frame = frame.of_block(block);
                let parts = [&block.block, &block.rescue, &block.always];
                parts.iter().any(|nodes| self.holds_start(nodes, &frame))
            }
        })
    }

    /// Does something as if the run had begun.
    pub async fn as_started<T>(&self, act: impl Future<Output = T>) -> T {
        let before = self.started.swap(true, Ordering::Relaxed);
        let done = act.await;
        self.started.store(before, Ordering::Relaxed);
        done
    }

    /// Says whether this is the task of `--start-at-task`: by its name or its action, with its role
    /// or without; the words may be a pattern.
    fn is_start(&self, task: &Task, values: &Values<'_>) -> bool {
        let Some(wanted) = &self.run().options.start_at else {
            return true;
        };
        let name = task.name.as_ref();
        let written = name.map(Value::to_text).filter(|name| !name.is_empty());
        let rendered = name.and_then(|name| values.render(name).ok());
        let mut names: Vec<String> = written.into_iter().collect();
        names.extend(rendered.map(|name| name.to_text()));
        if names.is_empty() {
            names.push(task.action.name.clone());
        }
        if let Some(role) = values.frame.and_then(|frame| frame.role()) {
            let full = |name: &String| format!("{} : {name}", role.role.name);
            names.extend(names.iter().map(full).collect::<Vec<_>>());
        }
        names
            .iter()
            .any(|name| name == wanted || glob::matches(wanted, name))
    }
}

//! Which tasks are begun: tags, and `--start-at-task`.

use std::sync::atomic::Ordering;

use super::glob;
use super::walker::Walker;
use crate::error::Result;
use crate::playbook::Task;
use crate::vars::Values;

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

    /// Says whether this is the task of `--start-at-task`.
    fn is_start(&self, task: &Task, values: &Values<'_>) -> bool {
        let Some(wanted) = &self.run().options.start_at else {
            return true;
        };
        let Some(Ok(name)) = task.name.as_ref().map(|name| values.render(name)) else {
            return false;
        };
        let name = name.to_text();
        let role = values.frame.and_then(|frame| frame.role());
        let full = role.map(|role| format!("{} : {name}", role.role.name));
        let matches = |text: &str| text == wanted || glob::matches(wanted, text);
        matches(&name) || full.is_some_and(|full| matches(&full))
    }
}

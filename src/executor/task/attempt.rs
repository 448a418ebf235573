//! One task, or one item of its loop, on one host: its condition, its place, its work, whether a
//! failure counts.

use std::sync::Arc;

use super::include_vars::NO_LOG;
use super::job::{Attempted, Job};
use super::place::{connection_name, delegated};
use super::retry::says_no_log;
use crate::error::Result;
use crate::outcome::{Outcome, Outlook};
use crate::playbook::Task;
use crate::report::hidden;
use crate::value::Map;
use crate::vars::{TaskScope, Values, noting};

impl Job<'_> {
    /// Does the task once, with `locals` (the item's names) on top.
    pub async fn attempt(&self, locals: &Map) -> Attempted {
        let names = self.names.with_locals(locals);
        let values = Values::new(&self.actor.run().engine, &names);
        let hide = self.is_hidden(&values).unwrap_or(true);
        let work = async {
            match self.try_attempt(&values, &names).await {
                Ok(attempted) => attempted,
                Err(error) => match self.not_known_yet(&error) {
                    Some(why) => self.unknown(why),
                    None => {
                        let mut attempted = self.broken(&values, error);
                        attempted.delegated = self.delegate_as_written();
                        attempted
                    }
                },
            }
        };
        let (mut attempted, noted) = noting(Box::pin(hidden(hide, work))).await;
        attempted.outcome.told.extend(noted.warnings);
        attempted.outcome.deprecations.extend(noted.deprecations);
        attempted
    }

    async fn try_attempt(&self, values: &Values<'_>, names: &TaskScope) -> Result<Attempted> {
        if let Some(skipped) = self.condition(values)? {
            let mut skipped = self.done(skipped);
            skipped.hidden = self.is_hidden(values).unwrap_or(true);
            return Ok(self.skipped_as_planned(skipped));
        }
        match self.with_name(values)? {
            Some(task) => {
                let job = Job {
                    task: &task,
                    ..*self
                };
                job.act(values, names).await
            }
            None => self.act(values, names).await,
        }
    }

    /// The task with the name of its module rendered, where that is a template.
    fn with_name(&self, values: &Values<'_>) -> Result<Option<Arc<Task>>> {
        let Some(template) = self.task.action.name_template() else {
            return Ok(None);
        };
        let mut task = Task::clone(self.task);
        task.action.name = values.render(&template)?.to_text();
        Ok(Some(Arc::new(task)))
    }

    /// Does the task, whose condition holds.
    async fn act(&self, values: &Values<'_>, names: &TaskScope) -> Result<Attempted> {
        values.check_literals()?;
        let hidden = self.is_hidden(values)?;
        let place = self.place(values)?;
        let names = match &place.delegate {
            Some(name) => &self.delegated_names(names, name),
            None => names,
        };
        let values = &Values::new(values.engine, names);
        // A name that cannot be rendered fails the task before it is done.
        values.added("notify")?;
        let mut attempted = match self.do_or_plan(values, names, &place).await {
            Ok(mut attempted) => {
                attempted.ignored = self.is_ignored(values, &attempted.outcome)?;
                attempted
            }
            Err(error) => match self.not_known_yet(&error) {
                Some(why) => self.unknown(why),
                None => self.broken_as_planned(values, error),
            },
        };
        attempted.outcome.connection = Some(connection_name(&place.target.transport));
        attempted.hidden = hidden || says_no_log(&attempted.outcome);
        attempted.outcome.data.remove(NO_LOG);
        let other = place
            .delegate
            .as_ref()
            .filter(|name| name.as_str() != values.host_name());
        attempted.delegated = other.map(|name| match attempted.outcome.unreachable {
            true => name.clone(),
            false => delegated(name, &place.target),
        });
        if values.keyword_flag("delegate_facts")? == Some(true) {
            attempted.facts_for = place.delegate;
        }
        Ok(attempted)
    }

    pub(super) fn is_ignored(&self, values: &Values<'_>, outcome: &Outcome) -> Result<bool> {
        let keyword = match () {
            // A host that is not as the plan saw it is left alone, whoever would ignore that.
            () if outcome.outlook == Outlook::Moved => return Ok(false),
            () if outcome.unreachable => "ignore_unreachable",
            () if outcome.failed => "ignore_errors",
            () => return Ok(false),
        };
        Ok(values.keyword_flag(keyword)?.unwrap_or(false))
    }
}

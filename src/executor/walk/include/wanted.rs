//! Which files and roles a host includes.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::executor::task::{Job, loops};
use crate::executor::walk::position::Position;
use crate::executor::walk::shared::{Include, What};
use crate::executor::walk::walker::{Flow, Walker, Way};
use crate::outcome::Outcome;
use crate::playbook::{FREE_TEXT, Standpoint, Task, names_nothing, tidy};
use crate::report::Event;
use crate::value::{Map, Value};
use crate::vars::{FrameKind, TaskScope, Values};

impl Walker {
    /// The includes of this host: none where it is skipped.
    pub(super) fn wanted(
        &self,
        task: &Arc<Task>,
        way: &Way,
        at: &Position,
        told: bool,
        what: &dyn Fn(&TaskScope, &Values<'_>) -> Result<What>,
    ) -> std::result::Result<Vec<Include>, Flow> {
        let info = match told {
            true => self.announce(task, way, at),
            false => Arc::new(self.actor.describe(task, &way.frame)),
        };
        let names = self.actor.names(&way.frame, Some(task));
        let job = Job {
            actor: &self.actor,
            task,
            frame: &way.frame,
            names: &names,
            info: &info,
            key: None,
            looks: false,
        };
        let values = Values::new(&self.run().engine, &names);
        let found = match loops::items(&values, task) {
            Err(error) => match job.is_skipped_anyway() {
                Some(skipped) => {
                    // There is no loop to speak of: the result is that of one that is skipped.
                    let result = skipped.outcome.to_value();
                    self.actor.register(task, &way.frame, &result);
                    return Ok(self.skip(task, way, &job));
                }
                None => Err(error),
            },
            Ok(None) => self.one_include(&job, &Map::new(), None, what).map(|one| {
                self.actor
                    .register(task, &way.frame, &Outcome::ok().to_value());
                one.into_iter().collect()
            }),
            Ok(Some(items)) => self.looped(&job, way, items.0, what),
        };
        match found {
            Ok(includes) if includes.is_empty() => Ok(self.skip(task, way, &job)),
            Ok(includes) => Ok(includes),
            Err(error) => match job.not_known_yet(&error) {
                Some(why) => {
                    self.tell_unknown(task, way, &why);
                    Ok(Vec::new())
                }
                None => Err(self.fail(task, way, error)),
            },
        }
    }

    fn skip(&self, task: &Arc<Task>, way: &Way, job: &Job<'_>) -> Vec<Include> {
        let outcome = job.is_skipped_anyway().map(|skipped| skipped.outcome);
        let outcome = outcome.unwrap_or_else(|| {
            let reason = "No items in the list";
            let mut outcome = Outcome::ok().with("skip_reason", reason);
            outcome.data.set("skipped_reason", reason);
            outcome.skipped = true;
            outcome
        });
        self.run()
            .count(&self.actor.host.name, |counts| counts.skipped += 1);
        if task.repeat.is_none() {
            self.actor.register(task, &way.frame, &outcome.to_value());
        }
        self.actor
            .tell(Event::TaskDone(self.skipped_result(job, outcome, None)));
        Vec::new()
    }

    fn skipped_result(
        &self,
        job: &Job<'_>,
        outcome: Outcome,
        label: Option<String>,
    ) -> crate::report::Result {
        crate::report::Result {
            task: Arc::clone(job.info),
            host: Arc::clone(&self.actor.host.name),
            delegated: None,
            item: label.map(|label| crate::report::Item { label }),
            status: crate::report::Status::Skipped,
            outcome: Arc::new(outcome),
            duration: std::time::Duration::ZERO,
            of_loop: false,
        }
    }

    fn looped(
        &self,
        job: &Job<'_>,
        way: &Way,
        items: Vec<Value>,
        what: &dyn Fn(&TaskScope, &Values<'_>) -> Result<What>,
    ) -> Result<Vec<Include>> {
        let control = loops::Control::read(job)?;
        let mut includes = Vec::new();
        let mut all = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let locals = control.locals(&items, number);
            let label = control.label(job, &locals, item);
            let include = self.one_include(job, &locals, Some(label.clone()), what)?;
            let mut outcome = match &include {
                Some(_) => Outcome::ok(),
                None => self.skipped_item(job, &locals, &control.marks(&locals), label),
            };
            outcome.data.extend_from(&control.marks(&locals));
            let mut done = job.done(outcome);
            let breaks = control.judge(job, &locals, &mut done);
            all.push(done);
            includes.extend(include);
            if breaks {
                break;
            }
        }
        let results = all.iter().map(|one| one.outcome.to_value()).collect();
        let whole = loops::combine(&all, results);
        self.actor
            .register(job.task, &way.frame, &whole.outcome.to_value());
        Ok(includes)
    }

    /// The outcome of an item whose condition is false, which is told.
    fn skipped_item(&self, job: &Job<'_>, locals: &Map, marks: &Map, label: String) -> Outcome {
        let names = job.names.with_locals(locals);
        let inner = Job {
            names: &names,
            ..*job
        };
        let skipped = inner.is_skipped_anyway();
        let mut outcome = skipped.map_or_else(Outcome::ok, |skipped| skipped.outcome);
        outcome.data.extend_from(marks);
        let result = self.skipped_result(job, outcome.clone(), Some(label));
        self.actor.tell(Event::ItemDone(result));
        outcome
    }

    fn one_include(
        &self,
        job: &Job<'_>,
        locals: &Map,
        label: Option<String>,
        what: &dyn Fn(&TaskScope, &Values<'_>) -> Result<What>,
    ) -> Result<Option<Include>> {
        let names = job.names.with_locals(locals);
        let inner = Job {
            names: &names,
            ..*job
        };
        let values = Values::new(&self.run().engine, &names);
        if inner.skipped(&values)? {
            return Ok(None);
        }
        Ok(Some(Include {
            what: what(&names, &values)?,
            locals: locals.clone(),
            label,
        }))
    }

    /// The file that `include_tasks` names.
    pub(super) fn file_of(
        &self,
        task: &Task,
        names: &TaskScope,
        values: &Values<'_>,
    ) -> Result<What> {
        let args = &task.action.args;
        let name = args
            .get("file")
            .or_else(|| args.get(FREE_TEXT))
            .ok_or_else(|| names_nothing(task, "file"))?;
        let name = values.render(name)?.to_text();
        let from = self.standpoint(task, names);
        let found = self.run().paths.task_file(&from, &name, task.handler, true);
        let of_play = from.file.parent() == Some(&from.folder);
        let found = found.map(|path| if of_play { tidy(&path) } else { path });
        Ok(found.map_or(What::Missing(name), What::File))
    }

    /// Where files are looked for that the task names.
    pub(super) fn standpoint(&self, task: &Task, names: &TaskScope) -> Standpoint {
        let frame = names.frame.as_ref();
        let roles = frame
            .map(|frame| frame.roles().cloned().collect::<Vec<_>>())
            .unwrap_or_default();
        let mut vars = vec![Arc::clone(&self.batch.state.play.vars)];
        for role in roles.iter().rev() {
            vars.extend(
                [
                    &role.role.defaults,
                    &role.role.vars,
                    &role.params,
                    &role.vars,
                ]
                .map(Arc::clone),
            );
        }
        Standpoint {
            folder: self
                .batch
                .state
                .play
                .file
                .parent()
                .map(Path::to_owned)
                .unwrap_or_default(),
            file: task.place.path().to_owned(),
            roles: roles.iter().map(|role| role.role.path.clone()).collect(),
            collections: frame.map(|frame| frame.collections()).unwrap_or_default(),
            vars,
            depth: frame.map_or(0, |frame| {
                frame
                    .upward()
                    .filter(|f| matches!(f.kind, FrameKind::Include | FrameKind::Role(_)))
                    .count()
            }),
        }
    }
}

/// The role that `include_role` names, with its arguments rendered.
///
/// # Errors
/// An argument cannot be rendered, or none names a role.
pub fn role_of(task: &Task, values: &Values<'_>) -> Result<What> {
    let mut args = Map::new();
    for (key, value) in &task.action.args {
        if key.as_str() == Some("apply") {
            continue;
        }
        match values.render(value)? {
            Value::Omit => {}
            value => drop(args.insert(key.clone(), value)),
        }
    }
    let name = args
        .get("name")
        .or_else(|| args.get("role"))
        .map(Value::to_text);
    let name = name.ok_or_else(|| {
        Error::syntax("`include_role` names no role").at(task.action.place.clone())
    })?;
    Ok(What::Role { name, args })
}

//! A task on a host: its loop, what it leaves behind, and what is told of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::attempt::{Attempted, Job};
use super::loops::{self, Items};
use super::position::Position;
use super::values::Values;
use super::walker::{Flow, Walker, Way};
use crate::error::Error;
use crate::outcome::{Outcome, Wish};
use crate::playbook::Task;
use crate::report::{self, Event, Item, Status, TaskInfo};
use crate::value::{Map, Value};
use crate::vars::{Frame, HostState, TaskScope};

/// What one host leaves for the others of its batch.
#[derive(Clone)]
pub enum Shared {
    /// What came out of a `run_once` task.
    Done(Arc<Done>),
    /// The includes that a host comes to.
    Includes(Arc<Vec<super::include::Include>>),
}

/// What came out of a task on a host.
pub struct Done {
    /// How the host goes on.
    pub flow: Flow,
    /// What `register` keeps.
    pub value: Value,
    /// The outcome, of the whole loop where there is one.
    pub outcome: Outcome,
    /// The outcomes of the items, or the one outcome, each with the host that its facts are for
    /// where that is another one.
    pub parts: Vec<(Outcome, Option<String>)>,
}

impl Walker {
    /// Runs an ordinary task.
    pub async fn perform(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Flow {
        let names = self.names(&way.frame, Some(task));
        let values = Values::new(&self.run().engine, &names);
        let once = match values.keyword_flag("run_once") {
            Ok(once) => once.unwrap_or(false),
            Err(error) => return self.fail_announced(task, way, at, error),
        };
        // `BYPASS_HOST_LOOP` of the reference: these are for the whole batch at once.
        let alone = matches!(task.action.short_name(), "add_host" | "pause");
        if (once || alone) && self.batch.turnstile.is_linear() {
            return self.perform_once(task, way, at, once).await;
        }
        let done = self.do_task(task, way, at).await;
        self.keep(task, way, &done);
        done.flow
    }

    /// A `run_once` task: the first host runs it, and what comes out is everybody's where it is
    /// `shared`.
    async fn perform_once(&self, task: &Arc<Task>, way: &Way, at: &Position, shared: bool) -> Flow {
        let leads = self.batch.turnstile.leads(self.number, at);
        if leads {
            let done = Arc::new(self.do_task(task, way, at).await);
            self.batch
                .turnstile
                .deposit(self.number, at, Shared::Done(Arc::clone(&done)));
            self.keep(task, way, &done);
            if done.flow != Flow::Next {
                return done.flow;
            }
        }
        if let Err(stop) = self.batch.turnstile.settle(self.number, at).await {
            return Flow::Stopped(stop);
        }
        if leads || !shared {
            return Flow::Next;
        }
        for (_, shared) in self.batch.turnstile.deposits(self.number, at) {
            if let Shared::Done(done) = shared {
                self.keep(task, way, &done);
                return done.flow;
            }
        }
        Flow::Next
    }

    /// Runs a task and tells of it, but keeps nothing.
    async fn do_task(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Done {
        let info = self.announce(task, way, at);
        if !self.may_step(&info) {
            return Done::skipped();
        }
        let began = Instant::now();
        let names = self.names(&way.frame, Some(task));
        let job = Job {
            walker: self,
            task,
            frame: &way.frame,
            names: &names,
            info: &info,
        };
        let values = Values::new(&self.run().engine, &names);
        let items = match loops::items(&values, task) {
            Ok(items) => items,
            Err(error) => match job.is_skipped_anyway() {
                Some(skipped) => return self.finish_single(&job, way, skipped, began),
                None => return self.failed_before(&job, way, error, began),
            },
        };
        match items {
            None => {
                let mut attempted = job.attempt(&Map::new()).await;
                self.regroup(&mut attempted.outcome);
                self.finish_single(&job, way, attempted, began)
            }
            Some(items) => self.do_loop(&job, way, items, began).await,
        }
    }

    fn failed_before(&self, job: &Job<'_>, way: &Way, error: Error, began: Instant) -> Done {
        let mut attempted = Attempted::failed(&error);
        attempted.ignored = job.values().keyword_flag("ignore_errors").ok().flatten() == Some(true);
        attempted.hidden = job.info.no_log;
        self.tell(Event::TaskError(error));
        self.finish_single(job, way, attempted, began)
    }

    fn finish_single(
        &self,
        job: &Job<'_>,
        way: &Way,
        attempted: Attempted,
        began: Instant,
    ) -> Done {
        let value = attempted.outcome.to_value();
        let status = attempted.status();
        self.tell_done(job, &attempted, None, status, began.elapsed(), false);
        let flow = self.settle_status(job.task, way, status, &value);
        Done {
            flow,
            value,
            parts: vec![(attempted.outcome.clone(), attempted.facts_for)],
            outcome: attempted.outcome,
        }
    }

    async fn do_loop(&self, job: &Job<'_>, way: &Way, items: Items, began: Instant) -> Done {
        let control = match loops::Control::read(job) {
            Ok(control) => control,
            Err(error) => return self.failed_before(job, way, error, began),
        };
        let mut results = Vec::new();
        let mut all = Vec::new();
        for (number, item) in items.0.iter().enumerate() {
            if number > 0 && control.pause > Duration::ZERO {
                tokio::time::sleep(control.pause).await;
            }
            let item_began = Instant::now();
            let locals = control.locals(&items.0, number);
            let mut attempted = job.attempt(&locals).await;
            self.regroup(&mut attempted.outcome);
            attempted.outcome.data.extend_from(&control.marks(&locals));
            let label = control.label(job, &locals, item);
            let status = attempted.status();
            self.tell_done(
                job,
                &attempted,
                Some(label),
                status,
                item_began.elapsed(),
                false,
            );
            results.push(attempted.outcome.to_value());
            self.keep_for_next(job.task, &attempted);
            let lost = attempted.outcome.unreachable;
            all.push(attempted);
            if lost || self.run().is_interrupted() || control.breaks(job, &locals, results.last()) {
                break;
            }
        }
        self.finish_loop(job, way, results, all, began)
    }

    /// What the next item of a loop is to see already.
    fn keep_for_next(&self, task: &Task, attempted: &Attempted) {
        let outcome = &attempted.outcome;
        let sets = matches!(task.action.short_name(), "include_vars" | "set_fact");
        if sets && !outcome.failed && !outcome.skipped {
            self.keep_facts(outcome, attempted.facts_for.as_deref());
            self.grant(outcome, attempted.facts_for.as_deref());
        }
    }

    fn finish_loop(
        &self,
        job: &Job<'_>,
        way: &Way,
        results: Vec<Value>,
        all: Vec<Attempted>,
        began: Instant,
    ) -> Done {
        let whole = loops::combine(&all, results);
        let value = whole.outcome.to_value();
        let status = whole.status();
        self.tell_done(job, &whole, None, status, began.elapsed(), true);
        let flow = self.settle_status(job.task, way, status, &value);
        Done {
            flow,
            value,
            parts: all
                .into_iter()
                .map(|one| (one.outcome, one.facts_for))
                .collect(),
            outcome: whole.outcome,
        }
    }

    /// Counts how the task ended and says how the host goes on.
    fn settle_status(&self, task: &Task, way: &Way, status: Status, value: &Value) -> Flow {
        self.run().count(&self.host.name, |counts| match status {
            Status::Ok => counts.ok += 1,
            Status::Changed => {
                counts.ok += 1;
                counts.changed += 1;
            }
            Status::Skipped => counts.skipped += 1,
            Status::Ignored => {
                counts.changed += u32::from(value.get("changed").is_some_and(Value::is_true));
                counts.ok += 1;
                counts.ignored += 1;
            }
            Status::Failed if way.rescuable => counts.rescued += 1,
            Status::Failed => counts.failed += 1,
            Status::Unreachable => counts.unreachable += 1,
        });
        if status != Status::Skipped {
            self.touch_role(&way.frame);
        }
        match status {
            Status::Failed => {
                if way.rescuable {
                    self.remember_failure(task, way, value);
                }
                Flow::Failed
            }
            Status::Unreachable => Flow::Gone,
            _ => Flow::Next,
        }
    }

    /// `ansible_failed_task` and `ansible_failed_result`, for a rescue.
    fn remember_failure(&self, task: &Task, way: &Way, value: &Value) {
        let names = self.names(&way.frame, Some(task));
        let values = Values::new(&self.run().engine, &names);
        let name = task.name.as_ref().and_then(|name| values.render(name).ok());
        let mut about = crate::entries! {
            "name" => name.unwrap_or_else(|| "".into()),
            "action" => task.action.name.as_str(),
            "args" => Value::map(task.action.args.clone()).untrusted(),
        };
        for entry in task.keywords.iter() {
            about.set(entry.keyword.name, entry.value.untrusted());
        }
        self.host.fix("ansible_failed_task", Value::map(about));
        self.host.fix("ansible_failed_result", value.clone());
    }

    /// Keeps what a task leaves behind: `register`, facts, wishes, notifications.
    fn keep(&self, task: &Arc<Task>, way: &Way, done: &Done) {
        self.register(task, way, &done.value);
        if !done.outcome.failed && !done.outcome.unreachable {
            for (part, other) in &done.parts {
                if !part.failed && !part.skipped {
                    self.keep_facts(part, other.as_deref());
                    self.grant(part, other.as_deref());
                }
            }
        }
        let changed = done.outcome.changed && !done.outcome.failed && done.flow == Flow::Next;
        if changed && let Err(error) = self.notify(way, task) {
            self.run().abort(error);
        }
    }

    pub(super) fn register(&self, task: &Task, way: &Way, value: &Value) {
        let Some(name) = task.register() else {
            return;
        };
        let names = self.names(&way.frame, Some(task));
        let values = Values::new(&self.run().engine, &names);
        match values.render(name) {
            Ok(name) => self.host.fix(&name.to_text(), value.clone()),
            Err(error) => self.run().warn(error),
        }
    }

    fn keep_facts(&self, part: &Outcome, other: Option<&str>) {
        if part.facts.is_empty() {
            return;
        }
        match other {
            Some(host) => self.run().store.host(host).add_facts(&part.facts),
            None => self.host.add_facts(&part.facts),
        }
    }

    /// Grants what a module wishes.
    fn grant(&self, part: &Outcome, other: Option<&str>) {
        for wish in &part.wishes {
            match wish {
                Wish::SetFacts { facts, cacheable } => {
                    let host = other.map(|name| self.run().store.host(name));
                    let host = host.as_ref().unwrap_or(&self.host);
                    for (name, value) in facts {
                        host.fix(&name.to_text(), value.clone());
                    }
                    if *cacheable {
                        host.add_facts(facts);
                    }
                }
                Wish::IncludeVars(vars) => self.host.include(vars),
                Wish::AddHost { .. } | Wish::GroupBy { .. } => {
                    if let Err(error) = self.change_inventory(wish) {
                        self.run().warn(error);
                    }
                }
                Wish::SetStats {
                    data,
                    per_host,
                    aggregate,
                } => {
                    let host = per_host.then_some(&self.host.name);
                    self.run()
                        .add_stats(|stats| stats.add(host, data, *aggregate));
                }
            }
        }
    }

    /// Grants what a module wishes of the inventory, and takes `changed` back where it has that.
    fn regroup(&self, outcome: &mut Outcome) {
        if outcome.failed || outcome.skipped || !outcome.changed {
            return;
        }
        let wishes = outcome.wishes.iter();
        let done: Vec<bool> = wishes
            .filter(|wish| matches!(wish, Wish::AddHost { .. } | Wish::GroupBy { .. }))
            .map(|wish| self.change_inventory(wish).unwrap_or(true))
            .collect();
        outcome.changed = done.is_empty() || done.contains(&true);
    }

    /// Changes the inventory as a wish says; gives whether anything is different now.
    fn change_inventory(&self, wish: &Wish) -> crate::error::Result<bool> {
        match wish.clone() {
            Wish::AddHost { name, groups, vars } => {
                self.run().add_to_inventory(Box::new(move |inventory| {
                    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
                    inventory.add_dynamic_host(&name, &groups, &vars)
                }))
            }
            Wish::GroupBy { group, parents } => {
                let host = Arc::clone(&self.host.name);
                self.run().add_to_inventory(Box::new(move |inventory| {
                    let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
                    inventory.group_host(&host, &group, &parents)
                }))
            }
            _ => Ok(false),
        }
    }

    /// Says that a task begins, once for all hosts; gives its description.
    pub fn announce(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Arc<TaskInfo> {
        let info = Arc::new(self.describe(task, way));
        if self.batch.turnstile.is_linear() && self.batch.turnstile.announce(at) {
            self.tell(Event::TaskStarted(self.as_first(task, way, at, &info)));
        }
        self.tell(Event::HostStarted {
            task: Arc::clone(&info),
            host: Arc::clone(&self.host.name),
        });
        info
    }

    /// The description with the name as the first of the hosts that are here has it.
    fn as_first(
        &self,
        task: &Arc<Task>,
        way: &Way,
        at: &Position,
        own: &Arc<TaskInfo>,
    ) -> Arc<TaskInfo> {
        let first = self.batch.turnstile.first(at);
        let first = first.and_then(|number| self.batch.hosts.get(number));
        match first.filter(|first| **first != self.host.name) {
            Some(first) => {
                let host = self.run().store.host(first);
                Arc::new(self.describe_for(host, task, way))
            }
            None => Arc::clone(own),
        }
    }

    fn describe(&self, task: &Task, way: &Way) -> TaskInfo {
        self.describe_for(Arc::clone(&self.host), task, way)
    }

    fn describe_for(&self, host: Arc<HostState>, task: &Task, way: &Way) -> TaskInfo {
        let names = TaskScope {
            host,
            ..self.names(&way.frame, Some(task))
        };
        let values = Values::new(&self.run().engine, &names);
        let options = &self.run().options;
        let flag = |name: &str| values.keyword_flag(name).ok().flatten();
        TaskInfo {
            name: full_name(task, &values),
            action: task.action.name.clone(),
            handler: task.handler,
            place: Some(task.place.clone()),
            check: flag("check_mode").unwrap_or(options.check),
            no_log: flag("no_log").unwrap_or(options.no_log),
            always_verbose: task.action.short_name() == "debug",
            arguments: None,
            hosts: self.batch.size,
        }
    }

    /// `--step`: asks whether the task is to run.
    fn may_step(&self, info: &TaskInfo) -> bool {
        if !self.run().is_stepping() {
            return true;
        }
        let question = format!(
            "Perform task: {} on {} (N)o/(y)es/(c)ontinue: ",
            info.name, self.host.name
        );
        let answer = self.run().person.ask(&question, true, None);
        match answer
            .ok()
            .flatten()
            .unwrap_or_default()
            .trim()
            .to_lowercase()
            .as_str()
        {
            "y" | "yes" => true,
            "c" | "continue" => {
                self.run().stop_stepping();
                true
            }
            _ => false,
        }
    }

    fn tell_done(
        &self,
        job: &Job<'_>,
        attempted: &Attempted,
        label: Option<String>,
        status: Status,
        duration: Duration,
        of_loop: bool,
    ) {
        let outcome = match attempted.hidden {
            true => censored(&attempted.outcome),
            false => attempted.outcome.clone(),
        };
        let is_item = label.is_some();
        let task = match attempted.hidden == job.info.no_log {
            true => Arc::clone(job.info),
            false => Arc::new(TaskInfo {
                no_log: attempted.hidden,
                ..(**job.info).clone()
            }),
        };
        let result = report::Result {
            task,
            host: Arc::clone(&self.host.name),
            delegated: attempted.delegated.clone(),
            item: label.map(|label| Item {
                label: if attempted.hidden {
                    "(censored due to no_log)".to_owned()
                } else {
                    label
                },
            }),
            status,
            outcome: Arc::new(outcome),
            duration,
            of_loop,
        };
        self.tell(match is_item {
            true => Event::ItemDone(result),
            false => Event::TaskDone(result),
        });
    }

    /// Fails a task that was not announced yet.
    pub fn fail_announced(&self, task: &Arc<Task>, way: &Way, at: &Position, error: Error) -> Flow {
        self.announce(task, way, at);
        self.fail(task, way, error)
    }

    /// Fails an include whose file or role cannot be had: no `ignore_errors` helps, and it counts
    /// as a failure even where a rescue follows.
    pub fn fail_include(&self, task: &Arc<Task>, way: &Way, error: Error) -> Flow {
        let names = self.names(&way.frame, Some(task));
        let info = Arc::new(self.describe(task, way));
        let job = Job {
            walker: self,
            task,
            frame: &way.frame,
            names: &names,
            info: &info,
        };
        let attempted = Attempted::failed(&error);
        self.tell(Event::TaskError(error));
        self.tell_done(
            &job,
            &attempted,
            None,
            Status::Failed,
            Duration::ZERO,
            false,
        );
        self.run()
            .count(&self.host.name, |counts| counts.failed += 1);
        if way.rescuable {
            self.remember_failure(task, way, &attempted.outcome.to_value());
        }
        Flow::Failed
    }

    /// Fails a task with an error of the user's text.
    pub fn fail(&self, task: &Arc<Task>, way: &Way, error: Error) -> Flow {
        let names = self.names(&way.frame, Some(task));
        let info = Arc::new(self.describe(task, way));
        let job = Job {
            walker: self,
            task,
            frame: &way.frame,
            names: &names,
            info: &info,
        };
        self.failed_before(&job, way, error, Instant::now()).flow
    }
}

impl Done {
    fn skipped() -> Self {
        let outcome = Outcome {
            skipped: true,
            ..Outcome::default()
        };
        Done {
            flow: Flow::Next,
            value: outcome.to_value(),
            parts: Vec::new(),
            outcome,
        }
    }
}

/// `role : name`, the name alone, or the module where there is no name.
pub fn full_name(task: &Task, values: &Values<'_>) -> String {
    let own = match &task.name {
        Some(name) if !name.to_text().is_empty() => shown_name(name, values),
        _ => unnamed(task, values),
    };
    match values.frame.and_then(|frame| frame.role()) {
        Some(role) if !is_unnamed_include(task) => format!("{} : {own}", role.role.full_name()),
        _ => own,
    }
}

/// Says whether a task is called after the role that it includes.
fn is_unnamed_include(task: &Task) -> bool {
    let named = task
        .name
        .as_ref()
        .is_some_and(|name| !name.to_text().is_empty());
    !named && task.action.short_name() == "include_role"
}

/// A task's name, rendered; each template that cannot be is replaced by what is wrong with it.
fn shown_name(name: &Value, values: &Values<'_>) -> String {
    if let Ok(name) = values.render(name) {
        return name.to_text();
    }
    let Value::Str(name) = name else {
        return name.to_text();
    };
    let mut shown = String::new();
    let mut errors = 0;
    let mut rest: &str = name;
    while let Some((before, from)) = rest.split_once("{{") {
        let (inside, after) = from.split_once("}}").unwrap_or((from, ""));
        let part = Value::Str(name.with_text(format!("{{{{{inside}}}}}")));
        shown.push_str(before);
        match values.render(&part) {
            Ok(part) => shown.push_str(&part.to_text()),
            Err(error) => {
                errors += 1;
                shown.push_str(&format!(
                    "<< error {errors} - {} >>",
                    root(&error).message()
                ));
            }
        }
        rest = after;
    }
    shown + rest
}

fn root(error: &Error) -> &Error {
    error.cause().map_or(error, root)
}

/// What a task without a name is called: its module, and the role that it includes.
fn unnamed(task: &Task, values: &Values<'_>) -> String {
    let action = &task.action.name;
    if task.action.short_name() != "include_role" {
        return action.clone();
    }
    let args = &task.action.args;
    match args.get("name").or_else(|| args.get("role")) {
        Some(role) => {
            let role = values.render(role).unwrap_or_else(|_| role.clone());
            format!("{action} : {}", role.to_text())
        }
        None => action.clone(),
    }
}

/// The name as `--list-tasks` shows it: templates as written, and the role only before a name.
pub fn listed_name(task: &Task, frame: &Frame) -> String {
    let named = task.name.as_ref().map(Value::to_text);
    match (named.filter(|name| !name.is_empty()), frame.role()) {
        (Some(name), Some(role)) => format!("{} : {name}", role.role.full_name()),
        (Some(name), None) => name,
        (None, _) => task.action.name.clone(),
    }
}

/// What may be told of a task with `no_log`.
fn censored(outcome: &Outcome) -> Outcome {
    let words = "the output has been hidden due to the fact that 'no_log: true' was specified for this result";
    Outcome {
        data: crate::entries! { "censored" => words },
        facts: Map::new(),
        diff: Vec::new(),
        warnings: Vec::new(),
        wishes: Vec::new(),
        ..outcome.clone()
    }
}

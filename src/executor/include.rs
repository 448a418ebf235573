//! `include_tasks` and `include_role`: tasks that are read while the play runs.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::loops;
use super::position::Position;
use super::task::Shared;
use super::values::Values;
use super::walker::{Flow, Walker, Way};
use crate::error::{Error, Result};
use crate::outcome::Outcome;
use crate::playbook::{
    Block, FREE_TEXT, Gathered, Keywords, Node, Origin, Standpoint, Task, UseOptions, role_block,
};
use crate::report::{Event, Included};
use crate::value::{Map, Value};
use crate::vars::{FrameKind, TaskScope};

/// One include of one host (of one item of its loop).
#[derive(Clone, Debug, PartialEq)]
pub struct Include {
    /// The file, or the role with its options.
    what: What,
    /// The item's names, and `vars` of the task.
    locals: Map,
    /// The item's label.
    label: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    File(PathBuf),
    /// A file that is not there.
    Missing(String),
    Role {
        name: String,
        args: Map,
    },
}

/// An include with the tasks that were read for it.
struct Ready {
    include: Include,
    nodes: Vec<Node>,
    way: Way,
}

impl Include {
    fn shown(&self) -> String {
        match &self.what {
            What::File(path) => std::path::absolute(path)
                .unwrap_or_else(|_| path.clone())
                .display()
                .to_string(),
            What::Missing(name) | What::Role { name, .. } => name.clone(),
        }
    }
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
        self.include(task, way, at, |_, values| role_of(task, values))
            .await
    }

    async fn include(
        &self,
        task: &Arc<Task>,
        way: &Way,
        at: &Position,
        what: impl Fn(&TaskScope, &Values<'_>) -> Result<What>,
    ) -> Flow {
        let (wanted, broken) = match self.is_for_others(task, way, at) {
            Ok(true) => (Vec::new(), None),
            Ok(false) => match self.wanted(task, way, at, &what) {
                Ok(wanted) => self.ready(task, way, wanted),
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
        self.tell_includes(at, &order);
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

    /// Reads what is included, up to the first that cannot be had.
    fn ready(
        &self,
        task: &Arc<Task>,
        way: &Way,
        wanted: Vec<Include>,
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
        self.run()
            .count(&self.host.name, |counts| counts.ok += ready.len() as u32);
        (ready, broken)
    }

    /// Says whether another host includes alone: the first one, with `run_once`.
    fn is_for_others(&self, task: &Arc<Task>, way: &Way, at: &Position) -> Result<bool> {
        let names = self.names(&way.frame, Some(task));
        let once = Values::new(&self.run().engine, &names).keyword_flag("run_once")?;
        let once = once.unwrap_or(false) && self.batch.turnstile.is_linear();
        Ok(once && !self.batch.turnstile.leads(self.number, at))
    }

    /// The includes of this host: none where it is skipped.
    fn wanted(
        &self,
        task: &Arc<Task>,
        way: &Way,
        at: &Position,
        what: &dyn Fn(&TaskScope, &Values<'_>) -> Result<What>,
    ) -> std::result::Result<Vec<Include>, Flow> {
        let info = self.announce(task, way, at);
        let names = self.names(&way.frame, Some(task));
        let job = super::attempt::Job {
            walker: self,
            task,
            frame: &way.frame,
            names: &names,
            info: &info,
        };
        let values = Values::new(&self.run().engine, &names);
        let found = match loops::items(&values, task) {
            Err(error) => match job.is_skipped_anyway() {
                Some(_) => return Ok(self.skip(task, way, &job)),
                None => Err(error),
            },
            Ok(None) => self.one_include(&job, &Map::new(), None, what).map(|one| {
                self.register(task, way, &Outcome::ok().to_value());
                one.into_iter().collect()
            }),
            Ok(Some(items)) => self.looped(&job, way, items.0, what),
        };
        match found {
            Ok(includes) if includes.is_empty() => Ok(self.skip(task, way, &job)),
            Ok(includes) => Ok(includes),
            Err(error) => Err(self.fail(task, way, error)),
        }
    }

    fn skip(&self, task: &Arc<Task>, way: &Way, job: &super::attempt::Job<'_>) -> Vec<Include> {
        let outcome = job.is_skipped_anyway().map(|skipped| skipped.outcome);
        let outcome = outcome.unwrap_or_else(|| {
            let reason = "No items in the list";
            let mut outcome = Outcome::ok().with("skip_reason", reason);
            outcome.data.set("skipped_reason", reason);
            outcome.skipped = true;
            outcome
        });
        self.run()
            .count(&self.host.name, |counts| counts.skipped += 1);
        if task.repeat.is_none() {
            self.register(task, way, &outcome.to_value());
        }
        self.tell(Event::TaskDone(self.skipped_result(job, outcome, None)));
        Vec::new()
    }

    fn skipped_result(
        &self,
        job: &super::attempt::Job<'_>,
        outcome: Outcome,
        label: Option<String>,
    ) -> crate::report::Result {
        crate::report::Result {
            task: Arc::clone(job.info),
            host: Arc::clone(&self.host.name),
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
        job: &super::attempt::Job<'_>,
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
            all.push(job.done(outcome));
            includes.extend(include);
        }
        let results = all.iter().map(|one| one.outcome.to_value()).collect();
        let whole = loops::combine(&all, results);
        self.register(job.task, way, &whole.outcome.to_value());
        Ok(includes)
    }

    /// The outcome of an item whose condition is false, which is told.
    fn skipped_item(
        &self,
        job: &super::attempt::Job<'_>,
        locals: &Map,
        marks: &Map,
        label: String,
    ) -> Outcome {
        let names = job.names.with_locals(locals);
        let inner = super::attempt::Job {
            names: &names,
            ..*job
        };
        let skipped = inner.is_skipped_anyway();
        let mut outcome = skipped.map_or_else(Outcome::ok, |skipped| skipped.outcome);
        outcome.data.extend_from(marks);
        let result = self.skipped_result(job, outcome.clone(), Some(label));
        self.tell(Event::ItemDone(result));
        outcome
    }

    fn one_include(
        &self,
        job: &super::attempt::Job<'_>,
        locals: &Map,
        label: Option<String>,
        what: &dyn Fn(&TaskScope, &Values<'_>) -> Result<What>,
    ) -> Result<Option<Include>> {
        let names = job.names.with_locals(locals);
        let inner = super::attempt::Job {
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

    fn file_of(&self, task: &Task, names: &TaskScope, values: &Values<'_>) -> Result<What> {
        let args = &task.action.args;
        let name = args
            .get("file")
            .or_else(|| args.get(FREE_TEXT))
            .ok_or_else(|| {
                Error::syntax("`include_tasks` names no file").at(task.action.place.clone())
            })?;
        let name = values.render(name)?.to_text();
        let from = self.standpoint(task, names);
        let found = self.run().paths.task_file(&from, &name, task.handler, true);
        let of_play = from.file.parent() == Some(&from.folder);
        let found = found.map(|path| if of_play { tidy(&path) } else { path });
        Ok(found.map_or(What::Missing(name), What::File))
    }

    /// Where files are looked for that the task names.
    fn standpoint(&self, task: &Task, names: &TaskScope) -> Standpoint {
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
            collections: frame.map(super::collections_of).unwrap_or_default(),
            vars,
            depth: frame.map_or(0, |frame| {
                frame
                    .upward()
                    .filter(|f| matches!(f.kind, FrameKind::Include | FrameKind::Role(_)))
                    .count()
            }),
        }
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

    fn tell_includes(&self, at: &Position, order: &[(Include, Vec<usize>)]) {
        if self.batch.turnstile.is_linear() && !self.batch.turnstile.announce(&at.end()) {
            return;
        }
        for (include, numbers) in order {
            let hosts = numbers
                .iter()
                .filter_map(|number| self.batch.hosts.get(*number));
            self.tell(Event::Included(Included {
                path: include.shown(),
                hosts: hosts.cloned().collect(),
                item: include.label.clone(),
            }));
        }
    }

    /// The tasks of an include, and what surrounds them.
    fn nodes_of(&self, task: &Arc<Task>, way: &Way, include: &Include) -> Result<(Vec<Node>, Way)> {
        let names = self
            .names(&way.frame, Some(task))
            .with_locals(&include.locals);
        let values = Values::new(&self.run().engine, &names);
        let from = self.standpoint(task, &names);
        let mut gathered = Gathered::default();
        let nodes = match &include.what {
            What::File(path) => {
                self.run()
                    .loader()
                    .task_file(path, &from, task.handler, &mut gathered)
            }
            What::Missing(name) => self
                .run()
                .paths
                .task_file(&from, name, task.handler, true)
                .map(|_| Vec::new()),
            What::Role { name, args } => self.role_nodes(task, name, args, &from, &mut gathered),
        };
        let nodes = nodes.map_err(|error| error.at(task.action.place.clone()))?;
        let frame = self.include_frame(way, task, include, &values)?;
        let folders = frame.roles().map(|role| role.role.path.as_path());
        let folders: Vec<&Path> = folders.chain(self.batch.state.play.file.parent()).collect();
        super::check::nodes(
            &self.run().catalogue,
            &nodes,
            &folders,
            &super::collections_of(&frame),
        )?;
        super::reserved::nodes(&self.run().house, &nodes);
        if !gathered.handlers.is_empty() {
            self.add_handlers(&gathered.handlers, &frame);
        }
        let nodes = match applied(task, &values)? {
            Some((keywords, vars)) => {
                let block = Block::plain(Origin::Block, keywords, vars, nodes, task.place.clone());
                vec![Node::Block(Arc::new(block))]
            }
            None => nodes,
        };
        let rescuable = way.rescuable;
        Ok((nodes, Way { frame, rescuable }))
    }

    fn role_nodes(
        &self,
        task: &Arc<Task>,
        name: &str,
        args: &Map,
        from: &Standpoint,
        gathered: &mut Gathered,
    ) -> Result<Vec<Node>> {
        let mut options = UseOptions::at(task.place.clone());
        options.by_task = true;
        options.public = false;
        options.read_args(&task.action.name, args, &task.action.place)?;
        let used = self
            .run()
            .loader()
            .use_role(name, options, from, gathered)?;
        if used.public {
            self.batch.state.publish(&used);
        }
        if self.batch.is_new(&format!("{}\0{name}", task.place)) {
            self.batch.state.include_role(&used);
        }
        Ok(vec![role_block(used)])
    }

    /// Adds handlers once, however many hosts include them.
    fn add_handlers(&self, nodes: &[Node], frame: &Arc<crate::vars::Frame>) {
        let mut key = String::new();
        for node in nodes {
            let place = match node {
                Node::Block(block) => &block.place,
                Node::Task(task) => &task.place,
            };
            let role = match node {
                Node::Block(block) => block.role().map(|role| role.key()),
                Node::Task(_) => None,
            };
            key.push_str(&format!("{place} {role:?}\n"));
        }
        if self.batch.is_new(&key) {
            super::handlers::add_all(self.run(), &self.batch, nodes, frame);
        }
    }

    /// The include as a frame: the item's names and `vars` are parameters. Of its keywords only
    /// those of the frames around count, not `when`, `tags` and the like of its own.
    fn include_frame(
        &self,
        way: &Way,
        task: &Task,
        include: &Include,
        values: &Values<'_>,
    ) -> Result<Arc<crate::vars::Frame>> {
        let mut vars = include.locals.clone();
        for (key, value) in &*task.vars {
            let keep = include.locals.is_empty();
            let value = if keep {
                value.clone()
            } else {
                values.render(value)?
            };
            vars.insert(key.clone(), value);
        }
        let around = way.frame.parent.as_ref().unwrap_or(&way.frame);
        Ok(around.below(FrameKind::Include, Keywords::default(), Arc::new(vars)))
    }
}

/// A path without `.` and `..`, as it is shown; links are not looked at, as in the reference.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if tidy.file_name().is_some() => {
                tidy.pop();
            }
            Component::CurDir => (),
            other => tidy.push(other),
        }
    }
    tidy
}

/// `apply`: keywords and variables for what is included.
fn applied(task: &Task, values: &Values<'_>) -> Result<Option<(Keywords, Arc<Map>)>> {
    let Some(apply) = task.action.args.get("apply") else {
        return Ok(None);
    };
    let apply = match apply {
        Value::Str(_) => values.render(apply)?,
        other => other.clone(),
    };
    let wrong = || {
        Error::syntax(format!(
            "`apply` wants a mapping, got a value of type `{}`",
            apply.type_name()
        ))
        .at(apply.place().or(Some(&task.action.place)).cloned())
    };
    let map = apply.as_map().ok_or_else(wrong)?;
    let mut keywords = Keywords::default();
    let mut vars = Arc::default();
    for (key, value) in &**map {
        let name = key.to_text();
        if name == "vars" {
            vars = value.as_map().cloned().unwrap_or_default();
            continue;
        }
        let keyword = crate::playbook::keyword::find(&name)
            .filter(|keyword| keyword.stands_on(crate::playbook::keyword::Object::Block))
            .ok_or_else(|| {
                Error::syntax(format!("`{name}` is not a valid attribute for `apply`"))
                    .at(key.place().cloned())
            })?;
        let place = value
            .place()
            .or(key.place())
            .unwrap_or(&task.action.place)
            .clone();
        keywords.set(keyword, value.clone(), place);
    }
    Ok(Some((keywords, vars)))
}

/// The role that `include_role` names, with its arguments rendered.
fn role_of(task: &Task, values: &Values<'_>) -> Result<What> {
    let mut args = Map::new();
    for (key, value) in &task.action.args {
        if key.as_str() != Some("apply") {
            args.insert(key.clone(), values.render(value)?);
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

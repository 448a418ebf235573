//! The tasks of an include, and what stands around them.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::executor::run::reserved;
use crate::executor::walk::shared::{Include, What};
use crate::executor::walk::walker::{Walker, Way};
use crate::executor::walk::{check, notify};
use crate::playbook::keyword::{self, Object};
use crate::playbook::{
    Block, Gathered, Keywords, Node, Origin, Standpoint, Task, UseOptions, role_block, truth,
};
use crate::report::is_hidden;
use crate::value::{Map, Value};
use crate::vars::{Frame, FrameKind, Values};

impl Walker {
    /// The tasks of an include, and what surrounds them.
    pub(super) fn nodes_of(
        &self,
        task: &Arc<Task>,
        way: &Way,
        include: &Include,
    ) -> Result<(Vec<Node>, Way)> {
        let names = self
            .actor
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
        let around = check::Around {
            roles: folders.chain(self.batch.state.play.file.parent()).collect(),
            collections: frame.collections(),
            ..check::Around::default()
        };
        let (catalogue, tags) = (&self.run().catalogue, &self.run().options.tags);
        check::nodes(catalogue, tags, &nodes, &around)?;
        reserved::nodes(&self.run().house, &nodes);
        let around = |nodes: Vec<Node>| -> Result<Vec<Node>> {
            Ok(match applied(task, &values)? {
                Some((keywords, vars)) if !nodes.is_empty() => {
                    let place = task.place.clone();
                    let block = Block::plain(Origin::Block, keywords, vars, nodes, place);
                    vec![Node::Block(Arc::new(block))]
                }
                _ => nodes,
            })
        };
        if !gathered.handlers.is_empty() {
            self.add_handlers(&around(gathered.handlers)?, &frame);
        }
        let nodes = around(nodes)?;
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
        options.hidden = is_hidden() && task.action.has_templates();
        options.is_static = false;
        options.read_args(&task.action.name, args, &task.action.place)?;
        let rescuable = args.get("rescuable").and_then(truth).unwrap_or(true);
        let used = self.run().loader().use_role(name, options, from, gathered);
        let used = used.map_err(|error| match rescuable {
            true => error,
            false => Error::syntax("Could not include role.")
                .at(error.place().cloned())
                .because(error),
        })?;
        if used.public {
            self.batch.state.publish(&used);
        }
        if self.batch.is_new(&format!("{}\0{name}", task.place)) {
            self.batch.state.include_role(&used);
        }
        Ok(vec![role_block(used)])
    }

    /// Adds handlers once, however many hosts include them.
    fn add_handlers(&self, nodes: &[Node], frame: &Arc<Frame>) {
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
            notify::add_all(&self.batch, nodes, frame);
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
    ) -> Result<Arc<Frame>> {
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
        let keyword = keyword::find(&name)
            .filter(|keyword| keyword.stands_on(Object::Block))
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

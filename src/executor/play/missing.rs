//! Included files and roles that are not there, found before a task changes anything.
//!
//! What is included is looked for when the include is reached. Where it is certain that it is reached, and that
//! nothing before it can bring the file, that is said at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::hosts::choose_hosts;
use super::names::names_before;
use crate::error::Result;
use crate::executor::run::Run;
use crate::executor::walk::check::Around;
use crate::inventory::LOCALHOST;
use crate::playbook::{
    Block, FREE_TEXT, Gathered, Keywords, Node, Play, Standpoint, Task, UseOptions,
};
use crate::value::Value;
use crate::vars::{TaskScope, Values};

/// Modules that bring no file to the controller, wherever they run.
const HARMLESS: &[&str] = &[
    "add_host",
    "assert",
    "async_status",
    "debug",
    "fail",
    "find",
    "gather_facts",
    "getent",
    "group_by",
    "include_vars",
    "meta",
    "package_facts",
    "pause",
    "ping",
    "service_facts",
    "set_fact",
    "set_stats",
    "setup",
    "slurp",
    "stat",
    "validate_argument_spec",
    "wait_for",
    "wait_for_connection",
];

/// Checks the plays in their order.
///
/// # Errors
/// The first include that is reached for certain, of a file or a role that is not there.
pub fn check(run: &Run, plays: &[Arc<Play>], folder: &Path) -> Result<()> {
    let seen = |probes: bool| Seen {
        run,
        probes,
        folder: PathBuf::new(),
        is_local: false,
        brings: !probes && (run.options.start_at.is_some() || run.options.step),
    };
    let all = |mut seen: Seen<'_>| plays.iter().try_for_each(|play| seen.play(play, folder));
    // Nearly always everything is there, and hosts need not be asked.
    match all(seen(true)) {
        Ok(()) => Ok(()),
        Err(_) => all(seen(false)),
    }
}

/// What was passed so far. A walk that probes stops at the first that is missing.
struct Seen<'a> {
    run: &'a Run,
    /// Whether it is only asked if anything is missing at all, certain or not.
    probes: bool,
    /// The folder of the play's file.
    folder: PathBuf,
    /// Whether tasks of the play may run on this machine without saying so themselves.
    is_local: bool,
    /// Whether a task before may have brought a file here, or ended the play.
    brings: bool,
}

impl Seen<'_> {
    fn play(&mut self, play: &Arc<Play>, folder: &Path) -> Result<()> {
        if !self.probes {
            let names = names_before(self.run, play, folder);
            let values = Values::new(&self.run.engine, &names);
            let hosts = choose_hosts(self.run, play, &values, false).unwrap_or_default();
            if hosts.is_empty() {
                return Ok(());
            }
            self.is_local = play.keywords.value("connection").is_some()
                || self.run.options.access.connection.as_deref() == Some("local")
                || hosts.iter().any(|host| self.is_here(host));
        }
        self.folder = play.file.parent().map(Path::to_owned).unwrap_or_default();
        let outside = Around::default();
        let around = outside.inside(&play.keywords);
        for section in [&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks] {
            self.nodes(section, &around)?;
        }
        Ok(())
    }

    /// Says whether a host is this machine, as far as its variables say.
    fn is_here(&self, host: &str) -> bool {
        let names = TaskScope::of_host(&self.run.store, host);
        let values = Values::new(&self.run.engine, &names);
        let says = |name: &str| values.first_text(&[name]);
        let is_local = match says("ansible_connection") {
            Ok(said) => said.is_some_and(|said| !said.ends_with("ssh")),
            Err(_) => true,
        };
        let address = says("ansible_host").ok().flatten();
        LOCALHOST.contains(&address.as_deref().unwrap_or(host)) || is_local
    }

    fn nodes(&mut self, nodes: &[Node], around: &Around<'_>) -> Result<()> {
        for node in nodes {
            if self.brings {
                return Ok(());
            }
            match node {
                Node::Block(block) => self.block(block, around)?,
                Node::Task(task) => self.task(task, around)?,
            }
        }
        Ok(())
    }

    fn block(&mut self, block: &Block, around: &Around<'_>) -> Result<()> {
        let mut inner = around.inside(&block.keywords);
        self.brings |= is_elsewhere(&block.keywords) && !self.probes;
        if let Some(used) = block.role() {
            let path = used.role.path.clone();
            let mut roles = vec![path.as_path()];
            roles.extend(inner.roles.iter().copied());
            let mut own = inner.clone();
            own.roles = roles;
            own.collections.splice(0..0, used.role.collection.clone());
            return self.parts(block, &own);
        }
        inner.uncertain |= !block.rescue.is_empty();
        self.parts(block, &inner)
    }

    fn parts(&mut self, block: &Block, around: &Around<'_>) -> Result<()> {
        self.nodes(&block.block, around)?;
        let rescue = Around {
            uncertain: true,
            ..around.clone()
        };
        self.nodes(&block.rescue, &rescue)?;
        self.nodes(&block.always, around)
    }

    fn task(&mut self, task: &Task, around: &Around<'_>) -> Result<()> {
        let around = around.inside(&task.keywords);
        if !self.run.options.tags.choose(&around.tags) {
            return Ok(());
        }
        let action = task.action.short_name();
        let includes = matches!(action, "include_tasks" | "include_role");
        let is_plain = task.action.name_template().is_none() && task.action.variable.is_none();
        let certain = task.repeat.is_none() && !around.uncertain;
        if includes && is_plain && (certain || self.probes) {
            self.included(task, action, &around)?;
        }
        if self.probes {
            return Ok(());
        }
        let elsewhere = is_elsewhere(&task.keywords);
        self.brings |= includes || action == "meta" && ends(task);
        self.brings |= (self.is_local || elsewhere) && !HARMLESS.contains(&action);
        Ok(())
    }

    /// Looks for what an include names, where no template is in its name.
    fn included(&self, task: &Task, action: &str, around: &Around<'_>) -> Result<()> {
        let args = &task.action.args;
        let names = match action {
            "include_tasks" => ["file", FREE_TEXT],
            _ => ["name", "role"],
        };
        let name = names.iter().find_map(|name| args.get(name));
        let Some(name) = name.and_then(Value::as_str) else {
            return Ok(());
        };
        if task.action.has_templates() {
            return Ok(());
        }
        let from = Standpoint {
            folder: self.folder.clone(),
            file: task.place.path().to_owned(),
            roles: around.roles.iter().map(|role| (*role).to_owned()).collect(),
            collections: around.collections.clone(),
            ..Standpoint::default()
        };
        let found = match action {
            "include_tasks" => {
                let found = self.run.paths.task_file(&from, name, task.handler, true);
                found.map(drop)
            }
            _ => self.role(task, name, &from),
        };
        found.map_err(|error| error.at(task.action.place.clone()))
    }

    fn role(&self, task: &Task, name: &str, from: &Standpoint) -> Result<()> {
        let (path, _) = self.run.paths.role(from, name)?;
        let Some(tasks) = task.action.args.get("tasks_from").and_then(Value::as_str) else {
            return Ok(());
        };
        let endings = ["", ".yml", ".yaml", ".json"];
        let mut files = endings
            .iter()
            .map(|end| path.join(format!("tasks/{tasks}{end}")));
        if files.any(|file| file.exists()) {
            return Ok(());
        }
        // The words of whoever reads it.
        let mut options = UseOptions::at(task.place.clone());
        options.by_task = true;
        options.is_static = false;
        options.read_args(&task.action.name, &task.action.args, &task.action.place)?;
        let loader = self.run.loader();
        let used = loader.use_role(name, options, from, &mut Gathered::default());
        used.map(drop)
    }
}

/// Says whether keywords may move a task to this machine.
fn is_elsewhere(keywords: &Keywords) -> bool {
    let moved = ["delegate_to", "connection"];
    moved.iter().any(|word| keywords.value(word).is_some())
}

/// Says whether a `meta` may end the play.
fn ends(task: &Task) -> bool {
    let word = task.action.args.get(FREE_TEXT).map(Value::to_text);
    word.is_none_or(|word| word.starts_with("end_") || word.contains("refresh"))
}

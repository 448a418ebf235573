//! `--list-hosts`, `--list-tasks` and `--list-tags`: what would run, as the reference prints it.

use std::path::Path;
use std::sync::Arc;

use super::hosts::{choose_hosts, pattern_texts};
use super::names::{folder_of, play_frame, play_name, play_names};
use crate::error::Result;
use crate::executor::run::Run;
use crate::executor::task::listed_name;
use crate::playbook::{Block, Node, Origin, Play, Task};
use crate::value::Value;
use crate::vars::{Frame, FrameKind, PlayState, TaskScope, Values};

/// What is wanted to be seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listing {
    /// `--list-hosts`
    pub hosts: bool,
    /// `--list-tags`
    pub tags: bool,
    /// `--list-tasks`
    pub tasks: bool,
}

impl Listing {
    /// Says whether anything is to be listed instead of run.
    pub fn is_wanted(self) -> bool {
        self.hosts || self.tags || self.tasks
    }

    /// The listing of a playbook's plays, without the line that names the playbook.
    ///
    /// # Errors
    /// A play's hosts or tags cannot be rendered.
    pub fn of(self, run: &Run, plays: &[Arc<Play>], folder: &Path) -> Result<String> {
        let mut text = String::new();
        for (number, play) in plays.iter().enumerate() {
            text += &self.play(run, play, number + 1, folder)?;
        }
        Ok(text)
    }

    fn play(self, run: &Run, play: &Arc<Play>, number: usize, folder: &Path) -> Result<String> {
        let state = PlayState::new(
            Arc::clone(play),
            String::new(),
            Arc::default(),
            Vec::new(),
            folder_of(play, folder),
        );
        run.store.begin_play(&state.folder);
        let names = play_names(run, &Arc::new(state));
        let values = Values::new(&run.engine, &names);
        let patterns = pattern_texts(play, &values)?;
        let own = values.tags()?;
        let mut text = format!(
            "\n  play #{number} ({}): {}\tTAGS: [{}]\n",
            patterns.join(","),
            play_name(play, &values)?,
            own.join(","),
        );
        if self.hosts {
            let hosts = choose_hosts(run, play, &values, true)?;
            let patterns = Value::strings(patterns).repr();
            text += &format!("    pattern: {patterns}\n    hosts ({}):\n", hosts.len());
            for host in hosts {
                text += &format!("      {host}\n");
            }
        }
        if self.tags || self.tasks {
            text += &self.tasks(run, play, &names, own)?;
        }
        Ok(text)
    }

    fn tasks(self, run: &Run, play: &Play, names: &TaskScope, own: Vec<String>) -> Result<String> {
        let mut lister = Lister {
            run,
            names,
            lines: String::new(),
            seen: own,
        };
        let frame = play_frame(play);
        for section in [&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks] {
            lister.nodes(section, &frame)?;
        }
        let mut text = String::new();
        if self.tasks {
            text = format!("    tasks:\n{}", lister.lines);
        }
        if self.tags {
            let seen = bracketed(lister.seen);
            text += &format!("      TASK TAGS: {seen}\n");
        }
        Ok(text)
    }
}

/// The tags sorted, in brackets.
fn bracketed(mut tags: Vec<String>) -> String {
    tags.sort();
    tags.dedup();
    format!("[{}]", tags.join(", "))
}

/// Walks a play as a host would, over the ways where nothing fails.
struct Lister<'a> {
    run: &'a Run,
    names: &'a TaskScope,
    lines: String,
    seen: Vec<String>,
}

impl Lister<'_> {
    fn nodes(&mut self, nodes: &[Node], frame: &Arc<Frame>) -> Result<()> {
        for node in nodes {
            match node {
                Node::Block(block) => self.block(block, frame)?,
                Node::Task(task) => self.task(task, frame)?,
            }
        }
        Ok(())
    }

    fn block(&mut self, block: &Block, frame: &Arc<Frame>) -> Result<()> {
        let kind = match &block.origin {
            Origin::Block => FrameKind::Block,
            Origin::Import => FrameKind::Include,
            Origin::Role(role) => FrameKind::Role(Arc::clone(role)),
        };
        let frame = frame.below(kind, block.keywords.clone(), Arc::clone(&block.vars));
        // Tasks of `rescue` and `always` are not listed by the reference.
        let Some(role) = block.role() else {
            return self.nodes(&block.block, &frame);
        };
        let before = role.role.dependencies.len().min(block.block.len());
        let (dependencies, own) = block.block.split_at(before);
        self.nodes(dependencies, &frame)?;
        if role.validate
            && let Some(name) = role.validation_name()
        {
            self.line(&format!("{} : {name}", role.role.name), &frame, true)?;
        }
        self.nodes(own, &frame)
    }

    fn task(&mut self, task: &Task, frame: &Arc<Frame>) -> Result<()> {
        let frame = frame.below(
            FrameKind::Task,
            task.keywords.clone(),
            Arc::clone(&task.vars),
        );
        self.line(&listed_name(task, &frame), &frame, false)
    }

    fn line(&mut self, name: &str, frame: &Arc<Frame>, always: bool) -> Result<()> {
        let names = TaskScope {
            frame: Some(Arc::clone(frame)),
            ..self.names.clone()
        };
        let mut tags = Values::new(&self.run.engine, &names).tags()?;
        if always {
            tags.push("always".to_owned());
        }
        if !self.run.options.tags.choose(&tags) {
            return Ok(());
        }
        self.seen.extend(tags.iter().cloned());
        self.lines += &format!("      {name}\tTAGS: {}\n", bracketed(tags));
        Ok(())
    }
}

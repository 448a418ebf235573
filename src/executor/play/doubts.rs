//! What a person probably did not mean: tags that no task has, a task to start at that is not there.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::{Error, Result, nearest};
use crate::executor::run::Run;
use crate::executor::walk::glob;
use crate::playbook::{Block, Keywords, Node, Play, Task};
use crate::value::Value;

/// The words of `--tags` that name no tag of their own.
const SPECIAL: &[&str] = &["all", "always", "never", "tagged", "untagged"];

/// Warns of tags and of a task to start at that nothing in the plays has; with `--strict` that is an error.
/// Nothing is said where files that are included while the play runs, or templates, may have them.
///
/// # Errors
/// It is, and the run is strict.
pub fn check(run: &Run, plays: &[Arc<Play>]) -> Result<()> {
    let options = &run.options;
    let named = options.tags.only.iter().chain(&options.tags.skip);
    let wanted: Vec<&String> = named
        .filter(|tag| !SPECIAL.contains(&tag.as_str()))
        .collect();
    if wanted.is_empty() && options.start_at.is_none() {
        return Ok(());
    }
    let mut seen = Seen::default();
    plays.iter().for_each(|play| seen.play(play));
    for tag in wanted {
        if tag.is_empty() {
            continue;
        }
        if !seen.tags.contains(tag) && !seen.includes {
            doubt(run, seen.no_such_tag(tag))?;
        }
    }
    if options.tags.only == [""] && !seen.tags.contains("") {
        let error = Error::input("the tags to run are empty: only tasks with the tag `always` run");
        doubt(run, error.hint("leave `--tags` out to run all"))?;
    }
    if let Some(wanted) = &options.start_at
        && !seen.has_task(wanted)
        && !seen.templates
    {
        let error = Error::input(format!("no task matches `{wanted}` of `--start-at-task`"));
        let names = seen.names.iter().map(String::as_str);
        let hint = nearest(wanted, names).unwrap_or_else(|| {
            "`--list-tasks` shows the names; tasks of files that are included while the play runs cannot be found".to_owned()
        });
        doubt(run, error.hint(hint))?;
    }
    Ok(())
}

/// A warning, or an error where the run is strict.
fn doubt(run: &Run, error: Error) -> Result<()> {
    if run.options.strict {
        return Err(error);
    }
    run.house.warn_once(error);
    Ok(())
}

/// What the plays have, as it is written.
#[derive(Default)]
struct Seen {
    tags: BTreeSet<String>,
    names: BTreeSet<String>,
    /// Whether files are included while the play runs: they may have tags of their own.
    includes: bool,
    /// Whether a name is a template.
    templates: bool,
}

impl Seen {
    fn no_such_tag(&self, tag: &str) -> Error {
        let error = Error::input(format!("no task has the tag `{tag}`"));
        let near = nearest(tag, self.tags.iter().map(String::as_str));
        let known = self.tags.iter().map(String::as_str);
        let known: Vec<&str> = known.filter(|tag| !tag.is_empty()).take(12).collect();
        let hint = near.unwrap_or_else(|| match known.is_empty() {
            true => "the tasks have no tags at all".to_owned(),
            false => format!("the tags are {}", known.join(", ")),
        });
        error.hint(hint)
    }

    fn has_task(&self, wanted: &str) -> bool {
        self.names
            .iter()
            .any(|name| name == wanted || glob::matches(wanted, name))
    }

    fn play(&mut self, play: &Play) {
        self.keywords(&play.keywords);
        for section in [&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks] {
            self.nodes(section, None);
        }
    }

    fn nodes(&mut self, nodes: &[Node], role: Option<&str>) {
        for node in nodes {
            match node {
                Node::Block(block) => self.block(block, role),
                Node::Task(task) => self.task(task, role),
            }
        }
    }

    fn block(&mut self, block: &Block, role: Option<&str>) {
        self.keywords(&block.keywords);
        let own = block.role().map(|used| used.role.name.as_str());
        for nodes in [&block.block, &block.rescue, &block.always] {
            self.nodes(nodes, own.or(role));
        }
    }

    fn task(&mut self, task: &Task, role: Option<&str>) {
        self.keywords(&task.keywords);
        let action = task.action.short_name();
        self.includes |= matches!(action, "include_tasks" | "include_role");
        let name = task.name.as_ref();
        self.templates |= name.is_some_and(Value::has_templates);
        let name = name.map(Value::to_text).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| task.action.name.clone());
        if let Some(role) = role {
            self.names.insert(format!("{role} : {name}"));
        }
        self.names.insert(name);
    }

    fn keywords(&mut self, keywords: &Keywords) {
        let Some(tags) = keywords.value("tags") else {
            return;
        };
        self.includes |= tags.has_templates();
        self.tags.extend(keywords.written_tags());
    }
}

//! What can be known to be wrong with tasks before any host is touched.

mod words;

pub use words::{collections, keywords};

use std::cell::{Cell, RefCell};
use std::path::Path;

use self::words::{
    check_loop, check_words, entries, is_of_other_collection, is_omitted, is_true,
    loops_for_certain,
};
use super::meta;
use crate::error::{Error, Result};
use crate::executor::run::{Action, Catalogue, Tags};
use crate::modules::Module;
use crate::playbook::{Block, Keywords, Node, Task, misfit, truth};
use crate::template::is_lookup;
use crate::value::{Map, Value};

/// Something wrong with a task, which shows when the task is reached.
pub struct Finding {
    /// What is wrong, and where.
    pub error: Error,
    /// Whether the task is reached in any case, and nothing catches its failure.
    pub certain: bool,
    /// Whether nobody can tell what the task is: its module is not there.
    pub unknown: bool,
}

impl Finding {
    /// What is said of a task that may never be reached.
    pub fn warning(&self) -> Error {
        let text = format!("{}; the task fails if it is reached", self.error.chain());
        Error::input(text)
            .at(self.error.place().cloned())
            .hint_if(self.error.hint_text().map(str::to_owned))
    }
}

/// Checks lists of tasks, and gathers what is wrong with those that may never be reached.
pub struct Checks<'a> {
    catalogue: &'a Catalogue,
    /// Which tasks run; nothing where that is not asked.
    tags: Option<&'a Tags>,
    found: RefCell<Vec<Finding>>,
    /// Whether a task before may have ended the play.
    ended: Cell<bool>,
}

/// What stands around a list of tasks.
#[derive(Clone, Default)]
pub struct Around<'a> {
    /// The folders below which `library/` counts, innermost first.
    pub roles: Vec<&'a Path>,
    /// `collections`.
    pub collections: Vec<String>,
    /// `tags`.
    pub tags: Vec<String>,
    /// `module_defaults`, outermost first.
    pub defaults: Vec<Value>,
    /// Whether the tasks may not be reached, or may fail without harm.
    pub uncertain: bool,
}

/// Checks a list of tasks that was read for an include: what can be wrong with one of them alone is
/// the task's own failure.
///
/// # Errors
/// The first task that names an unknown module, or is no task at all; of a collection that is not
/// installed, the first that is reached for certain once the include is.
pub fn nodes(
    catalogue: &Catalogue,
    tags: &Tags,
    nodes: &[Node],
    around: &Around<'_>,
) -> Result<()> {
    let checks = Checks::new(catalogue, Some(tags));
    checks.nodes(nodes, around)?;
    let mut found = checks.found().into_iter();
    match found.find(|finding| finding.unknown && finding.certain) {
        Some(finding) => Err(finding.error),
        None => Ok(()),
    }
}

impl<'a> Checks<'a> {
    /// Checks of a play whose tasks are chosen by `tags`.
    pub fn new(catalogue: &'a Catalogue, tags: Option<&'a Tags>) -> Self {
        Checks {
            catalogue,
            tags,
            found: RefCell::default(),
            ended: Cell::new(false),
        }
    }

    /// What was found.
    pub fn found(self) -> Vec<Finding> {
        self.found.into_inner()
    }

    /// Checks a list of tasks.
    ///
    /// # Errors
    /// As for [`nodes`].
    pub fn nodes(&self, nodes: &[Node], around: &Around<'_>) -> Result<()> {
        for node in nodes {
            match node {
                Node::Block(block) => self.block(block, around)?,
                Node::Task(task) => self.task(task, around)?,
            }
        }
        Ok(())
    }

    fn block(&self, block: &Block, around: &Around<'_>) -> Result<()> {
        keywords(self.catalogue, &block.keywords)?;
        let mut inner = around.inside(&block.keywords);
        self.find_misfits(&block.keywords, &inner);
        if let Some(used) = block.role() {
            inner.roles.insert(0, &used.role.path);
            let own = used.role.collection.iter().chain(&used.role.collections);
            inner.collections.splice(0..0, own.cloned());
        }
        let tried = Around {
            uncertain: inner.uncertain || !block.rescue.is_empty(),
            ..inner.clone()
        };
        self.nodes(&block.block, &tried)?;
        let rescue = Around {
            uncertain: true,
            ..inner.clone()
        };
        self.nodes(&block.rescue, &rescue)?;
        self.nodes(&block.always, &inner)
    }

    fn task(&self, task: &Task, around: &Around<'_>) -> Result<()> {
        keywords(self.catalogue, &task.keywords)?;
        self.check_lookup(task, around)?;
        let mut around = around.inside(&task.keywords);
        around.uncertain |= !loops_for_certain(task);
        self.find_misfits(&task.keywords, &around);
        if let Err(error) = check_loop(task) {
            self.find(error, &around);
        }
        if let Some(stray) = &task.action.stray {
            self.find(stray.clone(), &around);
        }
        if task.action.name_template().is_some() {
            return Ok(());
        }
        let name = &task.action.name;
        let found = self
            .catalogue
            .find(name, &around.roles, &around.collections);
        let action = match found {
            Ok(action) => action,
            // A module of a collection that is not there may stand behind a condition.
            Err(error) if is_of_other_collection(name) => {
                self.find(error.at(task.action.place.clone()), &around);
                if let Some(finding) = self.found.borrow_mut().last_mut() {
                    finding.unknown = true;
                }
                return Ok(());
            }
            Err(error) => return Err(error.at(task.action.place.clone())),
        };
        match action {
            Action::Module(module) if task.action.variable.is_none() => {
                if let Some(args) = around.arguments(module, task)
                    && let Err(error) = module.check(&args)
                {
                    self.find(error.at(task.action.place.clone()), &around);
                }
            }
            Action::Language("meta") => match meta::action(task) {
                Ok(word) if word.starts_with("end_") => self.ended.set(true),
                Ok(_) => (),
                Err(error) => self.find(error, &around),
            },
            Action::Language(word) => check_words(task, word)?,
            _ => (),
        }
        Ok(())
    }

    /// A loop over a lookup that there is none of.
    fn check_lookup(&self, task: &Task, around: &Around<'_>) -> Result<()> {
        let Some(repeat) = &task.repeat else {
            return Ok(());
        };
        if let Some(lookup) = &repeat.lookup
            && !is_lookup(lookup)
            && !self.catalogue.may_have_lookup(lookup, &around.roles)
        {
            return Err(Error::syntax(format!(
                "`with_{lookup}` is not a valid attribute for a Task"
            ))
            .at(repeat.place.clone())
            .hint(format!("there is no lookup called `{lookup}`")));
        }
        Ok(())
    }

    fn find_misfits(&self, keywords: &Keywords, around: &Around<'_>) {
        for entry in keywords.iter() {
            if let Some(error) = misfit(entry.keyword, &entry.value, &entry.place) {
                self.find(error, around);
            }
        }
    }

    fn find(&self, error: Error, around: &Around<'_>) {
        let chosen = self.tags.is_none_or(|tags| tags.choose(&around.tags));
        let certain = chosen && !around.uncertain && !self.ended.get();
        self.found.borrow_mut().push(Finding {
            error,
            certain,
            unknown: false,
        });
    }
}

impl Around<'_> {
    /// What stands around tasks inside of something with these keywords.
    #[must_use]
    pub fn inside(&self, keywords: &Keywords) -> Self {
        let mut inner = self.clone();
        let mut named = collections(keywords);
        named.append(&mut inner.collections);
        inner.collections = named;
        inner
            .defaults
            .extend(keywords.value("module_defaults").cloned());
        if let Some(tags) = keywords.value("tags") {
            inner.uncertain |= tags.has_templates();
            inner.tags.extend(keywords.written_tags());
        }
        let may_fail = |name: &str| {
            let said = keywords.value(name);
            said.is_some_and(|value| value.has_templates() || truth(value) == Some(true))
        };
        inner.uncertain |= may_fail("ignore_errors")
            || keywords.value("when").is_some_and(|when| !is_true(when))
            || keywords.value("failed_when").is_some();
        inner
    }

    /// The arguments of a task with those of `module_defaults`, without omitted ones; nothing where
    /// it cannot be known what the defaults are.
    fn arguments(&self, module: &Module, task: &Task) -> Option<Map> {
        let mut args = Map::new();
        for defaults in self.defaults.iter().flat_map(entries) {
            let (key, value) = defaults;
            let name = key.to_text();
            let behind = matches!(module.name, "package" | "service" | "gather_facts");
            if name.starts_with("group/") || behind {
                return None;
            }
            if module.answers_to(&name) {
                args.extend_from(value.as_map()?);
            }
        }
        args.extend_from(&task.action.args);
        let kept = args.iter().filter(|(_, value)| !is_omitted(value));
        Some(
            kept.map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        )
    }
}

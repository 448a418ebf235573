//! Files into plays, imports included.

use std::path::Path;
use std::sync::Arc;

use super::action::FREE_TEXT;
use super::block::{Block, Node, Origin, read_head};
use super::find::{Paths, Standpoint};
use super::import::{DEEPEST, import_of};
use super::keyword::Object;
use super::keywords::Keywords;
use super::play::{Around, Play};
use super::role::RoleUse;
use super::role_loader::told;
use super::task::{Task, read_vars};
use crate::error::{Error, Result, Source};
use crate::value::{Map, Value};
use crate::yaml;

/// What the loader may ask of the house.
pub trait World {
    /// The text of a file; one that is a vault comes opened.
    fn read(&self, path: &Path) -> Result<Arc<Source>>;

    /// Renders a name with what is known while files are read: the extra variables over `vars`
    /// (weakest first).
    fn render(&self, value: &Value, vars: &[Arc<Map>]) -> Result<Value>;

    /// Tells the user of something that is not an error.
    fn warn(&self, warning: Error);

    /// Whether roles keep their variables for themselves, where a setting says it (`private_role_vars`).
    fn private_roles(&self) -> Option<bool> {
        None
    }
}

/// Reads playbooks, task files and roles.
pub struct Loader<'a> {
    /// What it may ask.
    pub world: &'a dyn World,
    /// Where it looks.
    pub paths: &'a Paths,
}

/// What reading a list of tasks gathers beside the tasks.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The handlers of roles that are imported.
    pub handlers: Vec<Node>,
    /// The uses of roles that are imported.
    pub roles: Vec<Arc<RoleUse>>,
}

impl Gathered {
    /// Puts what stands around an import around the handlers that it brought, those behind the
    /// first `before` (`get_block_list` of the reference's `playbook/role_include.py`).
    pub(super) fn surround(&mut self, before: usize, around: Block) {
        let brought = self.handlers.split_off(before);
        let is_bare = around.keywords.iter().next().is_none() && around.vars.is_empty();
        if brought.is_empty() || is_bare && around.role().is_none() {
            self.handlers.extend(brought);
            return;
        }
        self.handlers.push(Node::Block(Arc::new(Block {
            block: brought,
            ..around
        })));
    }
}

impl Loader<'_> {
    /// Reads a playbook and every playbook it imports.
    ///
    /// # Errors
    /// A file cannot be read, or is no list of plays.
    pub fn playbook(&self, path: &Path) -> Result<Vec<Play>> {
        self.playbook_inside(path, &[], 0)
    }

    /// Reads the one play of a text that stands in no file.
    ///
    /// # Errors
    /// It is no list of one play.
    pub fn play_of(&self, source: &Arc<Source>, folder: &Path) -> Result<Play> {
        let document = yaml::load(source, &yaml::Options::default())?;
        let play = document.root.items().and_then(<[yaml::Node]>::first);
        let play = play.ok_or_else(|| Error::bug("the text holds no play"))?;
        self.play(&folder.join("<command line>"), play, &[])
    }

    pub(super) fn playbook_inside(
        &self,
        path: &Path,
        around: &[Arc<Around>],
        depth: usize,
    ) -> Result<Vec<Play>> {
        let root = self.yaml(path)?;
        let wrong = |text: String| Error::syntax(text).at(root.place().clone());
        let Some(entries) = root.items() else {
            let text = match root.value() {
                Value::Null => format!("Empty playbook, nothing to do: {}", path.display()),
                _ => format!(
                    "A playbook must be a list of plays, got {} instead",
                    root.kind_name()
                ),
            };
            return Err(wrong(text).hint("begin with `- hosts: …`"));
        };
        if entries.is_empty() {
            return Err(wrong(
                "A playbook must contain at least one play".to_owned(),
            ));
        }
        let mut plays = Vec::new();
        for entry in entries {
            match import_of(entry) {
                Some(import) => {
                    plays.extend(self.import_playbook(path, entry, import, around, depth)?)
                }
                None => plays.push(self.play(path, entry, around)?),
            }
        }
        Ok(plays)
    }

    fn play(&self, path: &Path, node: &yaml::Node, around: &[Arc<Around>]) -> Result<Play> {
        let entries = node.entries().ok_or_else(|| {
            Error::syntax(format!(
                "playbook entries must be either valid plays or 'import_playbook' statements: this is {}",
                node.kind_name()
            ))
            .at(node.place().clone())
        })?;
        let mut keywords = Keywords::default();
        for (key, value) in entries {
            match key.as_str() {
                Some(
                    "name" | "vars" | "tasks" | "pre_tasks" | "post_tasks" | "handlers" | "roles",
                ) => (),
                _ => keywords
                    .add(Object::Play, key, value)
                    .map_err(|error| as_tasks(error, node, path))?,
            }
        }
        check_hosts(node)?;
        if node.get("user").is_some() && node.get("remote_user").is_some() {
            return Err(Error::syntax(
                "both 'user' and 'remote_user' are set for this play. The use of 'user' is deprecated, and should be removed",
            )
            .at(node.place().clone()));
        }
        let vars = read_vars(node, "Play")?;
        let mut collections = texts(node.get("collections"));
        if let Some(home) = self.paths.home_of(path) {
            keywords.put_collection_first(&home, node.place());
            if !collections.contains(&home) {
                collections.insert(0, home);
            }
        }
        let mut from = Standpoint {
            folder: path.parent().map(Path::to_owned).unwrap_or_default(),
            file: path.to_owned(),
            collections,
            vars: around.iter().map(|a| Arc::clone(&a.vars)).collect(),
            ..Standpoint::default()
        };
        from.vars.push(Arc::clone(&vars));
        let mut gathered = Gathered::default();
        let roles = self.roles_section(node.get("roles"), &from, &mut gathered)?;
        let role_handlers = std::mem::take(&mut gathered.handlers);
        let mut section = |name| {
            let part = node.get(name);
            check_section(name, part)?;
            self.section(part, &from, false, &mut gathered)
        };
        let (pre_tasks, tasks, post_tasks) = (
            section("pre_tasks")?,
            section("tasks")?,
            section("post_tasks")?,
        );
        check_section("handlers", node.get("handlers"))?;
        let own_handlers = self.section(node.get("handlers"), &from, true, &mut gathered)?;
        let handlers = [role_handlers, own_handlers, gathered.handlers].concat();
        Ok(Play {
            name: node.get("name").map(|name| name.value().clone()),
            keywords,
            vars,
            pre_tasks,
            roles,
            tasks,
            post_tasks,
            handlers,
            role_uses: gathered.roles,
            file: path.to_owned(),
            around: around.to_vec(),
            place: node.place().clone(),
        })
    }

    fn section(
        &self,
        node: Option<&yaml::Node>,
        from: &Standpoint,
        handlers: bool,
        gathered: &mut Gathered,
    ) -> Result<Vec<Node>> {
        match node {
            Some(node) if !node.is_null() => self.tasks(node, from, handlers, gathered),
            _ => Ok(Vec::new()),
        }
    }

    /// Reads a task file, for an import or an include.
    ///
    /// # Errors
    /// The file cannot be read or is no list of tasks.
    pub fn task_file(
        &self,
        path: &Path,
        from: &Standpoint,
        handlers: bool,
        gathered: &mut Gathered,
    ) -> Result<Vec<Node>> {
        if from.depth >= DEEPEST {
            return Err(Error::input(format!(
                "`{}` includes itself",
                path.display()
            )));
        }
        let root = self.yaml(path)?;
        if root.is_null() {
            return Ok(Vec::new());
        }
        self.tasks(&root, &from.in_file(path), handlers, gathered)
    }

    /// Reads a list of tasks and blocks.
    ///
    /// # Errors
    /// It is no list, or something in it is no task.
    pub fn tasks(
        &self,
        node: &yaml::Node,
        from: &Standpoint,
        handlers: bool,
        gathered: &mut Gathered,
    ) -> Result<Vec<Node>> {
        let items = node.items().ok_or_else(|| {
            Error::syntax(format!("tasks are a list, got {}", node.kind_name()))
                .at(node.place().clone())
                .hint("begin each task with `- `")
        })?;
        items
            .iter()
            .filter(|item| !item.is_null())
            .map(|item| self.node(item, from, handlers, gathered))
            .collect()
    }

    fn node(
        &self,
        node: &yaml::Node,
        from: &Standpoint,
        handlers: bool,
        gathered: &mut Gathered,
    ) -> Result<Node> {
        if node.get("block").is_some() {
            return self.block(node, from, handlers, gathered);
        }
        for stray in ["rescue", "always"] {
            if let Some(value) = node.get(stray) {
                return Err(Error::syntax(format!("`{stray}` stands without a `block`"))
                    .at(value.place().clone()));
            }
        }
        let task = Task::read(node, handlers)?;
        refuse_end_role(&task, from, handlers)?;
        match task.action.short_name() {
            "import_tasks" => self.import_tasks(&task, from, handlers, gathered),
            "import_role" => self.import_role(&task, from, gathered),
            _ => Ok(Node::Task(Arc::new(task))),
        }
    }

    fn block(
        &self,
        node: &yaml::Node,
        from: &Standpoint,
        handlers: bool,
        gathered: &mut Gathered,
    ) -> Result<Node> {
        let (keywords, vars) = read_head(node)?;
        let from = from.with_vars(&vars);
        let before = gathered.handlers.len();
        let mut part = |name| self.section(node.get(name), &from, handlers, gathered);
        let (block, rescue, always) = (part("block")?, part("rescue")?, part("always")?);
        let place = node.place().clone();
        let (own, own_vars) = (keywords.clone(), Arc::clone(&vars));
        gathered.surround(
            before,
            Block::plain(Origin::Block, own, own_vars, Vec::new(), place),
        );
        Ok(Node::Block(Arc::new(Block {
            name: node.get("name").map(|name| name.value().clone()),
            origin: Origin::Block,
            keywords,
            vars,
            block,
            rescue,
            always,
            place: node.place().clone(),
        })))
    }

    fn import_tasks(
        &self,
        task: &Task,
        from: &Standpoint,
        handlers: bool,
        gathered: &mut Gathered,
    ) -> Result<Node> {
        refuse_loop(task)?;
        refuse_others(task, &["file", FREE_TEXT])?;
        let inner = from.with_vars(&task.vars);
        let name = self.import_name(task, &inner, "file")?;
        let path = self
            .paths
            .task_file(from, &name, handlers, false)
            .map_err(|error| told(task, error.at(task.action.place.clone())))?;
        let before = gathered.handlers.len();
        let block = self.task_file(&path, &inner, handlers, gathered)?;
        let import = Block::plain(
            Origin::Import,
            for_children(&task.keywords),
            Arc::clone(&task.vars),
            Vec::new(),
            task.place.clone(),
        );
        gathered.surround(before, import.clone());
        Ok(Node::Block(Arc::new(Block { block, ..import })))
    }

    /// The name that an import gives, rendered with what is known while files are read.
    pub(super) fn import_name(&self, task: &Task, from: &Standpoint, key: &str) -> Result<String> {
        let args = &task.action.args;
        let value = args
            .get(key)
            .or_else(|| args.get("role").filter(|_| key == "name"))
            .or_else(|| args.get(FREE_TEXT))
            .filter(|value| value.is_true())
            .ok_or_else(|| names_nothing(task, key))?;
        let name = self.world.render(value, &from.vars).map_err(|error| {
            Error::syntax(format!(
                "which file `{}` reads is not known before the run",
                task.action.name
            ))
            .at(task.action.place.clone())
            .because(error)
            .hint(
                "an import is read before the run: facts and host variables are not known \
                     yet; use include_tasks or include_role",
            )
        })?;
        Ok(name.to_text())
    }

    /// What a file holds.
    ///
    /// # Errors
    /// It cannot be read, or is no YAML.
    pub fn yaml(&self, path: &Path) -> Result<yaml::Node> {
        let source = self.world.read(path).map_err(|error| {
            Error::input(format!("failed to read `{}`", path.display())).because(error)
        })?;
        let options = yaml::Options::default();
        let document = yaml::load(&source, &options)?;
        for warning in document.warnings {
            self.world.warn(warning);
        }
        Ok(document.root)
    }
}

/// An import has no loop: it is read once, before the run.
pub(super) fn refuse_loop(task: &Task) -> Result<()> {
    let Some(repeat) = &task.repeat else {
        return Ok(());
    };
    let name = task.action.short_name();
    Err(Error::syntax(format!("`{name}` cannot have a loop"))
        .at(repeat.place.clone())
        .hint(format!(
            "use `{}` instead",
            name.replacen("import", "include", 1)
        )))
}

fn refuse_others(task: &Task, known: &[&str]) -> Result<()> {
    let stray = task.action.args.keys().find(|key| {
        let name = key.to_text();
        !known.contains(&name.as_str())
    });
    stray.map_or(Ok(()), |key| Err(no_argument(task, key)))
}

pub(super) fn no_argument(task: &Task, key: &Value) -> Error {
    let name = &task.action.name;
    Error::syntax(format!("Invalid options for {name}: {}", key.to_text()))
        .at(key.place().or(Some(&task.action.place)).cloned())
}

/// Refuses `meta: end_role` where no role can end.
fn refuse_end_role(task: &Task, from: &Standpoint, handler: bool) -> Result<()> {
    let args = &task.action.args;
    let ends = task.action.short_name() == "meta"
        && args.get(FREE_TEXT).and_then(Value::as_str).map(str::trim) == Some("end_role");
    let why = match (handler, from.roles.is_empty()) {
        _ if !ends => return Ok(()),
        (true, _) => "Cannot execute 'end_role' from a handler",
        (false, true) => "Cannot execute 'end_role' from outside of a role",
        _ => return Ok(()),
    };
    Err(Error::syntax(why).at(task.action.place.clone()))
}

/// The keywords of an import that its tasks inherit.
pub(super) fn for_children(keywords: &Keywords) -> Keywords {
    let mut inherited = Keywords::default();
    for entry in keywords.iter() {
        if entry.keyword.stands_on(Object::Block) {
            inherited.set(entry.keyword, entry.value.clone(), entry.place.clone());
        }
    }
    inherited
}

/// The hint for a file of tasks that is run as a playbook.
fn as_tasks(error: Error, node: &yaml::Node, path: &Path) -> Error {
    if node.get("hosts").is_some() {
        return error;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    error.hint(format!(
        "this looks like a file of tasks and not like a playbook: a play has `hosts:` and `tasks:`, and takes the tasks of \
         this file in by `import_tasks: {name}`"
    ))
}

/// Refuses a play's list of tasks that is none.
fn check_section(name: &str, node: Option<&yaml::Node>) -> Result<()> {
    match node.filter(|node| !node.is_null() && node.items().is_none()) {
        None => Ok(()),
        Some(node) => Err(Error::syntax(format!(
            "A malformed block was encountered while loading {name}: {} should be a list or None",
            node.value().to_text()
        ))
        .at(node.place().clone())
        .hint("begin each task with `- `")),
    }
}

fn check_hosts(play: &yaml::Node) -> Result<()> {
    let Some(hosts) = play.get("hosts") else {
        return Err(Error::syntax("the play has no `hosts`")
            .at(play.place().clone())
            .hint("say which hosts it is for: `hosts: all`"));
    };
    let empty = match hosts.value() {
        Value::Null => true,
        Value::Str(text) => text.trim().is_empty(),
        Value::List(items) => items.is_empty(),
        _ => false,
    };
    if empty {
        return Err(
            Error::syntax("Hosts list cannot be empty. Please check your playbook")
                .at(hosts.place().clone()),
        );
    }
    Ok(())
}

/// The texts of a list, or of one text.
pub(super) fn texts(node: Option<&yaml::Node>) -> Vec<String> {
    match node.map(yaml::Node::value) {
        Some(Value::Str(text)) => vec![text.to_string()],
        Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
        _ => Vec::new(),
    }
}

/// Why a task that includes or imports cannot: it does not say what (`key`: a file, or a role's name).
pub fn names_nothing(task: &Task, key: &str) -> Error {
    let asked = &task.action.name;
    let text = match key {
        "file" => format!("No file specified for {asked}"),
        _ => format!("'name' is a required field for {asked}."),
    };
    Error::syntax(text)
        .at(task.place.clone())
        .hint(format!("write `{asked}: {{{key}: …}}`"))
}

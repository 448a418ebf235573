//! Folders into roles, and entries of `roles:` into uses of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::block::{Block, Node, Origin};
use super::find::{Standpoint, tidy, with_ending};
use super::keyword::{self, Object};
use super::keywords::Keywords;
use super::loader::{Gathered, Loader, for_children, no_argument, refuse_loop, texts};
use super::names::is_variable_name;
use super::role::{self, From, Role, RoleUse};
use super::task::{Task, read_vars};
use crate::error::{Error, Kind, Place, Result};
use crate::value::{Map, Value};
use crate::yaml;

/// What one use of a role says beside its name.
#[derive(Clone, Debug)]
pub struct UseOptions {
    /// Which of the role's files are used.
    pub from: From,
    /// Keys that are no keywords.
    pub params: Arc<Map>,
    /// `when`, `become`, …
    pub keywords: Keywords,
    /// `vars`.
    pub vars: Arc<Map>,
    /// Whether its variables are seen by the whole play.
    pub public: Option<bool>,
    /// Whether it is read before the run: `roles` and imports.
    pub is_static: bool,
    /// Whether it may run again; nothing means what the role's own meta says.
    pub allow_duplicates: Option<bool>,
    /// Whether its arguments are checked.
    pub validate: bool,
    /// Whether a task makes the use.
    pub by_task: bool,
    /// Whether its name is made of values that are not to be told (`no_log`).
    pub hidden: bool,
    /// Where it stands.
    pub place: Place,
}

impl UseOptions {
    /// A use that says nothing but where it stands.
    pub fn at(place: Place) -> Self {
        UseOptions {
            from: From::default(),
            params: Arc::default(),
            keywords: Keywords::default(),
            vars: Arc::default(),
            public: None,
            is_static: true,
            allow_duplicates: None,
            validate: true,
            by_task: false,
            hidden: false,
            place,
        }
    }
}

impl Loader<'_> {
    pub(super) fn roles_section(
        &self,
        node: Option<&yaml::Node>,
        from: &Standpoint,
        gathered: &mut Gathered,
    ) -> Result<Vec<Node>> {
        let Some(node) = node.filter(|node| !node.is_null()) else {
            return Ok(Vec::new());
        };
        let items = node.items().ok_or_else(|| {
            Error::syntax(format!(
                "A malformed role declaration was encountered. `roles` wants a list, got {}",
                node.kind_name()
            ))
            .at(node.place().clone())
        })?;
        items
            .iter()
            .map(|item| Ok(role_block(self.role_entry(item, from, gathered)?)))
            .collect()
    }

    /// Reads an entry of `roles:` or of `dependencies:`.
    fn role_entry(
        &self,
        node: &yaml::Node,
        from: &Standpoint,
        gathered: &mut Gathered,
    ) -> Result<Arc<RoleUse>> {
        let missing = || {
            Error::syntax("the entry names no role")
                .at(node.place().clone())
                .hint("write `- name`, or `- role: name` with keywords beside it")
        };
        let mut options = UseOptions::at(node.place().clone());
        let name = match node.value() {
            Value::Str(text) if text.contains(',') && !text.contains("{{") => {
                return Err(
                    Error::syntax(format!("Invalid old style role requirement: {text}"))
                        .at(node.place().clone()),
                );
            }
            Value::Str(_) | Value::Int(_) | Value::Float(_) => node.value().clone(),
            Value::Map(_) => {
                self.read_entry(node, &mut options)?;
                let name = ["role", "name", "src"].iter().find_map(|key| node.get(key));
                name.ok_or_else(missing)?.value().clone()
            }
            _ => return Err(missing()),
        };
        let from = from.with_vars(&options.vars).with_vars(&options.params);
        let name = self
            .world
            .render(&name, &from.vars)
            .map_err(|e| e.at(node.place().clone()))?;
        self.use_role(&name.to_text(), options, &from, gathered)
    }

    fn read_entry(&self, node: &yaml::Node, options: &mut UseOptions) -> Result<()> {
        let mut params = Map::new();
        for (key, value) in node.entries().unwrap_or_default() {
            let name = key.value().to_text();
            match name.as_str() {
                "role" | "name" | "src" | "vars" | "version" | "scm" => (),
                "tasks_from" => options.from.tasks = Some(value.value().to_text()),
                known if keyword::find(known).is_some_and(|k| k.stands_on(Object::Role)) => {
                    options.keywords.add(Object::Role, key, value)?;
                }
                other if is_variable_name(other) => {
                    params.insert(key.value().clone(), value.value().clone());
                }
                _ => return Err(super::keywords::unknown(Object::Role, &name, key)),
            }
        }
        options.params = Arc::new(params);
        options.vars = read_vars(node, "RoleInclude")?;
        Ok(())
    }

    pub(super) fn import_role(
        &self,
        task: &Task,
        from: &Standpoint,
        gathered: &mut Gathered,
    ) -> Result<Node> {
        refuse_loop(task)?;
        if let Some(key) = task
            .action
            .args
            .keys()
            .find(|key| matches!(key.as_str(), Some("apply" | "rescuable")))
        {
            return Err(no_argument(task, key).hint("put the import into a block"));
        }
        let inner = from.with_vars(&task.vars);
        let name = self.import_name(task, &inner, "name")?;
        let mut options = UseOptions::at(task.place.clone());
        options.by_task = true;
        options.hidden = hides_names(task);
        options.keywords = for_children(&task.keywords);
        options.vars = Arc::clone(&task.vars);
        self.read_role_args(task, &inner, &mut options)?;
        let used = self.use_role(&name, options, &inner, gathered);
        Ok(role_block(used.map_err(|error| told(task, error))?))
    }

    /// Reads the arguments that `import_role` and `include_role` share, already rendered or not.
    fn read_role_args(
        &self,
        task: &Task,
        from: &Standpoint,
        options: &mut UseOptions,
    ) -> Result<()> {
        let mut args = Map::new();
        for (key, value) in &task.action.args {
            match self.world.render(value, &from.vars)? {
                Value::Omit => {}
                value => drop(args.insert(key.clone(), value)),
            }
        }
        options.read_args(&task.action.name, &args, &task.action.place)
    }

    /// Reads a role and makes a use of it; its handlers and those of its dependencies are gathered.
    ///
    /// # Errors
    /// The role is not there, or one of its files is wrong.
    pub fn use_role(
        &self,
        name: &str,
        options: UseOptions,
        from: &Standpoint,
        gathered: &mut Gathered,
    ) -> Result<Arc<RoleUse>> {
        let (path, collection) = self
            .paths
            .role(from, name)
            .map_err(|error| error.at(options.place.clone()))?;
        let mut inner = from.clone();
        inner.depth += 1;
        if inner.depth > 64 {
            return Err(
                Error::input(format!("the role `{name}` uses itself")).at(options.place.clone())
            );
        }
        inner.roles.insert(0, path.clone());
        let before = gathered.handlers.len();
        let role = self.role(name, path, collection, &options, &inner, gathered)?;
        let made = Arc::new(RoleUse {
            allow_duplicates: options.allow_duplicates.unwrap_or(role.allow_duplicates),
            role: Arc::new(role),
            params: options.params,
            keywords: options.keywords,
            vars: options.vars,
            public: options
                .public
                .unwrap_or_else(|| match self.world.private_roles() {
                    Some(private) => !private,
                    None => options.is_static,
                }),
            validate: options.validate,
            by_task: options.by_task,
            hidden: options.hidden,
            place: options.place,
        });
        gathered.handlers.extend(made.role.handlers.iter().cloned());
        gathered.surround(before, Block::clone(&role_block_of(&made, Vec::new())));
        gathered.roles.push(Arc::clone(&made));
        Ok(made)
    }

    fn role(
        &self,
        name: &str,
        path: PathBuf,
        collection: Option<String>,
        options: &UseOptions,
        from: &Standpoint,
        gathered: &mut Gathered,
    ) -> Result<Role> {
        let use_from = &options.from;
        let entry = use_from.tasks.clone().unwrap_or_else(|| "main".to_owned());
        let defaults = self.role_vars(&path, "defaults", use_from.defaults.as_deref())?;
        let vars = self.role_vars(&path, "vars", use_from.vars.as_deref())?;
        let mut inner = from
            .with_vars(&defaults)
            .with_vars(&vars)
            .with_vars(&options.vars)
            .with_vars(&options.params)
            .with_vars(&Arc::new(names_of(name, &path, collection.as_deref())));
        if let Some(own) = &collection {
            inner.collections.insert(0, own.clone());
        }
        let meta = self.role_meta(&path)?;
        let dependencies = self.dependencies(meta.as_ref(), &inner, gathered)?;
        let tasks = self.role_tasks(&path, "tasks", use_from.tasks.as_deref(), &inner, gathered)?;
        let handlers = self.role_tasks(
            &path,
            "handlers",
            use_from.handlers.as_deref(),
            &inner,
            gathered,
        )?;
        let meta_value = |key: &str| meta.as_ref().and_then(|node| node.get(key));
        let mut collections = texts(meta_value("collections"));
        // A role that is no collection's looks through the one that the playbook stands in.
        let around = self.paths.home_of(&from.folder.join("main"));
        if let Some(home) =
            around.filter(|home| collection.is_none() && !collections.contains(home))
        {
            collections.insert(0, home);
        }
        Ok(Role {
            name: name.to_owned(),
            argument_spec: self.argument_spec(&path, meta.as_ref(), &entry)?,
            path,
            collection,
            defaults,
            vars,
            tasks,
            handlers,
            dependencies,
            allow_duplicates: meta_value("allow_duplicates")
                .and_then(|node| super::keywords::truth(node.value()))
                .unwrap_or(false),
            entry: entry
                .trim_end_matches(".yml")
                .trim_end_matches(".yaml")
                .to_owned(),
            collections,
        })
    }

    /// `main` of a folder, or the file that `…_from` names; a folder `main/` merges.
    fn role_vars(&self, role: &Path, folder: &str, named: Option<&str>) -> Result<Arc<Map>> {
        let folder = role.join(folder);
        let stem = named.unwrap_or("main");
        let mut files: Vec<PathBuf> = with_ending(&folder, stem).into_iter().collect();
        for file in &files {
            stays_inside(role, &folder, file)?;
        }
        if files.is_empty() {
            files = yaml_files_below(&folder.join(stem));
        }
        if files.is_empty() && named.is_some() {
            return Err(no_file(&folder, stem));
        }
        let mut merged = Map::new();
        for file in files {
            let root = self.yaml(&file)?;
            match root.value() {
                Value::Null => (),
                Value::Map(map) => merged.extend_from(map),
                _ => {
                    return Err(Error::syntax(format!(
                        "a variables file is a mapping, got {}",
                        root.kind_name()
                    ))
                    .at(root.place().clone()));
                }
            }
        }
        Ok(Arc::new(merged))
    }

    fn role_tasks(
        &self,
        role: &Path,
        folder: &str,
        named: Option<&str>,
        from: &Standpoint,
        gathered: &mut Gathered,
    ) -> Result<Vec<Node>> {
        let stem = named.unwrap_or("main");
        let found = with_ending(&role.join(folder), stem);
        if let Some(file) = &found {
            stays_inside(role, &role.join(folder), file)?;
        }
        let Some(file) = found else {
            return match named {
                Some(_) => Err(no_file(&role.join(folder), stem)),
                None => Ok(Vec::new()),
            };
        };
        self.task_file(&file, from, folder == "handlers", gathered)
    }

    fn role_meta(&self, role: &Path) -> Result<Option<yaml::Node>> {
        let Some(file) = with_ending(&role.join("meta"), "main") else {
            return Ok(None);
        };
        let root = self.yaml(&file)?;
        if root.entries().is_none() && !root.is_null() {
            return Err(Error::syntax(format!(
                "a role's meta is a mapping, got {}",
                root.kind_name()
            ))
            .at(root.place().clone()));
        }
        Ok(Some(root))
    }

    fn dependencies(
        &self,
        meta: Option<&yaml::Node>,
        from: &Standpoint,
        gathered: &mut Gathered,
    ) -> Result<Vec<Arc<RoleUse>>> {
        let Some(list) = meta.and_then(|node| node.get("dependencies")) else {
            return Ok(Vec::new());
        };
        if list.is_null() {
            return Ok(Vec::new());
        }
        let items = list.items().ok_or_else(|| {
            Error::syntax(format!(
                "`dependencies` wants a list, got {}",
                list.kind_name()
            ))
            .at(list.place().clone())
        })?;
        items
            .iter()
            .map(|item| self.role_entry(item, from, gathered))
            .collect()
    }

    fn argument_spec(
        &self,
        role: &Path,
        meta: Option<&yaml::Node>,
        entry: &str,
    ) -> Result<Option<Arc<Map>>> {
        let own = match with_ending(&role.join("meta"), "argument_specs") {
            Some(file) => Some(self.yaml(&file)?),
            None => None,
        };
        let specs = own
            .as_ref()
            .or(meta)
            .and_then(|node| node.get("argument_specs"));
        let spec = specs.and_then(|specs| specs.get(entry));
        Ok(spec.and_then(|spec| spec.value().as_map().cloned()))
    }
}

/// Says whether what an import names is made of values that are not to be told: `no_log` is set on it, and its
/// arguments are templates.
pub(super) fn hides_names(task: &Task) -> bool {
    let hides = task.keywords.value("no_log");
    let hides = hides.is_some_and(|said| super::keywords::truth(said) != Some(false));
    hides && task.action.has_templates()
}

/// An error of an import as it may be told.
pub(super) fn told(task: &Task, error: Error) -> Error {
    if error.kind() != Kind::Input || !hides_names(task) {
        return error;
    }
    Error::input("what is imported was not found; its name is hidden, since `no_log` is set for it")
        .at(task.action.place.clone())
}

/// Refuses a file of a role that lies outside of its folder (`_load_role_yaml` of the reference's
/// `playbook/role/__init__.py`).
fn stays_inside(role: &Path, folder: &Path, file: &Path) -> Result<()> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (folder, file) = (absolute(folder), absolute(file));
    if tidy(&file).starts_with(tidy(&folder)) {
        return Ok(());
    }
    let name = role.file_name().unwrap_or_default().to_string_lossy();
    Err(Error::input(format!(
        "Failed loading '{}' for role ({name}) as it is not inside the expected role path: '{}'",
        file.display(),
        folder.display()
    )))
}

impl UseOptions {
    /// Reads the arguments of `import_role` and `include_role`, already rendered.
    ///
    /// # Errors
    /// One of them is unknown or has the wrong type.
    pub fn read_args(&mut self, action: &str, args: &Map, place: &Place) -> Result<()> {
        for (key, value) in args {
            let name = key.to_text();
            let text = || Some(value.to_text());
            let flag = || {
                super::keywords::truth(value).ok_or_else(|| {
                    Error::syntax(format!(
                        "`{name}` wants a boolean, got `{}`",
                        value.to_text()
                    ))
                    .at(key.place().or(Some(place)).cloned())
                })
            };
            match name.as_str() {
                "name" | "role" | "apply" | "_raw_params" | "rescuable" => (),
                "tasks_from" => self.from.tasks = text(),
                "vars_from" => self.from.vars = text(),
                "defaults_from" => self.from.defaults = text(),
                "handlers_from" => self.from.handlers = text(),
                "public" => self.public = Some(flag()?),
                "allow_duplicates" => self.allow_duplicates = Some(flag()?),
                "rolespec_validate" => self.validate = flag()?,
                _ => {
                    let known = [
                        "name",
                        "tasks_from",
                        "vars_from",
                        "defaults_from",
                        "handlers_from",
                        "public",
                        "allow_duplicates",
                        "rolespec_validate",
                        "apply",
                    ];
                    return Err(
                        Error::syntax(format!("Invalid options for {action}: {name}"))
                            .at(key.place().or(Some(place)).cloned())
                            .hint_if(crate::error::nearest(&name, known)),
                    );
                }
            }
        }
        if self.allow_duplicates.is_none() {
            self.allow_duplicates = Some(true);
        }
        Ok(())
    }
}

/// A use of a role as a block: its dependencies, then its tasks.
pub fn role_block(made: Arc<RoleUse>) -> Node {
    let mut nodes: Vec<Node> = made
        .role
        .dependencies
        .iter()
        .map(|used| role_block(Arc::clone(used)))
        .collect();
    nodes.extend(made.role.tasks.iter().cloned());
    Node::Block(role_block_of(&made, nodes))
}

fn role_block_of(made: &Arc<RoleUse>, nodes: Vec<Node>) -> Arc<Block> {
    Arc::new(Block::plain(
        Origin::Role(Arc::clone(made)),
        made.keywords.clone(),
        Arc::clone(&made.vars),
        nodes,
        made.place.clone(),
    ))
}

/// The YAML files below a folder, sorted, hidden ones left out.
fn yaml_files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    let hidden = |path: &Path| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_none_or(|name| name.starts_with('.') || name.ends_with('~'))
    };
    let mut files = Vec::new();
    for path in paths.into_iter().filter(|path| !hidden(path)) {
        if path.is_dir() {
            files.extend(yaml_files_below(&path));
        } else if path
            .extension()
            .is_none_or(|e| e == "yml" || e == "yaml" || e == "json")
        {
            files.push(path);
        }
    }
    files
}

/// What a role is called, for the names of files that its imports read.
fn names_of(name: &str, path: &Path, collection: Option<&str>) -> Map {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut names = crate::entries! {
        "ansible_role_name" => role::full_name(name, collection),
        "role_name" => role::short_name(name, collection),
        "role_path" => path.to_string_lossy().into_owned(),
    };
    if let Some(collection) = collection {
        names.insert("ansible_collection_name".into(), collection.into());
    }
    names
}

/// The error of a file that `…_from` names and a folder of the role does not have; the reference's words.
fn no_file(folder: &Path, stem: &str) -> Error {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let error = Error::input(match folder.is_dir() {
        true => format!("Could not find specified file in role: {name}/{stem}"),
        false => format!("Could not find specified file in role, its '{name}/' is not usable"),
    });
    error.hint(format!("looked for `{}`", folder.join(stem).display()))
}

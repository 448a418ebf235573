//! `ansible-doc`: the same words, shapes and exit codes; the pages of what is built in are play's own.

mod expressions;
mod fields;
mod keywords;
mod man;
mod marks;
mod plugins;
mod roles;
mod shape;
mod snippet;

use std::path::{Path, PathBuf};

use super::{Arguments, Kind, show};
use crate::cli::{foreign, setup, terminal};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::python::Python;
use crate::value::{Map, Value, to_json_nice};
use plugins::{Content, Errors};

/// What is there to read about.
pub struct World {
    /// Modules and plugins in Python.
    pub python: Python,
    /// The folders of roles, first ones first.
    pub roles: Vec<PathBuf>,
    /// How wide texts are.
    pub columns: usize,
    /// How often `-v` was given.
    pub verbosity: u8,
}

impl World {
    /// What the command line and the configuration say.
    ///
    /// # Errors
    /// The configuration cannot be read.
    pub fn new(arguments: &Arguments) -> Result<World> {
        let config = setup::configuration()?;
        let here = std::env::current_dir()?;
        let absolute = |path: &Path| {
            let path = here.join(path);
            std::fs::canonicalize(&path).unwrap_or_else(|_| path.components().collect())
        };
        let given = arguments
            .playbook_dir
            .clone()
            .or_else(|| config.path("PLAYBOOK_DIR"));
        // The reference looks beside no playbook unless it is told of one.
        let basedir = given.map(|folder| absolute(&folder));
        let basedir = basedir.or_else(|| (!arguments.as_reference).then(|| here.clone()));
        let mut settings = foreign::python(basedir.as_deref().unwrap_or(Path::new("")), &config);
        if basedir.is_none() {
            settings
                .collections
                .retain(|folder| folder != Path::new("collections"));
        }
        let split = |text: &String| {
            std::env::split_paths(text)
                .map(|path| absolute(&path))
                .collect::<Vec<_>>()
        };
        let kind = arguments.kind.unwrap_or(Kind::Module);
        for folder in arguments.module_path.iter().flat_map(split) {
            settings
                .plugin_folders
                .insert(0, (kind.word().to_owned(), folder));
        }
        let mut roles: Vec<PathBuf> = arguments.roles_path.iter().flat_map(split).collect();
        roles.extend(config.paths("DEFAULT_ROLES_PATH"));
        if let Some(folder) = &basedir {
            roles.insert(0, folder.join("roles"));
            roles.push(folder.clone());
        }
        Ok(World {
            python: Python::new(settings),
            roles,
            columns: terminal::width().max(79),
            verbosity: arguments.verbose,
        })
    }

    /// Whether ansible-core is seen to be installed.
    fn has_core(&self) -> bool {
        self.python
            .interpreter()
            .is_some_and(|known| known.core.is_some())
    }
}

/// The options of a plugin, as its page has them; nothing where there is no such plugin.
///
/// # Errors
/// Its page cannot be read.
pub fn options_of(kind: Kind, name: &str) -> Result<Option<Map>> {
    let arguments = Arguments::of_reference(kind);
    let world = World::new(&arguments)?;
    let Some(page) = plugins::page(&world, kind, name, &shape::entries(kind))? else {
        return Ok(None);
    };
    let page =
        page.map_err(|cause| Error::input(format!("failed to read the page of {name}: {cause}")))?;
    let options = page
        .data
        .get("doc")
        .and_then(|doc| doc.get("options"))
        .cloned();
    let options = options.as_ref().and_then(Value::as_map);
    Ok(Some(options.map(|map| (**map).clone()).unwrap_or_default()))
}

/// A text of at most so many characters, and a sign where something was cut off.
fn cut(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most).collect::<String>() + "...",
        false => text.to_owned(),
    }
}

/// Does what was asked for; gives the exit code.
///
/// # Errors
/// A name of a collection is none, a page cannot be read.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let kind = arguments.kind.unwrap_or(Kind::Module);
    let world = World::new(arguments)?;
    if arguments.metadata_dump {
        let all = dump(&world, arguments)?;
        show(&json(&all))?;
        return Ok(0);
    }
    if arguments.list || arguments.list_files {
        return list(&world, kind, arguments);
    }
    if arguments.names.is_empty() {
        return Err(Error::new(
            ErrorKind::Options,
            "Missing name(s), incorrect options passed for detailed documentation.",
        )
        .hint("name something to read about, or list it with -l"));
    }
    match kind {
        Kind::Keyword => of_keywords(arguments),
        Kind::Role => of_roles(&world, arguments),
        kind => of_plugins(&world, kind, arguments),
    }
}

fn json(map: &Map) -> String {
    to_json_nice(&Value::map(map.clone()), 4, true) + "\n"
}

fn map_of<K: AsRef<str>>(all: impl IntoIterator<Item = (K, Map)>) -> Map {
    let pairs = all
        .into_iter()
        .map(|(name, map)| (Value::str(name.as_ref()), Value::map(map)));
    pairs.collect()
}

fn list(world: &World, kind: Kind, arguments: &Arguments) -> Result<u8> {
    let text = match kind {
        Kind::Keyword => {
            let all = keywords::all().into_iter();
            let all: Map = all
                .map(|(name, text)| (Value::str(name), Value::str(text)))
                .collect();
            match arguments.json {
                true => json(&all),
                false => fields::yaml(&Value::map(all), false)? + "\n",
            }
        }
        Kind::Role => {
            let filter = plugins::filter(&arguments.names)?;
            let all = roles::list(world, filter, false)?;
            match arguments.json {
                true => json(&map_of(all)),
                false => roles::listed(&all, world.columns),
            }
        }
        kind => {
            let content = if arguments.list_files {
                Content::Files
            } else {
                Content::Summaries
            };
            let all = plugins::list(world, kind, plugins::filter(&arguments.names)?, content)?;
            let value = |text: Option<String>| Value::str_or_null(text);
            match arguments.json {
                true => json(
                    &all.into_iter()
                        .map(|(name, text)| (Value::str(name), value(text)))
                        .collect(),
                ),
                false => listed(&all, content, world.columns),
            }
        }
    };
    show(&text)?;
    Ok(0)
}

fn listed(
    all: &std::collections::BTreeMap<String, Option<String>>,
    content: Content,
    columns: usize,
) -> String {
    let widest = all
        .keys()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    let room = columns.saturating_sub(widest + 5);
    let line = |(name, text): (&String, &Option<String>)| {
        let text = text.as_deref().unwrap_or("None");
        let text = match content {
            Content::Summaries => cut(&marks::plain(text), room),
            Content::Files => text.to_owned(),
        };
        format!("{name:<widest$} {text}").trim_end().to_owned() + "\n"
    };
    all.iter().map(line).collect()
}

fn keyword_pages(names: &[String]) -> Map {
    let mut pages = Map::new();
    for name in names {
        match keywords::page(name) {
            Some(page) => pages.set(name, Value::map(page)),
            None => {
                let text = format!("Skipping invalid keyword '{name}': '{name}'");
                terminal::print_warning(&Error::input(text));
            }
        }
    }
    pages
}

fn of_keywords(arguments: &Arguments) -> Result<u8> {
    let pages = keyword_pages(&arguments.names);
    if arguments.json {
        show(&json(&pages))?;
    } else if !pages.is_empty() {
        let text = fields::yaml(&Value::map(pages), false)?;
        show(&(marks::plain(&text) + "\n"))?;
    }
    Ok(0)
}

fn of_roles(world: &World, arguments: &Arguments) -> Result<u8> {
    let entry = arguments.entry_point.as_deref();
    let all = roles::docs(world, &arguments.names, entry, !arguments.no_fail_on_errors)?;
    if arguments.json {
        show(&json(&map_of(all)))?;
        return Ok(0);
    }
    if all.is_empty() && !arguments.as_reference {
        let names = arguments.names.join("`, `");
        return Err(Error::input(format!(
            "there is no role called `{names}` that has argument specs"
        ))
        .hint("`play doc -t role -l` lists those that have; -r names a folder of roles"));
    }
    let mut text = Vec::new();
    for (name, role) in all {
        let lines = man::role(&name, &Value::map(role), world.columns);
        text.extend(lines.map_err(|error| {
            Error::syntax(format!(
                "Error extracting role docs from '{name}': {}",
                error.told()
            ))
        })?);
    }
    if !text.is_empty() {
        show(&(text.join("\n") + "\n"))?;
    }
    Ok(0)
}

fn of_plugins(world: &World, kind: Kind, arguments: &Arguments) -> Result<u8> {
    let errors = Errors {
        fail: true,
        warn: false,
    };
    let pages = plugins::pages(world, kind, &arguments.names, errors)?;
    if arguments.json {
        show(&json(&map_of(
            pages.into_iter().map(|page| (page.name, page.data)),
        )))?;
        return Ok(0);
    }
    if arguments.snippet && !snippet::KINDS.contains(&kind.word()) {
        return Err(Error::input(format!(
            "Snippets are only available for the following plugin types: {}",
            snippet::KINDS.join(", ")
        )));
    }
    let mut text = String::new();
    for page in &pages {
        if !arguments.snippet {
            text.push_str(&page.text(world, kind)?);
            continue;
        }
        let doc = page
            .data
            .get("doc")
            .and_then(Value::as_map)
            .cloned()
            .unwrap_or_default();
        match snippet::snippet(&page.name, kind.word(), &doc, world.columns) {
            Ok(snippet) => text.push_str(&snippet),
            Err(error) => {
                let name = &page.name;
                let text = format!(
                    "Unable to construct a snippet for '{name}': {}",
                    error.message()
                );
                terminal::print_warning(&Error::input(text));
            }
        }
    }
    if !text.is_empty() {
        // As there: a text that ends a line gets no end more.
        let end = if text.ends_with('\n') { "" } else { "\n" };
        show(&(text + end))?;
    }
    Ok(0)
}

/// The pages of everything there is.
fn dump(world: &World, arguments: &Arguments) -> Result<Map> {
    let fail = !arguments.no_fail_on_errors;
    let filter = plugins::filter(&arguments.names)?;
    let mut all = Map::new();
    for kind in Kind::plugins() {
        let names = plugins::list(world, kind, filter, Content::Files)?;
        let names: Vec<String> = names.into_keys().collect();
        let warn = matches!(kind, Kind::Filter | Kind::Test);
        let pages = plugins::pages(world, kind, &names, Errors { fail, warn })?;
        let pages = map_of(pages.into_iter().map(|page| (page.name, page.data)));
        all.set(kind.word(), Value::map(pages));
    }
    let roles = roles::list(world, filter, fail)?;
    let names: Vec<String> = roles.into_keys().collect();
    let roles = roles::docs(world, &names, arguments.entry_point.as_deref(), fail)?;
    all.set("role", Value::map(map_of(roles)));
    let names: Vec<String> = keywords::all()
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    all.set("keyword", Value::map(keyword_pages(&names)));
    Ok(crate::entries! { "all" => Value::map(all) })
}

//! Modules and plugins: the list of a kind, and the pages of names.

use std::collections::{BTreeMap, HashSet};

use super::shape::{self, Entry};
use super::{World, man};
use crate::cli::doc::Kind;
use crate::cli::terminal;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::python::{Described, Document, PluginKind, Said};
use crate::value::Map;

/// What is listed of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// What it is, in a line.
    Summaries,
    /// The file that holds it.
    Files,
}

/// Checks that words are names of collections.
///
/// # Errors
/// One is none.
pub fn filter(words: &[String]) -> Result<Option<&[String]>> {
    let is_part = |part: &str| {
        let starts = part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        starts && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    for word in words {
        if word.matches('.').count() != 1 || !word.split('.').all(is_part) {
            return Err(Error::input(format!(
                "Invalid collection name (must be of the form namespace.collection): {word}"
            )));
        }
    }
    Ok(Some(words).filter(|words| !words.is_empty()))
}

/// Everything of a kind, or what some collections have of it, sorted by name.
///
/// # Errors
/// A collection is not there, or the installed plugins cannot be listed.
pub fn list(
    world: &World,
    kind: Kind,
    filter: Option<&[String]>,
    content: Content,
) -> Result<BTreeMap<String, Option<String>>> {
    let mut listed = BTreeMap::new();
    if let Some(theirs) = kind.plugin() {
        let homes = homes(world, theirs, filter)?;
        if !homes.is_empty() {
            listed = of_python(world, theirs, &homes, content)?;
        }
    }
    let wanted = |name: &str| match filter {
        None => true,
        Some(filter) => filter.iter().any(|home| {
            let home = if home == "ansible.legacy" {
                "ansible.builtin"
            } else {
                home
            };
            name.strip_prefix(home)
                .is_some_and(|rest| rest.starts_with('.'))
        }),
    };
    for entry in shape::entries(kind) {
        let value = match content {
            Content::Summaries => Some(entry.summary.clone()),
            Content::Files => Some(shape::program()).filter(|_| !entry.jinja),
        };
        let names = std::iter::once(&entry.name).chain(&entry.aliases);
        // `is ==` has a page and stands in no list, as there.
        let is_word = |name: &str| name.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        for name in names.filter(|name| wanted(name) && is_word(name)) {
            listed.insert(name.clone(), value.clone());
        }
    }
    Ok(listed)
}

/// The collections whose plugins Python lists: installed ones, and the folders beside the playbook.
fn homes(world: &World, kind: PluginKind, filter: Option<&[String]>) -> Result<Vec<String>> {
    let legacy = || {
        world
            .python
            .has_own_plugins(kind)
            .then(|| "ansible.legacy".to_owned())
    };
    let Some(filter) = filter else {
        let installed = world.python.collections().into_iter();
        let having =
            installed.filter(|(_, path)| path.join("plugins").join(kind.folder()).is_dir());
        return Ok(legacy()
            .into_iter()
            .chain(having.map(|(name, _)| name))
            .collect());
    };
    let mut homes = Vec::new();
    for name in filter {
        let (one, two) = name.split_once('.').unwrap_or_default();
        match name.as_str() {
            "ansible.builtin" => {}
            "ansible.legacy" => homes.extend(legacy()),
            name if world.python.shelf().collection(one, two).is_some() => {
                homes.push(name.to_owned())
            }
            name if is_ours(name) => {}
            // Which Python has ansible-core is behind a script that starts another.
            name if world.python.ask_for_shelf("the list of plugins")
                && world.python.shelf().collection(one, two).is_some() =>
            {
                homes.push(name.to_owned());
            }
            name => {
                return Err(Error::input(format!(
                    "Cannot use supplied collection '{name}': unable to locate collection {name}"
                )));
            }
        }
    }
    Ok(homes)
}

/// Whether something of play's own is of a collection.
fn is_ours(collection: &str) -> bool {
    let start = format!("{collection}.");
    Kind::plugins().any(|kind| {
        shape::entries(kind)
            .iter()
            .any(|entry| entry.name.starts_with(&start))
    })
}

fn of_python(
    world: &World,
    kind: PluginKind,
    homes: &[String],
    content: Content,
) -> Result<BTreeMap<String, Option<String>>> {
    let what = format!("the list of {} plugins", kind.name());
    if world.python.worker(&what).is_err() {
        // Without ansible-core the files themselves are looked at.
        let wanted = |name: &String| {
            homes
                .iter()
                .any(|home| name.starts_with(&format!("{home}.")))
        };
        let found = world.python.documented(kind).into_iter();
        let text = |known: Described| match content {
            Content::Summaries => known.summary,
            Content::Files => known.file.display().to_string(),
        };
        let found = found.filter(|(name, _)| wanted(name));
        return Ok(found
            .map(|(name, known)| (name, Some(text(known))))
            .collect());
    }
    let files = content == Content::Files;
    let (found, said) = world.python.list_documents(kind, homes, files)?;
    tell(&said);
    let found = found
        .into_iter()
        .filter(|(name, _)| !name.starts_with("ansible.builtin."));
    Ok(found.collect())
}

/// Tells what was said while Python looked.
fn tell(said: &Said) {
    if said
        .warnings
        .iter()
        .any(|told| told.kind() == ErrorKind::Deprecated)
    {
        let text = "Deprecation warnings can be disabled by setting `deprecation_warnings=False` in ansible.cfg.";
        terminal::print_warning(&Error::input(text));
    }
    said.warnings.iter().for_each(terminal::print_warning);
}

/// How errors of pages are met.
#[derive(Clone, Copy, Debug)]
pub struct Errors {
    /// They end the command; else they stand in place of the page.
    pub fail: bool,
    /// They are warnings where they would end it.
    pub warn: bool,
}

/// A page.
#[derive(Debug)]
pub struct Page {
    /// The name that was asked for.
    pub name: String,
    /// `doc`, `examples`, `metadata`, `return`; or `error`.
    pub data: Map,
    /// The text that ansible-core made of it, or why it could make none.
    text: Option<std::result::Result<String, String>>,
}

impl Page {
    /// The page as text.
    ///
    /// # Errors
    /// It cannot be laid out.
    pub fn text(&self, world: &World, kind: Kind) -> Result<String> {
        let unable = |cause: String| {
            Error::input(format!(
                "Unable to retrieve documentation from '{}': {cause}",
                self.name
            ))
        };
        match &self.text {
            Some(Ok(text)) => Ok(text.clone()),
            Some(Err(trouble)) => Err(unable(trouble.clone())),
            None => man::page(kind.word(), &self.data, world.columns, world.verbosity > 0)
                .map_err(|error| unable(error.told())),
        }
    }
}

/// The pages of names. A name that nothing has is a warning.
///
/// # Errors
/// A page cannot be read, and that is one.
pub fn pages(world: &World, kind: Kind, names: &[String], errors: Errors) -> Result<Vec<Page>> {
    let own = shape::entries(kind);
    let mut pages = Vec::new();
    let mut seen = HashSet::new();
    for name in names.iter().filter(|name| seen.insert(name.as_str())) {
        let page = match page(world, kind, name, &own)? {
            None => {
                let text = format!("{name} was not found");
                terminal::print_warning(&Error::input(text.trim_start()));
                continue;
            }
            Some(Ok(page)) => page,
            Some(Err(cause)) => {
                let cause =
                    format!("Missing documentation (or could not parse documentation): {cause}");
                let told = Error::input(format!("{} {name} {cause}", kind.word()));
                match (errors.fail, errors.warn) {
                    (false, _) => Page {
                        name: name.clone(),
                        data: crate::entries! { "error" => cause },
                        text: None,
                    },
                    (true, false) => return Err(told),
                    (true, true) => {
                        terminal::print_warning(&told);
                        continue;
                    }
                }
            }
        };
        pages.push(page);
    }
    Ok(pages)
}

/// What a name means, or why its page cannot be read.
pub type Found = Option<std::result::Result<Page, String>>;

/// What a name means: a file beside the playbook, else something of play's own, else of a collection.
///
/// # Errors
/// Python cannot be asked.
pub fn page(world: &World, kind: Kind, name: &str, own: &[Entry]) -> Result<Found> {
    let mine = own.iter().find(|entry| entry.answers_to(name));
    let theirs = kind.plugin().filter(|theirs| {
        let beside = world.python.may_have_own(*theirs, name);
        // The reference's page of what has a line here is longer, where it is installed.
        let longer = mine.is_some_and(|mine| mine.short) && world.has_core();
        beside || longer || mine.is_none()
    });
    let found = match theirs {
        Some(theirs) => world
            .python
            .look_up(theirs, name, world.columns, world.verbosity)?,
        None => None,
    };
    let is_builtin = |document: &Document| {
        let home = document
            .data
            .get("doc")
            .and_then(|doc| doc.get("collection"));
        home.is_some_and(|home| home.as_str() == Some("ansible.builtin"))
    };
    match (found, mine) {
        (Some(Ok(document)), Some(mine)) if !mine.short && is_builtin(&document) => {
            Ok(Some(Ok(ours(name, mine))))
        }
        (Some(Ok(document)), _) => {
            tell(&document.said);
            let data = document.data.as_map().map(|map| (**map).clone());
            let text = match document.trouble {
                Some(trouble) => Err(trouble),
                None => Ok(document.text),
            };
            Ok(Some(Ok(Page {
                name: name.to_owned(),
                data: data.unwrap_or_default(),
                text: Some(text),
            })))
        }
        (Some(Err(cause)), _) => Ok(Some(Err(cause))),
        (None, Some(mine)) => Ok(Some(Ok(ours(name, mine)))),
        (None, None) => Ok(None),
    }
}

fn ours(name: &str, mine: &Entry) -> Page {
    Page {
        name: name.to_owned(),
        data: mine.page.clone(),
        text: None,
    }
}

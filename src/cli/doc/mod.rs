//! `play doc`: pages of modules, keywords, words of the language, variables, filters, tests and lookups; and the
//! lists of them, which can be searched.

mod kind;
mod layout;
mod own;
mod reference;

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use super::terminal;
use crate::error::{Error, Kind as ErrorKind, Result, nearest};
use crate::python::Python;
use crate::value::{Map, Value, to_json_nice};
use kind::EVERY;
pub use kind::{CONFIGURABLE, Kind};
use own::{Page, all_pages};
use reference::World;

/// What `play doc` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// What to read about; with --list, words to search for
    names: Vec<String>,
    /// List everything of the type, or everything that has the words in its name or summary
    #[arg(short = 'l', long, conflicts_with_all = ["snippet", "list_files", "entry_point", "metadata_dump"])]
    list: bool,
    /// Of which type [default: of any; modules with --list]
    #[arg(short = 't', long = "type", value_enum)]
    kind: Option<Kind>,
    /// Print JSON
    #[arg(short = 'j', long)]
    json: bool,
    /// Print a task, a source of inventory or a lookup to begin with
    #[arg(short = 's', long, conflicts_with_all = ["list_files", "entry_point", "metadata_dump"])]
    snippet: bool,
    /// List names and files; words are collections
    #[arg(short = 'F', long = "list_files", visible_alias = "list-files", conflicts_with_all = ["entry_point", "metadata_dump"])]
    list_files: bool,
    /// The entry point of a role
    #[arg(
        short = 'e',
        long,
        value_name = "NAME",
        conflicts_with = "metadata_dump"
    )]
    entry_point: Option<String>,
    /// A folder of roles; may be given several times
    #[arg(short = 'r', long, value_name = "DIR")]
    roles_path: Vec<String>,
    /// A folder of modules, or of plugins of the type; may be given several times
    #[arg(short = 'M', long, value_name = "DIR")]
    module_path: Vec<String>,
    /// Look beside a playbook in this folder: library, roles, collections, folders of plugins
    #[arg(long, value_name = "DIR")]
    playbook_dir: Option<PathBuf>,
    /// Print the pages of everything as JSON
    #[arg(long)]
    metadata_dump: bool,
    /// With --metadata-dump and roles: what cannot be read stands in the JSON or is a warning
    #[arg(long)]
    no_fail_on_errors: bool,
    /// Say more: since when something is there
    #[arg(short = 'v', long = "verbose", action = ArgAction::Count)]
    verbose: u8,
    /// Called by the reference's name: its shapes, its words.
    #[arg(skip)]
    pub as_reference: bool,
}

impl Arguments {
    /// What asks for things of a type, as the reference does.
    fn of_reference(kind: Kind) -> Arguments {
        Arguments {
            names: Vec::new(),
            list: false,
            kind: Some(kind),
            json: false,
            snippet: false,
            list_files: false,
            entry_point: None,
            roles_path: Vec::new(),
            module_path: Vec::new(),
            playbook_dir: None,
            metadata_dump: false,
            no_fail_on_errors: false,
            verbose: 0,
            as_reference: true,
        }
    }

    /// Whether this is asked as the reference answers: by its name, or for what only it has.
    fn is_of_reference(&self) -> bool {
        let asked =
            self.snippet || self.list_files || self.metadata_dump || self.entry_point.is_some();
        let kind = self
            .kind
            .is_some_and(|kind| kind == Kind::Role || !EVERY.contains(&kind));
        self.as_reference || asked || kind
    }

    /// Refuses options that would do nothing. The reference takes them.
    ///
    /// # Errors
    /// There is such an option.
    fn check(&self) -> Result<()> {
        let roles = self.kind == Some(Kind::Role);
        let idle = [
            (
                "--entry-point",
                "-t role",
                self.entry_point.is_some() && !roles,
            ),
            (
                "--roles-path",
                "-t role",
                !self.roles_path.is_empty() && !roles && !self.metadata_dump,
            ),
            (
                "--no-fail-on-errors",
                "--metadata-dump or -t role",
                self.no_fail_on_errors && !self.metadata_dump && !roles,
            ),
            (
                "--module-path",
                "plugins",
                !self.module_path.is_empty() && roles,
            ),
        ];
        match idle.iter().find(|(_, _, is)| *is && !self.as_reference) {
            None => Ok(()),
            Some((option, with, _)) => {
                let text = format!("`{option}` does nothing here: it is for {with}");
                Err(Error::new(ErrorKind::Options, text))
            }
        }
    }
}

/// The options of a plugin, as its page has them.
///
/// # Errors
/// Its page cannot be read.
pub fn options_of(kind: &str, name: &str) -> Result<Option<Map>> {
    let Ok(kind) = Kind::from_str(kind, false) else {
        return Ok(None);
    };
    reference::options_of(kind, name)
}

/// A type that the reference does not know, told as it tells it.
pub fn wrong_type(error: &clap::Error) -> Option<Error> {
    use clap::error::{ContextKind, ContextValue};
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let is_type = text(ContextKind::InvalidArg)?.starts_with("--type");
    let value = text(ContextKind::InvalidValue).filter(|_| is_type)?;
    Some(no_such_type(value))
}

fn no_such_type(word: &str) -> Error {
    let known = kind::OF_REFERENCE
        .map(|known| format!("'{known}'"))
        .join(", ");
    let text = format!("argument -t/--type: invalid choice: '{word}' (choose from {known})");
    Error::new(ErrorKind::Usage, text)
}

/// Prints pages, much of which strangers wrote.
fn show(text: &str) -> Result<()> {
    terminal::print(&terminal::shown(text))
}

/// Prints what is asked for; gives the exit code.
///
/// # Errors
/// There is no such thing.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let of_reference = |kind: &Kind| kind::OF_REFERENCE.contains(&kind.word());
    if let Some(kind) = arguments
        .kind
        .filter(|kind| arguments.as_reference && !of_reference(kind))
    {
        return Err(no_such_type(kind.word()));
    }
    arguments.check()?;
    if arguments.is_of_reference() {
        return reference::run(arguments);
    }
    let world = World::new(arguments)?;
    let kinds = arguments.kind.map_or(EVERY.to_vec(), |kind| vec![kind]);
    if arguments.list || arguments.names.is_empty() {
        let kinds = match arguments.names.is_empty() {
            true => vec![arguments.kind.unwrap_or(Kind::Module)],
            false => kinds,
        };
        let pages = search(&kinds, &arguments.names, &world.python)?;
        show(&listed(&pages, arguments.json))?;
        return Ok(0);
    }
    let pages: Vec<Page> = kinds.iter().flat_map(|kind| all_pages(*kind)).collect();
    let mut foreign = Vec::new();
    for name in &arguments.names {
        let mine = is_own(&pages, name).then_some(());
        foreign.push(match mine {
            Some(()) => None,
            None => of_collection(name, &kinds, &world.python)?,
        });
    }
    let mut found = Vec::new();
    for (name, foreign) in arguments.names.iter().zip(&foreign) {
        found.push(match foreign {
            Some(page) => page,
            None => find(&pages, name, arguments.kind)?,
        });
    }
    if arguments.json {
        let all = found
            .iter()
            .map(|page| (Value::str(page.name.as_str()), json(page)));
        show(&(to_json_nice(&Value::map(all.collect()), 4, true) + "\n"))?;
        return Ok(0);
    }
    let texts = found
        .iter()
        // ansible-core lays out its own pages.
        .map(|page| match page.data.contains("doc") {
            true => page.text.trim_end().to_owned(),
            false => layout::readable(&page.text).trim_end().to_owned(),
        });
    let texts: Vec<String> = texts.collect();
    show(&(texts.join("\n\n") + "\n"))?;
    Ok(0)
}

/// The names of all pages but those of modules, of which there are many names.
pub fn names() -> Vec<String> {
    let kinds = EVERY.iter().filter(|kind| !matches!(kind, Kind::Module));
    let pages = kinds.flat_map(|kind| all_pages(*kind));
    let short = |page: Page| page.name.rsplit('.').next().map(str::to_owned);
    pages.filter_map(short).collect()
}

/// The page that a name means, as a person reads it (`play help apt`).
pub fn page(name: &str) -> Option<String> {
    let pages: Vec<Page> = EVERY.iter().flat_map(|kind| all_pages(*kind)).collect();
    let page = find(&pages, name, None).ok()?;
    Some(layout::readable(&page.text).trim_end().to_owned() + "\n")
}

/// The pages of some types that have all words in their name or summary.
fn search(kinds: &[Kind], words: &[String], python: &Python) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for kind in kinds {
        let mut of_kind = all_pages(*kind);
        with_collections(&mut of_kind, *kind, python);
        pages.extend(of_kind);
    }
    pages.retain(|page| {
        let text = format!("{} {}", page.name, page.summary).to_lowercase();
        words.iter().all(|word| text.contains(&word.to_lowercase()))
    });
    match pages.is_empty() && !words.is_empty() {
        true => Err(Error::input(format!(
            "nothing has `{}` in its name or summary",
            words.join(" ")
        ))
        .hint("`play doc -l` lists the modules, `play doc -t TYPE -l` the rest")),
        false => Ok(pages),
    }
}

fn json(page: &Page) -> Value {
    let mut data = page.data.clone();
    data.set("page", page.text.as_str());
    Value::map(data)
}

fn listed(pages: &[Page], json: bool) -> String {
    if json {
        let all = pages.iter().map(|page| {
            let (name, summary) = (page.name.as_str(), page.summary.as_str());
            (Value::str(name), Value::str(summary))
        });
        return to_json_nice(&Value::map(all.collect()), 4, true) + "\n";
    }
    let widest = pages.iter().map(|page| page.name.len()).max().unwrap_or(0);
    let line = |page: &Page| {
        let line = format!("{:<widest$}  {}", page.name, page.summary);
        line.trim_end().to_owned() + "\n"
    };
    pages.iter().map(line).collect()
}

fn find<'a>(pages: &'a [Page], name: &str, kind: Option<Kind>) -> Result<&'a Page> {
    let short = crate::playbook::short_name(name);
    let is_it = |page: &&Page| {
        crate::playbook::short_name(&page.name) == short
            || page.name.rsplit('.').next() == Some(short)
            || page.data.get("aliases").is_some_and(|aliases| {
                aliases
                    .as_list()
                    .is_some_and(|all| all.iter().any(|a| a.to_text() == short))
            })
    };
    pages.iter().find(is_it).ok_or_else(|| {
        let kind = kind.map_or("page".to_owned(), |kind| format!("{kind:?}").to_lowercase());
        let names = pages
            .iter()
            .map(|page| crate::playbook::short_name(&page.name));
        let error = Error::input(format!("there is no {kind} called `{name}`"));
        error
            .hint("`play doc -t TYPE -l` lists what there is of a type, `play doc -l` the modules")
            .hint_if(nearest(short, names))
    })
}

/// Whether a built-in thing has that name: its full name, or a short one.
fn is_own(pages: &[Page], name: &str) -> bool {
    let collection = name.matches('.').count() >= 2;
    let builtin = ["ansible.builtin.", "ansible.legacy."];
    match collection && !builtin.iter().any(|start| name.starts_with(start)) {
        true => pages.iter().any(|page| page.name == name),
        false => find(pages, name, None).is_ok(),
    }
}

/// The page of something in a collection, which ansible-core makes.
fn of_collection(name: &str, kinds: &[Kind], python: &Python) -> Result<Option<Page>> {
    for kind in kinds.iter().filter_map(|kind| kind.plugin()) {
        if let Some(document) = python.document(kind, name, terminal::width())? {
            let summary = document
                .data
                .get("doc")
                .and_then(|doc| doc.get("short_description"));
            let data = document.data.as_map().cloned().unwrap_or_default();
            return Ok(Some(Page {
                name: document.name,
                summary: summary.map(Value::to_text).unwrap_or_default(),
                text: document.text,
                data: (*data).clone(),
            }));
        }
    }
    Ok(None)
}

/// Adds what the installed collections have of a kind.
fn with_collections(pages: &mut Vec<Page>, kind: Kind, python: &Python) {
    let Some(kind) = kind.plugin() else {
        return;
    };
    let own: std::collections::HashSet<String> =
        pages.iter().map(|page| page.name.clone()).collect();
    let more = python.documented(kind).into_iter();
    let more = more.filter(|(name, _)| !own.contains(name));
    pages.extend(more.map(|(name, known)| Page {
        name,
        summary: known.summary,
        text: String::new(),
        data: Map::new(),
    }));
    pages.sort_by(|a, b| a.name.cmp(&b.name));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playbook::keyword;
    use own::{KEYWORDS, VARIABLES, WORDS, described};

    #[test]
    fn every_keyword_and_variable_has_its_text() {
        for keyword in keyword::KEYWORDS {
            assert!(
                described(KEYWORDS).any(|(name, _)| name == keyword.name),
                "{}",
                keyword.name
            );
        }
        for name in crate::vars::MAGIC_NAMES {
            assert!(
                described(VARIABLES).any(|(known, _)| known == *name),
                "{name}"
            );
        }
        for name in crate::executor::LANGUAGE {
            let known = described(WORDS).any(|(known, _)| known == *name);
            assert!(known || *name == "validate_argument_spec", "{name}");
        }
    }

    #[test]
    fn pages_are_found_by_words() {
        let names = |words: &[&str]| -> Vec<String> {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let pages = search(&EVERY, &words, &Python::default()).unwrap_or_default();
            pages.into_iter().map(|page| page.name).collect()
        };
        assert!(names(&["apt"]).contains(&"ansible.builtin.apt_repository".to_owned()));
        assert!(names(&["privilege"]).contains(&"become".to_owned()));
        assert!(names(&["nothing has this"]).is_empty());
    }

    #[test]
    fn no_page_is_wider_than_a_terminal() {
        for page in EVERY.iter().flat_map(|kind| all_pages(*kind)) {
            let text = layout::readable(&page.text);
            // A word or a line of code may be longer than a line.
            let wide = text.lines().find(|line| {
                line.chars().count() > 79 && !line.starts_with("    ") && line.contains(' ')
            });
            assert!(
                wide.is_none_or(|line| line
                    .split_whitespace()
                    .any(|word| word.chars().count() > 60)),
                "{}: {wide:?}",
                page.name
            );
        }
    }

    #[test]
    fn a_name_is_looked_for_in_every_type() {
        let pages: Vec<Page> = EVERY.iter().flat_map(|kind| all_pages(*kind)).collect();
        for (name, found) in [
            ("copy", "ansible.builtin.copy"),
            ("xml", "community.general.xml"),
            ("community.general.xml", "community.general.xml"),
            ("become", "become"),
            ("combine", "ansible.builtin.combine"),
            ("defined", "ansible.builtin.defined"),
            ("env", "ansible.builtin.env"),
        ] {
            assert_eq!(find(&pages, name, None).unwrap().name, found, "{name}");
        }
        let error = find(&pages, "cpoy", None).err().unwrap();
        assert_eq!(error.message(), "there is no page called `cpoy`");
    }
}

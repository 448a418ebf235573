//! `play doc`: pages of modules, keywords, words of the language, variables, filters, tests and lookups; and the
//! lists of them, which can be searched.

mod layout;

use clap::{Args, ValueEnum};

use super::{setup, terminal};
use crate::error::{Error, Kind as ErrorKind, Result, nearest};
use crate::modules::{self, Module};
use crate::playbook::keyword::{self, Inherit, Keyword, Object};
use crate::python::{PluginKind, Python};
use crate::template::pages;
use crate::value::{Map, Value, to_json_nice};

/// What `play doc` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// What to read about; with --list, words to search for
    names: Vec<String>,
    /// List everything of the type, or everything that has the words in its name or summary
    #[arg(short = 'l', long)]
    list: bool,
    /// Of which type [default: of any; modules with --list]
    #[arg(short = 't', long = "type", value_enum)]
    kind: Option<Kind>,
    /// Print JSON
    #[arg(short = 'j', long)]
    json: bool,
    /// Called by the reference's name: without a word nothing is listed.
    #[arg(skip)]
    pub as_reference: bool,
}

/// What there is to read about.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Callback,
    Filter,
    Inventory,
    Keyword,
    /// include_tasks, import_role, meta and the like.
    Language,
    Lookup,
    Module,
    Test,
    /// Variables that are there by themselves.
    Variable,
    Vars,
}

impl Kind {
    /// The kind as collections have it.
    fn of_collections(self) -> Option<PluginKind> {
        Some(match self {
            Kind::Callback => PluginKind::Callback,
            Kind::Filter => PluginKind::Filter,
            Kind::Inventory => PluginKind::Inventory,
            Kind::Keyword | Kind::Language | Kind::Variable => return None,
            Kind::Lookup => PluginKind::Lookup,
            Kind::Module => PluginKind::Module,
            Kind::Test => PluginKind::Test,
            Kind::Vars => PluginKind::Vars,
        })
    }
}

/// Every type, in the order in which a name is looked for.
const EVERY: [Kind; 10] = [
    Kind::Module,
    Kind::Keyword,
    Kind::Language,
    Kind::Variable,
    Kind::Filter,
    Kind::Test,
    Kind::Lookup,
    Kind::Inventory,
    Kind::Callback,
    Kind::Vars,
];

/// One thing to read about.
struct Page {
    name: String,
    summary: String,
    text: String,
    data: Map,
}

/// Prints what is asked for; gives the exit code.
///
/// # Errors
/// There is no such thing.
pub fn run(arguments: &Arguments) -> Result<u8> {
    if arguments.as_reference && arguments.names.is_empty() && !arguments.list {
        return Err(Error::new(
            ErrorKind::Options,
            "Missing name(s), incorrect options passed for detailed documentation.",
        )
        .hint("name something to read about, or list it with -l"));
    }
    let kinds = arguments.kind.map_or(EVERY.to_vec(), |kind| vec![kind]);
    if arguments.list || arguments.names.is_empty() {
        let kinds = match arguments.names.is_empty() {
            true => vec![arguments.kind.unwrap_or(Kind::Module)],
            false => kinds,
        };
        let pages = search(&kinds, &arguments.names)?;
        terminal::print(&listed(&pages, arguments.json))?;
        return Ok(0);
    }
    let pages: Vec<Page> = kinds.iter().flat_map(|kind| all_pages(*kind)).collect();
    let mut foreign = Vec::new();
    for name in &arguments.names {
        let mine = is_own(&pages, name).then_some(());
        foreign.push(match mine {
            Some(()) => None,
            None => of_collection(name, &kinds)?,
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
        terminal::print(&(to_json_nice(&Value::map(all.collect()), 4, true) + "\n"))?;
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
    terminal::print(&(texts.join("\n\n") + "\n"))?;
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
fn search(kinds: &[Kind], words: &[String]) -> Result<Vec<Page>> {
    let python = shared()?;
    let mut pages = Vec::new();
    for kind in kinds {
        let mut of_kind = all_pages(*kind);
        with_collections(&mut of_kind, *kind, &python);
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

/// The Python of this folder.
fn shared() -> Result<std::sync::Arc<Python>> {
    let config = setup::configuration()?;
    Ok(super::foreign::shared_python(
        &std::env::current_dir()?,
        &config,
    ))
}

/// The page of something in a collection, which ansible-core makes.
fn of_collection(name: &str, kinds: &[Kind]) -> Result<Option<Page>> {
    let python = shared()?;
    for kind in kinds.iter().filter_map(|kind| kind.of_collections()) {
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
    let Some(kind) = kind.of_collections() else {
        return;
    };
    let own: std::collections::HashSet<String> =
        pages.iter().map(|page| page.name.clone()).collect();
    let more = python.documented(kind).into_iter();
    let more = more.filter(|(name, _)| !own.contains(name));
    pages.extend(more.map(|(name, summary)| Page {
        name,
        summary,
        text: String::new(),
        data: Map::new(),
    }));
    pages.sort_by(|a, b| a.name.cmp(&b.name));
}

fn all_pages(kind: Kind) -> Vec<Page> {
    let mut pages: Vec<Page> = match kind {
        Kind::Callback | Kind::Inventory | Kind::Vars => Vec::new(),
        Kind::Filter => template_pages(pages::Kind::Filter),
        Kind::Keyword => keyword::KEYWORDS.iter().map(keyword_page).collect(),
        Kind::Language => language_pages(),
        Kind::Variable => described(VARIABLES).map(variable_page).collect(),
        Kind::Lookup => template_pages(pages::Kind::Lookup),
        Kind::Module => modules::ALL
            .iter()
            .map(|module| module_page(module))
            .collect(),
        Kind::Test => template_pages(pages::Kind::Test),
    };
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    pages
}

fn module_page(module: &Module) -> Page {
    let name = module.full_name();
    let mut lines = module.page.lines().filter(|line| !line.is_empty());
    let summary = lines
        .find(|line| !line.starts_with('#'))
        .unwrap_or_default();
    let summary = summary
        .split_inclusive(". ")
        .next()
        .unwrap_or(summary)
        .trim();
    let arguments = module.all_args().map(|arg| {
        let data = crate::entries! {
            "aliases" => Value::strings(arg.aliases.iter().copied()),
            "choices" => Value::strings(arg.choices.iter().copied()),
            "default" => Value::str_or_null(arg.default),
            "required" => arg.required,
            "type" => arg.kind.name(),
        };
        (Value::str(arg.name), Value::from(data))
    });
    Page {
        summary: summary.to_owned(),
        text: module.page.to_owned(),
        data: crate::entries! {
            "aliases" => Value::strings(module.aliases.iter().copied()),
            "arguments" => Value::map(arguments.collect()),
            "check_mode" => module.check_mode,
            "name" => name.as_str(),
        },
        name,
    }
}

/// A filter, a test or a lookup.
fn template_pages(kind: pages::Kind) -> Vec<Page> {
    pages::pages(kind).into_iter().map(template_page).collect()
}

fn template_page(page: pages::Page) -> Page {
    let mut text = format!(
        "# {}\n\n    {}\n\n{}",
        page.name,
        page.call,
        sentence(page.text)
    );
    if let Some((expression, gives)) = page.example {
        text += &format!("\n\n    {{{{ {expression} }}}}\n    → {gives}");
    }
    Page {
        summary: page.text.to_owned(),
        text,
        data: crate::entries! {
            "call" => page.call.as_str(),
            "description" => page.text,
            "example" => Value::str_or_null(page.example.map(|(expression, _)| expression)),
            "example_gives" => Value::str_or_null(page.example.map(|(_, gives)| gives)),
            "name" => page.name.as_str(),
        },
        name: page.name,
    }
}

/// The text with a capital at its beginning.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// `name: text`, one a line.
const KEYWORDS: &str = include_str!("keywords.txt");
const VARIABLES: &str = include_str!("variables.txt");
/// As [`KEYWORDS`], with an example below, indented.
const WORDS: &str = include_str!("words.txt");

fn described(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.starts_with(' '));
    lines.filter_map(|line| line.split_once(": "))
}

fn variable_page((name, text): (&str, &str)) -> Page {
    plain_page(name, text, "")
}

/// Words of the language that stand where a module stands.
fn language_pages() -> Vec<Page> {
    let pages = described(WORDS).map(|(name, text)| {
        let lines = WORDS
            .lines()
            .skip_while(|line| !line.starts_with(&format!("{name}: ")));
        let example = lines.skip(1).take_while(|line| line.starts_with(' '));
        let example: Vec<&str> = example.collect();
        plain_page(name, text, &example.join("\n"))
    });
    pages.collect()
}

fn plain_page(name: &str, text: &str, example: &str) -> Page {
    let shown = match example {
        "" => String::new(),
        example => format!("\n\n{example}"),
    };
    Page {
        name: name.to_owned(),
        summary: first_sentence(text).to_owned(),
        text: format!("# {name}\n\n{text}{shown}"),
        data: crate::entries! { "description" => text, "name" => name },
    }
}

fn first_sentence(text: &str) -> &str {
    text.split_inclusive(". ").next().unwrap_or(text).trim()
}

fn keyword_page(keyword: &Keyword) -> Page {
    let objects = [
        Object::Play,
        Object::Role,
        Object::Block,
        Object::Task,
        Object::Handler,
    ];
    let on: Vec<String> = objects
        .into_iter()
        .filter(|object| keyword.stands_on(*object))
        .map(|object| format!("{object:?}").to_lowercase())
        .collect();
    let inherit = match keyword.inherit {
        Inherit::Extend => "inner values are added to the outer ones",
        Inherit::Never => "it is not inherited",
        Inherit::Override => "it is inherited, and the nearest value wins",
    };
    let kind = format!("{:?}", keyword.kind).to_lowercase();
    let text = described(KEYWORDS).find(|(name, _)| *name == keyword.name);
    let text = text.map_or("", |(_, text)| text);
    let place = format!("A {kind}; stands on {}; {inherit}.", on.join(", "));
    Page {
        name: keyword.name.to_owned(),
        text: format!("# {}\n\n{text}\n\n{place}", keyword.name),
        summary: first_sentence(text).to_owned(),
        data: crate::entries! {
            "description" => text,
            "inherit" => inherit,
            "name" => keyword.name,
            "objects" => Value::strings(on),
            "type" => kind,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let pages = search(&EVERY, &words).unwrap_or_default();
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

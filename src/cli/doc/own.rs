//! Play's own pages: modules, keywords, words of the language, variables, filters, tests and lookups.

use super::Kind;
use crate::modules::{self, Module};
use crate::playbook::keyword::{self, Inherit, Keyword, Object};
use crate::template::pages;
use crate::value::{Map, Value};

/// One thing to read about.
pub struct Page {
    /// Its name.
    pub name: String,
    /// What it is, in a line.
    pub summary: String,
    /// The page, in Markdown.
    pub text: String,
    /// The same for programs.
    pub data: Map,
}

/// Every page of a kind, sorted by name.
pub fn all_pages(kind: Kind) -> Vec<Page> {
    let mut pages: Vec<Page> = match kind {
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
        _ => Vec::new(),
    };
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    pages
}

/// The first sentence of a module's page.
pub fn summary_of(module: &Module) -> &'static str {
    let mut lines = module.page.lines().filter(|line| !line.is_empty());
    first_sentence(
        lines
            .find(|line| !line.starts_with('#'))
            .unwrap_or_default(),
    )
}

fn module_page(module: &Module) -> Page {
    let name = module.full_name();
    let summary = summary_of(module);
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
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// `name: text`, one a line.
pub const KEYWORDS: &str = include_str!("keywords.txt");
/// As [`KEYWORDS`].
pub const VARIABLES: &str = include_str!("variables.txt");
/// As [`KEYWORDS`], with an example below, indented.
pub const WORDS: &str = include_str!("words.txt");

/// The entries of a table.
pub fn described(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.starts_with(' '));
    lines.filter_map(|line| line.split_once(": "))
}

fn variable_page((name, text): (&str, &str)) -> Page {
    plain_page(name, text, "")
}

/// Words of the language that stand where a module stands.
fn language_pages() -> Vec<Page> {
    let pages = described(WORDS).map(|(name, text)| plain_page(name, text, &word(name).1));
    pages.collect()
}

/// What is said of a word of the language, and its example.
pub fn word(name: &str) -> (&'static str, String) {
    let start = format!("{name}: ");
    let mut lines = WORDS.lines().skip_while(|line| !line.starts_with(&start));
    let text = lines.next().and_then(|line| line.split_once(": "));
    let example: Vec<&str> = lines.take_while(|line| line.starts_with(' ')).collect();
    (text.map_or("", |(_, text)| text), example.join("\n"))
}

/// What is said of a keyword.
pub fn keyword_text(name: &str) -> &'static str {
    let text = described(KEYWORDS).find(|(known, _)| *known == name);
    text.map_or("", |(_, text)| text)
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

/// What stands before the first full stop that a blank follows, with the stop.
pub fn first_sentence(text: &str) -> &str {
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
    let text = &sentence(keyword_text(keyword.name));
    let place = format!("A {kind}; stands on {}; {inherit}.", on.join(", "));
    Page {
        name: keyword.name.to_owned(),
        text: format!("# {}\n\n{text}\n\n{place}", keyword.name),
        summary: first_sentence(text).to_owned(),
        data: crate::entries! {
            "description" => text.as_str(),
            "inherit" => inherit,
            "name" => keyword.name,
            "objects" => Value::strings(on),
            "type" => kind,
        },
    }
}

//! `play doc`: pages of modules, and the lists of everything a playbook may use.

use clap::{Args, ValueEnum};

use super::terminal;
use crate::error::{Error, Result, nearest};
use crate::modules::{self, Module};
use crate::playbook::keyword::{self, Inherit, Keyword, Object};
use crate::template::pages;
use crate::value::{Map, Value, to_json_nice};

/// What `play doc` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// What to read about
    names: Vec<String>,
    /// List everything of the type
    #[arg(short = 'l', long)]
    list: bool,
    /// Of which type [default: of any; modules with --list]
    #[arg(short = 't', long = "type", value_enum)]
    kind: Option<Kind>,
    /// Print JSON
    #[arg(short = 'j', long)]
    json: bool,
}

/// What there is to read about.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Filter,
    Keyword,
    Lookup,
    Module,
    Test,
}

/// Every type, in the order in which a name is looked for.
const EVERY: [Kind; 5] = [
    Kind::Module,
    Kind::Keyword,
    Kind::Filter,
    Kind::Test,
    Kind::Lookup,
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
    if arguments.list || arguments.names.is_empty() {
        let pages = all_pages(arguments.kind.unwrap_or(Kind::Module));
        terminal::print(&listed(&pages, arguments.json))?;
        return Ok(0);
    }
    let kinds = arguments.kind.map_or(EVERY.to_vec(), |kind| vec![kind]);
    let pages: Vec<Page> = kinds.iter().flat_map(|kind| all_pages(*kind)).collect();
    let mut found = Vec::new();
    for name in &arguments.names {
        found.push(find(&pages, name, arguments.kind)?);
    }
    if arguments.json {
        let all = found
            .iter()
            .map(|page| (Value::str(page.name.as_str()), json(page)));
        terminal::print(&(to_json_nice(&Value::map(all.collect()), 4, true) + "\n"))?;
        return Ok(0);
    }
    let texts: Vec<&str> = found.iter().map(|page| page.text.trim_end()).collect();
    terminal::print(&(texts.join("\n\n") + "\n"))?;
    Ok(0)
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

fn all_pages(kind: Kind) -> Vec<Page> {
    let mut pages: Vec<Page> = match kind {
        Kind::Filter => template_pages(pages::Kind::Filter),
        Kind::Keyword => keyword::KEYWORDS.iter().map(keyword_page).collect(),
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
    let summary = format!("{kind}, on {}", on.join(", "));
    Page {
        name: keyword.name.to_owned(),
        text: format!(
            "# {}\n\nType: {kind}. Stands on: {}. {inherit}.",
            keyword.name,
            on.join(", ")
        ),
        summary,
        data: crate::entries! {
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

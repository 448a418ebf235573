//! Pages of filters, tests and lookups in the reference's shape.

use super::shape::{Entry, base, page, short};
use crate::cli::doc::own;
use crate::template::pages;
use crate::value::{Map, Value};

/// Filters and tests that are Jinja's own.
const JINJA: &str = include_str!("jinja.txt");
/// The filters, tests or lookups; `word` is what Jinja's own stand under.
pub(super) fn all_of(kind: pages::Kind, word: &str) -> Vec<Entry> {
    let all = pages::pages(kind).into_iter();
    let all = all.filter(|page| !page.name.starts_with("ansible._"));
    all.map(|page| of_template(kind, word, page)).collect()
}

fn of_template(kind: pages::Kind, word: &str, of: pages::Page) -> Entry {
    let name = short(&of.name).to_owned();
    let is_jinja = of.name.starts_with("ansible.builtin.")
        && JINJA.lines().any(|line| {
            line.strip_prefix(word)
                .is_some_and(|all| all.split_whitespace().any(|n| n == name))
        });
    let text = own::sentence(of.text);
    let summary = match kind {
        pages::Kind::Test => format!("is {}", own::first_sentence(of.text).trim_end_matches('.')),
        _ => own::first_sentence(of.text)
            .trim_end_matches('.')
            .to_owned(),
    };
    let mut description = vec![text.clone()];
    if is_jinja {
        description.push(format!("Called as `{}`.", of.call));
        description.push(String::new());
        description.push(format!("This is the Jinja builtin {word} plugin '{name}'."));
        description.push(format!(
            "See: U(https://jinja.palletsprojects.com/en/stable/templates/#jinja-{word}s.{name})"
        ));
    }
    let mut doc = base(&of.name, &summary, description);
    doc.set("name", name.as_str());
    let (options, positional) = called(kind, &of.call, &text);
    doc.set("options", Value::map(options));
    if kind != pages::Kind::Lookup {
        doc.set("positional", positional.join(", "));
    }
    if is_jinja {
        for key in [
            "author",
            "name",
            "options",
            "positional",
            "version_added",
            "version_added_collection",
        ] {
            doc.remove(key);
        }
        doc.set("filename", "");
    }
    let example = of
        .example
        .map(|(expression, gives)| format!("{{{{ {expression} }}}}\n# => {gives}\n"));
    let result = crate::entries! { "description" => text.as_str(), "type" => "raw" };
    let value = if kind == pages::Kind::Lookup {
        "_raw"
    } else {
        "_value"
    };
    let results = Map::from_iter([(Value::str(value), Value::map(result))]);
    let (example, results) = match is_jinja {
        true => (None, None),
        false => (
            example.or_else(|| Some(format!("# {}\n", of.call))),
            Some(results),
        ),
    };
    Entry {
        aliases: Vec::new(),
        jinja: is_jinja,
        short: false,
        page: page(doc, example, results),
        summary,
        name: of.name,
    }
}

/// The options of a call like `combine(other…, recursive=false)`, and the names of those that need none.
fn called(kind: pages::Kind, call: &str, text: &str) -> (Map, Vec<String>) {
    let inner = call
        .split_once('(')
        .map_or("", |(_, rest)| rest.trim_end_matches(')'));
    let mut options = Map::new();
    let mut positional = Vec::new();
    let mut add = |name: &str, default: Option<&str>| {
        let mut option = crate::entries! {
            "description" => Value::strings([text]),
            "type" => "raw",
        };
        match default {
            None => option.set("required", true),
            Some(default) => {
                let (value, kind) = literal(default);
                option.set("default", value);
                option.set("type", kind);
            }
        }
        options.set(name, Value::map(option));
    };
    if kind != pages::Kind::Lookup {
        add("_input", None);
        positional.push("_input".to_owned());
    }
    let mut has_terms = false;
    for word in inner.split(", ").map(str::trim) {
        match word.split_once('=') {
            Some((name, default)) => add(name, Some(default)),
            None if word.is_empty() || word == "…" => {}
            None if kind == pages::Kind::Lookup => {
                if !std::mem::replace(&mut has_terms, true) {
                    add("_terms", None);
                }
            }
            None => {
                let name = word.trim_end_matches('…');
                add(name, None);
                positional.push(name.to_owned());
            }
        }
    }
    (options, positional)
}

/// The value of a default as it is written, and its type.
fn literal(text: &str) -> (Value, &'static str) {
    if let Some(inner) = text
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''))
    {
        return (Value::str(inner), "str");
    }
    match text {
        "true" | "false" => (Value::Bool(text == "true"), "bool"),
        "[]" => (Value::list(Vec::new()), "list"),
        "none" | "…" => (Value::Null, "raw"),
        number => match (number.parse::<i64>(), number.parse::<f64>()) {
            (Ok(number), _) => (Value::from(number), "int"),
            (_, Ok(number)) => (Value::from(number), "float"),
            _ => (Value::str(number), "str"),
        },
    }
}

//! Pages of plugins and roles as text, laid out as the reference does without colours.

use super::fields::{self, ELSEWHERE, Layout, added, indented, yaml};
use super::marks::{Lines, filled, plain};
use crate::error::Result;
use crate::value::{Map, Value};

/// Where the pages of modules and plugins stand.
const SITE: &str = "https://docs.ansible.com/ansible-core/2.21";

/// How wide a text is in a terminal of so many columns.
fn limit(columns: usize) -> usize {
    columns.saturating_sub(columns / 5).max(70)
}

/// One text, or each of a list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items.iter().map(Value::to_text).collect(),
        one => vec![one.to_text()],
    }
}

/// Wraps a text, all lines with the same blanks before them.
fn block(text: &str, width: usize, indent: &str) -> String {
    let lines = Lines {
        width,
        first: indent,
        rest: indent,
        most: None,
    };
    filled(&plain(text), lines)
}

/// Wraps an entry of a list.
fn starred(text: &str, width: usize, indent: &str) -> String {
    let star = format!("{}* ", &indent[..indent.len().saturating_sub(2)]);
    let lines = Lines {
        width,
        first: &star,
        rest: indent,
        most: None,
    };
    filled(&plain(text), lines)
}

/// The page of a plugin: what it is, its options, attributes, notes, examples and results.
///
/// # Errors
/// An option has no description.
pub fn page(kind: &str, entry: &Map, columns: usize, verbose: bool) -> Result<String> {
    const INDENT: &str = "        ";
    let limit = limit(columns);
    let doc = entry.get("doc").and_then(Value::as_map);
    let mut doc = doc.map(|map| (**map).clone()).unwrap_or_default();
    let mut take = |key: &str| doc.remove(key).filter(Value::is_true);
    let name = take("plugin_name").map(|name| name.to_text());
    let file = take("filename").map_or_else(|| "Jinja2".to_owned(), |file| file.to_text());
    let mut text = vec![
        format!(
            "> {} {} ({file})",
            kind.to_uppercase(),
            name.unwrap_or_default()
        ),
        String::new(),
    ];
    for part in take("description").iter().flat_map(texts) {
        text.push(block(&part, limit, "  "));
    }
    if take("has_action").is_some() {
        text.push(String::new());
        text.push("  * note: This module has a corresponding action plugin.".to_owned());
    }
    let mut layout = Layout {
        limit,
        indent: INDENT.to_owned(),
        base: String::new(),
        results: false,
        short: !verbose,
    };
    if let Some(options) = take("options") {
        text.push("\nOPTIONS (= indicates it is required):".to_owned());
        fields::add(&mut text, &options, &layout)?;
    }
    if let Some(attributes) = take("attributes") {
        text.push("\nATTRIBUTES:".to_owned());
        for (name, attribute) in attributes.as_map().iter().flat_map(|map| map.iter()) {
            text.push(String::new());
            text.push(block(&format!("`{}:`", name.to_text()), limit - 6, INDENT));
            text.push(indented(&yaml(attribute, false)?, INDENT));
        }
    }
    if let Some(notes) = take("notes") {
        text.push("\nNOTES:".to_owned());
        text.extend(
            texts(&notes)
                .iter()
                .map(|note| starred(note, limit - 6, INDENT)),
        );
    }
    if let Some(others) = take("seealso") {
        text.push("\nSEE ALSO:".to_owned());
        add_others(&mut text, &others, limit, INDENT);
    }
    if verbose {
        let (version, collection) = (
            doc.remove("version_added"),
            doc.remove("version_added_collection"),
        );
        let version = version.unwrap_or_else(|| Value::str("historical"));
        doc.set("added_in", added(&version, collection.as_ref()));
    }
    add_rest(&mut text, &doc, limit, INDENT)?;
    add_examples(&mut text, entry.get("examples"))?;
    if let Some(results) = entry.get("return").filter(|value| value.is_true()) {
        text.push("\nRETURN VALUES:".to_owned());
        layout.results = true;
        fields::add(&mut text, results, &layout)?;
    }
    text.push("\n".to_owned());
    Ok(text.join("\n"))
}

/// Keys that have no layout of their own.
fn add_rest(text: &mut Vec<String>, doc: &Map, limit: usize, indent: &str) -> Result<()> {
    let mut keys: Vec<(String, &Value)> = doc.iter().map(|(k, v)| (k.to_text(), v)).collect();
    keys.sort_by(|a, b| a.0.cmp(&b.0));
    let shown = |(key, value): &&(String, &Value)| {
        value.is_true() && !ELSEWHERE.contains(&key.as_str()) && key != "name"
    };
    for (key, value) in keys.iter().filter(shown) {
        text.push(String::new());
        add_key(text, key, value, limit, indent)?;
    }
    Ok(())
}

fn add_key(
    text: &mut Vec<String>,
    key: &str,
    value: &Value,
    limit: usize,
    indent: &str,
) -> Result<()> {
    let head = key.to_uppercase();
    text.push(match value {
        Value::List(_) | Value::Tuple(_) => format!("{head}: {}", texts(value).join(", ")),
        Value::Map(_) => {
            let blanks = " ".repeat(key.len() + 2);
            format!("{head}: {}", indented(&yaml(value, false)?, &blanks))
        }
        one => {
            let lines = Lines {
                width: limit.saturating_sub(key.len() + 2),
                first: "",
                rest: indent,
                most: None,
            };
            format!("{head}: {}", filled(&plain(&one.to_text()), lines))
        }
    });
    Ok(())
}

fn add_examples(text: &mut Vec<String>, examples: Option<&Value>) -> Result<()> {
    let Some(examples) = examples.filter(|value| value.is_true()) else {
        return Ok(());
    };
    text.push("\nEXAMPLES:".to_owned());
    text.push(match examples.as_str() {
        Some(examples) => examples.trim().to_owned(),
        None => yaml(examples, false)? + "\n",
    });
    Ok(())
}

/// Other pages that are worth reading.
fn add_others(text: &mut Vec<String>, others: &Value, limit: usize, indent: &str) {
    let width = limit - 6;
    let inner = format!("{indent}   ");
    for other in others.as_list().iter().flat_map(|all| all.iter()) {
        let get = |key: &str| other.get(key).map(Value::to_text);
        let (head, of, description, link) = if let Some(module) = get("module") {
            let link = page_link(&module, "module");
            (
                format!("Module {module}"),
                format!("{module} module"),
                get("description"),
                link,
            )
        } else if let (Some(plugin), Some(kind)) = (get("plugin"), get("plugin_type")) {
            let word = match kind.as_str() {
                "module" | "role" => kind.clone(),
                kind => format!("{kind} plugin"),
            };
            let mut title = word.clone();
            if let Some(first) = title.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            let link = page_link(&plugin, &kind);
            (
                format!("{title} {plugin}"),
                format!("{plugin} {word}"),
                get("description"),
                link,
            )
        } else if let (Some(name), Some(link)) = (get("name"), get("link")) {
            (name, String::new(), get("description"), Some(link))
        } else if let Some(reference) = get("ref") {
            let link = format!("{SITE}/#stq={reference}&stp=1");
            let head = format!("Ansible documentation [{reference}]");
            (head, String::new(), get("description"), Some(link))
        } else {
            continue;
        };
        text.push(starred(&head, width, indent));
        let builtin = of.starts_with("ansible.builtin.");
        let official = || builtin.then(|| format!("The official documentation on the {of}."));
        if let Some(description) = description.or_else(official) {
            text.push(block(&description, width, &inner));
        }
        text.extend(link.map(|link| block(&link, width, &inner)));
    }
}

/// The address of a built-in plugin's page.
fn page_link(name: &str, kind: &str) -> Option<String> {
    let path = name
        .starts_with("ansible.builtin.")
        .then(|| name.replacen('.', "/", 2))?;
    Some(format!("{SITE}/collections/{path}_{kind}.html"))
}

/// The page of a role: each of its entry points.
///
/// # Errors
/// An option has no description.
pub fn role(name: &str, role: &Value, columns: usize) -> Result<Vec<String>> {
    let limit = limit(columns);
    let path = role.get("path").map(Value::to_text).unwrap_or_default();
    let mut text = vec![format!("> ROLE: *{name}* ({path})")];
    let entries = role.get("entry_points").and_then(Value::as_map);
    for (entry, doc) in entries.iter().flat_map(|map| map.iter()) {
        entry_point(&mut text, &entry.to_text(), doc, limit)?;
    }
    Ok(text)
}

fn entry_point(text: &mut Vec<String>, name: &str, doc: &Value, limit: usize) -> Result<()> {
    const INDENT: &str = "          ";
    let get = |key: &str| doc.get(key).filter(|value| value.is_true());
    let summary = get("short_description").map(|text| format!("- {}", text.to_text()));
    text.push(String::new());
    text.push(format!(
        "ENTRY POINT: *{name}* {}",
        summary.unwrap_or_default()
    ));
    text.push(String::new());
    if let Some(version) = get("version_added") {
        text.push(format!("ADDED IN: {}\n", added(version, None)));
    }
    if let Some(description) = get("description") {
        text.extend(
            texts(description)
                .iter()
                .map(|part| block(part, limit, INDENT)),
        );
        text.push(String::new());
    }
    if let Some(options) = get("options") {
        text.push("Options (= indicates it is required):".to_owned());
        let layout = Layout {
            limit,
            indent: INDENT.to_owned(),
            base: String::new(),
            results: false,
            short: false,
        };
        fields::add(text, options, &layout)?;
    }
    if let Some(notes) = get("notes") {
        text.push("\nNOTES:".to_owned());
        text.extend(
            texts(notes)
                .iter()
                .map(|note| starred(note, limit - 6, INDENT)),
        );
    }
    if let Some(others) = get("seealso") {
        text.push("\nSEE ALSO:".to_owned());
        add_others(text, others, limit, INDENT);
    }
    if let Some(author) = doc.get("author") {
        text.push(String::new());
        add_key(text, "author", author, limit, INDENT)?;
    }
    add_examples(text, doc.get("examples"))
}

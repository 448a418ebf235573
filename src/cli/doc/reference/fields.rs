//! Options and results, as the reference lists them on a page without colours.

use super::marks::{Lines, filled, plain};
use crate::error::{Error, Result};
use crate::value::{Map, Value};
use crate::yaml::{DumpOptions, dump};

/// Keys that are said elsewhere on a page.
pub const ELSEWHERE: [&str; 11] = [
    "module",
    "docuri",
    "version_added",
    "version_added_collection",
    "short_description",
    "now_date",
    "plainexamples",
    "returndocs",
    "collection",
    "plugin_name",
    "metadata",
];

/// How a list of fields is laid out.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The most characters of a line.
    pub limit: usize,
    /// What stands before the entries of a field.
    pub indent: String,
    /// What stands before its name.
    pub base: String,
    /// Whether these are results, which have no default.
    pub results: bool,
    /// Whether versions are left out.
    pub short: bool,
}

/// Adds a list of fields to the lines of a page.
///
/// # Errors
/// A field has no description, or `required` is no truth value.
pub fn add(text: &mut Vec<String>, fields: &Value, layout: &Layout) -> Result<()> {
    let Some(fields) = fields.as_map() else {
        return Ok(());
    };
    let mut names: Vec<(&Value, &Value)> = fields.iter().collect();
    names.sort_by_key(|(name, _)| name.to_text());
    for (name, field) in names {
        let field = field.as_map().map(|map| (**map).clone());
        add_one(text, &name.to_text(), field.unwrap_or_default(), layout)?;
    }
    Ok(())
}

fn add_one(text: &mut Vec<String>, name: &str, mut field: Map, layout: &Layout) -> Result<()> {
    let required = is_required(field.remove("required").as_ref())?;
    let description = field.remove("description").ok_or_else(|| {
        Error::input("All (sub-)options and return values must have a 'description' field")
    })?;
    text.push(String::new());
    describe(text, name, required, &description, layout)?;
    let mut below = Vec::new();
    for key in ["options", "suboptions", "contains", "spec"] {
        below.extend(field.remove(key).map(|fields| (key, fields)));
    }
    if !required && !layout.results && !field.contains("default") {
        field.set("default", Value::Null);
    }
    let ways = ways(&mut field);
    if !ways.is_empty() {
        let all = Value::map(Map::from_iter([(Value::str("set_via"), Value::map(ways))]));
        text.push(indented(&yaml(&all, false)?, &layout.indent));
    }
    let version = field.remove("version_added");
    let collection = field.remove("version_added_collection");
    let mut entries: Vec<(String, &Value)> = field.iter().map(|(k, v)| (k.to_text(), v)).collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (key, value) in entries.iter().filter(|(key, _)| !key.starts_with('_')) {
        let line = match value {
            Value::List(_) | Value::Tuple(_) => format!("{key}: {}", yaml(value, true)?),
            value => {
                let map = Map::from_iter([(Value::str(key.as_str()), (*value).clone())]);
                yaml(&Value::map(map), false)?
            }
        };
        text.push(indented(&line, &layout.indent));
    }
    if let Some(version) = version.filter(|_| !layout.short) {
        let version = added(&version, collection.as_ref());
        text.push(format!("{}added in: {version}", layout.indent));
    }
    for (key, fields) in below {
        text.push(format!("{}{key}:", layout.indent));
        let inner = Layout {
            indent: format!("{}  ", layout.indent),
            base: layout.indent.clone(),
            short: false,
            ..layout.clone()
        };
        add(text, &fields, &inner)?;
    }
    Ok(())
}

/// What `required` says.
///
/// # Errors
/// It is no truth value.
pub fn is_required(said: Option<&Value>) -> Result<bool> {
    match said {
        None => Ok(false),
        Some(Value::Bool(required)) => Ok(*required),
        Some(other) => Err(Error::input(format!(
            "Incorrect value for 'Required', a boolean is needed.: {}",
            other.to_text()
        ))),
    }
}

/// The name of a field with what is said of it.
fn describe(
    text: &mut Vec<String>,
    name: &str,
    required: bool,
    description: &Value,
    layout: &Layout,
) -> Result<()> {
    let lead = if required { "=" } else { "-" };
    let key = format!("{}{lead} {name}", layout.base);
    let length = name.chars().count();
    let room = layout
        .indent
        .len()
        .saturating_sub(length + layout.base.len());
    let inline = " ".repeat(room.max(2));
    let extra = format!("{}{}", layout.base, " ".repeat(length + 3));
    let below = format!("{inline}{extra}");
    let parts = match description {
        Value::List(parts) => parts.iter().cloned().collect(),
        one => vec![one.clone()],
    };
    for (number, part) in parts.iter().enumerate() {
        let Some(part) = part.as_str() else {
            return Err(Error::input(format!(
                "Expected string in description of {name} at index {}, got {}",
                number + 1,
                part.type_name()
            )));
        };
        // The first line makes room for the name, which then takes the place of blanks.
        let lines = Lines {
            width: layout.limit,
            first: &below,
            rest: &below,
            most: None,
        };
        let filled = filled(&plain(part), lines);
        text.push(match number {
            0 => format!("{key}{}", filled.strip_prefix(&extra).unwrap_or(&filled)),
            _ => filled,
        });
    }
    Ok(())
}

/// From where an option is set beside the task: environment, `ansible.cfg`, variables, flags.
fn ways(field: &mut Map) -> Map {
    let mut ways = Map::new();
    for key in ["env", "ini", "yaml", "vars", "keyword"] {
        let Some(Value::List(items)) = field.get(key).filter(|value| value.is_true()).cloned()
        else {
            continue;
        };
        field.remove(key);
        let known = |item: &Value| {
            let mut item = item.as_map().map(|map| (**map).clone()).unwrap_or_default();
            for ignored in ELSEWHERE {
                item.remove(ignored);
            }
            Value::map(item)
        };
        ways.set(key, Value::list(items.iter().map(known).collect()));
    }
    if let Some(Value::List(items)) = field.remove("cli").filter(Value::is_true) {
        let flag = |item: &Value| match (item.get("option"), item.get("name")) {
            (None, Some(name)) => {
                let option = format!("--{}", name.to_text().replace('_', "-"));
                Value::from(crate::entries! { "name" => name.clone(), "option" => option.as_str() })
            }
            _ => item.clone(),
        };
        ways.set("cli", Value::list(items.iter().map(flag).collect()));
    }
    ways
}

/// A value as YAML without its last line's end.
///
/// # Errors
/// It holds what YAML has no form for.
pub fn yaml(value: &Value, flow: bool) -> Result<String> {
    let options = DumpOptions {
        default_flow_style: Some(flow),
        allow_unicode: false,
        ..DumpOptions::default()
    };
    Ok(dump(value, &options)?.trim_end_matches('\n').to_owned())
}

/// Lines with blanks before each, without marks.
pub fn indented(text: &str, indent: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| format!("{indent}{line}"))
        .collect();
    plain(&lines.join("\n"))
}

/// Since when something is there.
pub fn added(version: &Value, collection: Option<&Value>) -> String {
    let version = version.to_text();
    let collection = collection.map(Value::to_text);
    match collection.as_deref() {
        Some("ansible.builtin") if version == "historical" => version,
        Some("ansible.builtin") => format!("version {version} of ansible-core"),
        Some(collection) => format!("version {version} of {collection}"),
        None => format!("version {version}"),
    }
}

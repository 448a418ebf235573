//! Snippets to begin with: a task, a source of inventory, a call of a lookup.

use super::fields::is_required;
use super::marks::{Lines, filled, plain};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

/// The kinds that have snippets.
pub const KINDS: [&str; 3] = ["inventory", "lookup", "module"];

/// The snippet of a page.
///
/// # Errors
/// There can be none: the plugin reads no file of its own, or `required` is no truth value.
pub fn snippet(name: &str, kind: &str, doc: &Map, columns: usize) -> Result<String> {
    let options = doc.get("options").and_then(Value::as_map);
    let options = options.map(|map| (**map).clone()).unwrap_or_default();
    if kind == "inventory" && options.get("plugin").is_some_and(Value::is_true) {
        return Err(Error::input(format!(
            "The {name} inventory plugin does not take YAML type config source that can be used with the \
             \"auto\" plugin so a snippet cannot be created."
        )));
    }
    let mut text = match kind {
        "lookup" => lookup(doc, &options)?,
        _ if doc.contains("options") => task(doc, &options, columns)?,
        _ => Vec::new(),
    };
    text.push(String::new());
    Ok(text.join("\n"))
}

fn sorted(options: &Map) -> Vec<(String, &Value)> {
    let mut all: Vec<(String, &Value)> = options.iter().map(|(k, v)| (k.to_text(), v)).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn described(option: &Value) -> String {
    match option.get("description") {
        Some(Value::List(parts)) => {
            let parts: Vec<String> = parts.iter().map(Value::to_text).collect();
            plain(&parts.join(" "))
        }
        Some(text) => plain(&text.to_text()),
        None => String::new(),
    }
}

fn own_name(doc: &Map) -> String {
    let name = doc.get("plugin").or_else(|| doc.get("name"));
    name.map_or_else(|| "None".to_owned(), Value::to_text)
}

fn default(option: &Value) -> String {
    option
        .get("default")
        .map_or_else(|| "None".to_owned(), Value::to_text)
}

/// A task, or a file for an inventory plugin.
fn task(doc: &Map, options: &Map, columns: usize) -> Result<Vec<String>> {
    const PAD: usize = 29;
    let below = format!("{:>width$}", "# ", width = PAD + 2);
    let summary = doc.get("short_description").map(Value::to_text);
    let module = doc.get("module").filter(|name| name.is_true());
    let mut text = match module {
        Some(module) => vec![
            format!("- name: {}", plain(&summary.unwrap_or_default())),
            format!("  {}:", module.to_text()),
        ],
        None => vec![format!("# {}:", own_name(doc))],
    };
    for (name, option) in sorted(options) {
        let required = is_required(option.get("required"))?;
        let mut lines = Lines {
            width: columns.saturating_sub(PAD),
            first: "",
            rest: &below,
            most: None,
        };
        let said = described(option);
        let name = format!("{name}:");
        if module.is_some() {
            let lead = if required { "(required) " } else { "" };
            let said = filled(&format!("{lead}{said}"), lines);
            text.push(format!("      {name:<20}   # {said}"));
        } else {
            let default = match required {
                true => "(required)".to_owned(),
                false => default(option),
            };
            lines.most = Some(3);
            text.push(format!("{name} {default:<9} # {}", filled(&said, lines)));
        }
    }
    Ok(text)
}

fn lookup(doc: &Map, options: &Map) -> Result<Vec<String>> {
    let mut call = format!("lookup('{}', ", own_name(doc));
    let mut text = Vec::new();
    for (name, option) in sorted(options) {
        let kind = option
            .get("type")
            .map_or_else(|| "string".to_owned(), Value::to_text);
        let said = option
            .get("description")
            .map(Value::to_text)
            .unwrap_or_default();
        text.push(format!("# {name}({kind}): {said}"));
        if matches!(name.as_str(), "_terms" | "_raw" | "_list") {
            call.push_str(&format!("< {name} >"));
            continue;
        }
        let default = match is_required(option.get("required"))? {
            true => "<REQUIRED>".to_owned(),
            false => default(option),
        };
        call.push_str(&match option.get("type").map(Value::to_text).as_deref() {
            Some("string" | "str") => format!(", {name}='{default}'"),
            _ => format!(", {name}={default}"),
        });
    }
    call.push(')');
    if !text.is_empty() {
        text.push(String::new());
    }
    text.push(call);
    Ok(text)
}

//! YAML files that configure a plugin: `plugin: constructed`.

use crate::error::Error;
use crate::error::Result;
use crate::inventory::Inventory;
use crate::inventory::load::Outside;
use crate::inventory::source::constructed;
use crate::inventory::source::generator;
use crate::value::Map;
use crate::value::Value;

/// The name of the plugin that a file configures, where it configures one.
pub(crate) fn name(root: &Value) -> Option<&Value> {
    root.get("plugin").filter(|name| name.is_true())
}

/// Says whether the plugin of that name is one that is configured by a file, and is built.
pub(crate) fn is_known(name: &str) -> bool {
    matches!(short(name), "constructed" | "generator")
}

/// Says whether the plugin is a built-in one that no file configures.
pub(crate) fn needs_no_file(name: &str) -> bool {
    matches!(
        short(name),
        "advanced_host_list" | "auto" | "host_list" | "ini" | "script" | "toml" | "yaml"
    )
}

/// Why the plugin of a file cannot be used.
pub(crate) fn unsupported(name: &Value) -> Error {
    let error = match needs_no_file(&name.to_text()) {
        true => Error::input(format!(
            "inventory plugin `{name}` is not configured by a file"
        ))
        .hint("name the source itself with `-i`: a list `host1,host2,`, a file or a script"),
        false => Error::input(format!("there is no inventory plugin `{name}`")).hint(
            "install its collection, and ansible-core beside it: `play config python` shows where \
             Python is looked for",
        ),
    };
    error.at(name.place().cloned())
}

/// Lets the plugin that `config` names do its work.
///
/// # Errors
/// What the plugin's configuration or its templates say wrongly.
pub(crate) fn run(inventory: &mut Inventory, config: &Map, outside: &Outside<'_>) -> Result<()> {
    let name = config.get("plugin").map(Value::to_text).unwrap_or_default();
    match short(&name) {
        "constructed" => constructed::read(inventory, config, outside),
        _ => generator::read(inventory, config, outside),
    }
}

/// A name without the collection of the built-in ones.
pub(crate) fn short(name: &str) -> &str {
    let legacy = name.strip_prefix("ansible.legacy.");
    legacy
        .or_else(|| name.strip_prefix("ansible.builtin."))
        .unwrap_or(name)
}

/// Says which options of a plugin's file it does not know.
pub(crate) fn warn_of_unknown(inventory: &mut Inventory, config: &Map, known: &[&str]) {
    for key in config.keys() {
        let text = key.to_text();
        if known.contains(&&*text) || text == "plugin" {
            continue;
        }
        let warning = Error::input(format!("the inventory plugin has no option `{text}`"))
            .at(key.place().cloned())
            .hint_if(crate::error::nearest(&text, known.iter().copied()));
        inventory.warn(warning);
    }
}

/// A truth value of a plugin's file.
///
/// # Errors
/// Something else stands there.
pub(crate) fn flag(config: &Map, name: &str, default: bool) -> Result<bool> {
    let Some((key, value)) = config.get_entry(name) else {
        return Ok(default);
    };
    let word = match value {
        Value::Bool(value) => return Ok(*value),
        Value::Null => return Ok(default),
        other => other.to_text().to_lowercase(),
    };
    match word.as_str() {
        "yes" | "on" | "1" | "true" | "t" | "y" | "1.0" => Ok(true),
        "no" | "off" | "0" | "false" | "f" | "n" | "0.0" => Ok(false),
        _ => Err(
            Error::input(format!("`{name}` must be a truth value, not `{value}`"))
                .at(key.place().cloned()),
        ),
    }
}

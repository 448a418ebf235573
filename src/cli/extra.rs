//! `-e`: variables of the command line.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Kind, Result, Source};
use crate::executor::House;
use crate::playbook;
use crate::template::PluginNames;
use crate::value::{Map, Str, Value};
use crate::vault::{self, Vault};
use crate::yaml;

/// The extra variables as they are rendered before there is a run: callbacks have options among them.
pub struct Rendered(pub Arc<House>);

impl PluginNames for Rendered {
    fn all(&self) -> Vec<String> {
        self.0.extra.keys().map(Value::to_text).collect()
    }

    fn value(&self, name: &str) -> Result<Option<Value>> {
        let Some(value) = self.0.extra.get(name) else {
            return Ok(None);
        };
        let value = playbook::World::render(&self.0, value, &[])?;
        Ok(Some(value).filter(|value| !matches!(value, Value::Omit)))
    }
}

/// The variables of every `-e`; later ones win.
///
/// # Errors
/// One of them is no variables, or its file cannot be read.
pub fn vars(texts: &[String], vault: &Vault) -> Result<Map> {
    let mut all = Map::new();
    for text in texts {
        for (key, value) in one(text, vault)? {
            let name = key.to_text();
            if !playbook::is_variable_name(&name) {
                let text = format!("`{name}` is not a valid name for a variable (-e)");
                return Err(Error::input(text));
            }
            all.insert(key, value);
        }
    }
    Ok(all)
}

fn one(text: &str, vault: &Vault) -> Result<Map> {
    if let Some(file) = text.strip_prefix('@') {
        return from_file(Path::new(file), vault);
    }
    if text.starts_with(['/', '.']) {
        let message = format!("`{text}` looks like a file");
        return Err(Error::new(Kind::Options, message).hint(format!("write -e @{text}")));
    }
    if text.trim_start().starts_with(['{', '[']) {
        return mapping(&Source::new("<extra vars>", text));
    }
    let line = playbook::parse_line(&Str::template(text, None), false)?;
    if let Some(free) = line.free {
        let message = format!("`{free}` in -e is not a `key=value`");
        return Err(Error::new(Kind::Options, message)
            .hint("give key=value pairs, JSON, YAML in braces, or @file"));
    }
    Ok(line.pairs)
}

fn from_file(file: &Path, vault: &Vault) -> Result<Map> {
    let bytes = std::fs::read(file).map_err(|error| {
        Error::input(format!("failed to read `{}`", file.display())).because(error)
    })?;
    let source = match vault::is_sealed(&bytes) {
        true => yaml::decode_sealed(vault.open(&String::from_utf8_lossy(&bytes))?.expose(), file)?,
        false => yaml::decode(&bytes, file)?,
    };
    mapping(&source)
}

fn mapping(source: &Arc<Source>) -> Result<Map> {
    let document = yaml::load(source, &yaml::Options::default())?;
    match document.root.value() {
        Value::Map(map) => Ok((**map).clone()),
        Value::Null => Ok(Map::new()),
        _ => Err(Error::new(
            Kind::Options,
            format!("-e wants variables, got {}", document.root.kind_name()),
        )
        .at(document.root.place().clone())),
    }
}

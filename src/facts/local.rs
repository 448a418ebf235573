//! The host's own facts: `/etc/ansible/facts.d/*.fact`, text or programs.

use super::ini;
use super::sections::{Local, Sections, base};
use crate::value::{Map, Value, from_json};

/// `local`: a fact for each file, or the words about what is wrong with it.
pub(super) fn read(sections: &Sections, facts: &mut Map) {
    let mut local = Map::new();
    for file in &sections.locals {
        let fact = fact(file).unwrap_or_else(Value::str);
        local.set(&base(&file.path).replace(".fact", ""), fact);
    }
    facts.set("local", local);
}

/// What is wrong with the files, for a warning each.
pub(super) fn complaints(sections: &Sections) -> Vec<String> {
    sections
        .locals
        .iter()
        .filter_map(|file| fact(file).err())
        .collect()
}

fn fact(file: &Local) -> Result<Value, String> {
    let path = &file.path;
    if file.status.is_some_and(|status| status != 0) {
        return Err(format!(
            "fact script `{path}` ended with status {}: {}",
            file.status.unwrap_or_default(),
            file.error.trim()
        ));
    }
    let text = std::str::from_utf8(&file.text)
        .map_err(|_| format!("fact file `{path}` gives text that is not UTF-8"))?;
    if let Ok(fact) = from_json(text) {
        return Ok(fact);
    }
    let sections = ini::read(text)
        .map_err(|why| format!("fact file `{path}` is neither JSON nor INI: {why}"))?;
    Ok(Value::map(sections))
}

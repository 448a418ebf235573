//! The host's own facts: `/etc/ansible/facts.d/*.fact`, text or programs.

use super::ini::{self, Wrong};
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
        let rc = file.status.unwrap_or_default();
        return Err(format!(
            "Failure executing fact script ({path}), rc: {rc}, err: {}",
            file.error
        ));
    }
    if file.is_gone {
        return Err(format!(
            "Could not stat fact ({path}): [Errno 2] No such file or directory: '{path}'"
        ));
    }
    let text = std::str::from_utf8(&file.text)
        .map_err(|_| format!("error loading fact - output of running \"{path}\" was not utf-8"))?;
    if let Ok(fact) = from_json(text) {
        return Ok(fact);
    }
    match ini::read(text) {
        Ok(sections) => Ok(Value::map(sections)),
        Err(Wrong::Line(why)) => Err(format!(
            "error loading facts as JSON or ini - please check content: {path} ({why})"
        )),
        Err(Wrong::Value(why)) => Err(format!(
            "error loading facts as ini - please check content: {path} ({why})"
        )),
    }
}

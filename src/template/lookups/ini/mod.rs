//! `ini`: a value of an INI file, or of a Java properties file.

use super::super::Runtime;
use super::super::filters::decoded_text;
use super::super::regex::{Flags, compile};
use super::{Options, Table};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

mod file;

pub(in crate::template) use file::IniFile;

pub(super) const LOOKUPS: Table = &[("ini", ini)];

const NAMES: &[&str] = &[
    "type",
    "file",
    "section",
    "re",
    "encoding",
    "default",
    "case_sensitive",
    "allow_no_value",
    "allow_none",
    "interpolation",
];

/// The section that stands for a file without sections.
const PROPERTIES: &str = "java_properties";

fn ini(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let mut options = Options::new("ini", options);
    let mut answers = Vec::new();
    for term in &terms {
        let term = super::text("ini", term)?;
        let key = if term.contains('=') || term.trim().contains(' ') {
            inline(term, &mut options)?
        } else {
            term.to_owned()
        };
        answers.extend(values(runtime, &key, &options)?);
    }
    Ok(answers)
}

/// Reads `key section=s file=f` with blanks in the parts; gives the key.
fn inline(term: &str, options: &mut Options) -> Result<String> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for (position, phrase) in term.split_whitespace().enumerate() {
        let option = phrase
            .split_once('=')
            .filter(|(name, _)| NAMES.contains(name));
        match (option, parts.last_mut()) {
            (Some((name, value)), _) => parts.push((name.to_owned(), value.to_owned())),
            (None, _) if phrase.contains('=') => {
                return Err(Error::template(format!(
                    "'{phrase}' is not a valid option."
                )));
            }
            (None, Some((_, value))) if position > 0 => {
                value.push(' ');
                value.push_str(phrase);
            }
            (None, _) => parts.push((String::new(), phrase.to_owned())),
        }
    }
    let mut key = None;
    for (name, value) in parts {
        if name.is_empty() {
            key.get_or_insert(value);
        } else {
            options.set(&name, value);
        }
    }
    key.ok_or_else(|| Error::template(format!("the lookup `ini` misses the key in `{term}`")))
}

fn values(runtime: &dyn Runtime, key: &str, options: &Options) -> Result<Vec<Value>> {
    let name = options.text("file", "ansible.ini");
    let path = runtime.scope().find("files", &name)?;
    let bytes = runtime.scope().outside().read(&path)?;
    let mut text = decoded_text(&bytes, &options.text("encoding", "utf-8"))?
        .ok_or_else(|| Error::template(format!("`{name}` is not in this encoding")))?;
    let mut section = options.text("section", "global");
    if options.choice("type", "ini", &["ini", "properties"])? == "properties" {
        text.insert_str(0, &format!("[{PROPERTIES}]\n"));
        PROPERTIES.clone_into(&mut section);
    }
    let no_value = options.flag("allow_no_value", options.flag("allow_none", false)?)?;
    let file = IniFile::read(&text, options.flag("case_sensitive", false)?, no_value)
        .map_err(|why| Error::template(format!("failed to read `{name}`: {why}")))?;
    let found = file
        .section(&section)
        .ok_or_else(|| Error::template(format!("no section `{section}` in `{name}`")))?;
    let interpolate = options.flag("interpolation", true)?;
    let value = |value: Option<&str>| -> Result<Option<Value>> {
        match value {
            None => Ok(None),
            Some(text) if interpolate => found
                .interpolated(text)
                .map(|text| Some(Value::str(text)))
                .map_err(|why| Error::template(format!("failed to read `{name}`: {why}"))),
            Some(text) => Ok(Some(Value::str(text))),
        }
    };
    if options.flag("re", false)? {
        let pattern = compile(key, Flags::default())?;
        let mut values = Vec::new();
        for (name, text) in found.entries() {
            if pattern.match_start(name)?.is_some() {
                values.push(value(text)?.unwrap_or_default());
            }
        }
        return Ok(values);
    }
    match found.get(key) {
        Some(text) => Ok(value(text)?.into_iter().collect()),
        None => Ok(vec![match options.value("default") {
            Some(default) => default.clone(),
            None => Value::str(""),
        }]),
    }
}

//! `csvfile`: a cell of a table in a file.

use super::super::Runtime;
use super::super::filters::decoded_text;
use super::{Options, Table, kv};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("csvfile", csvfile)];

const NAMES: &[&str] = &["col", "keycol", "default", "delimiter", "file", "encoding"];

fn csvfile(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let missing = || Error::template("Search key is required but was not found");
    let mut options = Options::new("csvfile", options);
    if terms.is_empty() {
        return Err(missing());
    }
    let mut answers = Vec::new();
    for term in &terms {
        let words = kv::read(super::text("csvfile", term)?)?;
        let key = words.raw.ok_or_else(missing)?;
        for (name, value) in words.pairs {
            if !NAMES.contains(&name.as_str()) {
                return Err(Error::template(format!(
                    "'{name}' is not a valid option of the lookup `csvfile`"
                ))
                .hint_if(crate::error::nearest(&name, NAMES.iter().copied())));
            }
            options.set(&name, value);
        }
        match cell(runtime, &key, &options)? {
            // A list as default gives each of its items.
            Some(Value::List(items)) => answers.extend(items.iter().cloned()),
            found => answers.extend(found),
        }
    }
    Ok(answers)
}

fn cell(runtime: &dyn Runtime, key: &str, options: &Options) -> Result<Option<Value>> {
    let name = options.text("file", "ansible.csv");
    let path = runtime.scope().find("files", &name).map_err(|error| {
        Error::input(format!("No such file or directory: '{name}'")).because(error)
    })?;
    let bytes = runtime.scope().outside().read(&path)?;
    let text = decoded_text(&bytes, &options.text("encoding", "utf-8"))?
        .ok_or_else(|| Error::template(format!("`{}` is not in this encoding", path.display())))?;
    let delimiter = match options.text("delimiter", "TAB").as_str() {
        "TAB" | "\\t" => '\t',
        other => one_character(other)?,
    };
    let column = options.int("col")?.unwrap_or(1);
    let key_column = options.int("keycol")?.unwrap_or(0);
    for row in rows(&text, delimiter) {
        let cell = |column: i64| {
            at(&row, column).ok_or_else(|| {
                Error::template(format!(
                    "a row of `{}` has no column {column}",
                    path.display()
                ))
            })
        };
        if !row.is_empty() && cell(key_column)? == key {
            return Ok(Some(Value::str(cell(column)?)));
        }
    }
    Ok(options.value("default").cloned())
}

fn one_character(text: &str) -> Result<char> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(c),
        _ => Err(Error::template(format!(
            "the lookup `csvfile` wants one character as `delimiter`, got `{text}`"
        ))),
    }
}

/// A cell, counted from the end where the number is negative.
fn at(row: &[String], column: i64) -> Option<&str> {
    let index = if column < 0 {
        i64::try_from(row.len()).ok()? + column
    } else {
        column
    };
    row.get(usize::try_from(index).ok()?).map(String::as_str)
}

/// The rows of a table as spreadsheets write it: cells in double quotes may hold the delimiter,
/// line ends, and quotes that are doubled.
pub(in crate::template) fn rows(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut begun = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if quoted {
            match c {
                '"' if chars.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' => quoted = false,
                c => cell.push(c),
            }
            continue;
        }
        match c {
            '"' if cell.is_empty() => {
                quoted = true;
                begun = true;
            }
            '\n' | '\r' => {
                if c == '\r' {
                    chars.next_if_eq(&'\n');
                }
                if begun || !cell.is_empty() || !row.is_empty() {
                    row.push(std::mem::take(&mut cell));
                }
                rows.push(std::mem::take(&mut row));
                begun = false;
            }
            c if c == delimiter => {
                row.push(std::mem::take(&mut cell));
                begun = true;
            }
            c => cell.push(c),
        }
    }
    if begun || !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

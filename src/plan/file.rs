//! A plan's file: what was typed, the files that were read, and the entries, a line of JSON each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::book::{Book, lock};
use super::entry::Entry;
use crate::disk::write_named;
use crate::error::{Error, Kind, Result};
use crate::memory::{Watch, file_print};
use crate::value::{Map, Value, from_json, to_json};

/// The version of the file.
const VERSION: i64 = 1;

/// What was typed when the plan was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The folder it was typed in.
    pub folder: PathBuf,
    /// The words behind `play plan`.
    pub words: Vec<String>,
}

impl Book {
    /// Writes the plan to a file that its user alone may read; whole, or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path, command: &Command, watch: &Watch) -> Result<()> {
        let head = crate::entries! {
            "play_plan" => VERSION,
            "folder" => command.folder.to_string_lossy().as_ref(),
            "words" => Value::strings(command.words.iter().map(String::as_str)),
        };
        let mut text = to_json(&Value::map(head)) + "\n";
        for (path, print) in watch.all() {
            let line = crate::entries! {
                "file" => path.to_string_lossy().as_ref(), "print" => print,
            };
            text.push_str(&(to_json(&Value::map(line)) + "\n"));
        }
        for host in self.open_hosts() {
            let line = crate::entries! { "open" => host };
            text.push_str(&(to_json(&Value::map(line)) + "\n"));
        }
        for (key, entry) in lock(&self.entries).iter() {
            text.push_str(&(to_json(&entry.to_value(key)) + "\n"));
        }
        write_named(path, text.as_bytes(), 0o600)
    }

    /// Reads a plan, to apply it.
    ///
    /// # Errors
    /// It is no plan, or a file that it was made of has changed since.
    pub fn read(path: &Path) -> Result<(Book, Command)> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::input(format!("failed to read the plan `{}`", path.display())).because(error)
        })?;
        let wrong = |number: usize| {
            let text = format!(
                "line {} of `{}` is not a line of a plan",
                number + 1,
                path.display()
            );
            Error::new(Kind::Options, text).hint("`play plan PLAYBOOK -o FILE` makes a plan")
        };
        let (mut command, mut entries) = (None, BTreeMap::new());
        let (mut changed, mut open) = (Vec::new(), Vec::new());
        for (number, line) in text.lines().enumerate() {
            let value = from_json(line).map_err(|error| wrong(number).because(error))?;
            let map = value.as_map().ok_or_else(|| wrong(number))?;
            let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
            if let Some(version) = map.get("play_plan").and_then(Value::as_int) {
                command = Some(read_head(map, version)?);
            } else if let (Some(file), Some(print)) = (text("file"), text("print")) {
                if file_print(Path::new(&file)).as_deref() != Some(print.as_str()) {
                    changed.push(format!("`{file}`"));
                }
            } else if let Some(host) = text("open") {
                open.push(host);
            } else {
                let key = text("key").ok_or_else(|| wrong(number))?;
                entries.insert(key, Entry::of_value(map));
            }
        }
        let command = command.ok_or_else(|| wrong(0))?;
        if !changed.is_empty() {
            let text = format!(
                "the plan was made of other files: {} changed since",
                changed.join(", ")
            );
            return Err(Error::new(Kind::Options, text).hint("make the plan anew"));
        }
        let book = Book::of(true, entries);
        open.iter().for_each(|host| book.open(host));
        Ok((book, command))
    }
}

fn read_head(map: &Map, version: i64) -> Result<Command> {
    if version != VERSION {
        let text = format!("this plan is of version {version}, and this `play` reads {VERSION}");
        return Err(Error::new(Kind::Options, text).hint("make the plan anew"));
    }
    let words = map.get("words").and_then(Value::as_list);
    Ok(Command {
        folder: map
            .get("folder")
            .map(Value::to_text)
            .unwrap_or_default()
            .into(),
        words: words.map_or_else(Vec::new, |words| words.iter().map(Value::to_text).collect()),
    })
}

//! A plan's file: what was typed, the files that were read, and the entries, a line of JSON each.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::book::{Book, lock};
use super::entry::Entry;
use crate::disk::{open_own, write_named};
use crate::error::{Error, Kind, Result};
use crate::memory::{Watch, file_print};
use crate::value::{Map, Value, from_json, to_json};

/// The version of the file.
const VERSION: i64 = 2;

/// What was typed when the plan was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The folder it was typed in.
    pub folder: PathBuf,
    /// The words behind `play plan`.
    pub words: Vec<String>,
}

impl Book {
    /// Writes the plan to a file that its user alone may read; whole, or not at all. `mask` hides what came out of
    /// a vault: names of tasks and messages may hold it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(
        &self,
        path: &Path,
        command: &Command,
        watch: &Watch,
        mask: &dyn Fn(&str) -> String,
    ) -> Result<()> {
        let head = crate::entries! {
            "play_plan" => VERSION,
            "folder" => command.folder.to_string_lossy().as_ref(),
            "words" => Value::strings(command.words.iter().map(String::as_str)),
        };
        if let Some(pipe) = watch.pipe() {
            let text = format!(
                "the plan cannot be kept: `{}` is a pipe, and nobody can read it again",
                pipe.display()
            );
            return Err(Error::new(Kind::Options, text).hint("write it into a file first"));
        }
        let mut text = to_json(&Value::map(head)) + "\n";
        for (path, print) in watch.all() {
            let line = crate::entries! {
                "file" => path.to_string_lossy().as_ref(), "print" => print,
            };
            text.push_str(&(to_json(&Value::map(line)) + "\n"));
        }
        for line in self.host_lines() {
            text.push_str(&(to_json(&Value::map(line)) + "\n"));
        }
        for (key, entry) in lock(&self.entries).iter() {
            text.push_str(&(to_json(&entry.to_value(key, mask)) + "\n"));
        }
        text.push_str(&(end_line(&text) + "\n"));
        write_named(path, text.as_bytes(), 0o600)
    }

    /// Refuses to write a plan over a file that is none.
    ///
    /// # Errors
    /// There is such a file, or it cannot be read.
    pub fn may_be_at(path: &Path) -> Result<()> {
        let Ok(about) = std::fs::metadata(path) else {
            return Ok(());
        };
        let refuse = |what: &str| {
            let text = format!("`{}` is there, and is {what}", path.display());
            Err(Error::new(Kind::Options, text).hint("choose a file that is not there yet"))
        };
        if !about.is_file() {
            return refuse("not a file");
        }
        let mut start = Vec::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(12).read_to_end(&mut start));
        read.map_err(|error| {
            Error::input(format!("failed to read `{}`", path.display())).because(error)
        })?;
        match start.is_empty() || start == br#"{"play_plan""# {
            true => Ok(()),
            false => refuse("no plan"),
        }
    }

    /// Reads a plan, to apply it.
    ///
    /// # Errors
    /// It is no plan, is not ours or not whole, or a file that it was made of has changed since.
    pub fn read(path: &Path) -> Result<(Book, Command)> {
        let text = text_of(path)?;
        let mut lines = text.lines();
        let head = lines.next().and_then(|line| from_json(line).ok());
        let head = head.as_ref().and_then(Value::as_map);
        let version = head.and_then(|head| head.get("play_plan")?.as_int());
        let (Some(head), Some(version)) = (head, version) else {
            let text = format!("`{}` is no plan", path.display());
            return Err(
                Error::new(Kind::Options, text).hint("`play plan PLAYBOOK -o FILE` makes a plan")
            );
        };
        let command = read_head(head, version)?;
        let broken = || {
            let text = format!("`{}` is not as `play plan` left it", path.display());
            Error::new(Kind::Options, text)
                .hint("something was cut off or changed: make the plan anew")
        };
        if !is_whole(&text) {
            return Err(broken());
        }
        let (mut entries, mut hosts) = (BTreeMap::new(), Vec::new());
        let mut files = BTreeMap::new();
        for line in lines {
            let value = from_json(line).map_err(|error| broken().because(error))?;
            let map = value.as_map().ok_or_else(broken)?;
            let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
            if let (Some(file), Some(print)) = (text("file"), text("print")) {
                files.insert(PathBuf::from(file), print);
            } else if let Some(key) = text("key") {
                entries.insert(key, Entry::of_value(map));
            } else {
                hosts.push(value);
            }
        }
        unchanged(&files)?;
        let book = Book::of(Some(files.into_keys().collect()), entries);
        let hosts = hosts.iter().filter_map(Value::as_map);
        hosts.for_each(|line| book.add_host_line(line));
        Ok((book, command))
    }

    /// Refuses inventory and variables that were not there when the plan was made, among the files that were
    /// read since `before`.
    ///
    /// # Errors
    /// There is such a file.
    pub fn knows_all(&self, watch: &Watch, before: &BTreeSet<PathBuf>) -> Result<()> {
        let Some(files) = &self.files else {
            return Ok(());
        };
        let new = watch.names().into_iter();
        let new = new.filter(|path| !before.contains(path) && !files.contains(path));
        let new: Vec<PathBuf> = new.collect();
        match new.is_empty() {
            true => Ok(()),
            false => {
                let text = format!("the plan was made without {}", list(&new));
                Err(Error::new(Kind::Options, text).hint("make the plan anew"))
            }
        }
    }
}

/// The text of a plan's file, which nobody else may have written: it is a command to run.
fn text_of(path: &Path) -> Result<String> {
    let text = || format!("the plan `{}` is not applied", path.display());
    let hint = match path.exists() {
        true => "whoever can write a plan says what is run: make it anew",
        false => "`play plan PLAYBOOK -o FILE` makes a plan",
    };
    let mut file = open_own(path)
        .map_err(|error| Error::new(error.kind(), text()).because(error).hint(hint))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)
        .map_err(|error| Error::input(text()).because(error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Says whether the last line is there, and is that of the lines before it.
fn is_whole(text: &str) -> bool {
    let Some((before, last)) = text
        .strip_suffix('\n')
        .and_then(|text| text.rsplit_once('\n'))
    else {
        return false;
    };
    last == end_line(&format!("{before}\n"))
}

/// The line behind the others: a plan that was cut off or changed is none.
fn end_line(text: &str) -> String {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(text));
    to_json(&Value::map(crate::entries! { "end" => hash }))
}

/// Refuses files that are not what they were.
fn unchanged(files: &BTreeMap<PathBuf, String>) -> Result<()> {
    let changed = files
        .iter()
        .filter(|(path, print)| file_print(path).as_ref() != Some(print));
    let changed: Vec<PathBuf> = changed.map(|(path, _)| path.clone()).collect();
    match changed.is_empty() {
        true => Ok(()),
        false => {
            let which = list(&changed);
            let text = format!("the plan was made of other files: {which} changed since");
            Err(Error::new(Kind::Options, text).hint("make the plan anew"))
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let shown = paths.iter().map(|path| format!("`{}`", path.display()));
    shown.collect::<Vec<_>>().join(", ")
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

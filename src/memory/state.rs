//! What a run remembers, read again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::debts::Debts;
use super::head::Head;
use super::key::Key;
use super::watch::{Kind, print_of_file};
use crate::disk::open_own;
use crate::error::{Error, Result};
use crate::value::{Map, Value, from_json, to_json};

/// The longest line that is read: the file may be anything.
const LONGEST: u64 = 256 << 20;

/// What an earlier run left.
#[derive(Debug, Default)]
pub struct State {
    /// What it was asked to do.
    pub head: Head,
    /// The lines of its results, by their keys.
    pub results: HashMap<String, String>,
    /// The files that it read, with what they were then.
    pub files: BTreeMap<PathBuf, (Kind, String)>,
    /// Those that are others now.
    pub changed: HashSet<PathBuf>,
}

impl State {
    /// Reads a state, and looks at the files that it names. A last line that is not whole is passed
    /// over.
    ///
    /// # Errors
    /// The file cannot be read, or is no state.
    pub fn read(path: &Path) -> Result<State> {
        let mut state = State::default();
        each_line(path, |text| state.line(text))?;
        match state.head.id.is_empty() {
            true => Err(beginless(path)),
            false => Ok(state.looked_at()),
        }
    }

    fn line(&mut self, text: String) -> Result<()> {
        // The lines of results are read when they are asked for.
        if let Some(rest) = text.strip_prefix("{\"key\": \"")
            && let Some((key, _)) = rest.split_once('"')
            && !key.contains('\\')
        {
            let key = key.to_owned();
            self.results.insert(key, text);
            return Ok(());
        }
        let value = from_json(&text)?;
        let map = value.as_map().ok_or_else(wrong)?;
        if let Some(run) = map.get("run").and_then(Value::as_map) {
            self.head = Head::of_value(run);
        } else if map.contains("file") {
            let kind = Kind::of_name(&text_of(map, "kind"));
            let about = (kind, text_of(map, "print"));
            self.files
                .insert(PathBuf::from(text_of(map, "file")), about);
        } else if map.contains("key") {
            self.results.insert(text_of(map, "key"), text);
        }
        Ok(())
    }

    /// Finds out which files are others now.
    fn looked_at(mut self) -> State {
        let changed = self
            .files
            .iter()
            .filter(|(path, (_, print))| print_of_file(path).as_deref() != Some(print));
        self.changed = changed.map(|(path, _)| path.clone()).collect();
        self
    }

    /// Of some files of variables, those that the run did not read. One that has no result has none to lose.
    pub fn unknown(&self, files: BTreeSet<PathBuf>) -> Vec<PathBuf> {
        let files = files.into_iter().filter(|_| !self.results.is_empty());
        files
            .filter(|path| !self.files.contains_key(path))
            .collect()
    }

    /// The hosts of the plays that the run came to.
    pub fn hosts(&self) -> BTreeSet<String> {
        let lines = self.results.iter();
        let lines = lines.filter(|(key, _)| key.starts_with("hosts "));
        let maps = lines.filter_map(|(_, line)| from_json(line).ok()?.as_map().cloned());
        let names = maps.flat_map(|map| {
            let names = super::items(&map, "hosts").iter();
            names.map(Value::to_text).collect::<Vec<_>>()
        });
        names.collect()
    }

    /// Each play with each host that has a result of it.
    pub(super) fn worked(&self) -> HashSet<(String, String)> {
        let keys = self.results.keys();
        keys.filter_map(|key| Key::play_and_host(key)).collect()
    }

    /// The line of a file, as the run that resumes this one keeps it.
    pub(super) fn file_lines(&self) -> Vec<String> {
        let files = self.files.iter();
        let lines = files.map(|(path, (kind, print))| file_line(path, print, *kind));
        lines.collect()
    }

    /// The files of a kind that are others now, sorted.
    pub fn changed_of(&self, kind: Kind) -> Vec<&Path> {
        let files = self.files.iter();
        let files = files.filter(|(path, about)| about.0 == kind && self.changed.contains(*path));
        files.map(|(path, _)| path.as_path()).collect()
    }
}

/// The line of a file that was read.
pub(super) fn file_line(path: &Path, print: &str, kind: Kind) -> String {
    to_json(&Value::map(crate::entries! {
        "file" => path.to_string_lossy().as_ref(),
        "print" => print,
        "kind" => kind.name(),
    }))
}

/// Hands every whole line to `each`. A last line that is not whole is passed over.
fn each_line(path: &Path, mut each: impl FnMut(String) -> Result<()>) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::input(format!("failed to read `{}`", path.display())).because(error)
    };
    let file = open_own(path)?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut bytes = Vec::new();
    for number in 1_u64.. {
        bytes.clear();
        let read = (&mut reader).take(LONGEST).read_until(b'\n', &mut bytes);
        read.map_err(failed)?;
        if bytes.pop() != Some(b'\n') {
            break;
        }
        each(String::from_utf8_lossy(&bytes).into_owned()).map_err(|error| {
            let text = format!("line {number} of `{}` cannot be read", path.display());
            Error::input(text).because(error)
        })?;
    }
    Ok(())
}

/// What a run was asked to do: the first line.
pub(super) fn head(path: &Path) -> Result<Head> {
    let file = std::fs::File::open(path)?;
    let mut text = String::new();
    BufReader::new(file.take(1 << 20)).read_line(&mut text)?;
    let value = from_json(&text)?;
    let run = value.as_map().and_then(|map| map.get("run")?.as_map());
    run.map(|run| Head::of_value(run))
        .ok_or_else(|| beginless(path))
}

/// What the hosts of a run owe.
#[derive(Debug)]
pub struct Owed {
    /// What the run was asked to do.
    pub head: Head,
    /// The handlers.
    pub debts: Debts,
    /// Whether the record is of the older form, which names no plays: a run of that form has taken over what
    /// all before it owed, and left it with them, too.
    pub is_old: bool,
}

/// Who owes which handlers; what cannot be read is not owed.
pub(super) fn owed(folder: &Path) -> Option<Owed> {
    let path = folder.join(super::OWED);
    if !path.exists() {
        return None;
    }
    let (mut debts, mut begin) = (Debts::default(), None);
    let _ = each_line(&path, |text| {
        let value = from_json(&text)?;
        let map = value.as_map().ok_or_else(wrong)?;
        let inner = |name: &str| map.get(name).and_then(Value::as_map);
        let of = |about: &Map| ["host", "play", "handler"].map(|name| text_of(about, name));
        if let Some(run) = inner("run") {
            begin = Some(Head::of_value(run));
        } else if let Some([host, play, handler]) = inner("owed").map(|about| of(about)) {
            debts.owe(&host, &play, &handler);
        } else if let Some([host, play, handler]) = inner("paid").map(|about| of(about)) {
            debts.pay(&host, &play, &handler);
        }
        Ok(())
    });
    let is_old = begin.is_none();
    let head = begin.or_else(|| head(&folder.join(super::FILE)).ok())?;
    let owes = is_old || !debts.is_empty();
    owes.then_some(Owed {
        head,
        debts,
        is_old,
    })
}

fn wrong() -> Error {
    Error::input("this is not a line of a run's state")
}

fn beginless(path: &Path) -> Error {
    Error::input(format!("`{}` does not begin with a run", path.display()))
}

fn text_of(map: &Map, name: &str) -> String {
    map.get(name).map(Value::to_text).unwrap_or_default()
}

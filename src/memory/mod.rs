//! What a run must know to go on where it stopped: the results of finished tasks, which handlers are
//! owed, which files were read. It stands beside the run's record, as lines of JSON.
//!
//! A run that resumes walks its playbooks from the beginning; a task that is finished gives its kept
//! result instead of being done. A task is known by what is written, not by where: see [`Key`]. What is
//! hidden is not kept, and is done again.

mod debts;
mod file;
mod head;
mod kept;
mod key;
mod state;
#[cfg(test)]
mod tests;
mod watch;

pub use debts::Debts;
pub use head::Head;
pub use kept::{Kept, Part};
pub use key::{Key, Print};
pub use state::{Owed, State};
pub use watch::{Kind, Watch, print_of_file as file_print, reading};

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::value::{Map, Value, from_json, to_json};
use file::File;

/// The name of the file with the results, in a run's folder.
pub const FILE: &str = "state.jsonl";

/// Of a loop with more items, these are kept alone, and not the whole of it, too.
pub const LONG_LOOP: usize = 500;

/// The name of the file that says which handlers are owed; there is none where none ever was.
pub const OWED: &str = "owed.jsonl";

/// What one run remembers: what it keeps of itself, and what it knows of the run that it resumes.
pub struct Memory {
    folder: PathBuf,
    limit: u64,
    file: Mutex<Option<File>>,
    owed: Mutex<Option<File>>,
    watch: Arc<Watch>,
    is_secret: Box<dyn Fn(&str) -> bool + Send + Sync>,
    mask: Box<dyn Fn(&str) -> String + Send + Sync>,
    warn: Box<dyn Fn(Error) + Send + Sync>,
    known: Mutex<HashMap<String, String>>,
    changed: HashSet<PathBuf>,
    /// The files that the run before read.
    files: BTreeSet<PathBuf>,
    /// Each play with each host of which the run before has a result.
    worked: HashSet<(String, String)>,
    /// What the run was asked to do, as the first line of its files.
    head: String,
    /// Whether it is a run in check mode: what it notifies has changed nothing.
    check: bool,
    inherited: Debts,
    debts: Mutex<Debts>,
    pays: bool,
    tally: Mutex<Tally>,
}

/// What became of the tasks of the run that is resumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many were not done again.
    pub kept: usize,
    /// How many are done again since their result was hidden.
    pub hidden: usize,
    /// How many are done again since a file that they read has changed.
    pub changed: usize,
}

/// What a memory begins with.
pub struct Start {
    /// What the run is asked to do.
    pub head: Head,
    /// How many bytes are kept at most.
    pub limit: u64,
    /// The run that is resumed.
    pub state: Option<State>,
    /// The handlers that earlier runs owe, with the folders of these runs. What they owe is this run's
    /// from now on, unless it runs in check mode.
    pub debts: Vec<(PathBuf, Debts)>,
    /// Whether they are paid in this run (`--owed`).
    pub pays: bool,
    /// The files that the run reads.
    pub watch: Arc<Watch>,
    /// Says whether a text holds something that came out of a vault.
    pub is_secret: Box<dyn Fn(&str) -> bool + Send + Sync>,
    /// A text without what came out of a vault.
    pub mask: Box<dyn Fn(&str) -> String + Send + Sync>,
    /// Who is told that nothing can be kept.
    pub warn: Box<dyn Fn(Error) + Send + Sync>,
}

impl Memory {
    /// The memory of a run whose record is in `folder`.
    pub fn begin(folder: &Path, start: Start) -> Memory {
        let results = start.state.iter().flat_map(|state| state.results.values());
        let files = start.state.iter().flat_map(State::file_lines);
        let files: Vec<String> = files.collect();
        let head = to_json(&start.head.to_value());
        let file = File::create_with(
            &folder.join(FILE),
            start.limit,
            std::iter::once(&head).chain(&files).chain(results),
        );
        let (file, error) = match file {
            Ok(file) => (Some(file), None),
            Err(error) => (None, Some(error)),
        };
        let state = start.state.unwrap_or_default();
        let worked = state.worked();
        let mut memory = Memory {
            folder: folder.to_owned(),
            limit: start.limit,
            owed: Mutex::default(),
            file: Mutex::new(file),
            watch: start.watch,
            is_secret: start.is_secret,
            mask: start.mask,
            warn: start.warn,
            known: Mutex::new(state.results),
            changed: state.changed,
            files: state.files.into_keys().collect(),
            worked,
            head,
            check: start.head.check,
            inherited: Debts::default(),
            debts: Mutex::default(),
            pays: start.pays,
            tally: Mutex::default(),
        };
        if let Some(error) = error {
            (memory.warn)(unkept(error));
        }
        for (folder, debts) in &start.debts {
            memory.inherit(folder, debts);
        }
        memory.inherited = lock(&memory.debts).clone();
        memory
    }

    /// Takes over what an earlier run owes: it stands here before it is removed there. Where it is gone, a
    /// run that began at the same time has it.
    fn inherit(&self, folder: &Path, debts: &Debts) {
        let mut news = Vec::new();
        let mut written = true;
        for debt @ (host, play, handler) in debts.iter() {
            if lock(&self.debts).owe(host, play, handler) {
                written &= self.write_debt("owed", debt);
                news.push(debt);
            }
        }
        if self.check || !written {
            return;
        }
        match std::fs::remove_file(folder.join(OWED)) {
            Ok(()) => {
                // Of a run that was pruned, nothing else was left.
                let _ = std::fs::remove_dir(folder);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                for (host, play, handler) in news {
                    self.pay(host, play, handler);
                }
            }
            Err(_) => (),
        }
    }

    /// The result that the run before has of a task, which then is not done again.
    pub fn recall(&self, key: &Key) -> Option<Kept> {
        let line = lock(&self.known).remove(key.text())?;
        let kept = Kept::of_line(&line);
        let mut tally = lock(&self.tally);
        match kept {
            Ok(Some(kept)) if kept.reads.iter().all(|path| !self.changed.contains(path)) => {
                tally.kept += 1;
                Some(kept)
            }
            Ok(Some(_)) => {
                tally.changed += 1;
                None
            }
            Ok(None) => {
                tally.hidden += 1;
                None
            }
            // A line that cannot be read is a task that is done again.
            Err(_) => None,
        }
    }

    /// The hosts of a play in the order that they had in the run before: those that are new come last.
    /// The order is kept for the next one.
    pub fn ordered(&self, play: &str, mut hosts: Vec<Arc<str>>) -> Vec<Arc<str>> {
        let key = format!("hosts {play}");
        let known = lock(&self.known).remove(&key);
        if let Some(map) = known.and_then(|line| from_json(&line).ok()?.as_map().cloned()) {
            let before = items(&map, "hosts");
            let place = |host: &Arc<str>| {
                let place = before.iter().position(|one| one.as_str() == Some(host));
                place.unwrap_or(usize::MAX)
            };
            hosts.sort_by_cached_key(place);
            return hosts;
        }
        let names = Value::strings(hosts.iter().map(|host| &**host));
        self.write(&Value::map(
            crate::entries! { "key" => key, "hosts" => names },
        ));
        hosts
    }

    /// Of the files that were read for a host's variables in a play, those of variables that the run before
    /// did not read, though it did tasks of this play on this host.
    pub fn unknown(&self, play: &str, host: &str, reads: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
        let worked = (play.to_owned(), host.to_owned());
        if self.worked.is_empty() || !self.worked.contains(&worked) {
            return Vec::new();
        }
        let variables = self.watch.variables();
        let new = reads.iter().filter(|path| variables.contains(*path));
        new.filter(|path| !self.files.contains(*path))
            .cloned()
            .collect()
    }

    /// Says whether the run before came by here (an include), once.
    pub fn came_by(&self, key: &Key) -> bool {
        lock(&self.known).remove(key.text()).is_some()
    }

    /// Notes that the run came by here.
    pub fn comes_by(&self, key: &Key) {
        self.write(&Value::map(crate::entries! { "key" => key.text() }));
    }

    /// Keeps the result of a finished task, or of an item of its loop. What is hidden is noted
    /// without its result.
    pub fn keep(&self, key: &Key, kept: &Kept) {
        if kept.is_secret() {
            return self.hide(key);
        }
        let line = to_json(&kept.to_value(key));
        match (self.is_secret)(&line) {
            true => self.hide(key),
            false => self.write_line(&line),
        }
    }

    /// Notes a task that is finished and whose result is hidden.
    pub fn hide(&self, key: &Key) {
        self.write(&Value::map(
            crate::entries! { "key" => key.text(), "hidden" => true },
        ));
    }

    /// A host is notified in a play: it owes the handler until it has run.
    pub fn owe(&self, host: &str, play: &str, handler: &str) {
        let handler = &*self.masked(handler);
        if lock(&self.debts).owe(host, play, handler) {
            self.write_debt("owed", (host, play, handler));
        }
    }

    /// A handler of a play has run on a host.
    pub fn pay(&self, host: &str, play: &str, handler: &str) {
        let handler = &*self.masked(handler);
        if lock(&self.debts).pay(host, play, handler) {
            self.write_debt("paid", (host, play, handler));
        }
    }

    /// The name of a handler as it is kept: without what came out of a vault.
    pub fn masked(&self, handler: &str) -> String {
        (self.mask)(handler)
    }

    /// The handlers of earlier runs that a host is to run in a play of this one, [as they are kept](Self::masked).
    pub fn due(&self, host: &str, play: &str) -> BTreeSet<String> {
        match self.pays {
            true => lock(&self.debts).of(host, play),
            false => BTreeSet::new(),
        }
    }

    /// What earlier runs owed and this one has not paid so far.
    pub fn still_owed(&self) -> Debts {
        self.inherited.also_in(&lock(&self.debts))
    }

    /// What became of the tasks of the run before so far.
    pub fn tally(&self) -> Tally {
        *lock(&self.tally)
    }

    /// Writes a line of the file of debts; gives whether it is there, or need not be.
    fn write_debt(&self, word: &str, (host, play, handler): (&str, &str, &str)) -> bool {
        if self.check {
            return true;
        }
        let mut owed = lock(&self.owed);
        let about = crate::entries! { "host" => host, "play" => play, "handler" => handler };
        let line = to_json(&Value::map(crate::entries! { word => about }));
        let opened = match owed.take() {
            Some(file) => Ok(file),
            None => File::create(&self.folder.join(OWED), self.limit)
                .and_then(|mut file| file.write(&self.head).map(|()| file)),
        };
        match opened.and_then(|mut file| file.write(&line).map(|()| file)) {
            Ok(file) => {
                *owed = Some(file);
                true
            }
            Err(error) => {
                let text = "handlers that are owed are not kept any more";
                (self.warn)(Error::input(text).because(error));
                false
            }
        }
    }

    fn write(&self, value: &Value) {
        self.write_line(&to_json(value));
    }

    fn write_line(&self, line: &str) {
        let mut file = lock(&self.file);
        let Some(open) = file.as_mut() else {
            return;
        };
        let mut result = Ok(());
        for (path, print, kind) in self.watch.fresh() {
            let about = state::file_line(&path, &print, kind);
            result = result.and_then(|()| open.write(&about));
        }
        if let Err(error) = result.and_then(|()| open.write(line)) {
            *file = None;
            drop(file);
            // With some of its results, a run would be resumed that does finished tasks again.
            let _ = std::fs::remove_file(self.folder.join(FILE));
            (self.warn)(unkept(error));
        }
    }
}

fn unkept(error: Error) -> Error {
    Error::input("results are not kept any more: this run cannot be resumed").because(error)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The items of a list in a line; none where there is no such list.
fn items<'a>(map: &'a Map, name: &str) -> &'a [Value] {
    map.get(name)
        .and_then(Value::as_list)
        .map_or(&[], |list| &list[..])
}

/// Reads what a run remembers, from its folder.
///
/// # Errors
/// There is no such file, or it is no state.
pub fn read(folder: &Path) -> Result<State> {
    State::read(&folder.join(FILE))
}

/// Reads what a run was asked to do, from its folder.
///
/// # Errors
/// There is no such file, or it does not begin with a run.
pub fn head(folder: &Path) -> Result<Head> {
    state::head(&folder.join(FILE))
}

/// What a run's hosts owe, from its folder; nothing where that is nothing, or cannot be read.
pub fn owed(folder: &Path) -> Option<Owed> {
    state::owed(folder)
}

/// The file of a run's folder that has to stay when the run is removed: what it owes.
pub fn spared(folder: &Path) -> Option<PathBuf> {
    let owed = owed(folder)?;
    (!owed.is_old).then(|| folder.join(OWED))
}

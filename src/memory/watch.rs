//! The files that a run reads: what they were, and which task read them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// A longer file is known by its length and the time of its last change.
const HASHED: u64 = 4 << 20;

/// What a file is to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Plays, tasks and handlers: a task is known by its words.
    Words,
    /// Variables, or the inventory: every task may depend on it.
    Variables,
    /// A template or another file that a task reads.
    Data,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Words => "words",
            Kind::Variables => "variables",
            Kind::Data => "data",
        }
    }

    pub(super) fn of_name(name: &str) -> Kind {
        match name {
            "words" => Kind::Words,
            "data" => Kind::Data,
            _ => Kind::Variables,
        }
    }
}

/// The files that a run has read.
#[derive(Debug, Default)]
pub struct Watch(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    files: BTreeMap<PathBuf, (Kind, String)>,
    fresh: Vec<PathBuf>,
}

tokio::task_local! {
    static READS: RefCell<BTreeSet<PathBuf>>;
}

/// Does the work of a task; gives the files, too, that it read.
pub async fn reading<T>(work: impl Future<Output = T>) -> (T, BTreeSet<PathBuf>) {
    let scope = async {
        let done = work.await;
        let reads = READS.with(|reads| std::mem::take(&mut *reads.borrow_mut()));
        (done, reads)
    };
    let (done, reads) = READS.scope(RefCell::default(), scope).await;
    // An item's files are its task's, too.
    let _ = READS.try_with(|outer| outer.borrow_mut().extend(reads.iter().cloned()));
    (done, reads)
}

impl Watch {
    /// A file was read.
    pub fn note(&self, path: &Path, bytes: &[u8], kind: Kind) {
        let Some(path) = &full(path) else {
            return;
        };
        if bytes.is_empty() && !path.is_file() {
            return;
        }
        if kind != Kind::Words {
            let _ = READS.try_with(|reads| reads.borrow_mut().insert(path.to_owned()));
        }
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen
            .files
            .get(path)
            .is_some_and(|(known, _)| *known == kind)
        {
            return;
        }
        let print = match path.is_file() {
            true => print(path, bytes.len() as u64, || Some(hash(bytes))),
            false => Some(PIPE.to_owned()),
        };
        if let Some(print) = print {
            seen.files.insert(path.to_owned(), (kind, print));
            seen.fresh.push(path.to_owned());
        }
    }

    /// A file was looked at that the task reads by itself.
    pub fn note_unread(&self, path: &Path) {
        let Some(path) = &full(path).filter(|path| path.is_file() || is_pipe(path)) else {
            return;
        };
        let _ = READS.try_with(|reads| reads.borrow_mut().insert(path.to_owned()));
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.files.contains_key(path)
            && let Some(print) = print_now(path)
        {
            seen.files.insert(path.to_owned(), (Kind::Data, print));
            seen.fresh.push(path.to_owned());
        }
    }

    /// Every file that was read, and what it was.
    pub fn all(&self) -> Vec<(PathBuf, String)> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let each = seen
            .files
            .iter()
            .map(|(path, (_, print))| (path.clone(), print.clone()));
        each.collect()
    }

    /// Something that was read and cannot be read again: a pipe.
    pub fn pipe(&self) -> Option<PathBuf> {
        let mut all = self.all().into_iter();
        all.find(|(_, print)| print == PIPE).map(|(path, _)| path)
    }

    /// The names of the files that were read.
    pub fn names(&self) -> BTreeSet<PathBuf> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.files.keys().cloned().collect()
    }

    /// The files of variables among those that were read.
    pub fn variables(&self) -> BTreeSet<PathBuf> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let files = seen.files.iter();
        let files = files.filter(|(_, (kind, _))| *kind == Kind::Variables);
        files.map(|(path, _)| path.clone()).collect()
    }

    /// The files that were read since this was asked last.
    pub(super) fn fresh(&self) -> Vec<(PathBuf, String, Kind)> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = std::mem::take(&mut seen.fresh);
        let each = fresh.into_iter().filter_map(|path| {
            let (kind, print) = seen.files.get(&path)?.clone();
            Some((path, print, kind))
        });
        each.collect()
    }
}

/// What is kept of something that nobody can read again: no file is this.
const PIPE: &str = "pipe";

/// The full path, where there is something.
fn full(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    path.exists().then_some(path)
}

fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(path).is_ok_and(|about| about.file_type().is_fifo())
}

fn print_now(path: &Path) -> Option<String> {
    match is_pipe(path) {
        true => Some(PIPE.to_owned()),
        false => print_of_file(path),
    }
}

fn print(path: &Path, length: u64, hash: impl FnOnce() -> Option<String>) -> Option<String> {
    if length <= HASHED {
        return hash();
    }
    let changed = std::fs::metadata(path)
        .and_then(|about| about.modified())
        .ok()?;
    let since = changed.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(format!("{length} {}", since.as_nanos()))
}

fn hash(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// What a file is now; nothing where it cannot be read.
pub fn print_of_file(path: &Path) -> Option<String> {
    let about = std::fs::metadata(path).ok()?;
    if !about.is_file() {
        return None;
    }
    print(path, about.len(), || Some(hash(&std::fs::read(path).ok()?)))
}

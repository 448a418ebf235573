//! The folder of all runs.

use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::FILE;
use super::record::Record;
use crate::error::{Error, Kind, Result};

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many runs.
    pub runs: usize,
    /// How many bytes all of them may have.
    pub bytes: u64,
}

/// Says of a run's folder which file in it has to stay when the run is removed, where one has.
pub type Spares = dyn Fn(&Path) -> Option<PathBuf> + Send;

/// What became of old runs.
#[derive(Debug, Default)]
pub struct Pruned {
    /// The ids of those that were removed.
    pub removed: Vec<String>,
    /// Those of them of which a file has to stay.
    pub spared: Vec<String>,
}

/// The folder of all runs.
#[derive(Clone, Debug)]
pub struct Runs(PathBuf);

impl Runs {
    /// The runs below a folder, which need not be there yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Runs(root.into())
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// Makes the folder of a new run, for its user alone, and locks its file as long as it is open.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(&self, id: &str) -> Result<(File, PathBuf)> {
        let mut folders = fs::DirBuilder::new();
        folders.recursive(true).mode(0o700).create(&self.0)?;
        let folder = self.0.join(id);
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let file = fs::OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(folder.join(FILE))?;
        // Where locks are not to be had, a run that goes on is shown as one that was killed.
        let _ = flock(&file, FlockOperation::NonBlockingLockExclusive);
        Ok((file, folder))
    }

    /// The ids of all runs, the newest first.
    pub fn ids(&self) -> Vec<String> {
        self.ids_where(holds_something)
    }

    /// The same, of those whose file is as `fits` wants it.
    fn ids_where(&self, fits: fn(&Path) -> bool) -> Vec<String> {
        let folders = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut ids: Vec<String> = folders
            .filter(|entry| fits(&entry.path().join(FILE)))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids
    }

    /// The folders of all runs, the newest first; also those of which a file is left that had to stay.
    pub fn folders(&self) -> Vec<PathBuf> {
        let folders = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = folders.map(|entry| entry.path()).collect();
        folders.sort_unstable_by(|a, b| b.cmp(a));
        folders
    }

    /// Says whether the run of a folder goes on.
    pub fn goes_on(folder: &Path) -> bool {
        Record::at(folder.join(FILE)).is_running()
    }

    /// A run by its id, the beginning of one, `last`, or `last-N`.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub fn find(&self, wanted: &str) -> Result<Record> {
        let ids = self.ids();
        let hint = match ids.is_empty() {
            true => {
                "`play run PLAYBOOK` makes one, unless `--no-record` or `record` in ansible.cfg says no"
            }
            false => "`play runs` lists those that are kept",
        };
        let missing = |text: String| Err(Error::new(Kind::Options, text).hint(hint));
        if let Some(back) = back(wanted) {
            return match ids.get(back) {
                Some(id) => Ok(self.record(id)),
                None if ids.is_empty() => {
                    missing(format!("no run is recorded in `{}`", self.0.display()))
                }
                None => missing(format!("only {} runs are recorded", ids.len())),
            };
        }
        if wanted.is_empty() {
            return missing("no run is named".to_owned());
        }
        let mut same = ids.iter().filter(|id| id.starts_with(wanted));
        match (same.next(), same.next()) {
            (Some(id), None) => Ok(self.record(id)),
            (Some(id), _) if id == wanted => Ok(self.record(id)),
            (Some(_), Some(_)) => missing(format!("more than one run begins with `{wanted}`")),
            (None, _) => missing(format!("no run `{wanted}` is recorded")),
        }
    }

    fn record(&self, id: &str) -> Record {
        Record::at(self.0.join(id).join(FILE))
    }

    /// Everything that is recorded below a path: a run's folder, its file, or a folder of runs at
    /// any depth that a few controllers make.
    pub fn below(path: &Path) -> Vec<Record> {
        let mut found = Vec::new();
        collect(path, 6, &mut found);
        found.sort_unstable();
        found.into_iter().map(Record::at).collect()
    }

    /// Removes the oldest runs until no more are left than may be; those that go on, and `kept`, stay, and
    /// so do the files that `spares` names.
    ///
    /// # Errors
    /// One of them cannot be removed.
    pub fn prune(&self, limits: Limits, kept: Option<&str>, spares: &Spares) -> Result<Pruned> {
        let mut pruned = Pruned::default();
        let mut bytes = 0;
        // One that has just begun has written nothing yet, and counts.
        for (number, id) in self.ids_where(Path::is_file).iter().enumerate() {
            let folder = self.0.join(id);
            let size = size_of(&folder);
            let fits = number < limits.runs && bytes + size <= limits.bytes;
            if fits || kept == Some(id) || self.record(id).is_running() {
                bytes += size;
                continue;
            }
            let spared = spares(&folder);
            let gone = match &spared {
                Some(file) => remove_others(&folder, file),
                None => fs::remove_dir_all(&folder),
            };
            gone.map_err(|error| {
                Error::input(format!("failed to remove the run `{id}`")).because(error)
            })?;
            pruned.removed.push(id.clone());
            pruned.spared.extend(spared.map(|_| id.clone()));
        }
        Ok(pruned)
    }
}

/// Removes everything in a folder but a file.
fn remove_others(folder: &Path, spared: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() && !path.is_symlink() {
            true => fs::remove_dir_all(&path)?,
            false if path == spared => (),
            false => fs::remove_file(&path)?,
        }
    }
    Ok(())
}

/// How many bytes the files of a run have.
fn size_of(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter_map(|file| Some(file.metadata().ok()?.len()))
        .sum()
}

/// `last` is 0, `last-3` is 3.
fn back(wanted: &str) -> Option<usize> {
    match wanted.strip_prefix("last")? {
        "" => Some(0),
        rest => rest.strip_prefix('-')?.parse().ok(),
    }
}

/// A run that was killed before it wrote anything, or had no room for it, left an empty file: it is none.
fn holds_something(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|about| about.is_file() && about.len() > 0)
}

fn collect(path: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if path.is_file() {
        found.push(path.to_owned());
        return;
    }
    let file = path.join(FILE);
    if holds_something(&file) {
        found.push(file);
    } else if depth > 0 {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                collect(&entry.path(), depth - 1, found);
            }
        }
    }
}

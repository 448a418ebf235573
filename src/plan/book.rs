//! A plan while it is made, and while it is applied.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::entry;
use crate::memory::{Key, Print};

/// A plan.
#[derive(Debug)]
pub struct Book {
    /// The files that it was made of, where it is applied.
    pub(super) files: Option<BTreeSet<PathBuf>>,
    pub(super) entries: Mutex<BTreeMap<String, entry::Entry>>,
    hosts: Mutex<HashMap<String, Touched>>,
    /// The first task that changes something on the controller.
    here: Mutex<Option<String>>,
}

/// What the tasks of a plan would change on a host.
#[derive(Debug, Default)]
struct Touched {
    /// The paths, with the task that changes each first.
    paths: Vec<(PathBuf, String)>,
    /// The first task of which it is not known what it changes.
    anything: Option<String>,
    /// The first task that changes something.
    first: Option<String>,
    /// What was announced, by the print of its module and arguments, with the task that does it first and its key.
    announced: HashMap<String, (String, String)>,
    /// The first task whose facts are not known.
    facts: Option<String>,
    /// Whether not all of its tasks could be planned.
    open: bool,
}

impl Book {
    /// A plan that is made.
    pub fn new() -> Book {
        Book::of(None, BTreeMap::new())
    }

    pub(super) fn of(
        files: Option<BTreeSet<PathBuf>>,
        entries: BTreeMap<String, entry::Entry>,
    ) -> Book {
        Book {
            files,
            entries: Mutex::new(entries),
            hosts: Mutex::default(),
            here: Mutex::default(),
        }
    }

    /// Says whether the plan is applied; else it is made.
    pub fn applies(&self) -> bool {
        self.files.is_some()
    }

    /// The first of some files that the plan was not made of, where it is applied.
    pub fn stranger<'p>(&self, read: &'p BTreeSet<PathBuf>) -> Option<&'p Path> {
        let files = self.files.as_ref()?;
        let new = read.iter().find(|path| !files.contains(*path));
        new.map(PathBuf::as_path)
    }

    /// Keeps what is planned for a task.
    pub fn note(&self, key: &Key, entry: entry::Entry) {
        lock(&self.entries).insert(key.text().to_owned(), entry);
    }

    /// What is planned for a task.
    pub fn planned(&self, key: &Key) -> Option<entry::Entry> {
        lock(&self.entries).get(key.text()).cloned()
    }

    /// A task would change something on a host: at these paths, or, without any, who knows where.
    pub fn touch(&self, host: &str, task: &str, paths: &[PathBuf]) {
        let mut hosts = lock(&self.hosts);
        let touched = hosts.entry(host.to_owned()).or_default();
        touched.first.get_or_insert_with(|| task.to_owned());
        if paths.is_empty() {
            touched.anything.get_or_insert_with(|| task.to_owned());
        }
        let paths = paths.iter().map(|path| (path.clone(), task.to_owned()));
        touched.paths.extend(paths);
    }

    /// A task would change something on the controller, where lookups and modules read files.
    pub fn touch_here(&self, task: &str) {
        lock(&self.here).get_or_insert_with(|| task.to_owned());
    }

    /// The first task that would change something on the controller.
    pub fn changed_here(&self) -> Option<String> {
        lock(&self.here).clone()
    }

    /// It is not known which facts of a host a task brings.
    pub fn leave_facts_open(&self, host: &str, task: &str) {
        let mut hosts = lock(&self.hosts);
        let touched = hosts.entry(host.to_owned()).or_default();
        touched.facts.get_or_insert_with(|| task.to_owned());
    }

    /// The first task that may bring facts of a host which are not known.
    pub fn facts_after(&self, host: &str) -> Option<String> {
        lock(&self.hosts).get(host)?.facts.clone()
    }

    /// The earlier task that may change what stands at these paths; without paths, any that changes
    /// something.
    pub fn changed_by(&self, host: &str, paths: &[PathBuf]) -> Option<String> {
        let hosts = lock(&self.hosts);
        let touched = hosts.get(host)?;
        if paths.is_empty() {
            return touched.first.clone();
        }
        let near = |a: &Path, b: &Path| a.starts_with(b) || b.starts_with(a);
        let same = touched
            .paths
            .iter()
            .find(|(path, _)| paths.iter().any(|one| near(path, one)));
        let task = same.map(|(_, task)| task.clone());
        task.or_else(|| touched.anything.clone())
    }

    /// A task would do something on a host. Gives the earlier one that does the very same: then it is not known what
    /// is left to do, and as nobody knows which of the two comes first, neither is compared.
    pub fn announce(&self, host: &str, what: Print, task: &str, key: &Key) -> Option<String> {
        let mut hosts = lock(&self.hosts);
        let announced = &mut hosts.entry(host.to_owned()).or_default().announced;
        match announced.entry(what.to_string()) {
            Entry::Occupied(known) => {
                let (task, key) = known.get();
                if let Some(first) = lock(&self.entries).get_mut(key) {
                    first.loose = true;
                }
                Some(task.clone())
            }
            Entry::Vacant(place) => {
                place.insert((task.to_owned(), key.text().to_owned()));
                None
            }
        }
    }

    /// Not all tasks of a host can be planned.
    pub fn open(&self, host: &str) {
        lock(&self.hosts).entry(host.to_owned()).or_default().open = true;
    }

    /// Says whether not all tasks of a host could be planned.
    pub fn is_open(&self, host: &str) -> bool {
        lock(&self.hosts)
            .get(host)
            .is_some_and(|touched| touched.open)
    }

    /// The hosts of which not all tasks could be planned, sorted.
    pub(super) fn open_hosts(&self) -> Vec<String> {
        let hosts = lock(&self.hosts);
        let open = hosts.iter().filter(|(_, touched)| touched.open);
        let mut names: Vec<String> = open.map(|(host, _)| host.clone()).collect();
        names.sort();
        names
    }

    /// How many things would change, and how many are not known yet and may change something.
    pub fn counts(&self) -> (usize, usize) {
        let entries = lock(&self.entries);
        let changed = entries
            .values()
            .filter(|one| one.changed && one.unknown.is_none());
        let unknown = entries
            .values()
            .filter(|one| one.unknown.is_some() && !one.idle);
        (changed.count(), unknown.count())
    }
}

impl Default for Book {
    fn default() -> Book {
        Book::new()
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

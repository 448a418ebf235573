//! A plan while it is made, and while it is applied.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::entry;
use crate::memory::{Key, Print};
use crate::value::{Map, Value};

/// A plan.
#[derive(Debug)]
pub struct Book {
    /// The files that it was made of, where it is applied.
    pub(super) files: Option<BTreeSet<PathBuf>>,
    pub(super) entries: Mutex<BTreeMap<String, entry::Entry>>,
    hosts: Mutex<HashMap<String, Touched>>,
    /// What would change on the controller.
    here: Mutex<Touched>,
    /// Whether hosts may come of which nothing is known.
    strangers: AtomicBool,
}

/// A path that a task changes.
#[derive(Debug)]
struct Change {
    path: PathBuf,
    task: String,
    /// Whether what stands below it may be another, too.
    deep: bool,
}

/// What the tasks of a plan would change on a host.
#[derive(Debug, Default)]
struct Touched {
    /// The paths, with the task that changes each first.
    paths: Vec<Change>,
    /// The first task of which it is not known what it changes.
    anything: Option<String>,
    /// The first task that changes something.
    first: Option<String>,
    /// What was announced, by the print of its module and arguments, with the task that does it first and its key.
    announced: HashMap<String, (String, String)>,
    /// The first task whose facts are not known.
    facts: Option<String>,
    /// How many of its tasks have an entry, and to which of them it has come.
    noted: usize,
    passed: usize,
    /// After which of them not all could be planned.
    open: Option<usize>,
}

impl Touched {
    fn touch(&mut self, task: &str, paths: &[PathBuf], deep: bool) {
        self.first.get_or_insert_with(|| task.to_owned());
        if paths.is_empty() {
            self.anything.get_or_insert_with(|| task.to_owned());
        }
        self.add(task, paths, deep);
    }

    fn add(&mut self, task: &str, paths: &[PathBuf], deep: bool) {
        let changes = paths.iter().map(|path| Change {
            path: path.clone(),
            task: task.to_owned(),
            deep,
        });
        self.paths.extend(changes);
    }

    /// The first task that changes what stands at this path.
    fn at(&self, path: &Path) -> Option<String> {
        let mut all = self.paths.iter();
        let found = all.find(|one| path == one.path || (one.deep && path.starts_with(&one.path)));
        found.map(|one| one.task.clone())
    }
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
            strangers: AtomicBool::new(false),
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

    /// A play has these hosts.
    pub fn meet<'h>(&self, names: impl Iterator<Item = &'h str>) {
        let mut hosts = lock(&self.hosts);
        for name in names {
            hosts.entry(name.to_owned()).or_default();
        }
    }

    /// Says whether no play had a host: that is no plan.
    pub fn is_empty(&self) -> bool {
        lock(&self.hosts).is_empty()
    }

    /// Keeps what is planned for a task that a host has come to.
    pub fn note(&self, host: &str, key: &Key, mut entry: entry::Entry) {
        let mut hosts = lock(&self.hosts);
        let touched = hosts.entry(host.to_owned()).or_default();
        touched.noted += 1;
        entry.order = touched.noted;
        lock(&self.entries).insert(key.text().to_owned(), entry);
    }

    /// What is planned for a task that a host has come to.
    pub fn planned(&self, host: &str, key: &Key) -> Option<entry::Entry> {
        let found = lock(&self.entries).get(key.text()).cloned()?;
        let mut hosts = lock(&self.hosts);
        let touched = hosts.entry(host.to_owned()).or_default();
        touched.passed = touched.passed.max(found.order);
        Some(found)
    }

    /// A task would change something on a host: at these paths, or, without any, who knows where; `deep` where what
    /// stands below may be another then, too.
    pub fn touch(&self, host: &str, task: &str, paths: &[PathBuf], deep: bool) {
        let mut hosts = lock(&self.hosts);
        let touched = hosts.entry(host.to_owned()).or_default();
        touched.touch(task, paths, deep);
    }

    /// A task would change the things of these names on a host (a service, a user).
    pub fn touch_things(&self, host: &str, task: &str, things: &[PathBuf]) {
        let mut hosts = lock(&self.hosts);
        let touched = hosts.entry(host.to_owned()).or_default();
        touched.add(task, things, false);
    }

    /// The earlier task that would change what stands at one of these paths, or around it.
    pub fn changed_at(&self, host: &str, paths: &[PathBuf]) -> Option<String> {
        let hosts = lock(&self.hosts);
        let touched = hosts.get(host)?;
        paths.iter().find_map(|path| touched.at(path))
    }

    /// A task would change something on the controller, where lookups and modules read files: at these paths, or,
    /// without any, who knows where.
    pub fn touch_here(&self, task: &str, paths: &[PathBuf]) {
        lock(&self.here).touch(task, paths, true);
    }

    /// The first task that would change something on the controller.
    pub fn changed_here(&self) -> Option<String> {
        lock(&self.here).first.clone()
    }

    /// The task that would change one of these files of the controller, or something around it.
    pub fn rewritten_here(&self, files: &BTreeSet<PathBuf>) -> Option<String> {
        let here = lock(&self.here);
        files.iter().find_map(|file| here.at(file))
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
            .find(|change| paths.iter().any(|one| near(&change.path, one)));
        let task = same.map(|change| change.task.clone());
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

    /// Not all tasks of a host can be planned from here on.
    pub fn open(&self, host: &str) {
        let mut hosts = lock(&self.hosts);
        let touched = hosts.entry(host.to_owned()).or_default();
        touched.open.get_or_insert(touched.noted);
    }

    /// Hosts may come of which the plan knows nothing.
    pub fn open_to_strangers(&self) {
        self.strangers.store(true, Ordering::Relaxed);
    }

    /// Says whether a host may do a task that the plan does not have: it has come to where not all could be
    /// planned, or the plan does not know it and expects such hosts.
    pub fn is_open(&self, host: &str) -> bool {
        let hosts = lock(&self.hosts);
        let known = hosts.get(host).filter(|touched| touched.noted > 0);
        match known {
            Some(touched) => touched.open.is_some_and(|from| touched.passed >= from),
            None => self.strangers.load(Ordering::Relaxed),
        }
    }

    /// The hosts of the plan, sorted, as lines of its file.
    pub(super) fn host_lines(&self) -> Vec<Map> {
        let hosts = lock(&self.hosts);
        let hosts: BTreeMap<_, _> = hosts.iter().collect();
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let lines = hosts.into_iter().map(|(host, touched)| {
            let mut line = crate::entries! { "host" => host.as_str(), "tasks" => number(touched.noted.max(1)) };
            if let Some(from) = touched.open {
                line.set("open", number(from));
            }
            line
        });
        let strangers = self.strangers.load(Ordering::Relaxed);
        let strangers = strangers.then(|| crate::entries! { "strangers" => true });
        lines.chain(strangers).collect()
    }

    /// Takes a line of [`host_lines`](Book::host_lines).
    pub(super) fn add_host_line(&self, line: &Map) {
        if line.get("strangers").is_some_and(Value::is_true) {
            self.open_to_strangers();
        }
        let Some(host) = line.get("host").and_then(Value::as_str) else {
            return;
        };
        let mut hosts = lock(&self.hosts);
        let touched = hosts.entry(host.to_owned()).or_default();
        touched.noted = entry::number(line, "tasks");
        touched.open = line.contains("open").then(|| entry::number(line, "open"));
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

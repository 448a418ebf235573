//! The files of `group_vars` and `host_vars` beside an inventory or a playbook.

use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::Entry;
use super::Reader;
use super::merge;
use super::source::structured::kind as kind_of;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::playbook::names;
use crate::value::Map;
use crate::value::Value;
use crate::yaml;

/// The ends a file of variables may have, in the order in which they are looked for.
const EXTENSIONS: [&str; 4] = ["", ".yml", ".yaml", ".json"];

/// Whose variables files hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A group's, in `group_vars`.
    Group,
    /// A host's, in `host_vars`.
    Host,
}

impl Owner {
    /// The directory the files are in.
    pub fn directory(self) -> &'static str {
        match self {
            Owner::Group => "group_vars",
            Owner::Host => "host_vars",
        }
    }
}

/// The files with the variables of a group or host called `name`, beside or in `dir`, in the
/// order in which they are merged.
///
/// It is the first that is there of `NAME`, `NAME.yml`, `NAME.yaml` and `NAME.json`. Where that
/// is a directory, it is all files below it with such an end, sorted, but for hidden ones and
/// backups.
///
/// # Errors
/// A directory cannot be listed.
pub fn files_for(
    reader: &dyn Reader,
    dir: &Path,
    owner: Owner,
    name: &str,
) -> Result<Vec<PathBuf>> {
    let base = dir.join(owner.directory());
    match reader.list_dir(&base)? {
        Some(entries) => found_in(reader, &base, name, &Listing::new(entries)),
        None => Ok(Vec::new()),
    }
}

/// Whether the entries of a directory are directories, by name.
struct Listing(HashMap<String, bool>);

impl Listing {
    fn new(entries: Vec<Entry>) -> Self {
        let entries = entries.into_iter().map(|entry| (entry.name, entry.is_dir));
        Listing(entries.collect())
    }
}

fn found_in(
    reader: &dyn Reader,
    base: &Path,
    name: &str,
    listing: &Listing,
) -> Result<Vec<PathBuf>> {
    // A path from the root on is the name of a chroot, and has no files.
    let outside = name.split('/').any(|part| matches!(part, "" | "." | ".."));
    if outside {
        return Ok(Vec::new());
    }
    if let Some((above, name)) = name.rsplit_once('/') {
        let base = base.join(above);
        return match reader.list_dir(&base)? {
            Some(entries) => found_in(reader, &base, name, &Listing::new(entries)),
            None => Ok(Vec::new()),
        };
    }
    for extension in EXTENSIONS {
        let file = format!("{name}{extension}");
        let Some(is_dir) = listing.0.get(&file) else {
            continue;
        };
        let path = base.join(file);
        match is_dir {
            true => return below(reader, &path, 0),
            // A link that leads nowhere is passed over.
            false if reader.kind(&path) == super::Kind::Nothing => {}
            false => return Ok(vec![path]),
        }
    }
    Ok(Vec::new())
}

/// The files of variables below a directory.
fn below(reader: &dyn Reader, dir: &Path, depth: usize) -> Result<Vec<PathBuf>> {
    /// Links may lead in circles.
    const DEEPEST: usize = 40;
    let mut entries = reader.list_dir(dir)?.unwrap_or_default();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let mut files = Vec::new();
    for Entry { name, is_dir } in entries {
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let path = dir.join(&name);
        let extension = name
            .rfind('.')
            .map_or("", |dot| name.get(dot..).unwrap_or(""));
        if is_dir && extension.is_empty() && depth < DEEPEST {
            files.extend(below(reader, &path, depth + 1)?);
        } else if !is_dir
            && EXTENSIONS.contains(&extension)
            && reader.kind(&path) != super::Kind::Nothing
        {
            files.push(path);
        }
    }
    Ok(files)
}

/// The variables in the files beside inventories and playbooks, each file read once.
pub struct VarsFiles {
    reader: Arc<dyn Reader>,
    cache: Cache,
}

impl VarsFiles {
    /// No file read yet. With `merge_hashes`, files of one group or host are merged all the way
    /// down.
    pub fn new(reader: Arc<dyn Reader>, merge_hashes: bool) -> Self {
        let cache = Cache {
            merge_hashes,
            ..Cache::default()
        };
        VarsFiles { reader, cache }
    }

    /// What `group_vars` in `dir` has for a group; nothing where it has no file for it.
    ///
    /// # Errors
    /// A file cannot be read, or holds no dictionary.
    pub fn group(&self, dir: &Path, name: &str) -> Result<Option<Arc<Map>>> {
        self.vars(dir, Owner::Group, name)
    }

    /// What `host_vars` in `dir` has for a host.
    ///
    /// # Errors
    /// As [`VarsFiles::group`].
    pub fn host(&self, dir: &Path, name: &str) -> Result<Option<Arc<Map>>> {
        self.vars(dir, Owner::Host, name)
    }

    /// What the directory of `owner` in `dir` has for `name`.
    ///
    /// # Errors
    /// As [`VarsFiles::group`].
    pub fn vars(&self, dir: &Path, owner: Owner, name: &str) -> Result<Option<Arc<Map>>> {
        self.cache.vars(&*self.reader, dir, owner, name)
    }

    /// The warnings since the last call: duplicate keys, a `group_vars` that is a file.
    pub fn take_warnings(&self) -> Vec<Error> {
        let mut warnings = self.cache.warnings.lock();
        std::mem::take(warnings.as_mut().unwrap_or_else(|poison| poison.get_mut()))
    }

    /// Forgets everything read, so that the files are read anew (`meta: refresh_inventory`).
    pub fn forget(&self) {
        lock(&self.cache.dirs).clear();
        lock(&self.cache.plugins).clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Of whom a vars plugin was asked, and where.
type Said = (PathBuf, Owner, String);

/// What was read, for whoever brings a reader.
#[derive(Default)]
pub(super) struct Cache {
    dirs: Mutex<HashMap<PathBuf, Arc<Dir>>>,
    plugins: Mutex<HashMap<Said, Option<Arc<Map>>>>,
    warnings: Mutex<Vec<Error>>,
    merge_hashes: bool,
}

/// One `group_vars` or `host_vars`.
#[derive(Default)]
struct Dir {
    listing: Option<Listing>,
    vars: Mutex<HashMap<String, Option<Arc<Map>>>>,
}

impl Cache {
    /// What files and vars plugins say.
    pub(super) fn vars(
        &self,
        reader: &dyn Reader,
        dir: &Path,
        owner: Owner,
        name: &str,
    ) -> Result<Option<Arc<Map>>> {
        let own = self.of_files(reader, dir, owner, name)?;
        let Some(more) = self.of_plugins(reader, dir, owner, name)? else {
            return Ok(own);
        };
        Ok(Some(match own {
            None => more,
            Some(mut own) => {
                merge(Arc::make_mut(&mut own), &more, self.merge_hashes);
                own
            }
        }))
    }

    fn of_plugins(
        &self,
        reader: &dyn Reader,
        dir: &Path,
        owner: Owner,
        name: &str,
    ) -> Result<Option<Arc<Map>>> {
        if !reader.has_plugin_vars() {
            return Ok(None);
        }
        let key = (dir.to_owned(), owner, name.to_owned());
        if let Some(known) = lock(&self.plugins).get(&key) {
            return Ok(known.clone());
        }
        let said = reader.plugin_vars(dir, owner, name)?.map(Arc::new);
        lock(&self.plugins).insert(key, said.clone());
        Ok(said)
    }

    fn of_files(
        &self,
        reader: &dyn Reader,
        dir: &Path,
        owner: Owner,
        name: &str,
    ) -> Result<Option<Arc<Map>>> {
        let base = dir.join(owner.directory());
        let dir = self.dir(reader, &base)?;
        let Some(listing) = &dir.listing else {
            return Ok(None);
        };
        if let Some(known) = lock(&dir.vars).get(name) {
            return Ok(known.clone());
        }
        let files =
            found_in(reader, &base, name, listing).map_err(|error| error.of_kind(Kind::Syntax))?;
        let vars = self.read(reader, &files)?;
        lock(&dir.vars).insert(name.to_owned(), vars.clone());
        Ok(vars)
    }

    fn dir(&self, reader: &dyn Reader, base: &Path) -> Result<Arc<Dir>> {
        if let Some(known) = lock(&self.dirs).get(base) {
            return Ok(known.clone());
        }
        let entries = reader
            .list_dir(base)
            .map_err(|error| error.of_kind(Kind::Syntax))?;
        if entries.is_none() && reader.kind(base) != super::Kind::Nothing {
            let text = format!(
                "`{}` is not a directory, and is passed over",
                base.display()
            );
            lock(&self.warnings).push(Error::input(text));
        }
        let dir = Arc::new(Dir {
            listing: entries.map(Listing::new),
            ..Dir::default()
        });
        lock(&self.dirs).insert(base.to_owned(), dir.clone());
        Ok(dir)
    }

    fn read(&self, reader: &dyn Reader, files: &[PathBuf]) -> Result<Option<Arc<Map>>> {
        let mut all: Option<Arc<Map>> = None;
        for file in files {
            let Some(vars) = self.read_one(reader, file)? else {
                continue;
            };
            all = Some(match all {
                None => vars,
                Some(mut all) => {
                    merge(Arc::make_mut(&mut all), &vars, self.merge_hashes);
                    all
                }
            });
        }
        Ok(all)
    }

    /// The variables of one file; nothing where it is empty.
    fn read_one(&self, reader: &dyn Reader, file: &Path) -> Result<Option<Arc<Map>>> {
        let source = reader
            .read(file)
            .map_err(|error| error.of_kind(Kind::Syntax))?;
        let document = yaml::load(&source, &yaml::Options::default())?;
        lock(&self.warnings).extend(document.warnings.iter().cloned());
        match document.root.value() {
            Value::Map(vars) if vars.is_empty() => Ok(None),
            Value::Map(vars) => {
                lock(&self.warnings).extend(names::warnings(vars));
                Ok(Some(vars.clone()))
            }
            other if !other.is_true() => Ok(None),
            other => {
                let text = format!(
                    "a file of variables holds a dictionary, not {}",
                    kind_of(other)
                );
                Err(Error::syntax(text).at(document.root.place().clone()))
            }
        }
    }
}

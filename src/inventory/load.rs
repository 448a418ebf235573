//! Sources to an inventory: which kind each is, and what happens to one that cannot be read.

use std::cell::OnceCell;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use super::Host;
use super::Inventory;
use super::Kind;
use super::Layers;
use super::Origin;
use super::Reader;
use super::Rules;
use super::files::Cache;
use super::merge;
use super::plugins::Plugin;
use super::plugins::attempt;
use crate::error::Error;
use crate::error::Result;
use crate::error::Source;
use crate::value::Map;
use crate::value::Value;
use crate::yaml;

/// How sources are read, from the configuration.
#[derive(Clone, Debug)]
pub struct Options {
    /// How the inventory is kept.
    pub rules: Rules,
    /// The kinds of source that are tried, in this order (`enable_plugins`).
    pub enabled: Vec<Plugin>,
    /// The names in `enable_plugins` of plugins that are not built in, each with what is said where
    /// there is none.
    pub others: Vec<(String, Error)>,
    /// The ends of file names that a directory's entries are passed over for.
    pub ignored_extensions: Vec<String>,
    /// Regular expressions of names that a directory's entries are passed over for.
    pub ignored_patterns: Vec<String>,
    /// Whether it is an error that one source cannot be read (`any_unparsed_is_failed`).
    pub any_unparsed_is_failed: bool,
    /// Whether it is an error that no source can be read (`unparsed_is_failed`).
    pub unparsed_is_failed: bool,
    /// Whether there is a warning when no source can be read (`inventory_unparsed_warning`).
    pub unparsed_warning: bool,
    /// The variables of `-e`.
    pub extra_vars: Arc<Map>,
    /// Whether expressions of plugins see the variables of `-e` (`use_extra_vars`).
    pub use_extra_vars: bool,
}

impl Default for Options {
    fn default() -> Self {
        const EXTENSIONS: [&str; 12] = [
            ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg",
            ".retry",
        ];
        Options {
            rules: Rules::default(),
            enabled: Plugin::ENABLED.to_vec(),
            others: Vec::new(),
            ignored_extensions: EXTENSIONS.map(str::to_owned).to_vec(),
            ignored_patterns: Vec::new(),
            any_unparsed_is_failed: false,
            unparsed_is_failed: false,
            unparsed_warning: true,
            extra_vars: Arc::default(),
            use_extra_vars: false,
        }
    }
}

/// What came of the sources.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The hosts and groups.
    pub inventory: Inventory,
    /// What is allowed but probably not meant, and the sources that could not be read.
    pub warnings: Vec<Error>,
    /// The sources as absolute paths; a comma list as it is.
    pub sources: Vec<PathBuf>,
    /// The directories whose `group_vars` and `host_vars` belong to the inventory, in the order
    /// in which they are merged.
    pub dirs: Vec<PathBuf>,
}

/// Reads all sources, in order, into one inventory. A source that cannot be read adds nothing,
/// and is a warning unless the options say otherwise.
///
/// # Errors
/// A plugin that is not built; and what the options make an error.
pub fn load(sources: &[String], reader: &dyn Reader, options: &Options) -> Result<Loaded> {
    let named = sources.iter().filter(|source| !source.is_empty());
    let sources: Vec<PathBuf> = named.map(|source| absolute(source)).collect();
    let mut loader = Loader {
        inventory: Inventory::new(options.rules),
        outside: Outside::new(reader, options, &sources),
        ignored: ignored(options)?,
        warnings: Vec::new(),
    };
    let mut any = false;
    for source in &sources {
        any |= loader.source(source)?;
    }
    loader.end(any)?;
    let dirs = loader.outside.layers.inventory.clone();
    Ok(Loaded {
        inventory: loader.inventory,
        warnings: loader.warnings,
        sources,
        dirs,
    })
}

/// A source's path from the root on; a list of hosts stays as it is.
fn absolute(source: &str) -> PathBuf {
    if source.contains(',') && !Path::new(source).exists() {
        return PathBuf::from(source);
    }
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    let path = match source.strip_prefix('~') {
        Some("") => home(),
        Some(rest) => rest
            .strip_prefix('/')
            .and_then(|rest| Some(home()?.join(rest))),
        None => None,
    };
    let path = path.unwrap_or_else(|| PathBuf::from(source));
    normal(&std::path::absolute(&path).unwrap_or(path))
}

/// The path without `..`, as it is written and not as links lead.
fn normal(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

fn ignored(options: &Options) -> Result<Vec<Arc<crate::template::regex::Pattern>>> {
    let compile = |text: &String| crate::template::regex::compile(text, Default::default());
    let patterns = options.ignored_patterns.iter().map(compile);
    patterns.collect()
}

/// What sources are read with.
pub(super) struct Outside<'a> {
    pub(super) reader: &'a dyn Reader,
    pub(super) options: &'a Options,
    layers: Layers,
    cache: Cache,
}

impl<'a> Outside<'a> {
    fn new(reader: &'a dyn Reader, options: &'a Options, sources: &[PathBuf]) -> Self {
        Outside {
            reader,
            options,
            layers: Layers {
                inventory: dirs(sources, reader),
                ..Layers::default()
            },
            cache: Cache::default(),
        }
    }

    /// A host's variables with those of the files beside the sources.
    pub(super) fn with_files(&self, inventory: &Inventory, host: &Host) -> Result<Map> {
        let mut vars = Map::new();
        let read = |dir: &Path, kind, name: &str| self.cache.vars(self.reader, dir, kind, name);
        let layers = inventory.layers_with(host, &self.layers, &read)?;
        for layer in layers {
            merge(&mut vars, &layer.vars, inventory.rules.merge_hashes);
        }
        vars.extend_from(&inventory.magic(host));
        Ok(vars)
    }
}

/// The directories of the sources, each where it is named last.
fn dirs(sources: &[PathBuf], reader: &dyn Reader) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = Vec::new();
    for source in sources {
        let dir = match reader.kind(source) {
            Kind::Directory => source.clone(),
            Kind::Nothing if source.to_string_lossy().contains(',') => continue,
            _ => source.parent().unwrap_or(source).to_path_buf(),
        };
        dirs.retain(|known| *known != dir);
        dirs.push(dir);
    }
    dirs
}

struct Loader<'a> {
    inventory: Inventory,
    outside: Outside<'a>,
    ignored: Vec<Arc<crate::template::regex::Pattern>>,
    warnings: Vec<Error>,
}

impl Loader<'_> {
    /// Reads a source, and says whether it could be read.
    fn source(&mut self, path: &Path) -> Result<bool> {
        match self.outside.reader.kind(path) {
            Kind::Directory if !is_vagrant(path, self.outside.reader) => self.directory(path),
            kind => self.one(path, kind),
        }
    }

    fn directory(&mut self, path: &Path) -> Result<bool> {
        let entries = self.outside.reader.list_dir(path)?.unwrap_or_default();
        let mut names: Vec<String> = entries.into_iter().map(|entry| entry.name).collect();
        names.retain(|name| !self.is_ignored(name));
        names.sort_unstable();
        if names.is_empty() {
            return self.unread(path, Error::input("the directory has no file for it"));
        }
        let mut any = false;
        for name in names {
            any |= self.source(&path.join(name))?;
        }
        Ok(any)
    }

    fn is_ignored(&self, name: &str) -> bool {
        const ALWAYS: [&str; 3] = ["group_vars", "host_vars", "vars_plugins"];
        let extensions = &self.outside.options.ignored_extensions;
        name.starts_with('.')
            || ALWAYS.contains(&name)
            || extensions.iter().any(|end| name.ends_with(end.as_str()))
            || self
                .ignored
                .iter()
                .any(|pattern| pattern.is_found(name).unwrap_or(false))
    }

    fn one(&mut self, path: &Path, kind: Kind) -> Result<bool> {
        let candidate = Candidate::new(path, kind, self.outside.reader);
        if kind == Kind::Nothing && !candidate.is_list() {
            return self.unread(path, Error::input("there is no such file or directory"));
        }
        self.inventory.origin = Some(candidate.origin());
        let mut failures = Vec::new();
        for plugin in self.outside.options.enabled.iter().copied() {
            if !plugin.wants(&candidate) {
                continue;
            }
            let before = self.inventory.clone();
            match attempt(plugin, &mut self.inventory, &candidate, &self.outside)? {
                Ok(warnings) => {
                    self.warnings.extend(warnings);
                    self.warnings.extend(self.inventory.take_warnings());
                    return Ok(true);
                }
                Err(error) => {
                    self.inventory = before;
                    failures.push((plugin, error));
                }
            }
            if plugin == Plugin::Script && candidate.is_script() {
                break;
            }
        }
        let (plugin, why) = candidate.blame(failures);
        let why = match plugin {
            // The reference says it of every plugin; of the others here the excerpt says more.
            Some(plugin @ (Plugin::HostList | Plugin::AdvancedHostList)) => {
                let name = match plugin {
                    Plugin::HostList => "host_list",
                    _ => "advanced_host_list",
                };
                let text = format!("Failed to parse inventory with '{name}' plugin");
                Error::input(text).because(why)
            }
            _ => why,
        };
        self.unread(path, why)
    }

    /// Notes a source that could not be read. The reference's default source may be missing.
    fn unread(&mut self, path: &Path, cause: Error) -> Result<bool> {
        let missing = self.outside.reader.kind(path) == Kind::Nothing;
        if missing && path == Path::new("/etc/ansible/hosts") {
            return Ok(false);
        }
        let text = format!("Unable to parse {} as an inventory source", path.display());
        let near = missing.then(|| self.similar(path)).flatten();
        let error = Error::input(text).because(cause).hint_if(near);
        if self.outside.options.any_unparsed_is_failed {
            return Err(error);
        }
        self.warnings.push(error);
        Ok(false)
    }

    /// The name beside a missing source that is nearly the same.
    fn similar(&self, missing: &Path) -> Option<String> {
        let wanted = missing.file_name()?.to_str()?;
        let entries = self
            .outside
            .reader
            .list_dir(missing.parent()?)
            .ok()
            .flatten()?;
        crate::error::nearest(wanted, entries.iter().map(|entry| entry.name.as_str()))
    }

    fn end(&mut self, any: bool) -> Result<()> {
        let options = self.outside.options;
        if any {
            self.inventory.reconcile();
            self.warnings.extend(self.inventory.take_warnings());
        } else if options.unparsed_is_failed {
            return Err(Error::input("no inventory could be read"));
        } else if options.unparsed_warning {
            let text = "No inventory was parsed, only implicit localhost is available";
            self.warnings.push(Error::input(text));
        }
        Ok(())
    }
}

pub(super) fn is_vagrant(path: &Path, reader: &dyn Reader) -> bool {
    matches!(
        reader.kind(&path.join("Vagrantfile")),
        Kind::File | Kind::Program
    )
}

/// A source that is tried; its text is read once, when something needs it.
pub(super) struct Candidate<'a> {
    pub(super) path: &'a Path,
    pub(super) kind: Kind,
    reader: &'a dyn Reader,
    text: OnceCell<Result<Arc<Source>>>,
    document: OnceCell<Result<yaml::Document>>,
}

impl<'a> Candidate<'a> {
    fn new(path: &'a Path, kind: Kind, reader: &'a dyn Reader) -> Self {
        Candidate {
            path,
            kind,
            reader,
            text: OnceCell::new(),
            document: OnceCell::new(),
        }
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self.kind, Kind::File | Kind::Program)
    }

    pub(super) fn is_list(&self) -> bool {
        self.kind == Kind::Nothing && self.path.to_string_lossy().contains(',')
    }

    /// The end of the file's name from its last dot on.
    pub(super) fn extension(&self) -> String {
        let extension = self.path.extension().unwrap_or_default();
        extension.to_string_lossy().into_owned()
    }

    pub(super) fn text(&self) -> Result<Arc<Source>> {
        self.text
            .get_or_init(|| self.reader.read(self.path))
            .clone()
    }

    pub(super) fn document(&self) -> Result<yaml::Document> {
        let load = || yaml::load(&self.text()?, &yaml::Options::default());
        self.document.get_or_init(load).clone()
    }

    pub(super) fn root(&self) -> Result<Value> {
        Ok(self.document()?.root.value().clone())
    }

    fn origin(&self) -> Arc<Origin> {
        match self.is_list() {
            true => Origin::of_text(&self.path.to_string_lossy()),
            false => Origin::of_path(self.path),
        }
    }

    /// Says whether the file names the program that runs it, so that it can be nothing else.
    fn is_script(&self) -> bool {
        self.text()
            .is_ok_and(|source| source.text().starts_with("#!"))
    }

    /// The failure that most likely says what is wrong, of those of all kinds tried.
    fn blame(&self, failures: Vec<(Plugin, Error)>) -> (Option<Plugin>, Error) {
        let extension = self.extension();
        let wanted = match extension.as_str() {
            "yml" | "yaml" if self.names_plugin() => Plugin::Auto,
            "yml" | "yaml" | "json" => Plugin::Yaml,
            "toml" => Plugin::Toml,
            _ if self.is_script() => Plugin::Script,
            _ if self.looks_like_yaml() => Plugin::Yaml,
            _ => Plugin::Ini,
        };
        let mut failures = failures;
        let position = failures.iter().position(|(plugin, _)| *plugin == wanted);
        let last = failures.len().checked_sub(1);
        match position.or(last) {
            Some(position) => {
                let (plugin, error) = failures.swap_remove(position);
                (Some(plugin), error)
            }
            None => (
                None,
                Error::input("no inventory plugin that is enabled takes it"),
            ),
        }
    }

    fn names_plugin(&self) -> bool {
        self.root()
            .is_ok_and(|root| super::source::plugin::name(&root).is_some())
    }

    fn looks_like_yaml(&self) -> bool {
        let Ok(source) = self.text() else {
            return false;
        };
        let lines = source.text().lines().map(str::trim);
        let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.next().is_some_and(|line| {
            line.starts_with("---") || line.starts_with('{') || line.ends_with(':')
        })
    }
}

//! Where collections stand, and which file a name means.
//!
//! `meta/runtime.yml` of a collection sends names elsewhere, or says that they are gone; the rules
//! are those of the reference's `plugins/loader.py`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::value::{Map, Value};
use crate::yaml;

/// The most redirections that are followed for one name.
const MOST_HOPS: usize = 10;

/// The kinds of plugins that a collection holds, by the names of their folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PluginKind {
    /// `plugins/action`
    Action,
    /// `plugins/become`
    Become,
    /// `plugins/cache`
    Cache,
    /// `plugins/callback`
    Callback,
    /// `plugins/cliconf`
    Cliconf,
    /// `plugins/connection`
    Connection,
    /// `plugins/filter`
    Filter,
    /// `plugins/httpapi`
    Httpapi,
    /// `plugins/inventory`
    Inventory,
    /// `plugins/lookup`
    Lookup,
    /// `plugins/modules`
    Module,
    /// `plugins/netconf`
    Netconf,
    /// `plugins/shell`
    Shell,
    /// `plugins/strategy`
    Strategy,
    /// `plugins/test`
    Test,
    /// `plugins/vars`
    Vars,
}

/// What a name leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The full name in the end.
    pub name: String,
    /// What the user should know: deprecations.
    pub notes: Vec<String>,
}

/// The collections of a run.
pub struct Shelf {
    /// The folders that hold `ansible_collections`.
    pub roots: Vec<PathBuf>,
    /// The folder of ansible-core.
    pub core: Option<PathBuf>,
    routes: Mutex<HashMap<String, Arc<Map>>>,
}

impl PluginKind {
    /// The folder below a collection's `plugins/`.
    pub fn folder(self) -> &'static str {
        match self {
            PluginKind::Module => "modules",
            other => other.name(),
        }
    }

    /// The name that `ansible-doc -t` has for it.
    pub fn name(self) -> &'static str {
        match self {
            PluginKind::Action => "action",
            PluginKind::Become => "become",
            PluginKind::Cache => "cache",
            PluginKind::Callback => "callback",
            PluginKind::Cliconf => "cliconf",
            PluginKind::Connection => "connection",
            PluginKind::Filter => "filter",
            PluginKind::Httpapi => "httpapi",
            PluginKind::Inventory => "inventory",
            PluginKind::Lookup => "lookup",
            PluginKind::Module => "module",
            PluginKind::Netconf => "netconf",
            PluginKind::Shell => "shell",
            PluginKind::Strategy => "strategy",
            PluginKind::Test => "test",
            PluginKind::Vars => "vars",
        }
    }
}

impl Shelf {
    /// The collections below these roots.
    pub fn new(roots: Vec<PathBuf>, core: Option<PathBuf>) -> Self {
        Shelf {
            roots,
            core,
            routes: Mutex::default(),
        }
    }

    /// Follows what `meta/runtime.yml` says of a full name.
    ///
    /// # Errors
    /// It says that the plugin is gone, or leads in a circle.
    pub fn route(&self, kind: PluginKind, name: &str) -> Result<Route> {
        let mut route = Route {
            name: name.to_owned(),
            notes: Vec::new(),
        };
        for _ in 0..MOST_HOPS {
            let Some(entry) = self.entry(kind, &route.name)? else {
                return Ok(route);
            };
            if let Some(tombstone) = entry.get("tombstone") {
                return Err(removed(kind, &route.name, tombstone));
            }
            if let Some(deprecation) = entry.get("deprecation") {
                let text = deprecation.get("warning_text").map(Value::to_text);
                let text = text.unwrap_or_default();
                let note = format!("{} has been deprecated. {text}", route.name);
                route.notes.push(note.trim().to_owned());
            }
            match entry.get("redirect").and_then(Value::as_str) {
                Some(target) => target.clone_into(&mut route.name),
                None => return Ok(route),
            }
        }
        Err(Error::syntax(format!(
            "`{name}` is redirected more than {MOST_HOPS} times"
        )))
    }

    /// The file of a full name: `namespace.collection.name`, or `ansible.builtin.name`.
    pub fn file(&self, kind: PluginKind, name: &str) -> Option<PathBuf> {
        let (namespace, collection, rest) = split(name)?;
        if namespace == "ansible" && matches!(collection, "builtin" | "legacy") {
            let core = self.core.as_ref()?;
            let folder = match kind {
                PluginKind::Module => core.join("modules"),
                other => core.join("plugins").join(other.folder()),
            };
            return plugin_file(&folder, rest);
        }
        let folder = self.collection(namespace, collection)?;
        plugin_file(&folder.join("plugins").join(kind.folder()), rest)
    }

    /// The action plugin that does a module, by its full name: what `meta/runtime.yml` says
    /// (`action_plugin`), else one of the module's name.
    pub fn action_of(&self, name: &str) -> Option<String> {
        let entry = self.entry(PluginKind::Module, name).ok().flatten();
        let said = entry.and_then(|entry| entry.get("action_plugin")?.as_str().map(str::to_owned));
        if said.is_some() {
            return said;
        }
        let route = self.route(PluginKind::Action, name).ok()?;
        self.file(PluginKind::Action, &route.name)
            .map(|_| route.name)
    }

    /// The folder of a collection: the first that is there. ansible-core brings one for itself
    /// (`ansible._protomatter`), which no path names.
    pub fn collection(&self, namespace: &str, collection: &str) -> Option<PathBuf> {
        let inside = Path::new("ansible_collections")
            .join(namespace)
            .join(collection);
        let own = self.core.iter().map(|core| core.join("_internal"));
        let roots = self.roots.iter().cloned().chain(own);
        let mut folders = roots.map(|root| root.join(&inside));
        folders.find(|folder| folder.is_dir())
    }

    fn entry(&self, kind: PluginKind, name: &str) -> Result<Option<Value>> {
        let Some((namespace, collection, rest)) = split(name) else {
            return Ok(None);
        };
        let table = self.routes(namespace, collection)?;
        let entry = table.get(kind.folder()).and_then(|all| all.get(rest));
        Ok(entry.filter(|entry| entry.as_map().is_some()).cloned())
    }

    /// `plugin_routing` of a collection.
    fn routes(&self, namespace: &str, collection: &str) -> Result<Arc<Map>> {
        let key = format!("{namespace}.{collection}");
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = routes.get(&key) {
            return Ok(Arc::clone(known));
        }
        let file = match (&self.core, key.as_str()) {
            (Some(core), "ansible.builtin") => {
                Some(core.join("config/ansible_builtin_runtime.yml"))
            }
            _ => self
                .collection(namespace, collection)
                .map(|folder| folder.join("meta/runtime.yml")),
        };
        let table = match file.filter(|file| file.is_file()) {
            Some(file) => read_routes(&file)?,
            None => Arc::default(),
        };
        routes.insert(key, Arc::clone(&table));
        Ok(table)
    }
}

fn read_routes(file: &Path) -> Result<Arc<Map>> {
    let wrong =
        |error: Error| Error::input(format!("failed to read `{}`", file.display())).because(error);
    let bytes = std::fs::read(file).map_err(|error| wrong(error.into()))?;
    let source = yaml::decode(&bytes, file).map_err(wrong)?;
    let document = yaml::load(&source, &yaml::Options::data()).map_err(wrong)?;
    let table = document.root.value().get("plugin_routing").cloned();
    Ok(table
        .and_then(|table| table.as_map().cloned())
        .unwrap_or_default())
}

/// The parts of a full name; the last may hold dots, for a folder below.
fn split(name: &str) -> Option<(&str, &str, &str)> {
    let mut parts = name.splitn(3, '.');
    let parts = (parts.next()?, parts.next()?, parts.next()?);
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
    };
    (is_name(parts.0) && is_name(parts.1) && is_name(parts.2) && !parts.2.contains(".."))
        .then_some(parts)
}

/// The file of a plugin in a folder: `a/b.py` for `a.b`; a name that is out of date has `_` before.
fn plugin_file(folder: &Path, name: &str) -> Option<PathBuf> {
    let inside = name.replace('.', "/");
    let old = match inside.rsplit_once('/') {
        Some((parent, last)) => format!("{parent}/_{last}"),
        None => format!("_{inside}"),
    };
    let files = [inside, old].map(|name| folder.join(format!("{name}.py")));
    files.into_iter().find(|file| file.is_file())
}

fn removed(kind: PluginKind, name: &str, tombstone: &Value) -> Error {
    let text = |key: &str| tombstone.get(key).map(Value::to_text);
    let what = match kind {
        PluginKind::Module => "module".to_owned(),
        other => format!("{} plugin", other.name()),
    };
    let said = text("warning_text").unwrap_or_default();
    let mut message = format!("The '{name}' {what} has been removed. {}", said.trim());
    let home = split(name).map(|(namespace, collection, _)| format!("{namespace}.{collection}"));
    let from = format!(
        "This feature was removed from collection '{}'",
        home.unwrap_or_default()
    );
    match (text("removal_version"), text("removal_date")) {
        (Some(version), _) => message = format!("{} {from} version {version}.", message.trim_end()),
        (None, Some(date)) => {
            message = format!("{} {from} in a release after {date}.", message.trim_end());
        }
        (None, None) => {}
    }
    Error::syntax(message.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{PluginKind, Shelf};
    use std::fs;

    fn shelf(folder: &std::path::Path) -> Shelf {
        let collection = folder.join("ansible_collections/my/own");
        fs::create_dir_all(collection.join("plugins/modules/sub")).unwrap();
        fs::create_dir_all(collection.join("meta")).unwrap();
        fs::write(collection.join("plugins/modules/real.py"), "").unwrap();
        fs::write(collection.join("plugins/modules/sub/deep.py"), "").unwrap();
        fs::write(
            collection.join("meta/runtime.yml"),
            "plugin_routing:\n  modules:\n    old: {redirect: my.own.real}\n    \
             moved: {redirect: ansible.builtin.copy, deprecation: {warning_text: Use copy.}}\n    \
             gone: {tombstone: {removal_version: 2.0.0, warning_text: Use real.}}\n    \
             round: {redirect: my.own.round}\n",
        )
        .unwrap();
        Shelf::new(vec![folder.join("none"), folder.to_owned()], None)
    }

    #[test]
    fn names_are_routed_and_found() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path());
        let module = PluginKind::Module;
        for (name, leads_to, there) in [
            ("my.own.real", "my.own.real", true),
            ("my.own.old", "my.own.real", true),
            ("my.own.sub.deep", "my.own.sub.deep", true),
            ("my.own.moved", "ansible.builtin.copy", false),
            ("my.own.none", "my.own.none", false),
            ("other.own.none", "other.own.none", false),
            ("short", "short", false),
        ] {
            let route = shelf.route(module, name).unwrap();
            assert_eq!(route.name, leads_to);
            assert_eq!(shelf.file(module, &route.name).is_some(), there, "{name}");
        }
        let notes = shelf.route(module, "my.own.moved").unwrap().notes;
        assert_eq!(notes, ["my.own.moved has been deprecated. Use copy."]);
    }

    #[test]
    fn what_is_gone_says_so_and_a_circle_ends() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path());
        let gone = shelf.route(PluginKind::Module, "my.own.gone").unwrap_err();
        assert_eq!(
            gone.message(),
            "The 'my.own.gone' module has been removed. Use real. This feature was removed from collection \
             'my.own' version 2.0.0."
        );
        assert!(shelf.route(PluginKind::Module, "my.own.round").is_err());
        // A name is no path.
        assert_eq!(
            shelf.file(PluginKind::Module, "my.own.../../../etc/passwd"),
            None
        );
    }
}

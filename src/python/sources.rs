//! Inventory and vars plugins in Python.

use std::path::{Path, PathBuf};

use super::Python;
use super::plugins::{NoNames, Said, holds_python};
use super::shelf::PluginKind;
use crate::error::{Error, Result};
use crate::inventory::{Foreign, Owner};
use crate::value::{Crossing, Map, Value, decode, encode};

impl Python {
    /// The file of a plugin by the name that a user gives it: in the folders of the configuration and
    /// beside the playbook, or in a collection. No Python is started.
    ///
    /// # Errors
    /// `meta/runtime.yml` says that it is gone.
    pub fn plugin_file(&self, kind: PluginKind, name: &str) -> Result<Option<PathBuf>> {
        let own = name.strip_prefix("ansible.legacy.").unwrap_or(name);
        if !own.contains('.') {
            let file = format!("{own}.py");
            let folders = self.own_folders(kind);
            let own = folders.iter().map(|folder| folder.join(&file));
            if let Some(own) = own.into_iter().find(|file| file.is_file()) {
                return Ok(Some(own));
            }
        }
        let full = match name.matches('.').count() {
            0 => format!("ansible.builtin.{name}"),
            _ => name.to_owned(),
        };
        let route = self.shelf().route(kind, &full)?;
        Ok(self.shelf().file(kind, &route.name))
    }

    /// The name that routing gives a plugin; nothing where there is no such plugin.
    pub(super) fn routed(&self, kind: PluginKind, name: &str) -> Result<Option<String>> {
        let full = match name.contains('.') {
            true => name.to_owned(),
            false => format!("ansible.builtin.{name}"),
        };
        let shelf = self.shelf();
        let routed = shelf.route(kind, &full);
        let own = match &routed {
            Ok(route) => shelf.file(kind, &route.name).is_none(),
            Err(_) => true,
        };
        if own
            && self
                .plugin_file(kind, name)
                .is_ok_and(|file| file.is_some())
        {
            return Ok(Some(name.to_owned()));
        }
        let route = routed?;
        let file = shelf.file(kind, &route.name);
        Ok(file.map(|_| route.name))
    }

    /// The folders for plugins of a kind: those of the configuration, then the one beside the playbook.
    pub(super) fn own_folders(&self, kind: PluginKind) -> Vec<PathBuf> {
        let mut folders = self.plugin_folders(kind.name());
        let beside = match kind {
            PluginKind::Module => "library".to_owned(),
            other => format!("{}_plugins", other.name()),
        };
        let dirs = self.settings.playbook_dirs.iter();
        folders.extend(dirs.map(|folder| folder.join(&beside)));
        folders
    }

    pub(super) fn places(&self, kind: PluginKind) -> Value {
        let folders = self.own_folders(kind);
        Value::strings(
            folders
                .iter()
                .map(|folder| folder.to_string_lossy().into_owned()),
        )
    }

    /// Lets an inventory plugin read a source. It gets the inventory `so_far`, and what it leaves as it is
    /// does not come back; `cache` says whether it may answer from what it kept of
    /// an earlier run. The inner error is the plugin's own. What it told the user goes to `said`.
    ///
    /// # Errors
    /// No Python with ansible-core is there.
    pub fn inventory_plugin(
        &self,
        name: &str,
        path: &Path,
        so_far: &Value,
        cache: bool,
        said: &dyn Fn(&str, Said),
    ) -> Result<Result<Foreign>> {
        let file = match self.plugin_file(PluginKind::Inventory, name) {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(Ok(Foreign::Missing)),
            Err(gone) => return Ok(Err(gone)),
        };
        let what = format!("the inventory plugin `{name}` ({})", file.display());
        self.worker(&what)?;
        let head = crate::entries! {
            "do" => "inventory",
            "name" => name,
            "path" => path.to_string_lossy().into_owned(),
            "places" => self.places(PluginKind::Inventory),
            "so_far" => encode(so_far, Crossing::Templates),
            "cache" => cache,
        };
        Ok(self.inventory_of(&what, head, said))
    }

    fn inventory_of(&self, what: &str, head: Map, said: &dyn Fn(&str, Said)) -> Result<Foreign> {
        let frame = self.ask_child(what, head, &NoNames)?;
        said(what, Said::of(&frame, self.settings.deprecations));
        if let Some(error) = frame.text("error") {
            let place = frame.text("where");
            return Err(Error::input(format!("{what} failed: {error}"))
                .hint_if(place.map(|place| format!("it was raised in {place}"))));
        }
        if frame.head.contains("missing") {
            return Ok(Foreign::Missing);
        }
        match frame.head.get("inventory") {
            Some(said) => Ok(Foreign::Read(Box::new(decode(said, Crossing::Templates)?))),
            None => Ok(Foreign::Declined),
        }
    }

    /// What vars plugins say of a group or a host beside a folder. Python is started only where there
    /// are such plugins. What they told the user goes to `said`.
    ///
    /// # Errors
    /// A plugin failed, or no Python with ansible-core is there.
    pub fn plugin_vars(
        &self,
        folder: &Path,
        owner: Owner,
        name: &str,
        said: &dyn Fn(&str, Said),
    ) -> Result<Option<Map>> {
        let Some(which) = self.vars_plugins() else {
            return Ok(None);
        };
        let what = format!("the vars plugin `{which}`");
        let head = crate::entries! {
            "do" => "vars",
            "dir" => folder.to_string_lossy().into_owned(),
            "owner" => match owner {
                Owner::Group => "group",
                Owner::Host => "host",
            },
            "name" => name,
            "enabled" => Value::strings(self.settings.vars_enabled.iter().map(String::as_str)),
            "places" => self.places(PluginKind::Vars),
        };
        let frame = self.ask_child(&what, head, &NoNames)?;
        said(&what, Said::of(&frame, self.settings.deprecations));
        if let Some(error) = frame.text("error") {
            let place = frame.text("where");
            return Err(Error::input(format!("a vars plugin failed: {error}"))
                .hint_if(place.map(|place| format!("it was raised in {place}"))));
        }
        let vars = decode(
            frame.head.get("vars").unwrap_or(&Value::Null),
            Crossing::Templates,
        )?;
        let vars = vars.as_map().map(|vars| (**vars).clone());
        Ok(vars.filter(|vars| !vars.is_empty()))
    }

    /// Whether there are vars plugins in Python.
    pub fn has_vars_plugins(&self) -> bool {
        self.vars_plugins().is_some()
    }

    fn vars_plugins(&self) -> Option<&String> {
        let known = self.vars_plugins.get_or_init(|| self.find_vars_plugins());
        known.as_ref()
    }

    /// The name of a vars plugin in Python that there is, or the folder of some.
    fn find_vars_plugins(&self) -> Option<String> {
        let enabled = self.settings.vars_enabled.iter();
        let mut named = enabled.filter(|name| {
            let short = name.strip_prefix("ansible.builtin.").unwrap_or(name);
            !short.is_empty() && short != "host_group_vars"
        });
        let folders = self.own_folders(PluginKind::Vars);
        let folder = || folders.iter().find(|folder| holds_python(folder, "vars"));
        named
            .next()
            .cloned()
            .or_else(|| folder().map(|folder| folder.display().to_string()))
    }
}

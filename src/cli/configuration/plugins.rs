//! Settings of plugins: those that play knows, and those that the page of a plugin in Python names.

use std::path::Path;

use super::known::Known;
use super::{Row, is_hidden};
use crate::cli::{doc, terminal};
use crate::config::{Config, SETTINGS, Setting};
use crate::error::{Error, Manner, Result};
use crate::value::Value;

/// Which settings are meant.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Which {
    /// Of which plugins too: base (none), all; or of one type of plugins alone
    #[arg(short = 't', long = "type", value_name = "TYPE", value_parser = types())]
    kind: Option<String>,
    /// These plugins of the type alone
    #[arg(value_name = "PLUGIN")]
    names: Vec<String>,
}

fn types() -> clap::builder::PossibleValuesParser {
    ["base", "all"]
        .into_iter()
        .chain(doc::CONFIGURABLE.iter().copied())
        .into()
}

/// A plugin's settings.
pub(super) struct Plugin {
    /// Its name.
    pub name: String,
    /// What can be set.
    pub settings: Vec<Known>,
}

impl Which {
    /// The type; without one `base`, or `all` where play itself says so.
    fn kind(&self, own: &'static str) -> &str {
        match (&self.kind, terminal::manner()) {
            (Some(kind), _) => kind,
            (None, Manner::Own) => own,
            (None, _) => "base",
        }
    }

    /// Whether the settings that are no plugin's are meant.
    pub fn has_base(&self, own: &'static str) -> bool {
        matches!(self.kind(own), "base" | "all")
    }

    /// Whether the settings of every plugin are meant.
    pub fn has_all(&self, own: &'static str) -> bool {
        self.kind(own) == "all"
    }

    /// The plugins that are meant, by type.
    ///
    /// # Errors
    /// The page of a plugin cannot be read.
    pub fn plugins(&self, own: &'static str) -> Result<Vec<(&'static str, Vec<Plugin>)>> {
        let mut all = Vec::new();
        for kind in doc::CONFIGURABLE.iter().copied() {
            match self.kind(own) {
                "all" => all.push((kind, known(kind))),
                one if one == kind => all.push((kind, self.of_type(kind)?)),
                _ => (),
            }
        }
        Ok(all)
    }

    fn of_type(&self, kind: &'static str) -> Result<Vec<Plugin>> {
        let mut known = known(kind);
        if self.names.is_empty() {
            return Ok(known);
        }
        let mut plugins = Vec::new();
        for name in &self.names {
            let short = name.strip_prefix("ansible.builtin.").unwrap_or(name);
            if let Some(at) = known.iter().position(|plugin| plugin.name == short) {
                plugins.push(known.remove(at));
            } else if let Some(options) = doc::options_of(kind, name)? {
                let settings = options.iter();
                let settings = settings.map(|(name, page)| Known::of_page(&name.to_text(), page));
                plugins.push(Plugin {
                    name: name.clone(),
                    settings: settings.collect(),
                });
            } else {
                let text = format!("Skipping {name} as we could not find matching plugin");
                terminal::print_warning(&Error::input(text));
            }
        }
        Ok(plugins)
    }
}

/// The type and the name of the plugin that a setting belongs to.
fn plugin_of(setting: &Setting) -> Option<(&'static str, &'static str)> {
    let (plugin, _) = setting.name.split_once('.')?;
    let kind = match plugin {
        "default" | "json" | "profile_roles" | "profile_tasks" | "tree" => "callback",
        "ssh" => "connection",
        "su" | "sudo" => "become",
        "sh" => "shell",
        _ => return None,
    };
    Some((kind, plugin))
}

/// Whether a setting belongs to no plugin; play's own are shown with those of plugins.
pub(super) fn is_of_plugin(setting: &Setting) -> bool {
    plugin_of(setting).is_some()
}

/// The plugins of a type whose settings play knows.
fn known(wanted: &str) -> Vec<Plugin> {
    let mut plugins: Vec<Plugin> = Vec::new();
    for setting in SETTINGS.iter().filter(|setting| !is_hidden(setting)) {
        let Some((kind, name)) = plugin_of(setting) else {
            continue;
        };
        if kind != wanted {
            continue;
        }
        let known = Known::of_setting(setting);
        match plugins.iter_mut().find(|plugin| plugin.name == name) {
            Some(plugin) => plugin.settings.push(known),
            None => plugins.push(Plugin {
                name: name.to_owned(),
                settings: vec![known],
            }),
        }
    }
    plugins.sort_by(|a, b| a.name.cmp(&b.name));
    plugins
}

impl Plugin {
    /// What its settings are; sorted by their names.
    pub fn rows(&self, config: &Config, only_changed: bool) -> Vec<Row> {
        let mut rows: Vec<Row> = self
            .settings
            .iter()
            .map(|known| row(known, config))
            .collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        rows.retain(|(_, origin, _)| {
            !only_changed || !matches!(origin.as_str(), "default" | "REQUIRED")
        });
        rows
    }
}

fn row(known: &Known, config: &Config) -> Row {
    let name = known.name.clone();
    if let Some(entry) = known.setting.and_then(|setting| config.entry(setting.name)) {
        return (name, entry.origin.to_string(), entry.value.clone());
    }
    for variable in known.environment.iter().rev() {
        if let Ok(text) = std::env::var(variable) {
            return (name, format!("env: {variable}"), known.read(&text));
        }
    }
    for (section, key) in known.keys.iter().rev() {
        if let Some(text) = config.written_key(section, key) {
            let file = config.file.as_deref().unwrap_or(Path::new(""));
            return (name, file.display().to_string(), known.read(text));
        }
    }
    match known.default.is_null() && known.is_required {
        true => (name, "REQUIRED".to_owned(), Value::Null),
        false => (name, "default".to_owned(), known.default.clone()),
    }
}

//! The settings: `ansible.cfg`, the `ANSIBLE_*` variables, and what holds where neither speaks.
//!
//! [`SETTINGS`] is the reference's table with what becomes of each setting here; [`Config`] is
//! what one run found, each value with its [`Origin`]. Options of the command line are stronger
//! and are laid over it by whoever reads them.

mod file;
mod ini;
mod kind;
mod strange;
mod table;

#[cfg(test)]
mod tests;

pub use file::{Found, find};
pub use strange::strange_variables;
pub use table::{Effect, Kind, SETTINGS, Setting, setting};

use std::path::{Path, PathBuf};

use crate::error::{Error, Place, Result};
use crate::value::{Map, Value};

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// What is allowed but probably not meant.
    pub warnings: Vec<Error>,
    entries: Vec<Entry>,
    /// The keys of sections whose names are the user's own: `[galaxy_server.NAME]`.
    named: Vec<(String, String, String)>,
    /// What stands in the file.
    written: ini::Sections,
}

/// One setting as it is in force.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value; a list for lists and paths.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// A variable of the environment.
    Environment(&'static str),
    /// The file.
    File(Place),
}

impl Config {
    /// The settings of the file that the reference's rules find, and of the environment.
    ///
    /// # Errors
    /// The file cannot be read, or a value is not of its setting's type.
    pub fn load(environment: &dyn Fn(&str) -> Option<String>, folder: &Path) -> Result<Config> {
        let found = find(environment, folder)?;
        let source = match &found.file {
            Some(path) => Some(file::read(path)?),
            None => None,
        };
        let sections = match &source {
            Some(source) => ini::parse(source)?,
            None => ini::Sections::default(),
        };
        let mut config = Config {
            file: found.file.clone(),
            warnings: found.warnings,
            entries: Vec::new(),
            named: Vec::new(),
            written: ini::Sections::default(),
        };
        let home = home_of_ansible(environment, &sections);
        let context = kind::Context {
            file: found.file.as_deref(),
            folder,
            home: &home,
        };
        for setting in SETTINGS.iter() {
            let entry = entry(
                setting,
                environment,
                &sections,
                &context,
                &mut config.warnings,
            )?;
            config.entries.push(entry);
        }
        config.warnings.extend(unknown(&sections));
        let named = sections
            .iter()
            .filter(|(section, ..)| section.starts_with("galaxy_server."));
        let named = named
            .map(|(section, key, line)| (section.to_owned(), key.to_owned(), line.text.clone()));
        config.named = named.collect();
        config.written = sections;
        Ok(config)
    }

    /// All settings in the order of the table.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The setting of that name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.setting.name == name)
    }

    /// Says whether somebody set it.
    pub fn is_set(&self, name: &str) -> bool {
        self.entry(name)
            .is_some_and(|entry| entry.origin != Origin::Default)
    }

    /// A value.
    pub fn value(&self, name: &str) -> Value {
        self.entry(name)
            .map_or(Value::Null, |entry| entry.value.clone())
    }

    /// A truth value; false where nothing is set.
    pub fn flag(&self, name: &str) -> bool {
        self.value(name).as_bool().unwrap_or(false)
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.value(name).as_int()
    }

    /// A text; nothing where it is empty.
    pub fn text(&self, name: &str) -> Option<String> {
        let value = self.value(name);
        let text = (!value.is_null()).then(|| value.to_text());
        text.filter(|text| !text.is_empty())
    }

    /// A key of a section whose name is the user's own (`galaxy_server.NAME`).
    pub fn of_section(&self, section: &str, key: &str) -> Option<&str> {
        let mut all = self.named.iter();
        let found = all.find(|(s, k, _)| s == section && k == key)?;
        Some(&found.2)
    }

    /// A key of the file as it is written there.
    pub fn written_key(&self, section: &str, key: &str) -> Option<&str> {
        let line = self.written.get(section, key)?;
        Some(&line.text)
    }

    /// A path.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    /// A list, without its empty parts.
    pub fn list(&self, name: &str) -> Vec<String> {
        let mut list = self.whole_list(name);
        list.retain(|part| !part.is_empty());
        list
    }

    /// A list with its empty parts.
    pub fn whole_list(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            Value::List(items) => items.iter().map(Value::to_text).collect(),
            Value::Null => Vec::new(),
            other => vec![other.to_text()],
        }
    }

    /// A list of paths.
    pub fn paths(&self, name: &str) -> Vec<PathBuf> {
        self.list(name).into_iter().map(PathBuf::from).collect()
    }

    /// Everything by name, for `lookup('config', …)`.
    pub fn to_map(&self) -> Map {
        let mut map = Map::with_capacity(self.entries.len() + 1);
        let file = self.file.as_ref().map(|file| file.to_string_lossy());
        map.set("CONFIG_FILE", Value::str_or_null(file.as_deref()));
        for entry in &self.entries {
            map.set(entry.setting.name, entry.value.clone());
        }
        map
    }

    /// Where each setting comes from that somebody set, in words, by its name.
    pub fn origins(&self) -> Map {
        let mut map = Map::new();
        for entry in self
            .entries
            .iter()
            .filter(|it| it.origin != Origin::Default)
        {
            map.set(entry.setting.name, entry.origin.to_string());
        }
        map
    }

    /// What is set and has no effect here, one line each.
    pub fn without_effect(&self) -> Vec<String> {
        let lines = self.entries.iter().filter_map(|entry| {
            let Effect::Idle(why) = entry.setting.effect else {
                return None;
            };
            let set = entry.origin != Origin::Default;
            set.then(|| format!("{} has no effect: {why}", entry.setting.name))
        });
        lines.collect()
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::Environment(name) => write!(f, "env: {name}"),
            Origin::File(place) => write!(f, "{}", place.path().display()),
        }
    }
}

/// `ANSIBLE_HOME`, which other defaults begin with.
fn home_of_ansible(
    environment: &dyn Fn(&str) -> Option<String>,
    sections: &ini::Sections,
) -> String {
    environment("ANSIBLE_HOME")
        .filter(|home| !home.is_empty())
        .or_else(|| Some(sections.get("defaults", "home")?.text.clone()))
        .unwrap_or_else(|| "~/.ansible".to_owned())
}

fn entry(
    setting: &'static Setting,
    environment: &dyn Fn(&str) -> Option<String>,
    sections: &ini::Sections,
    context: &kind::Context<'_>,
    warnings: &mut Vec<Error>,
) -> Result<Entry> {
    let of = |value, origin| Entry {
        setting,
        value,
        origin,
    };
    // Of several names, the last counts, as in the reference.
    for name in setting.environment.iter().rev() {
        if let Some(text) = environment(name) {
            if kind::is_no_boolean(setting, &text) {
                warnings.push(no_boolean(setting, &text).hint(format!("it is in `{name}`")));
            }
            let from = format!("env: {name}");
            let value = kind::read(setting, &text, context, false, &from)
                .map_err(|error| error.hint(format!("it is in `{name}`")))?;
            refuse(setting, None)?;
            return Ok(of(value, Origin::Environment(name)));
        }
    }
    for (section, key) in setting.keys.iter().rev() {
        if let Some(line) = sections.get(section, key) {
            let place = line.place.clone();
            if kind::is_no_boolean(setting, &line.text) {
                warnings.push(no_boolean(setting, &line.text).at(place.clone()));
            }
            let from = context.file.map(|file| file.display().to_string());
            let from = from.unwrap_or_default();
            let value = kind::read(setting, &line.text, context, true, &from)
                .map_err(|error| error.at(place.clone()))?;
            refuse(setting, Some(&place))?;
            return Ok(of(value, Origin::File(place)));
        }
    }
    let value = match setting.default {
        Some("") if setting.kind == table::Kind::List => Value::list(Vec::new()),
        Some(text) => kind::read(setting, text, context, false, "default")?,
        None => Value::Null,
    };
    Ok(of(value, Origin::Default))
}

fn no_boolean(setting: &Setting, text: &str) -> Error {
    Error::input(format!(
        "`{}` wants a boolean, got `{}`; it is taken as false",
        setting.name,
        text.trim()
    ))
}

/// Refuses a setting that cannot be honoured and must not be passed over.
fn refuse(setting: &Setting, place: Option<&Place>) -> Result<()> {
    let Effect::Refused(why) = setting.effect else {
        return Ok(());
    };
    Err(Error::input(format!("`{}` is set: {why}", setting.name)).at(place.cloned()))
}

/// A warning for each key that is no setting, and nearly one. Other unknown keys are passed over,
/// as in the reference: they may be meant for its plugins.
fn unknown(sections: &ini::Sections) -> Vec<Error> {
    let mut warnings = Vec::new();
    for (section, key, line) in sections.iter() {
        let all = SETTINGS.iter().flat_map(|setting| &setting.keys);
        let own = all.filter(|(name, _)| *name == section);
        let names: Vec<&str> = own.map(|(_, key)| *key).collect();
        if names.contains(&key) {
            continue;
        }
        if let Some(hint) = crate::error::nearest(key, names) {
            let text = format!("`{key}` is not a setting of [{section}]");
            warnings.push(Error::input(text).at(line.place.clone()).hint(hint));
        }
    }
    warnings
}

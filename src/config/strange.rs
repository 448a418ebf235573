//! What is written in a configuration and is no setting of anybody: misspelt keys, wrong sections, variables
//! that nothing reads.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Config, SETTINGS, Setting};
use crate::error::{Error, nearest};

/// The keys and variables of the reference's own plugins, which are settings too.
const OF_PLUGINS: &str = include_str!("plugins.txt");

/// Variables that begin as settings do and are none.
const NO_SETTINGS: [&str; 2] = ["ANSIBLE_CONFIG", "ANSIBLE_DEV_HOME"];

/// Programs that have variables of their own with the same beginning.
const OTHERS: [&str; 2] = ["ANSIBLE_TEST_", "ANSIBLE_LINT_"];

impl Config {
    /// What stands in the file and is no setting, each with its place; those of plugins are settings where
    /// `plugins` count.
    pub fn strange_keys(&self, plugins: bool) -> Vec<Error> {
        let known = known_keys(plugins);
        let sections: BTreeSet<&str> = known.iter().map(|(section, _)| *section).collect();
        let file = self.file.as_deref().unwrap_or(Path::new("")).display();
        let mut found: Vec<Error> = Vec::new();
        let mut told = BTreeSet::new();
        for (section, key, line) in self.written.iter() {
            let place = Some(line.place.clone());
            if section.starts_with("galaxy_server.") || known.contains(&(section, key)) {
                continue;
            }
            if !sections.contains(section) {
                if told.insert(section) {
                    let text = format!("Found unknown section '{section}' in '{file}'.");
                    let near = nearest(section, sections.iter().copied());
                    found.push(Error::input(text).at(place).hint_if(near));
                }
                continue;
            }
            let keys = known.iter().filter(|(name, _)| *name == section);
            let near = nearest(key, keys.map(|(_, key)| *key));
            let text = format!("Found unknown key '{key}' in section '{section}' in '{file}'.");
            found.push(Error::input(text).at(place).hint_if(near));
        }
        found
    }
}

/// Which of these variables are no settings, though they begin as settings do.
pub fn strange_variables(names: &[String], plugins: bool) -> Vec<Error> {
    let own = settings(plugins).flat_map(|setting| setting.environment.iter().copied());
    let of_plugins = of_plugins("env ").filter(|_| plugins);
    let known: BTreeSet<&str> = own.chain(of_plugins).collect();
    let asks = |name: &&String| {
        name.starts_with("ANSIBLE_")
            && !OTHERS.iter().any(|other| name.starts_with(other))
            && !NO_SETTINGS.contains(&name.as_str())
            && !known.contains(name.as_str())
    };
    let strange = names.iter().filter(asks).map(|name| {
        let text = format!("Found unknown environment variable '{name}'.");
        Error::input(text).hint_if(nearest(name, known.iter().copied()))
    });
    strange.collect()
}

fn settings(plugins: bool) -> impl Iterator<Item = &'static Setting> {
    SETTINGS
        .iter()
        .filter(move |setting| plugins || !setting.name.contains('.'))
}

fn known_keys(plugins: bool) -> BTreeSet<(&'static str, &'static str)> {
    let own = settings(plugins).flat_map(|setting| setting.keys.iter().copied());
    let of_plugins = of_plugins("ini ").filter(|_| plugins);
    own.chain(of_plugins.filter_map(|word| word.rsplit_once('.')))
        .collect()
}

fn of_plugins(kind: &'static str) -> impl Iterator<Item = &'static str> {
    OF_PLUGINS
        .lines()
        .filter_map(move |line| line.strip_prefix(kind))
}

#[cfg(test)]
mod tests {
    use super::{SETTINGS, of_plugins};

    #[test]
    fn what_is_a_setting_here_is_not_listed_again() {
        let of_settings = |word: &str| {
            let mut keys = SETTINGS.iter().flat_map(|setting| setting.keys.iter());
            let key = keys.any(|(section, key)| format!("{section}.{key}") == word);
            let mut all = SETTINGS.iter();
            key || all.any(|setting| setting.environment.contains(&word))
        };
        for word in of_plugins("ini ").chain(of_plugins("env ")) {
            assert!(!of_settings(word), "{word}");
        }
    }
}

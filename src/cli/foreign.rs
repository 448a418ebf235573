//! What this process has of Python.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::setup::collections;
use crate::config::Config;
use crate::python::Python;

/// The one Python of this process; callbacks need it before there is a run.
pub fn shared_python(folder: &Path, config: &Config) -> Arc<Python> {
    static PYTHON: OnceLock<Arc<Python>> = OnceLock::new();
    Arc::clone(PYTHON.get_or_init(|| Arc::new(Python::new(python(folder, config)))))
}

/// What the configuration says of Python, for playbooks of a folder.
pub fn python(folder: &Path, config: &Config) -> crate::python::Settings {
    let kinds = [
        ("become", "BECOME_PLUGIN_PATH"),
        ("cache", "DEFAULT_CACHE_PLUGIN_PATH"),
        ("callback", "DEFAULT_CALLBACK_PLUGIN_PATH"),
        ("connection", "DEFAULT_CONNECTION_PLUGIN_PATH"),
        ("module", "DEFAULT_MODULE_PATH"),
        ("strategy", "DEFAULT_STRATEGY_PLUGIN_PATH"),
        ("inventory", "DEFAULT_INVENTORY_PLUGIN_PATH"),
        ("vars", "DEFAULT_VARS_PLUGIN_PATH"),
        ("filter", "DEFAULT_FILTER_PLUGIN_PATH"),
        ("lookup", "DEFAULT_LOOKUP_PLUGIN_PATH"),
        ("test", "DEFAULT_TEST_PLUGIN_PATH"),
    ];
    let folders = kinds.iter().flat_map(|(kind, name)| {
        let folders = config.paths(name).into_iter();
        folders.map(move |folder| ((*kind).to_owned(), folder))
    });
    crate::python::Settings {
        program: config.text("PLAY_PYTHON"),
        collections: collections(folder, config),
        system: config.flag("COLLECTIONS_SCAN_SYS_PATH"),
        playbook_dirs: Some(folder.to_owned())
            .filter(|folder| !folder.as_os_str().is_empty())
            .into_iter()
            .collect(),
        plugin_folders: folders.collect(),
        utils: config.paths("DEFAULT_MODULE_UTILS_PATH"),
        vars_enabled: config.list("VARIABLE_PLUGINS_ENABLED"),
        callbacks_enabled: config.list("CALLBACKS_ENABLED"),
        deprecations: config.flag("DEPRECATION_WARNINGS"),
    }
}

//! `plugin_filters_cfg`: the modules that a site does not want (`_load_plugin_filter` of the
//! reference's `plugins/loader.py`).

use std::path::Path;

use crate::error::{Error, Result};
use crate::executor::run::House;
use crate::memory::Kind;
use crate::value::Value;
use crate::yaml;

/// Where the file is looked for if nobody names one.
const USUAL: &str = "/etc/ansible/plugin_filters.yml";

/// The names of the modules that are not to be run; a file that cannot be understood is a warning.
///
/// # Errors
/// `stat` is among them: nothing works without it.
pub fn read(house: &House, named: Option<&Path>) -> Result<Vec<String>> {
    let path = named.unwrap_or(Path::new(USUAL));
    let shown = path.display();
    let skip = |why: &str| {
        house.warn_once(Error::input(format!(
            "The plugin filter file, {shown} {why} Skipping."
        )));
        Ok(Vec::new())
    };
    if !path.exists() {
        return match named {
            Some(_) => skip("does not exist."),
            None => Ok(Vec::new()),
        };
    }
    let document = house
        .source(path, Kind::Words)
        .and_then(|source| yaml::load(&source, &yaml::Options::default()));
    let Ok(document) = document else {
        return skip("was not parsable.");
    };
    let root = document.root;
    let Some(version) = root.get("filter_version") else {
        return skip("was invalid.");
    };
    if version.value().to_text().trim() != "1.0" {
        return skip("was a version not recognized by this version of Ansible.");
    }
    let rejected = match root.get("module_rejectlist").map(yaml::Node::value) {
        Some(Value::List(items)) => items.iter().map(Value::to_text).collect::<Vec<_>>(),
        _ => return skip("has no list `module_rejectlist`."),
    };
    if rejected.iter().any(|name| name == "stat") {
        return Err(Error::input(format!(
            "The stat module was specified in the module reject list file, {shown}, but Ansible will not \
             function without the stat module.  Please remove stat from the reject list."
        )));
    }
    Ok(rejected)
}

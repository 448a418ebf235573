//! What in an inventory was probably not meant: files of variables that belong to no group or host, names
//! that are nearly those of the connection's variables; and extra variables that nothing uses.

use std::collections::BTreeSet;
use std::path::Path;

use super::options::RunOptions;
use crate::error::{Error, nearest};
use crate::executor::{CONNECTION_VARIABLES, House, Run};
use crate::inventory::{Inventory, Layers, Owner};
use crate::value::{Map, Value};

/// Prefixes of extra variables that programs add which run playbooks for others.
const OF_OTHERS: &[&str] = &["ansible_", "awx_", "tower_", "molecule_"];

/// Warns of what in an inventory is nearly something else.
pub fn inventory(house: &House, inventory: &Inventory, layers: &Layers) {
    for folder in layers.inventory.iter().chain(&layers.playbook) {
        let groups = || inventory.groups().map(|group| &*group.name);
        files(house, folder, Owner::Group, &groups().collect::<Vec<_>>());
        let hosts = inventory.hosts().map(|host| &*host.name);
        files(house, folder, Owner::Host, &hosts.collect::<Vec<_>>());
    }
    let groups = inventory.groups().map(|group| (&group.name, &group.vars));
    let hosts = inventory.hosts().map(|host| (&host.name, &host.vars));
    for (owner, vars) in groups.chain(hosts) {
        variables(house, owner, vars);
    }
}

/// Files that are named nearly as a group or host, and are nobody's. What is not near to a name may belong to
/// another inventory that the same folder serves.
fn files(house: &House, folder: &Path, owner: Owner, names: &[&str]) {
    let base = folder.join(owner.directory());
    let Ok(entries) = std::fs::read_dir(&base) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let (Some(file), Some(stem)) = (path.file_name(), stem(&path)) else {
            continue;
        };
        if names.contains(&stem.as_str()) || names.contains(&&*file.to_string_lossy()) {
            continue;
        }
        if let Some(hint) = nearest(&stem, names.iter().copied()) {
            let kind = match owner {
                Owner::Group => "group",
                Owner::Host => "host",
            };
            let text = format!(
                "`{}` is never read: there is no {kind} `{stem}`",
                path.display()
            );
            house.warn_once(Error::input(text).hint(hint));
        }
    }
}

/// The name that a file of variables is for.
fn stem(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let stem = [".yml", ".yaml", ".json"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending));
    let stem = stem.unwrap_or(name);
    let hidden = stem.starts_with('.') || stem.ends_with('~');
    (!hidden).then(|| stem.to_owned())
}

/// Variables that are nearly one of the connection's.
fn variables(house: &House, owner: &str, vars: &Map) {
    for name in vars.keys().filter_map(Value::as_str) {
        let known = CONNECTION_VARIABLES.contains(&name) || !name.starts_with("ansible_");
        if known || is_of_others(name) {
            continue;
        }
        if let Some(hint) = nearest(name, CONNECTION_VARIABLES.iter().copied()) {
            let text = format!("`{name}` of `{owner}` means nothing to a connection");
            let place = vars.get(name).and_then(|value| value.place().cloned());
            house.warn_once(Error::input(text).at(place).hint(hint));
        }
    }
}

/// Names that are near to others and have a meaning of their own.
fn is_of_others(name: &str) -> bool {
    [
        "ansible_hostname",
        "ansible_ssh_pipelining",
        "ansible_hosts",
        "ansible_shell_type",
    ]
    .contains(&name)
        || name.starts_with("ansible_winrm")
        || name.starts_with("ansible_psrp")
        || name.starts_with("ansible_httpapi")
        || name.starts_with("ansible_network")
}

/// Warns of extra variables that were typed and that nothing used in a run that went well.
pub fn unused(run: &Run, typed: &RunOptions) {
    if run.exit_code() != 0 || run.is_interrupted() {
        return;
    }
    let typed: BTreeSet<&str> = typed
        .extra_vars
        .iter()
        .flat_map(|text| names(text))
        .collect();
    let asked = run.store.asked();
    // What shows all variables at once uses all of them.
    if asked.contains("vars") || asked.contains("hostvars") {
        return;
    }
    let unused = typed.into_iter().filter(|name| {
        !asked.contains(*name)
            && run.house.extra.contains(name)
            && !OF_OTHERS.iter().any(|prefix| name.starts_with(prefix))
    });
    for name in unused {
        let hint = nearest(name, asked.iter().map(String::as_str));
        run.warn(Error::input(format!("nothing used the extra variable `{name}`")).hint_if(hint));
    }
}

/// The names in `a=1 b=2`. Files, JSON and YAML often hold more than one playbook uses.
fn names(text: &str) -> Vec<&str> {
    if text.trim_start().starts_with(['@', '{', '[']) {
        return Vec::new();
    }
    let words = text
        .split_whitespace()
        .filter_map(|word| word.split_once('='));
    words.map(|(name, _)| name).collect()
}

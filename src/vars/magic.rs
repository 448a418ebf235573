//! The names that Ansible itself gives a meaning.
//!
//! Source of the list: the reference's `reference_appendices/special_variables` and
//! `vars/manager.py`, `_get_magic_variables`.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::frame::Frame;
use super::hostvars;
use super::scope::{TaskScope, absolute};
use crate::entries;
use crate::error::{Error, Kind};
use crate::playbook::RoleUse;
use crate::value::{Map, Undefined, Value};

/// Every magic variable, in alphabetical order.
pub const NAMES: &[&str] = &[
    "ansible_check_mode",
    "ansible_collection_name",
    "ansible_config_file",
    "ansible_current_hosts",
    "ansible_delegated_vars",
    "ansible_dependent_role_names",
    "ansible_diff_mode",
    "ansible_failed_hosts",
    "ansible_forks",
    "ansible_inventory_sources",
    "ansible_limit",
    "ansible_parent_role_names",
    "ansible_parent_role_paths",
    "ansible_play_batch",
    "ansible_play_hosts",
    "ansible_play_hosts_all",
    "ansible_play_name",
    "ansible_play_role_names",
    "ansible_playbook_python",
    "ansible_role_name",
    "ansible_role_names",
    "ansible_run_tags",
    "ansible_search_path",
    "ansible_skip_tags",
    "ansible_verbosity",
    "ansible_version",
    "environment",
    "group_names",
    "groups",
    "hostvars",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
    "omit",
    "play_hosts",
    "playbook_dir",
    "role_name",
    "role_names",
    "role_path",
    "role_uuid",
    "vars",
];

/// The value of a magic variable; nothing where it has none here.
pub(super) fn value(scope: &TaskScope, name: &str) -> Option<Value> {
    if NAMES.binary_search(&name).is_err() {
        return None;
    }
    of_run(scope, name)
        .or_else(|| of_host(scope, name))
        .or_else(|| of_play(scope, name))
        .or_else(|| of_role(scope, name))
}

fn of_run(scope: &TaskScope, name: &str) -> Option<Value> {
    let info = &scope.store.info;
    Some(match name {
        // A plan is made in check mode and applied without: what depends on that is not known yet.
        "ansible_check_mode" if info.plans => Value::Undefined(Arc::new(Undefined {
            error: Error::new(Kind::Unknown, "known when the plan is applied"),
        })),
        "ansible_check_mode" => info.check.into(),
        "ansible_config_file" => info.config_file.as_deref().map(path_text)?.into(),
        "ansible_diff_mode" => info.diff.into(),
        "ansible_forks" => info.forks.into(),
        "ansible_inventory_sources" => {
            Value::strings(info.inventory_sources.iter().map(|path| path_text(path)))
        }
        "ansible_limit" => info.limit.as_deref()?.into(),
        "ansible_playbook_python" => match scope.store.world.controller_python() {
            Some(python) => path_text(&python).into(),
            None => controller_python().into(),
        },
        "ansible_run_tags" if info.tags.is_empty() => Value::strings(["all"]),
        "ansible_run_tags" => Value::strings(info.tags.iter().map(String::as_str)),
        "ansible_skip_tags" => Value::strings(info.skip_tags.iter().map(String::as_str)),
        "ansible_verbosity" => Value::Int(i64::from(info.verbosity)),
        "ansible_version" => Value::map(info.version.clone()),
        "omit" => Value::Omit,
        "playbook_dir" => path_text(scope.playbook_dir()).into(),
        _ => return None,
    })
}

fn of_host(scope: &TaskScope, name: &str) -> Option<Value> {
    let inventory = || scope.store.inventory();
    let host = &scope.host.name;
    Some(match name {
        "groups" => Value::Map(inventory().groups_dict()),
        "group_names" => {
            let inventory = inventory();
            let known = inventory.host(host)?;
            let mut names: Vec<String> = inventory
                .groups_of(known)
                .iter()
                .map(|group| group.name.to_string())
                .filter(|group| group != "all")
                .collect();
            names.sort();
            Value::strings(names)
        }
        "hostvars" => hostvars::hostvars(&scope.store),
        "inventory_dir" | "inventory_file" => {
            let inventory = inventory();
            let origin = inventory.host(host)?.origin.clone()?;
            match name {
                "inventory_file" => Value::str(Arc::clone(&origin.file)),
                _ => Value::str_or_null(origin.dir.as_deref().map(path_text)),
            }
        }
        // A play before its hosts has no such name.
        "inventory_hostname" | "inventory_hostname_short" if host.is_empty() => return None,
        "inventory_hostname" => Value::str(Arc::clone(host)),
        "inventory_hostname_short" => Value::str(short(host)),
        "vars" => hostvars::all_of(Arc::new(scope.clone())),
        _ => return None,
    })
}

fn of_play(scope: &TaskScope, name: &str) -> Option<Value> {
    let play = scope.play.as_ref()?;
    let names = |hosts: Vec<Arc<str>>| Value::strings(hosts);
    Some(match name {
        "ansible_current_hosts" => names(play.current()),
        "ansible_play_hosts" | "play_hosts" => names(play.hosts_left()),
        "ansible_failed_hosts" => names(play.failed()),
        "ansible_play_batch" => names(play.batch()),
        "ansible_play_hosts_all" => names(play.hosts.clone()),
        "ansible_play_name" => play.name.as_str().into(),
        "ansible_play_role_names" | "role_names" => role_names(scope, false, true),
        "ansible_dependent_role_names" => role_names(scope, true, false),
        "ansible_role_names" => role_names(scope, true, true),
        "environment" => Value::list(scope.environment()),
        "ansible_search_path" => {
            Value::strings(scope.search_roots().iter().map(|path| path_text(path)))
        }
        _ => return None,
    })
}

/// The roles that the play uses by itself, one entry a use.
fn play_roles(scope: &TaskScope) -> Vec<Arc<RoleUse>> {
    let Some(play) = &scope.play else {
        return Vec::new();
    };
    let used = play.used_roles();
    let inner: Vec<Arc<RoleUse>> = used
        .iter()
        .flat_map(|role| role.all_dependencies())
        .collect();
    let depends = |role: &Arc<RoleUse>| inner.iter().any(|known| Arc::ptr_eq(known, role));
    used.iter().filter(|role| !depends(role)).cloned().collect()
}

/// The names of the roles of a play that are used by it, by other roles, or both; each once where
/// the reference makes a set of them.
fn role_names(scope: &TaskScope, dependent: bool, direct: bool) -> Value {
    let used = play_roles(scope);
    let mut names: Vec<String> = Vec::new();
    if direct {
        names.extend(used.iter().map(|role| role.role.full_name()));
    }
    if dependent {
        let inner = used.iter().flat_map(|role| role.all_dependencies());
        names.extend(inner.map(|role| role.role.full_name()));
        let mut known = std::collections::HashSet::new();
        names.retain(|name| known.insert(name.clone()));
    }
    Value::strings(names)
}

/// The roles around the task that includes brought one into the other, innermost first.
fn parents(frame: &Frame) -> Vec<&Arc<RoleUse>> {
    let roles: Vec<&Arc<RoleUse>> = frame.roles().collect();
    let included = roles.iter().take_while(|role| role.by_task).count();
    roles.into_iter().skip(1).take(included).collect()
}

fn of_role(scope: &TaskScope, name: &str) -> Option<Value> {
    let frame = scope.frame.as_ref()?;
    let role = frame.role()?;
    let parents = parents(frame);
    Some(match name {
        "ansible_collection_name" => role.role.collection.as_deref()?.into(),
        "ansible_parent_role_names" if !parents.is_empty() => {
            Value::strings(parents.iter().map(|used| used.role.full_name()))
        }
        "ansible_parent_role_paths" if !parents.is_empty() => {
            let paths = parents.iter().map(|used| absolute(used.role.path.clone()));
            Value::strings(paths.map(|path| path_text(&path)))
        }
        "ansible_role_name" => role.role.full_name().into(),
        "role_name" => role.role.short_name().into(),
        "role_path" => path_text(&absolute(role.role.path.clone())).into(),
        "role_uuid" => role.key().into(),
        _ => return None,
    })
}

/// The Python of this machine: none runs `play`, but inventories give its path to hosts that are
/// this machine.
pub(super) fn controller_python() -> &'static str {
    static FOUND: OnceLock<String> = OnceLock::new();
    FOUND.get_or_init(|| {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&folders)
            .map(|folder| folder.join("python3"))
            .find(|path| path.is_file());
        found.map_or_else(|| "/usr/bin/python3".to_owned(), |path| path_text(&path))
    })
}

/// The first part of a name; an address stays whole.
fn short(host: &str) -> &str {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return host;
    }
    host.split('.').next().unwrap_or(host)
}

pub(super) fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The version that `ansible_version` tells.
pub fn version(full: &str) -> Map {
    let mut parts = full.split('.').map(|part| part.parse::<i64>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    entries! {
        "string" => full,
        "full" => full,
        "major" => next(),
        "minor" => next(),
        "revision" => next(),
    }
}

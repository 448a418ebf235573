//! The variables of the connection that a task has though nobody set them.
//!
//! Source: the reference's `playbook/play_context.py`, `update_vars`, and
//! `plugins/connection/__init__.py`, `update_vars`. `hostvars` has none of them there.

use super::scope::TaskScope;
use crate::value::Value;

/// Each variable and the other name for the same thing.
const NAMES: &[(&str, &str)] = &[
    ("ansible_connection", ""),
    ("ansible_host", "ansible_ssh_host"),
    ("ansible_module_compression", ""),
    ("ansible_password", "ansible_ssh_pass"),
    ("ansible_pipelining", "ansible_ssh_pipelining"),
    ("ansible_port", "ansible_ssh_port"),
    ("ansible_private_key_file", "ansible_ssh_private_key_file"),
    ("ansible_shell_executable", ""),
    ("ansible_timeout", "ansible_ssh_timeout"),
    ("ansible_user", "ansible_ssh_user"),
];

/// The names that a task always knows, as far as they have values.
pub fn names() -> impl Iterator<Item = &'static str> {
    let both = NAMES.iter().flat_map(|(name, other)| [*name, *other]);
    both.filter(|name| !name.is_empty())
}

/// The value of a variable of the connection that no layer defines: what stands under its other
/// name, what a keyword says (not `port`, as in the reference), what was typed or configured.
pub(super) fn value(scope: &TaskScope, name: &str) -> Option<Value> {
    let (own, other) = NAMES
        .iter()
        .find(|(one, two)| *one == name || !two.is_empty() && *two == name)?;
    let frame = scope.frame.as_ref()?;
    if scope.host.name.is_empty() {
        return None;
    }
    let alias = if *own == name { *other } else { *own };
    if let Some(set) = scope.definitions(alias).into_iter().next() {
        return Some(set.value);
    }
    let keyword = match *own {
        "ansible_connection" => "connection",
        "ansible_user" => "remote_user",
        _ => "",
    };
    let said = frame.keyword(keyword).map(|entry| entry.value.clone());
    let said = said.filter(|value| !matches!(value, Value::Null | Value::Omit));
    let here = || match *own {
        "ansible_host" => Some((&*scope.host.name).into()),
        "ansible_connection" if scope.is_implicit() => Some("local".into()),
        _ => None,
    };
    said.or_else(here)
        .or_else(|| scope.store.info.connection.get(own).cloned())
}

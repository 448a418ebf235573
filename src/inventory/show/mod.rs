//! The inventory as `ansible-inventory` prints it: `--list`, `--host` and `--graph`.
//!
//! Everything comes back as a value or as text; whoever calls prints it.

mod graph;
mod list;
mod toml;

pub use graph::graph;
pub use list::{Format, list};
pub use toml::to_toml;

use std::collections::HashSet;
use std::sync::Arc;

use super::Group;
use super::Host;
use super::Inventory;
use super::Merger;
use crate::entries;
use crate::error::Error;
use crate::error::Result;
use crate::value::Map;
use crate::value::Value;

/// The deepest that groups may be inside each other to be shown so.
const DEEPEST: u32 = 1000;

/// Variables that a run sets: they are not shown.
const INTERNAL: [&str; 33] = [
    "ansible_async_path",
    "ansible_collection_name",
    "ansible_config_file",
    "ansible_dependent_role_names",
    "ansible_diff_mode",
    "ansible_facts",
    "ansible_forks",
    "ansible_inventory_sources",
    "ansible_limit",
    "ansible_play_batch",
    "ansible_play_hosts",
    "ansible_play_hosts_all",
    "ansible_play_role_names",
    "ansible_playbook_python",
    "ansible_role_name",
    "ansible_role_names",
    "ansible_run_tags",
    "ansible_skip_tags",
    "ansible_verbosity",
    "ansible_version",
    "group_names",
    "groups",
    "hostvars",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
    "play_hosts",
    "playbook_dir",
    "role_name",
    "role_names",
    "role_path",
    "role_uuid",
];

/// Where the variables that are shown come from.
pub trait Variables {
    /// The variables of a host.
    ///
    /// # Errors
    /// A file of variables cannot be read.
    fn host(&mut self, host: &Host) -> Result<Map>;

    /// The variables of a group itself.
    ///
    /// # Errors
    /// A file of variables cannot be read.
    fn group(&mut self, group: &Group) -> Result<Map>;
}

/// The merged variables of each host, those of its groups included.
impl Variables for Merger<'_> {
    fn host(&mut self, host: &Host) -> Result<Map> {
        Merger::host(self, host)
    }

    fn group(&mut self, group: &Group) -> Result<Map> {
        Merger::group(self, group)
    }
}

/// The variables of each host itself, without those of its groups (`--export`).
pub struct Own<'a, 'b>(pub &'b mut Merger<'a>);

impl Variables for Own<'_, '_> {
    fn host(&mut self, host: &Host) -> Result<Map> {
        self.0.host_alone(host)
    }

    fn group(&mut self, group: &Group) -> Result<Map> {
        self.0.group(group)
    }
}

/// The variables of one host, as `--host` shows them; in YAML, vault texts are `!vault` blocks.
///
/// # Errors
/// As [`Variables::host`].
pub fn host(host: &Host, yaml: bool, variables: &mut dyn Variables) -> Result<Value> {
    let vars = shown(variables.host(host)?);
    if yaml {
        return Ok(Value::map(vars));
    }
    Ok(json(&Value::map(vars), false))
}

/// The host that `--host NAME` means.
///
/// # Errors
/// The pattern means no host or several.
pub fn one_host<'a>(inventory: &'a Inventory, name: &str) -> Result<&'a Host> {
    let pattern = super::Pattern::parse(name)?;
    let selected = inventory.select(&pattern)?;
    match &*selected.hosts {
        [one] => inventory
            .host(one)
            .ok_or_else(|| Error::bug(format!("the selected host `{one}` is not there"))),
        [] => {
            let known = inventory.hosts().map(|host| &*host.name);
            let why = format!("Could not match supplied host pattern, ignoring: {name}");
            Err(Error::new(
                crate::error::Kind::Options,
                "You must pass a single valid host to --host parameter",
            )
            .because(Error::input(why))
            .hint_if(crate::error::nearest(name, known)))
        }
        several => Err(Error::new(
            crate::error::Kind::Options,
            format!(
                "`{name}` means {} hosts, where one is wanted",
                several.len()
            ),
        )),
    }
}

/// The variables that are shown of `vars`.
fn shown(mut vars: Map) -> Map {
    for name in INTERNAL {
        vars.remove(name);
    }
    vars
}

/// What stands for a value in JSON: vault text and, with `mark`, text that is no template are
/// dictionaries of one key, as inventory scripts have them.
fn json(value: &Value, mark: bool) -> Value {
    match value {
        Value::Sealed(sealed) => {
            Value::from(entries! { "__ansible_vault" => sealed.ciphertext.as_str() })
        }
        Value::Str(text) if mark && !text.is_trusted() => {
            Value::from(entries! { "__ansible_unsafe" => Value::Str(text.clone()) })
        }
        Value::Map(map) if mark || holds_sealed(value) => {
            Value::map(map.mapped(|value| json(value, mark)))
        }
        Value::List(items) if mark || holds_sealed(value) => {
            Value::list(items.iter().map(|item| json(item, mark)).collect())
        }
        other => other.clone(),
    }
}

fn holds_sealed(value: &Value) -> bool {
    match value {
        Value::Sealed(_) => true,
        Value::List(items) => items.iter().any(holds_sealed),
        Value::Map(map) => map.values().any(holds_sealed),
        _ => false,
    }
}

/// The names of the hosts that are shown.
type Names = HashSet<Arc<str>>;

fn too_deep(group: &Group) -> Error {
    Error::input(format!(
        "group `{}` is more than {DEEPEST} levels below `all`",
        group.name
    ))
}

//! What an inventory plugin that is not built in says.

use std::sync::Arc;

use crate::error::Error;
use crate::error::Result;
use crate::inventory::Inventory;
use crate::value::Value;

/// Adds the hosts and groups that a plugin told.
///
/// # Errors
/// A name is empty, or groups go in a circle.
pub(crate) fn read(inventory: &mut Inventory, said: &Value) -> Result<()> {
    for (name, _) in pairs(said, "groups") {
        inventory.add_group(name)?;
    }
    for (name, vars) in pairs(said, "hosts") {
        let host = inventory.add_host(name, None)?;
        if let Some(vars) = vars.as_map() {
            inventory.set_host_variables(host, vars);
        }
    }
    for (name, group) in pairs(said, "groups") {
        let id = inventory.add_group(name)?;
        for host in names(group, "hosts") {
            inventory.add_host(host, Some(id))?;
        }
        for child in names(group, "children") {
            let child = inventory.add_group(child)?;
            inventory.add_child(id, child)?;
        }
        if let Some(vars) = group.get("vars").and_then(Value::as_map) {
            for (key, value) in vars.iter() {
                inventory.set_group_variable(id, key.clone(), value.clone());
            }
        }
    }
    Ok(())
}

/// What the sources before said, as a plugin says it: a plugin may look at it, or group its hosts.
pub(crate) fn so_far(inventory: &Inventory) -> Value {
    let name = |name: &str| Value::str(name);
    let pair = |key: &str, value: Value| Value::list(vec![name(key), value]);
    let groups = inventory.groups().map(|group| {
        let hosts = group.hosts.iter().filter_map(|id| inventory.host_at(*id));
        let children = group
            .children
            .iter()
            .filter_map(|id| inventory.group_at(*id));
        let mut vars = (*group.vars).clone();
        if group.priority != 1 {
            vars.set("ansible_group_priority", group.priority);
        }
        let said = crate::entries! {
            "hosts" => Value::list(hosts.map(|host| name(&host.name)).collect()),
            "children" => Value::list(children.map(|group| name(&group.name)).collect()),
            "vars" => Value::map(vars),
        };
        pair(&group.name, Value::map(said))
    });
    let hosts = inventory.hosts();
    let hosts = hosts.map(|host| pair(&host.name, Value::Map(Arc::clone(&host.vars))));
    Value::map(crate::entries! {
        "groups" => Value::list(groups.collect()),
        "hosts" => Value::list(hosts.collect()),
    })
}

/// Why a plugin's answer adds nothing.
pub(crate) fn declined(path: &std::path::Path, name: &str) -> Error {
    Error::input(format!(
        "inventory config `{}` could not be verified by plugin `{name}`",
        path.display()
    ))
    .hint("most plugins want a name that ends in theirs: `aws_ec2.yml`")
}

fn pairs<'a>(said: &'a Value, key: &str) -> Vec<(&'a str, &'a Value)> {
    let Some(Value::List(items)) = said.get(key) else {
        return Vec::new();
    };
    let pair = |item: &'a Value| match &item.as_list()?[..] {
        [name, value] => Some((name.as_str()?, value)),
        _ => None,
    };
    items.iter().filter_map(pair).collect()
}

fn names<'a>(group: &'a Value, key: &str) -> Vec<&'a str> {
    match group.get(key) {
        Some(Value::List(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

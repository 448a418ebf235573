//! What an inventory plugin that is not built in says.

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

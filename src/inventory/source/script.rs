//! Programs that print an inventory: `--list`, and `--host` where they do not say it all at once.

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexSet;

use crate::error::Error;
use crate::error::Result;
use crate::inventory::GroupId;
use crate::inventory::HostId;
use crate::inventory::Inventory;
use crate::inventory::Reader;
use crate::inventory::source::structured::kind;
use crate::value::Map;
use crate::value::Sealed;
use crate::value::Value;
use crate::value::from_json;

/// Runs the program at `path` and reads what it prints into `inventory`.
///
/// # Errors
/// The program cannot be run or fails, or does not print an inventory.
pub(crate) fn read(inventory: &mut Inventory, reader: &dyn Reader, path: &Path) -> Result<()> {
    let printed = run(reader, path, &["--list"])?;
    let whole = parse(&printed, "--list")?;
    let Some(groups) = whole.as_map() else {
        return Err(not_that("the output of `--list`", "a dictionary", &whole));
    };
    let meta = meta(groups)?;
    let mut script = Script {
        inventory,
        hosts: IndexSet::new(),
    };
    let groups = groups.iter().map(|(name, data)| (name.to_text(), data));
    for (name, data) in groups.filter(|(name, _)| name != "_meta") {
        script.group(&name, data)?;
    }
    for id in std::mem::take(&mut script.hosts) {
        script.host(id, meta, |host| ask(reader, path, host))?;
    }
    if meta.is_none() {
        let text = "the script prints no `_meta.hostvars`, so that it is run for every host";
        inventory.warn(Error::input(format!("`{}`: {text}", path.display())));
    }
    Ok(())
}

/// The variables of all hosts, where the script gives them.
fn meta(groups: &Map) -> Result<Option<&Arc<Map>>> {
    let Some(meta) = groups.get("_meta") else {
        return Ok(None);
    };
    if meta.as_map().is_none() {
        return Err(not_that("`_meta`", "a dictionary", meta));
    }
    if let Some(profile) = meta.get("profile")
        && profile.as_str() != Some("inventory_legacy")
    {
        let text = format!("`_meta.profile` is `{profile}`, where `inventory_legacy` is known");
        return Err(Error::input(text));
    }
    let vars = meta.get("hostvars").unwrap_or(&Value::Null);
    match vars.as_map() {
        Some(vars) => Ok(Some(vars)),
        None => Err(not_that("`_meta.hostvars`", "a dictionary", vars)),
    }
}

struct Script<'a> {
    inventory: &'a mut Inventory,
    hosts: IndexSet<HostId>,
}

impl Script<'_> {
    /// A group is a dictionary with `hosts`, `vars` and `children`; or a list of its hosts; or,
    /// as very old scripts have it, the variables of the one host that has the group's name.
    fn group(&mut self, name: &str, data: &Value) -> Result<()> {
        let group = self.inventory.add_group(name)?;
        let Some(sections) = data.as_map() else {
            return self.hosts(group, name, data);
        };
        let known = ["hosts", "vars", "children"];
        if !known.iter().any(|section| sections.contains(section)) {
            self.hosts(group, name, &Value::strings([name]))?;
            return self.vars(group, name, data);
        }
        if let Some(hosts) = sections.get("hosts") {
            self.hosts(group, name, hosts)?;
        }
        if let Some(vars) = sections.get("vars") {
            self.vars(group, name, vars)?;
        }
        match sections.get("children") {
            Some(children) => self.children(group, name, children),
            None => Ok(()),
        }
    }

    fn hosts(&mut self, group: GroupId, name: &str, hosts: &Value) -> Result<()> {
        let Some(hosts) = hosts.as_list() else {
            return Err(not_that(&format!("`{name}.hosts`"), "a list", hosts));
        };
        for host in &**hosts {
            let id = self.inventory.add_host(text(host)?, Some(group))?;
            self.hosts.insert(id);
        }
        Ok(())
    }

    fn vars(&mut self, group: GroupId, name: &str, vars: &Value) -> Result<()> {
        let Some(vars) = vars.as_map() else {
            return Err(not_that(&format!("`{name}.vars`"), "a dictionary", vars));
        };
        for (key, value) in &**vars {
            let value = trusted(value);
            self.inventory.set_group_variable(group, key.clone(), value);
        }
        Ok(())
    }

    fn children(&mut self, group: GroupId, name: &str, children: &Value) -> Result<()> {
        let names: Vec<&Value> = match children {
            Value::List(children) => children.iter().collect(),
            Value::Map(children) => children.keys().collect(),
            other => return Err(not_that(&format!("`{name}.children`"), "a list", other)),
        };
        for child in names {
            let child = self.inventory.add_group(text(child)?)?;
            self.inventory.add_child(group, child)?;
        }
        Ok(())
    }

    fn host(
        &mut self,
        id: HostId,
        meta: Option<&Arc<Map>>,
        ask: impl Fn(&str) -> Result<Value>,
    ) -> Result<()> {
        let Some(name) = self.inventory.host_at(id).map(|host| host.name.clone()) else {
            return Ok(());
        };
        let vars = match meta {
            Some(meta) => meta.get(&name).cloned().unwrap_or_default(),
            None => ask(&name)?,
        };
        match &vars {
            Value::Map(vars) => {
                let vars = vars.mapped(trusted);
                self.inventory.set_host_variables(id, &vars);
                Ok(())
            }
            Value::Null if meta.is_none_or(|meta| !meta.contains(&name)) => Ok(()),
            other => Err(not_that(
                &format!("the variables of `{name}`"),
                "a dictionary",
                other,
            )),
        }
    }
}

fn text(name: &Value) -> Result<&str> {
    let wrong = || not_that("a name", "a string", name);
    name.as_str().ok_or_else(wrong)
}

/// What the script says of one host.
fn ask(reader: &dyn Reader, path: &Path, host: &str) -> Result<Value> {
    let printed = run(reader, path, &["--host", host])?;
    if printed.trim().is_empty() {
        return Ok(Value::Null);
    }
    parse(&printed, &format!("--host {host}"))
}

fn parse(printed: &str, arguments: &str) -> Result<Value> {
    let text = format!("the output of `{arguments}` cannot be read");
    from_json(printed).map_err(|error| Error::input(text).because(error))
}

fn run(reader: &dyn Reader, path: &Path, arguments: &[&str]) -> Result<String> {
    let finished = reader.run_script(path, arguments)?;
    let said = String::from_utf8_lossy(&finished.stderr).trim().to_owned();
    if finished.status != 0 {
        let text = format!("the inventory script ended with status {}", finished.status);
        let error = Error::input(text);
        return Err(match said.is_empty() {
            true => error,
            false => error.because(Error::input(said)),
        });
    }
    let text = String::from_utf8(finished.stdout);
    text.map_err(|_| Error::input("the inventory script prints what is not UTF-8 text"))
}

fn not_that(what: &str, wanted: &str, value: &Value) -> Error {
    Error::input(format!("{what} must be {wanted}, not {}", kind(value)))
}

/// A value of the script's as a variable: its strings are templates, but for those it marks as
/// unsafe; what it marks as vault text is sealed.
fn trusted(value: &Value) -> Value {
    match value {
        Value::Map(map) => marked(map).unwrap_or_else(|| Value::map(map.mapped(trusted))),
        Value::List(items) => Value::list(items.iter().map(trusted).collect()),
        other => other.trusted(),
    }
}

fn marked(map: &Map) -> Option<Value> {
    if map.len() != 1 {
        return None;
    }
    if let Some(text) = map.get("__ansible_unsafe") {
        return text.as_str().map(Value::str);
    }
    let ciphertext = map.get("__ansible_vault")?.as_str()?.to_owned();
    let sealed = Sealed {
        ciphertext,
        place: None,
    };
    Some(Value::Sealed(Arc::new(sealed)))
}

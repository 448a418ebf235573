//! Inventories that are trees of groups: YAML, JSON and TOML.

use std::sync::Arc;

use crate::error::Error;
use crate::error::Place;
use crate::error::Result;
use crate::error::Source;
use crate::error::nearest;
use crate::inventory::GroupId;
use crate::inventory::Inventory;
use crate::inventory::hosts::expand;
use crate::value::Map;
use crate::value::Value;

/// What a group may have.
const SECTIONS: [&str; 3] = ["children", "hosts", "vars"];

/// How deep groups may be written inside each other.
const DEEPEST: usize = 500;

/// How the format writes what differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// `children` is a list of names, and a host's variables are a table.
    Toml,
    /// `children` is a mapping of groups; a host's variables may be left out.
    Yaml,
}

/// Reads a tree of groups into `inventory`.
///
/// # Errors
/// What is not a group, a host or a dictionary of variables where one belongs, with its place.
pub(crate) fn read(
    inventory: &mut Inventory,
    source: &Arc<Source>,
    root: &Value,
    format: Format,
) -> Result<()> {
    let begin = || Some(Place::new(source.clone(), 1, 1));
    if !root.is_true() {
        return Err(Error::syntax("the inventory is empty").at(begin()));
    }
    let Some(groups) = root.as_map() else {
        let text = format!("an inventory is a dictionary of groups, not {}", kind(root));
        return Err(Error::syntax(text).at(begin()));
    };
    if let Some((key, value)) = groups.get_entry("plugin")
        && value.is_true()
    {
        let text = format!("this configures the plugin `{value}`, and is not an inventory itself");
        return Err(Error::syntax(text).at(place(key, value)));
    }
    let mut reader = Reader {
        inventory,
        format,
        depth: 0,
    };
    for (name, data) in &**groups {
        let group = reader.group(name, data);
        group.map_err(|error| error.at(begin()))?;
    }
    Ok(())
}

struct Reader<'a> {
    inventory: &'a mut Inventory,
    format: Format,
    depth: usize,
}

impl Reader<'_> {
    /// Reads a group; nothing comes back where it is none and only a warning is due.
    fn group(&mut self, key: &Value, data: &Value) -> Result<Option<GroupId>> {
        let Some(name) = key.as_str() else {
            let text = format!("a group's name must be a string, not {}", kind(key));
            return Err(Error::syntax(text)
                .at(place(key, data))
                .hint(format!("write it in quotes: `\"{key}\"`")));
        };
        let sections = match data {
            Value::Null => None,
            Value::Map(sections) => Some(sections),
            other => {
                let text = format!("`{name}` is not a group: it is {}", kind(other));
                self.warn(text, key, data);
                return Ok(self.inventory.group_id(name));
            }
        };
        let added = self.inventory.add_group(name);
        let group = added.map_err(|error| error.at(place(key, data)))?;
        if let Some(sections) = sections {
            self.depth += 1;
            self.sections(group, name, sections, place(key, data))?;
            self.depth -= 1;
        }
        Ok(Some(group))
    }

    fn sections(
        &mut self,
        group: GroupId,
        name: &str,
        sections: &Map,
        at: Option<Place>,
    ) -> Result<()> {
        if self.depth > DEEPEST {
            let text = format!("groups are more than {DEEPEST} levels deep");
            return Err(Error::syntax(text).at(at));
        }
        for (key, data) in sections {
            match (key.as_str(), data) {
                (Some("vars"), data) => self.vars(group, name, key, data)?,
                (Some("children"), data) => self.children(group, name, key, data)?,
                (Some("hosts"), data) => self.hosts(group, name, key, data)?,
                (_, Value::Null) => {}
                _ => self.unknown(name, key, data),
            }
        }
        Ok(())
    }

    fn unknown(&mut self, group: &str, key: &Value, data: &Value) {
        let text = format!("`{key}` means nothing in the group `{group}`");
        let hint = key.as_str().and_then(|key| nearest(key, SECTIONS));
        let hint = hint.unwrap_or_else(|| "a group has `hosts`, `vars` and `children`".to_owned());
        let warning = Error::syntax(text).at(place(key, data)).hint(hint);
        self.inventory.warn(warning);
    }

    fn vars(&mut self, group: GroupId, name: &str, key: &Value, data: &Value) -> Result<()> {
        let Some(vars) = self.section(name, key, data)? else {
            return Ok(());
        };
        for (key, value) in &*vars {
            self.inventory
                .set_group_variable(group, key.clone(), value.clone());
        }
        Ok(())
    }

    fn children(&mut self, group: GroupId, name: &str, key: &Value, data: &Value) -> Result<()> {
        if self.format == Format::Toml {
            return self.listed_children(group, name, key, data);
        }
        let Some(children) = self.section(name, key, data)? else {
            return Ok(());
        };
        for (child, data) in &*children {
            let Some(id) = self.group(child, data)? else {
                let text = format!("`{child}` is a child of `{name}`, but is not a group");
                return Err(Error::syntax(text).at(place(child, data)));
            };
            self.add_child(group, id, child)?;
        }
        Ok(())
    }

    fn listed_children(
        &mut self,
        group: GroupId,
        name: &str,
        key: &Value,
        data: &Value,
    ) -> Result<()> {
        let Value::List(children) = data else {
            return Err(wrong("children", name, "a list", key, data));
        };
        for child in &**children {
            let Some(id) = self.group(child, &Value::Null)? else {
                continue;
            };
            self.add_child(group, id, child)?;
        }
        Ok(())
    }

    fn add_child(&mut self, group: GroupId, child: GroupId, key: &Value) -> Result<()> {
        let added = self.inventory.add_child(group, child);
        added
            .map(|_| ())
            .map_err(|error| error.at(key.place().cloned()))
    }

    fn hosts(&mut self, group: GroupId, name: &str, key: &Value, data: &Value) -> Result<()> {
        let Some(hosts) = self.section(name, key, data)? else {
            return Ok(());
        };
        for (pattern, vars) in &*hosts {
            let host = self.host(group, pattern, vars);
            host.map_err(|error| error.at(key.place().cloned()))?;
        }
        Ok(())
    }

    fn host(&mut self, group: GroupId, pattern: &Value, vars: &Value) -> Result<()> {
        let at = || place(pattern, vars);
        let Some(text) = pattern.as_str() else {
            let text = format!("a host's name must be a string, not {}", kind(pattern));
            let hint = format!("write it in quotes: `\"{pattern}\"`");
            return Err(Error::syntax(text).at(at()).hint(hint));
        };
        let (names, port) = expand(text).map_err(|error| error.at(at()))?;
        let empty = Arc::default();
        let vars = match vars {
            Value::Map(vars) => vars,
            other if self.format == Format::Yaml && !other.is_true() => &empty,
            other => {
                let text = format!("the variables of `{text}` are {}", kind(other));
                let hint = "write `name: value` below the host";
                return Err(Error::syntax(text).at(at()).hint(hint));
            }
        };
        for name in names {
            let added = self.inventory.add_host_with_port(&name, Some(group), port);
            let host = added.map_err(|error| error.at(at()))?;
            self.inventory.set_host_variables(host, vars);
        }
        Ok(())
    }

    /// The entries of a section: a lone name is one without a value.
    fn section(&self, group: &str, key: &Value, data: &Value) -> Result<Option<Arc<Map>>> {
        match data {
            Value::Map(entries) => Ok(Some(entries.clone())),
            Value::Null if self.format == Format::Yaml => Ok(None),
            Value::Str(_) if self.format == Format::Yaml => {
                let mut alone = Map::new();
                alone.insert(data.clone(), Value::Null);
                Ok(Some(Arc::new(alone)))
            }
            _ => Err(wrong(&key.to_text(), group, "a dictionary", key, data)),
        }
    }

    fn warn(&mut self, text: String, key: &Value, data: &Value) {
        let warning = Error::syntax(text).at(place(key, data));
        self.inventory.warn(warning);
    }
}

fn wrong(section: &str, group: &str, wanted: &str, key: &Value, data: &Value) -> Error {
    let text = format!(
        "`{section}` of the group `{group}` must be {wanted}, not {}",
        kind(data)
    );
    let error = Error::syntax(text).at(place(key, data));
    match (section, data) {
        ("hosts" | "children", Value::List(_)) if wanted == "a dictionary" => {
            error.hint("write each name as a key: `name:`")
        }
        _ => error,
    }
}

/// The place of a key, or else of what it holds.
fn place(key: &Value, value: &Value) -> Option<Place> {
    key.place().or_else(|| value.place()).cloned()
}

/// What a value is, for messages.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => "a number",
        Value::List(_) | Value::Tuple(_) => "a list",
        Value::Map(_) => "a dictionary",
        Value::Sealed(_) => "a vault value",
        Value::Date(_) | Value::DateTime(..) => "a date",
        _ => "a string",
    }
}

//! The plugin `constructed`: variables and groups from expressions over what is known so far.

use std::sync::Arc;

use crate::error::Error;
use crate::error::Result;
use crate::inventory::GroupId;
use crate::inventory::HostId;
use crate::inventory::Inventory;
use crate::inventory::data::host_id;
use crate::inventory::group::valid_name;
use crate::inventory::load::Outside;
use crate::inventory::merge;
use crate::inventory::source::plugin::flag;
use crate::inventory::source::plugin::warn_of_unknown;
use crate::inventory::source::structured::kind;
use crate::value::Map;
use crate::value::Str;
use crate::value::Value;

const OPTIONS: [&str; 7] = [
    "compose",
    "groups",
    "keyed_groups",
    "leading_separator",
    "strict",
    "use_extra_vars",
    "use_vars_plugins",
];

/// Evaluates the configuration for every host that earlier sources gave.
///
/// # Errors
/// An option of the wrong kind; with `strict`, also an expression that fails.
pub(crate) fn read(inventory: &mut Inventory, config: &Map, outside: &Outside<'_>) -> Result<()> {
    warn_of_unknown(inventory, config, &OPTIONS);
    let constructed = Constructed {
        compose: section(config, "compose")?,
        groups: section(config, "groups")?,
        keyed: Keyed::list(config)?,
        strict: flag(config, "strict", false)?,
        separate: flag(config, "leading_separator", true)?,
        extra: flag(config, "use_extra_vars", outside.options.use_extra_vars)?,
        files: flag(config, "use_vars_plugins", false)?,
        outside,
    };
    for host in (0..inventory.hosts.len()).map(host_id) {
        constructed.host(inventory, host)?;
    }
    Ok(())
}

fn section(config: &Map, name: &str) -> Result<Arc<Map>> {
    match config.get(name) {
        None | Some(Value::Null) => Ok(Arc::default()),
        Some(Value::Map(section)) => Ok(section.clone()),
        Some(other) => {
            let text = format!("`{name}` must be a dictionary, not {}", kind(other));
            Err(Error::input(text).at(other.place().cloned()))
        }
    }
}

struct Constructed<'a> {
    compose: Arc<Map>,
    groups: Arc<Map>,
    keyed: Vec<Keyed>,
    strict: bool,
    separate: bool,
    extra: bool,
    files: bool,
    outside: &'a Outside<'a>,
}

impl Constructed<'_> {
    fn host(&self, inventory: &mut Inventory, id: HostId) -> Result<()> {
        let vars = self.variables(inventory, id)?;
        for (name, expression) in &*self.compose {
            let with_extra = self.with_extra(&vars);
            match self.evaluate(expression, &with_extra) {
                Ok(Value::Omit) => {}
                Ok(value) => inventory.set_host_variable(id, name.clone(), value),
                Err(error) => self.complain(error, || format!("cannot set `{name}`"))?,
            }
        }
        let vars = self.variables(inventory, id)?;
        for (name, condition) in &*self.groups {
            match self.evaluate(condition, &vars) {
                Ok(value) if value.is_true() && !matches!(value, Value::Omit) => {
                    let group = inventory.add_group(&valid_name(&name.to_text()))?;
                    inventory.add_to_group(id, group);
                }
                Ok(_) => {}
                Err(error) => {
                    self.complain(error, || format!("cannot decide on group `{name}`"))?
                }
            }
        }
        let vars = self.with_extra(&vars);
        for keyed in &self.keyed {
            self.keyed(inventory, id, keyed, &vars)?;
        }
        Ok(())
    }

    /// What the host has from the sources so far, its cached facts included.
    fn variables(&self, inventory: &Inventory, id: HostId) -> Result<Map> {
        let Some(host) = inventory.host_at(id) else {
            return Ok(Map::new());
        };
        let merged = inventory.rules.merge_hashes;
        let mut vars = inventory.plain_variables(host);
        if self.files {
            vars = self.outside.with_files(inventory, host)?;
        }
        if let Some(facts) = self.outside.reader.facts(&host.name) {
            merge(&mut vars, &facts, merged);
        }
        Ok(vars)
    }

    fn with_extra(&self, vars: &Map) -> Map {
        let mut vars = vars.clone();
        if self.extra {
            vars.extend_from(&self.outside.options.extra_vars);
        }
        vars
    }

    fn evaluate(&self, expression: &Value, vars: &Map) -> Result<Value> {
        match expression {
            Value::Str(text) => {
                let value = self.outside.reader.evaluate(text, vars)?;
                match value {
                    Value::Undefined(undefined) => Err(undefined.error.clone()),
                    // What is omitted stands for no value: no name of a group, no variable.
                    Value::Omit => Ok(Value::Omit),
                    value => Ok(value),
                }
            }
            other => Ok(other.clone()),
        }
    }

    /// An expression that fails is an error with `strict`, and means nothing without.
    fn complain(&self, error: Error, what: impl Fn() -> String) -> Result<()> {
        if !self.strict {
            return Ok(());
        }
        Err(Error::input(what()).because(error))
    }

    fn keyed(
        &self,
        inventory: &mut Inventory,
        id: HostId,
        keyed: &Keyed,
        vars: &Map,
    ) -> Result<()> {
        let key = match self.evaluate(&keyed.key, vars) {
            Ok(key) => key,
            Err(error) => {
                return self.complain(error, || format!("cannot make groups of `{}`", keyed.key));
            }
        };
        let parent = match self.parent(keyed, vars) {
            Ok(parent) => parent,
            Err(error) => {
                return self.complain(error, || format!("cannot name the parent of `{key}`"));
            }
        };
        let names = keyed.names(&key)?;
        let valid = matches!(&key, Value::List(_) | Value::Map(_));
        if names.is_empty() && self.strict && !valid {
            let text = format!("`{}` gives no name for a group", keyed.key);
            return Err(Error::input(text).at(keyed.key.place().cloned()));
        }
        let separator = match keyed.prefix.is_empty() && !self.separate {
            true => "",
            false => &keyed.separator,
        };
        for name in names {
            let name = valid_name(&format!("{}{separator}{name}", keyed.prefix));
            let group = inventory.add_group(&name)?;
            inventory.add_to_group(id, group);
            self.add_parent(inventory, parent.as_deref(), group)?;
        }
        Ok(())
    }

    fn parent(&self, keyed: &Keyed, vars: &Map) -> Result<Option<String>> {
        let Some(parent) = &keyed.parent else {
            return Ok(None);
        };
        let rendered = self.outside.reader.render(parent, vars)?;
        Ok(rendered.is_true().then(|| valid_name(&rendered.to_text())))
    }

    fn add_parent(
        &self,
        inventory: &mut Inventory,
        parent: Option<&str>,
        group: GroupId,
    ) -> Result<()> {
        if let Some(parent) = parent {
            let parent = inventory.add_group(parent)?;
            inventory.add_child(parent, group)?;
        }
        Ok(())
    }
}

/// An entry of `keyed_groups`.
struct Keyed {
    key: Value,
    prefix: String,
    separator: String,
    parent: Option<Str>,
    default: Option<String>,
    trailing: bool,
}

impl Keyed {
    fn list(config: &Map) -> Result<Vec<Keyed>> {
        match config.get("keyed_groups") {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::List(entries)) => entries.iter().map(Keyed::new).collect(),
            Some(other) => {
                let text = format!("`keyed_groups` must be a list, not {}", kind(other));
                Err(Error::input(text).at(other.place().cloned()))
            }
        }
    }

    fn new(entry: &Value) -> Result<Keyed> {
        let Some(options) = entry.as_map().filter(|options| !options.is_empty()) else {
            let text = format!(
                "an entry of `keyed_groups` must be a dictionary, not {}",
                kind(entry)
            );
            return Err(Error::input(text).at(entry.place().cloned()));
        };
        let text = |name: &str| {
            options
                .get(name)
                .filter(|v| !v.is_null())
                .map(Value::to_text)
        };
        let default = text("default_value");
        if default.is_some() && options.contains("trailing_separator") {
            let text = "`default_value` and `trailing_separator` exclude each other";
            return Err(Error::input(text).at(entry.place().cloned()));
        }
        let parent = match options.get("parent_group") {
            Some(Value::Str(parent)) => Some(parent.clone()),
            _ => None,
        };
        Ok(Keyed {
            key: options.get("key").cloned().unwrap_or_default(),
            prefix: text("prefix").unwrap_or_default(),
            separator: text("separator").unwrap_or_else(|| "_".to_owned()),
            parent,
            default,
            trailing: options.get("trailing_separator") != Some(&Value::Bool(false)),
        })
    }

    /// The names that a key's value makes, without prefix and separator.
    fn names(&self, key: &Value) -> Result<Vec<String>> {
        match key {
            Value::Omit => Ok(Vec::new()),
            Value::Null => Ok(self.default.iter().cloned().collect()),
            Value::Str(text) if text.is_empty() => Ok(self.default.iter().cloned().collect()),
            Value::Str(text) => Ok(vec![text.to_string()]),
            Value::List(items) => Ok(items.iter().map(|item| self.item(item)).collect()),
            Value::Map(map) => Ok(map
                .iter()
                .map(|(key, value)| self.pair(key, value))
                .collect()),
            other if !other.is_true() => Ok(Vec::new()),
            other => {
                let text = format!(
                    "the key of a group must be a string, a list or a dictionary, not {}",
                    kind(other)
                );
                Err(Error::input(text).at(self.key.place().cloned()))
            }
        }
    }

    fn item(&self, item: &Value) -> String {
        match &self.default {
            Some(default) if is_nothing(item) => default.clone(),
            _ => item.to_text(),
        }
    }

    fn pair(&self, key: &Value, value: &Value) -> String {
        let separator = &self.separator;
        match &self.default {
            _ if !is_nothing(value) => format!("{key}{separator}{value}"),
            Some(default) => format!("{key}{separator}{default}"),
            None if self.trailing => format!("{key}{separator}{value}"),
            None => key.to_text(),
        }
    }
}

/// Says whether a value names nothing.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

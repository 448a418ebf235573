//! The plugin `generator`: a host for every combination of the layers' values.

use std::sync::Arc;

use crate::error::Error;
use crate::error::Result;
use crate::inventory::GroupId;
use crate::inventory::Inventory;
use crate::inventory::data::MOST_HOSTS;
use crate::inventory::load::Outside;
use crate::inventory::source::plugin::flag;
use crate::inventory::source::plugin::warn_of_unknown;
use crate::inventory::source::structured::kind;
use crate::value::List;
use crate::value::Map;
use crate::value::Value;

/// How many levels of parents there may be.
const DEEPEST: usize = 100;

/// Makes the hosts and groups that the configuration describes.
///
/// # Errors
/// An option is missing or of the wrong kind, or a template fails.
pub(crate) fn read(inventory: &mut Inventory, config: &Map, outside: &Outside<'_>) -> Result<()> {
    warn_of_unknown(inventory, config, &["hosts", "layers", "use_extra_vars"]);
    let hosts = dictionary(config, "hosts")?;
    let layers = dictionary(config, "layers")?;
    let layers = combinable(&layers)?;
    let name = hosts.get("name").ok_or_else(|| missing("hosts.name"))?;
    let parents = list(&hosts, "parents")?;
    let mut vars = Map::new();
    if flag(config, "use_extra_vars", outside.options.use_extra_vars)? {
        vars.extend_from(&outside.options.extra_vars);
    }
    let mut generator = Generator { inventory, outside };
    for combination in Combinations::new(&layers) {
        for (layer, value) in combination {
            vars.insert(layer.clone(), value.clone());
        }
        generator.host(name, &parents, &vars)?;
    }
    Ok(())
}

fn dictionary(config: &Map, name: &str) -> Result<Arc<Map>> {
    match config.get(name) {
        Some(Value::Map(found)) => Ok(found.clone()),
        None => Err(missing(name)),
        Some(other) => Err(wrong(name, "a dictionary", other)),
    }
}

fn list(config: &Map, name: &str) -> Result<Vec<Value>> {
    match config.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::List(found)) => Ok(found.to_vec()),
        Some(other) => Err(wrong(name, "a list", other)),
    }
}

fn missing(name: &str) -> Error {
    Error::input(format!("the inventory plugin `generator` needs `{name}`"))
}

fn wrong(name: &str, wanted: &str, value: &Value) -> Error {
    let text = format!("`{name}` must be {wanted}, not {}", kind(value));
    Error::input(text).at(value.place().cloned())
}

type Layer = (Value, Arc<List>);

fn combinable(layers: &Map) -> Result<Vec<Layer>> {
    let mut count = 1usize;
    let mut found = Vec::new();
    for (name, values) in layers {
        let Value::List(values) = values else {
            return Err(wrong(&format!("layers.{name}"), "a list", values));
        };
        count = count.saturating_mul(values.len());
        found.push((name.clone(), values.clone()));
    }
    if count > MOST_HOSTS {
        let text = format!("the layers make {count} hosts, where {MOST_HOSTS} are the most");
        return Err(Error::input(text));
    }
    Ok(found)
}

/// Every combination of the layers' values; the last layer changes first.
struct Combinations<'a> {
    layers: &'a [Layer],
    next: usize,
    count: usize,
}

impl<'a> Combinations<'a> {
    fn new(layers: &'a [Layer]) -> Self {
        Combinations {
            layers,
            next: 0,
            count: layers.iter().map(|(_, values)| values.len()).product(),
        }
    }
}

impl<'a> Iterator for Combinations<'a> {
    type Item = Vec<(&'a Value, &'a Value)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.count {
            return None;
        }
        let mut rest = self.next;
        self.next += 1;
        let mut combination = Vec::with_capacity(self.layers.len());
        for (name, values) in self.layers.iter().rev() {
            combination.push((name, values.get(rest % values.len())?));
            rest /= values.len();
        }
        combination.reverse();
        Some(combination)
    }
}

struct Generator<'a> {
    inventory: &'a mut Inventory,
    outside: &'a Outside<'a>,
}

impl Generator<'_> {
    fn host(&mut self, name: &Value, parents: &[Value], vars: &Map) -> Result<()> {
        let name = self.render(name, vars)?.to_text();
        let host = self.inventory.add_host(&name, None)?;
        for parent in parents {
            let group = self.parent(&name, parent, vars, 0)?;
            self.inventory.add_to_group(host, group);
        }
        Ok(())
    }

    /// Makes a parent, and what is above it.
    fn parent(&mut self, child: &str, parent: &Value, vars: &Map, depth: usize) -> Result<GroupId> {
        let Some(options) = parent.as_map() else {
            return Err(wrong("parents", "a list of dictionaries", parent));
        };
        if depth == DEEPEST {
            let text = format!("parents are more than {DEEPEST} levels deep");
            return Err(Error::input(text).at(parent.place().cloned()));
        }
        let name = self.render(options.get("name").unwrap_or(&Value::Null), vars)?;
        if !name.is_true() {
            let text = format!("Element {child} has a parent with no name.");
            return Err(Error::input(text).at(parent.place().cloned()));
        }
        let group = self.inventory.add_group(&name.to_text())?;
        if let Some(own) = options.get("vars").and_then(Value::as_map) {
            for (key, value) in &**own {
                let value = self.render(value, vars)?;
                self.inventory.set_group_variable(group, key.clone(), value);
            }
        }
        for above in list(options, "parents")? {
            let above = self.parent(&name.to_text(), &above, vars, depth + 1)?;
            self.inventory.add_child(above, group)?;
        }
        Ok(group)
    }

    fn render(&self, template: &Value, vars: &Map) -> Result<Value> {
        match template {
            Value::Str(text) => self.outside.reader.render(text, vars),
            other => Ok(other.clone()),
        }
    }
}

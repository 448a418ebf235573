//! `--graph`: groups and hosts as a tree of lines.

use super::DEEPEST;
use super::Variables;
use super::shown;
use super::too_deep;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::error::nearest;
use crate::inventory::Group;
use crate::inventory::Inventory;
use crate::value::Map;

/// The tree below the group called `name`; with `variables`, those of hosts and groups too.
///
/// # Errors
/// There is no such group, a file of variables cannot be read, or groups are too deep.
pub fn graph(
    inventory: &Inventory,
    name: &str,
    variables: Option<&mut dyn Variables>,
) -> Result<String> {
    let Some(group) = inventory.group(name) else {
        let known = inventory.groups().map(|group| &*group.name);
        let text = format!(
            "Pattern must be valid group name when using --graph: there is no group `{name}`"
        );
        return Err(Error::new(Kind::Options, text).hint_if(nearest(name, known)));
    };
    let mut graph = Graph {
        inventory,
        variables,
        lines: Vec::new(),
    };
    graph.group(group, 0)?;
    Ok(graph.lines.join("\n"))
}

struct Graph<'a, 'b> {
    inventory: &'a Inventory,
    variables: Option<&'b mut dyn Variables>,
    lines: Vec<String>,
}

impl Graph<'_, '_> {
    fn group(&mut self, group: &Group, depth: usize) -> Result<()> {
        if group.depth > DEEPEST {
            return Err(too_deep(group));
        }
        self.line(depth, &format!("@{}:", group.name));
        for child in &group.children {
            if let Some(child) = self.inventory.group_at(*child) {
                self.group(child, depth + 1)?;
            }
        }
        if &*group.name != "all" {
            self.hosts(group, depth + 1)?;
        }
        if let Some(variables) = &mut self.variables {
            let vars = variables.group(group)?;
            self.vars(vars, depth + 1);
        }
        Ok(())
    }

    fn hosts(&mut self, group: &Group, depth: usize) -> Result<()> {
        for id in &group.hosts {
            let Some(host) = self.inventory.host_at(*id) else {
                continue;
            };
            self.line(depth, &host.name);
            if let Some(variables) = &mut self.variables {
                let vars = variables.host(host)?;
                self.vars(vars, depth + 1);
            }
        }
        Ok(())
    }

    fn vars(&mut self, vars: Map, depth: usize) {
        let vars = shown(vars);
        let mut lines: Vec<(String, String)> = vars
            .iter()
            .map(|(name, value)| (name.to_text(), value.to_text()))
            .collect();
        lines.sort_unstable();
        for (name, value) in lines {
            self.line(depth, &format!("{{{name} = {value}}}"));
        }
    }

    fn line(&mut self, depth: usize, text: &str) {
        let lead = match depth {
            0 => String::new(),
            depth => "  |".repeat(depth) + "--",
        };
        self.lines.push(lead + text);
    }
}

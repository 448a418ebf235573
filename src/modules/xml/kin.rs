//! The children that a task adds: from YAML, or each from a text that is a document.

use super::making::check_text;
use super::names::Name;
use super::read::{How, Limits, read};
use super::tree::{Element, Id, Kind, Tree};
use crate::value::{Map, Value};

/// The children as trees of their own, whose first node is the child.
#[derive(Debug)]
pub struct Kin {
    tree: Tree,
    ids: Vec<Id>,
}

impl Kin {
    /// Children from YAML: a name, or a dictionary of one name.
    ///
    /// # Errors
    /// One is neither.
    pub fn of_yaml(children: &[Value]) -> Result<Self, String> {
        let mut tree = Tree::new();
        let ids = children.iter().map(|child| element(&mut tree, child));
        let ids = ids.collect::<Result<_, _>>()?;
        Ok(Kin { tree, ids })
    }

    /// Children from texts, each a document.
    ///
    /// # Errors
    /// One is not well-formed.
    pub fn of_xml(children: &[Value], limits: Limits) -> Result<Self, String> {
        let how = How {
            strip_cdata: true,
            strip_blanks: false,
            limits,
        };
        let mut tree = Tree::new();
        let mut ids = Vec::new();
        for child in children {
            let text = child
                .as_str()
                .ok_or_else(|| format!("`{}` is not XML text", child.to_text()))?;
            let other = read(text, how).map_err(|why| format!("the child `{text}`: {why}"))?;
            ids.extend(other.root().map(|root| tree.graft(&other, root)));
        }
        Ok(Kin { tree, ids })
    }

    /// Puts copies among the children of an element.
    pub fn insert(&self, tree: &mut Tree, parent: Id, index: usize) {
        for (number, id) in self.ids.iter().enumerate() {
            let copy = tree.graft(&self.tree, *id);
            tree.insert(parent, index + number, copy);
            tree.settle(copy);
        }
    }

    /// The text of each.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.ids.iter().map(|id| super::write::alone(&self.tree, *id))
    }
}

fn element(tree: &mut Tree, child: &Value) -> Result<Id, String> {
    if let Some(name) = child.as_str() {
        return named(tree, name);
    }
    let pair = child.as_map().filter(|map| map.len() == 1).and_then(|map| map.at(0));
    let (name, content) = pair.ok_or_else(|| {
        format!("the child `{}` is neither a name nor a dictionary of one name", child.to_text())
    })?;
    let id = named(tree, &name.to_text())?;
    match content {
        Value::Map(content) => fill(tree, id, content)?,
        Value::Null => {}
        content => {
            let text = text_of(content, &name.to_text())?;
            tree.set_text(id, &text);
        }
    }
    Ok(id)
}

fn named(tree: &mut Tree, name: &str) -> Result<Id, String> {
    let name = Name::of_task(name)?;
    Ok(tree.make(Kind::Element(Element::new(name))))
}

/// Attributes; children under `_`; the text under `+value`.
fn fill(tree: &mut Tree, id: Id, content: &Map) -> Result<(), String> {
    for (name, value) in content {
        let name = name.to_text();
        match name.as_str() {
            "+value" if !value.is_null() => {
                let text = text_of(value, "+value")?;
                tree.set_text(id, &text);
            }
            "_" if !value.is_null() => {
                let children = value
                    .as_list()
                    .ok_or_else(|| format!("the children `{}` are no list", value.to_text()))?;
                for child in children.iter() {
                    let child = element(tree, child)?;
                    tree.append(id, child);
                    tree.settle(child);
                }
            }
            "+value" | "_" => {}
            name => {
                let value = text_of(value, name)?;
                tree.set_attribute(id, &Name::of_task(name)?, &value);
            }
        }
    }
    Ok(())
}

/// The text that a value is; a number or a truth value is none, as it may not be what was written.
///
/// # Errors
/// It is something else.
pub fn text_of(value: &Value, what: &str) -> Result<String, String> {
    let text = value.as_str().ok_or_else(|| {
        format!("the value `{}` of `{what}` is not text: put it in quotes", value.to_text())
    })?;
    check_text(text)?;
    Ok(text.to_owned())
}

//! What a task does to a document that was read, or finds in it.

use super::Args;
use super::Content;
use super::State;
use super::kin::{Kin, text_of};
use super::making::{make, named};
use super::path::{Found, Target, find, told};
use super::tree::{Id, Tree};
use super::write::with_tail;
use crate::value::{Map, Value};

/// What a task found, beside the document it leaves.
#[derive(Debug, Default)]
pub struct Said {
    /// `count`
    pub count: Option<usize>,
    /// `matches`
    pub matches: Option<Value>,
    /// `msg`
    pub message: Option<Value>,
}

/// A task with all that it needs.
#[derive(Debug)]
pub struct Task<'a> {
    /// The arguments.
    pub args: &'a Args,
    /// The path.
    pub xpath: &'a str,
    /// The prefixes that it may use.
    pub namespaces: &'a [(String, String)],
    /// The children to add or set.
    pub kin: Option<&'a Kin>,
}

impl Task<'_> {
    /// Does it.
    ///
    /// # Errors
    /// What the path says cannot be.
    pub fn act(&self, tree: &mut Tree) -> Result<Said, String> {
        let args = self.args;
        if args.print_match {
            return self.matches(tree);
        }
        if args.count {
            return self.count(tree);
        }
        match args.content {
            Some(Content::Attribute) => return self.content(tree, attributes_of),
            Some(Content::Text) => return self.content(tree, text_value),
            None => {}
        }
        match (args.state, self.kin, &args.value) {
            (State::Absent, _, _) => self.delete(tree)?,
            (State::Present, Some(kin), _) if args.set_children.is_some() => {
                self.set_children(tree, kin)?;
            }
            (State::Present, Some(kin), _) => self.add_children(tree, kin)?,
            (State::Present, None, Some(value)) => self.set(tree, value)?,
            (State::Present, None, None) => {
                if !self.is_there(tree)? {
                    make(tree, self.xpath, None, self.namespaces)?;
                }
            }
        }
        Ok(Said::default())
    }

    fn find(&self, tree: &Tree) -> Result<Found, String> {
        find(tree, self.xpath, None, self.namespaces)
    }

    fn nodes(&self, tree: &Tree) -> Result<Vec<Target>, String> {
        let nodes = self.find(tree)?.nodes();
        nodes.ok_or_else(|| format!("`{}` finds no nodes: it is a value", self.xpath))
    }

    /// The elements that the path finds; an attribute or a text is an error.
    fn elements(&self, tree: &Tree) -> Result<Vec<Id>, String> {
        let nodes = self.nodes(tree)?.into_iter();
        nodes
            .map(|target| match target {
                Target::Node(id) if tree.element(id).is_some() => Ok(id),
                _ => Err(format!("`{}` finds `{}`, which is not an element", self.xpath, told(tree, &target))),
            })
            .collect()
    }

    /// Says whether an element or a truth is there.
    fn is_there(&self, tree: &Tree) -> Result<bool, String> {
        Ok(match self.find(tree)? {
            Found::Bool(holds) => holds,
            Found::Nodes(nodes) => match nodes.first() {
                Some(Target::Node(id)) => tree.is_item(*id),
                _ => false,
            },
            Found::Number(_) | Found::Text(_) => {
                return Err(format!("`{}` finds no nodes: it is a value", self.xpath));
            }
        })
    }

    fn matches(&self, tree: &Tree) -> Result<Said, String> {
        let nodes = self.nodes(tree)?;
        let paths: Vec<String> = nodes.iter().map(|target| told(tree, target)).collect();
        let quoted: Vec<String> = paths.iter().map(|path| format!("\"{path}\"")).collect();
        let message = format!("selector '{}' match: [{}]", self.xpath, quoted.join(", "));
        Ok(Said {
            count: None,
            matches: Some(Value::strings(paths)),
            message: Some(Value::from(message)),
        })
    }

    /// How many nodes the path finds, from anywhere where it begins with a slash.
    fn count(&self, tree: &Tree) -> Result<Said, String> {
        let anywhere = match self.xpath {
            path if path.starts_with("//") => path.to_owned(),
            path => format!("/{path}"),
        };
        let found = match super::path::check(&anywhere) {
            Ok(()) => find(tree, &anywhere, None, self.namespaces)?,
            Err(_) => self.find(tree)?,
        };
        let nodes = found.nodes();
        let nodes = nodes.ok_or_else(|| format!("`{}` finds no nodes: it is a value", self.xpath))?;
        Ok(Said {
            count: Some(nodes.len()),
            matches: None,
            message: Some(Value::from(format!("found {} nodes", nodes.len()))),
        })
    }

    fn content(&self, tree: &Tree, of: fn(&Tree, Id) -> Value) -> Result<Said, String> {
        let elements = self.elements(tree)?;
        if elements.is_empty() {
            return Err(format!("`{}` finds no element", self.xpath));
        }
        let told = elements.iter().filter_map(|id| {
            let mut map = Map::new();
            map.set(&tree.element(*id)?.name.told(), of(tree, *id));
            Some(Value::map(map))
        });
        Ok(Said {
            count: Some(elements.len()),
            matches: Some(Value::list(told.collect())),
            message: Some(Value::from(elements.len())),
        })
    }

    fn delete(&self, tree: &mut Tree) -> Result<(), String> {
        for target in self.nodes(tree)? {
            match &target {
                Target::Attribute(id, name) => {
                    if let Some(element) = tree.element_mut(*id) {
                        element.attributes.retain(|(known, _)| !known.is(name));
                    }
                }
                Target::Node(id) if tree.is_text(*id) => {
                    let path = told(tree, &target);
                    return Err(format!("`{path}` is a text, which is not taken away"));
                }
                Target::Node(id) => {
                    let inside = tree.parent(*id).is_some_and(|it| tree.element(it).is_some());
                    if !inside {
                        let path = told(tree, &target);
                        return Err(format!("`{path}` stands in no element, so it cannot go"));
                    }
                    tree.remove(*id);
                }
            }
        }
        Ok(())
    }

    /// Where several elements are found, the last one gets the children, as in the reference.
    fn add_children(&self, tree: &mut Tree, kin: &Kin) -> Result<(), String> {
        let found = match self.args.insertbefore || self.args.insertafter {
            true => self.elements(tree)?,
            false => {
                if !self.is_there(tree)? {
                    return Ok(());
                }
                self.elements(tree)?
            }
        };
        let (Some(first), Some(last)) = (found.first().copied(), found.last().copied()) else {
            return Ok(());
        };
        if self.args.insertbefore {
            return self.insert(tree, kin, first, false);
        }
        if self.args.insertafter {
            return self.insert(tree, kin, last, true);
        }
        let end = tree.children(last).len();
        kin.insert(tree, last, end);
        Ok(())
    }

    /// Puts children beside an element: before it, or behind it and the text that follows it.
    fn insert(&self, tree: &mut Tree, kin: &Kin, beside: Id, after: bool) -> Result<(), String> {
        let parent = tree.parent(beside).filter(|parent| tree.element(*parent).is_some());
        let parent = parent.ok_or_else(|| {
            format!("`{}` is the root, beside which nothing can stand", self.xpath)
        })?;
        let at = tree.children(parent).iter().position(|child| *child == beside);
        let behind = if after { 1 + tree.tail(beside).len() } else { 0 };
        kin.insert(tree, parent, at.unwrap_or(0) + behind);
        Ok(())
    }

    fn set_children(&self, tree: &mut Tree, kin: &Kin) -> Result<(), String> {
        let wanted: Vec<String> = kin.texts().collect();
        for id in self.elements(tree)? {
            let items = tree.items(id);
            let known: Vec<String> = items.iter().map(|item| with_tail(tree, *item)).collect();
            if known == wanted {
                continue;
            }
            for item in items {
                tree.remove(item);
            }
            let end = tree.children(id).len();
            kin.insert(tree, id, end);
        }
        Ok(())
    }

    fn set(&self, tree: &mut Tree, value: &Value) -> Result<(), String> {
        let attribute = self.args.attribute.as_ref().map(Value::to_text);
        let text = text_of(value, attribute.as_deref().unwrap_or(self.xpath))?;
        if !self.is_there(tree)? {
            if !self.args.create_if_missing {
                return Ok(());
            }
            make(tree, self.xpath, None, self.namespaces)?;
        }
        let elements = self.elements(tree)?;
        if elements.is_empty() {
            return Err(format!("`{}` finds no element", self.xpath));
        }
        let name = attribute.map(|name| match name.starts_with('{') {
            true => super::names::Name::of_task(&name),
            false => named(&name, self.namespaces),
        });
        let name = name.transpose()?;
        for id in elements {
            match &name {
                Some(name) => tree.set_attribute(id, name, &text),
                None if tree.text(id).as_deref() == Some(text.as_str()) => {}
                None => tree.set_text(id, &text),
            }
        }
        Ok(())
    }
}

fn text_value(tree: &Tree, id: Id) -> Value {
    tree.text(id).map_or(Value::Null, Value::from)
}

fn attributes_of(tree: &Tree, id: Id) -> Value {
    let mut map = Map::new();
    for (name, value) in tree.element(id).map_or(&[][..], |element| &element.attributes) {
        map.set(&name.told(), value.as_str());
    }
    Value::map(map)
}

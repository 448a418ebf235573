//! A document as a tree that can be changed. What is removed stays in the arena, out of reach.
//!
//! The children of an element are its *items* (elements, comments, instructions) and the texts
//! between them. A text belongs to the item before it (its tail), or to the element where none is:
//! so it goes when that item goes.

use super::names::{Name, XML_SPACE, known_prefix};

/// A node, as its place in the arena.
pub type Id = usize;

/// The document itself.
pub const DOCUMENT: Id = 0;

/// A document.
#[derive(Clone, Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    /// The version that its declaration names.
    pub version: String,
}

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    parent: Option<Id>,
    children: Vec<Id>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `<![CDATA[…]]>`
    Cdata(String),
    /// `<!--…-->`
    Comment(String),
    /// `<!DOCTYPE …>`: what follows that word.
    Doctype(String),
    /// The document.
    Document,
    /// `<name …>`
    Element(Element),
    /// `<?…?>`: all between the marks.
    Instruction(String),
    /// Text, as it is read.
    Text(String),
}

/// An element without its children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: Name,
    /// The namespaces that it declares: prefix (empty for the default one) and URI.
    pub spaces: Vec<(String, String)>,
    /// Its attributes, in order.
    pub attributes: Vec<(Name, String)>,
}

impl Element {
    /// An element of that name, which declares the name's namespace.
    pub fn new(name: Name) -> Self {
        let spaces = match name.space.as_str() {
            "" | XML_SPACE => Vec::new(),
            space => vec![(name.prefix.clone(), space.to_owned())],
        };
        Element {
            name,
            spaces,
            attributes: Vec::new(),
        }
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &Name) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known.is(name));
        found.map(|(_, value)| value.as_str())
    }
}

impl Tree {
    /// An empty document.
    pub fn new() -> Self {
        let document = Node {
            kind: Kind::Document,
            parent: None,
            children: Vec::new(),
        };
        Tree {
            nodes: vec![document],
            version: "1.0".to_owned(),
        }
    }

    /// How many nodes were made.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// What a node is.
    pub fn kind(&self, id: Id) -> &Kind {
        self.nodes.get(id).map_or(&Kind::Document, |node| &node.kind)
    }

    /// The children of a node.
    pub fn children(&self, id: Id) -> &[Id] {
        self.nodes.get(id).map_or(&[], |node| &node.children)
    }

    /// The parent of a node.
    pub fn parent(&self, id: Id) -> Option<Id> {
        self.nodes.get(id).and_then(|node| node.parent)
    }

    /// The element that a node is.
    pub fn element(&self, id: Id) -> Option<&Element> {
        match self.kind(id) {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn element_mut(&mut self, id: Id) -> Option<&mut Element> {
        match self.nodes.get_mut(id).map(|node| &mut node.kind) {
            Some(Kind::Element(element)) => Some(element),
            _ => None,
        }
    }

    /// The outermost element.
    pub fn root(&self) -> Option<Id> {
        let children = self.children(DOCUMENT).iter().copied();
        children.into_iter().find(|id| self.element(*id).is_some())
    }

    /// The node and those around it, from the inside.
    pub fn upward(&self, id: Id) -> impl Iterator<Item = Id> {
        std::iter::successors(Some(id), |id| self.parent(*id))
    }

    /// The node and all in it, in order.
    pub fn below(&self, id: Id) -> Vec<Id> {
        let mut open = vec![id];
        let mut all = Vec::new();
        while let Some(id) = open.pop() {
            all.push(id);
            open.extend(self.children(id).iter().rev());
        }
        all
    }

    /// Says whether a node is an element, a comment or an instruction.
    pub fn is_item(&self, id: Id) -> bool {
        !self.is_text(id)
    }

    /// Says whether a node is text.
    pub fn is_text(&self, id: Id) -> bool {
        matches!(self.kind(id), Kind::Text(_) | Kind::Cdata(_))
    }

    /// The items of a node.
    pub fn items(&self, id: Id) -> Vec<Id> {
        let children = self.children(id).iter().copied();
        children.filter(|child| self.is_item(*child)).collect()
    }

    /// The texts directly behind an item, up to the next.
    pub fn tail(&self, id: Id) -> Vec<Id> {
        let siblings = self.parent(id).map_or(&[][..], |parent| self.children(parent));
        let behind = siblings.iter().copied().skip_while(|sibling| *sibling != id).skip(1);
        behind.take_while(|sibling| self.is_text(*sibling)).collect()
    }

    /// The text of an element before its first item; nothing where it has none.
    pub fn text(&self, id: Id) -> Option<String> {
        let texts: Vec<&str> = self
            .children(id)
            .iter()
            .map_while(|child| match self.kind(*child) {
                Kind::Text(text) | Kind::Cdata(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        (!texts.is_empty()).then(|| texts.concat())
    }

    /// Sets the text of an element before its first item.
    pub fn set_text(&mut self, id: Id, text: &str) {
        while let Some(first) = self.children(id).first().copied()
            && self.is_text(first)
        {
            self.detach(first);
        }
        let text = self.make(Kind::Text(text.to_owned()));
        self.insert(id, 0, text);
    }

    /// A new node, which is nowhere yet.
    pub fn make(&mut self, kind: Kind) -> Id {
        self.nodes.push(Node {
            kind,
            parent: None,
            children: Vec::new(),
        });
        self.nodes.len() - 1
    }

    /// Puts a node, that is nowhere, behind all children of another.
    pub fn append(&mut self, parent: Id, child: Id) {
        let end = self.children(parent).len();
        self.insert(parent, end, child);
    }

    /// Puts a node, that is nowhere, among the children of another.
    pub fn insert(&mut self, parent: Id, index: usize, child: Id) {
        if let Some(node) = self.nodes.get_mut(parent) {
            let index = index.min(node.children.len());
            node.children.insert(index, child);
        }
        if let Some(node) = self.nodes.get_mut(child) {
            node.parent = Some(parent);
        }
    }

    /// Takes a node from where it is.
    pub fn detach(&mut self, id: Id) {
        let parent = self.nodes.get_mut(id).and_then(|node| node.parent.take());
        if let Some(node) = parent.and_then(|parent| self.nodes.get_mut(parent)) {
            node.children.retain(|child| *child != id);
        }
    }

    /// Takes an item away, and its tail.
    pub fn remove(&mut self, id: Id) {
        for text in self.tail(id) {
            self.detach(text);
        }
        self.detach(id);
    }

    /// A copy of another document's node and all in it, which is nowhere yet.
    pub fn graft(&mut self, other: &Tree, id: Id) -> Id {
        let copy = self.make(other.kind(id).clone());
        let mut rest = vec![(id, copy)];
        while let Some((id, copy)) = rest.pop() {
            for child in other.children(id) {
                let inside = self.make(other.kind(*child).clone());
                self.append(copy, inside);
                rest.push((*child, inside));
            }
        }
        copy
    }

    /// The prefix that means a namespace at an element; an attribute needs one that is not empty.
    pub fn prefix_of(&self, id: Id, space: &str, for_attribute: bool) -> Option<String> {
        if space == XML_SPACE {
            return Some("xml".to_owned());
        }
        let declared = self.upward(id).filter_map(|id| self.element(id));
        declared
            .flat_map(|element| &element.spaces)
            .filter(|(prefix, known)| known == space && !(for_attribute && prefix.is_empty()))
            .map(|(prefix, _)| prefix.clone())
            .find(|prefix| self.space_of(id, prefix) == Some(space))
    }

    /// The namespace that a prefix means at an element.
    pub fn space_of(&self, id: Id, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some(XML_SPACE);
        }
        let mut declared = self.upward(id).filter_map(|id| self.element(id));
        declared.find_map(|element| {
            let found = element.spaces.iter().find(|(known, _)| known == prefix);
            found.map(|(_, space)| space.as_str())
        })
    }

    /// Sets an attribute; its prefix is the one that means its namespace there.
    pub fn set_attribute(&mut self, id: Id, name: &Name, value: &str) {
        let known = self.element(id).and_then(|element| {
            element.attributes.iter().position(|(known, _)| known.is(name))
        });
        if let Some(at) = known {
            let element = self.element_mut(id);
            if let Some((_, old)) = element.and_then(|it| it.attributes.get_mut(at)) {
                value.clone_into(old);
            }
            return;
        }
        let prefix = self.prefix_for(id, name, true);
        if let Some(element) = self.element_mut(id) {
            let name = Name {
                prefix,
                ..name.clone()
            };
            element.attributes.push((name, value.to_owned()));
        }
    }

    /// The prefix for a name at an element, declared there where no prefix means its namespace.
    fn prefix_for(&mut self, id: Id, name: &Name, for_attribute: bool) -> String {
        if name.space.is_empty() {
            return String::new();
        }
        if let Some(prefix) = self.prefix_of(id, &name.space, for_attribute) {
            return prefix;
        }
        let wanted = match name.prefix.as_str() {
            "" => known_prefix(&name.space).map(str::to_owned),
            prefix => Some(prefix.to_owned()),
        };
        let numbered = (0..).map(|number| format!("ns{number}"));
        let prefix = wanted
            .into_iter()
            .chain(numbered)
            .find(|prefix| self.space_of(id, prefix).is_none())
            .unwrap_or_default();
        if let Some(element) = self.element_mut(id) {
            element.spaces.push((prefix.clone(), name.space.clone()));
        }
        prefix
    }

    /// Fits a node that was put somewhere to the namespaces there: what is declared around it is not
    /// declared again.
    pub fn settle(&mut self, id: Id) {
        for id in self.below(id) {
            let around = self.parent(id).unwrap_or(DOCUMENT);
            let Some(element) = self.element(id) else {
                continue;
            };
            let declared = element.spaces.iter();
            let kept = declared
                .filter(|(_, space)| self.prefix_of(around, space, false).is_none())
                .cloned()
                .collect();
            if let Some(element) = self.element_mut(id) {
                element.spaces = kept;
            }
            self.settle_names(id);
        }
    }

    fn settle_names(&mut self, id: Id) {
        let Some(Element {
            name, attributes, ..
        }) = self.element(id).cloned()
        else {
            return;
        };
        let means = |tree: &Tree, name: &Name| {
            name.space.is_empty() || tree.space_of(id, &name.prefix) == Some(&name.space)
        };
        if !means(self, &name) {
            let prefix = self.prefix_for(id, &name, false);
            if let Some(element) = self.element_mut(id) {
                element.name.prefix = prefix;
            }
        }
        for (at, (name, _)) in attributes.iter().enumerate() {
            if means(self, name) && (name.space.is_empty() || !name.prefix.is_empty()) {
                continue;
            }
            let prefix = self.prefix_for(id, name, true);
            let element = self.element_mut(id);
            if let Some((name, _)) = element.and_then(|it| it.attributes.get_mut(at)) {
                name.prefix = prefix;
            }
        }
    }
}

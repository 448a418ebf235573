//! XPath over a tree: xpath-eval asks, this answers. A [`View`] is the tree as it is now, its nodes
//! numbered in the order of the document.

use std::cmp::Ordering;

use xpath_eval::{EvaluationContext, ExpandedName, Expr, Node, NodeKind, Value};

use super::names::{Name, XML_SPACE};
use super::prefixes;
use super::tree::{DOCUMENT, Id, Kind, Tree};

/// How long an expression may be, how many signs it may have and how deep its brackets may stand: it
/// is read by recursion.
const LONGEST: usize = 1024;
const MOST_SIGNS: usize = 200;
const DEEPEST: usize = 20;

/// What an expression found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A truth value.
    Bool(bool),
    /// Nodes, in the order of the document.
    Nodes(Vec<Target>),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
}

/// A node that was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// An attribute of an element.
    Attribute(Id, Name),
    /// Anything else.
    Node(Id),
}

impl Found {
    /// The nodes.
    pub fn nodes(self) -> Option<Vec<Target>> {
        match self {
            Found::Nodes(nodes) => Some(nodes),
            _ => None,
        }
    }
}

/// Reads an expression, to see whether it is one.
///
/// # Errors
/// What is wrong with it.
pub fn check(text: &str) -> Result<(), String> {
    parse(text).map(drop)
}

fn parse(text: &str) -> Result<Expr, String> {
    let wrong = |why: &str| format!("`{text}` is not an XPath expression that can be read: {why}");
    let signs = text.bytes().filter(|byte| b"|+<>=*".contains(byte)).count();
    if text.len() > LONGEST || signs > MOST_SIGNS || depth(text) > DEEPEST {
        return Err("the XPath expression is too long or too deep".to_owned());
    }
    let parsed = xpath_eval::parse(text).map_err(|error| wrong(&error.to_string()))?;
    prefixes::check_axes(&parsed).map_err(|why| wrong(&why))?;
    Ok(parsed)
}

/// How deep brackets, and signs before one thing, stand in each other at most.
fn depth(text: &str) -> usize {
    let (mut open, mut signs, mut most) = (0_usize, 0, 0);
    for letter in text.bytes() {
        match letter {
            b'(' | b'[' => open += 1,
            b')' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        signs = match letter {
            b'-' => signs + 1,
            b' ' => signs,
            _ => 0,
        };
        most = most.max(open + signs);
    }
    most
}

/// What an expression finds: from the node `from`, or where that is not given from the root.
/// `namespaces` are the prefixes that it may use.
///
/// # Errors
/// It cannot be read, or has a prefix or a function that is unknown.
pub fn find(
    tree: &Tree,
    text: &str,
    from: Option<Id>,
    namespaces: &[(String, String)],
) -> Result<Found, String> {
    let parsed = parse(text)?;
    let space_of = |prefix: &str| {
        let known = namespaces.iter().find(|(known, _)| known == prefix);
        known.map(|(_, space)| space.clone())
    };
    if let Some(prefix) = prefixes::unknown(&parsed, &|prefix| space_of(prefix).is_some()) {
        return Err(format!("`{text}`: the prefix `{prefix}` does not stand in `namespaces`"));
    }
    let view = View::new(tree);
    let from = from.or_else(|| tree.root()).unwrap_or(DOCUMENT);
    let at = view.items.iter().position(|item| item.what == What::Node(from));
    let mut context = EvaluationContext::new(At { view: &view, at: at.unwrap_or(0) });
    context.namespaces = Some(&space_of);
    let value = xpath_eval::evaluate(&parsed, &context)
        .map_err(|error| format!("`{text}`: {error}"))?;
    Ok(match value {
        Value::Boolean(it) => Found::Bool(it),
        Value::Number(it) => Found::Number(it),
        Value::String(it) => Found::Text(it),
        Value::NodeSet(mut nodes) => {
            nodes.sort_unstable_by_key(|node| node.at);
            nodes.dedup();
            Found::Nodes(nodes.into_iter().map(At::target).collect())
        }
    })
}

/// A tree with its nodes in order: an element, then its attributes, then its children.
struct View<'t> {
    tree: &'t Tree,
    items: Vec<Item>,
}

/// What is still to be numbered.
enum Rest {
    End(usize),
    Node(Id, Option<usize>),
}

struct Item {
    what: What,
    parent: Option<usize>,
    /// Where its children begin, behind its attributes.
    inside: usize,
    /// Where it ends.
    end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Attribute(Id, usize),
    Node(Id),
}

impl<'t> View<'t> {
    fn new(tree: &'t Tree) -> Self {
        let mut view = View {
            tree,
            items: Vec::with_capacity(tree.len()),
        };
        let mut rest = vec![Rest::Node(DOCUMENT, None)];
        while let Some(next) = rest.pop() {
            match next {
                Rest::Node(id, parent) => view.add(id, parent, &mut rest),
                Rest::End(at) => {
                    let end = view.items.len();
                    if let Some(item) = view.items.get_mut(at) {
                        item.end = end;
                    }
                }
            }
        }
        view
    }

    fn add(&mut self, id: Id, parent: Option<usize>, rest: &mut Vec<Rest>) {
        let at = self.push(What::Node(id), parent);
        let tree = self.tree;
        let count = tree.element(id).map_or(0, |element| element.attributes.len());
        for number in 0..count {
            self.push(What::Attribute(id, number), Some(at));
        }
        let inside = self.items.len();
        if let Some(item) = self.items.get_mut(at) {
            item.inside = inside;
        }
        rest.push(Rest::End(at));
        let children = tree.children(id).iter().rev();
        let seen = children.filter(|child| !matches!(tree.kind(**child), Kind::Doctype(_)));
        rest.extend(seen.map(|child| Rest::Node(*child, Some(at))));
    }

    fn push(&mut self, what: What, parent: Option<usize>) -> usize {
        let at = self.items.len();
        self.items.push(Item {
            what,
            parent,
            inside: at + 1,
            end: at + 1,
        });
        at
    }
}

/// A node of a view.
#[derive(Clone, Copy)]
struct At<'v> {
    view: &'v View<'v>,
    at: usize,
}

impl PartialEq for At<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for At<'_> {}

impl<'v> At<'v> {
    fn item(self) -> Option<&'v Item> {
        self.view.items.get(self.at)
    }

    fn what(self) -> What {
        self.item().map_or(What::Node(DOCUMENT), |item| item.what)
    }

    fn move_to(self, at: usize) -> Self {
        At { at, ..self }
    }

    fn attribute(self) -> Option<(Id, &'v (Name, String))> {
        match self.what() {
            What::Attribute(id, number) => {
                let attributes = &self.view.tree.element(id)?.attributes;
                Some((id, attributes.get(number)?))
            }
            What::Node(_) => None,
        }
    }

    fn target(self) -> Target {
        match (self.attribute(), self.what()) {
            (Some((id, (name, _))), _) => Target::Attribute(id, name.clone()),
            (None, What::Node(id) | What::Attribute(id, _)) => Target::Node(id),
        }
    }

    /// The name of an element or an attribute.
    fn name(self) -> Option<&'v Name> {
        match (self.attribute(), self.what()) {
            (Some((_, (name, _))), _) => Some(name),
            (None, What::Node(id)) => self.view.tree.element(id).map(|element| &element.name),
            (None, What::Attribute(..)) => None,
        }
    }
}

impl<'v> Node<'v> for At<'v> {
    fn kind(self) -> NodeKind {
        let What::Node(id) = self.what() else {
            return NodeKind::Attribute;
        };
        match self.view.tree.kind(id) {
            Kind::Cdata(_) | Kind::Text(_) => NodeKind::Text,
            Kind::Comment(_) => NodeKind::Comment,
            Kind::Document | Kind::Doctype(_) => NodeKind::Root,
            Kind::Element(_) => NodeKind::Element,
            Kind::Instruction(_) => NodeKind::ProcessingInstruction,
        }
    }

    fn parent(self) -> Option<Self> {
        self.item()?.parent.map(|at| self.move_to(at))
    }

    fn children(self) -> impl Iterator<Item = Self> + 'v {
        let (inside, end) = self.item().map_or((0, 0), |item| (item.inside, item.end));
        let starts = std::iter::successors(Some(inside), move |at| {
            self.move_to(*at).item().map(|item| item.end)
        });
        starts.take_while(move |at| *at < end).map(move |at| self.move_to(at))
    }

    fn attributes(self) -> impl Iterator<Item = Self> + 'v {
        let inside = self.item().map_or(0, |item| item.inside);
        (self.at + 1..inside).map(move |at| self.move_to(at))
    }

    fn namespaces(self) -> impl Iterator<Item = Self> + 'v {
        std::iter::empty()
    }

    fn expanded_name(self) -> Option<ExpandedName> {
        if let Some(name) = self.name() {
            return Some(ExpandedName {
                namespace_uri: Some(name.space.clone()).filter(|space| !space.is_empty()),
                local_name: name.local.clone(),
            });
        }
        match self.what() {
            What::Node(id) => match self.view.tree.kind(id) {
                Kind::Instruction(text) => Some(ExpandedName {
                    namespace_uri: None,
                    local_name: instruction(text).0.to_owned(),
                }),
                _ => None,
            },
            What::Attribute(..) => None,
        }
    }

    fn string_value(self) -> String {
        if let Some((_, (_, value))) = self.attribute() {
            return value.clone();
        }
        let What::Node(id) = self.what() else {
            return String::new();
        };
        let tree = self.view.tree;
        match tree.kind(id) {
            Kind::Cdata(text) | Kind::Comment(text) | Kind::Text(text) => text.clone(),
            Kind::Instruction(text) => instruction(text).1.to_owned(),
            Kind::Document | Kind::Doctype(_) | Kind::Element(_) => tree
                .below(id)
                .into_iter()
                .filter_map(|id| match tree.kind(id) {
                    Kind::Cdata(text) | Kind::Text(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect(),
        }
    }

    fn document_order(self, other: Self) -> Ordering {
        self.at.cmp(&other.at)
    }

    fn is_id_attribute(self) -> bool {
        self.name().is_some_and(|name| name.space == XML_SPACE && name.local == "id")
    }
}

/// The target of an instruction, and the rest.
fn instruction(text: &str) -> (&str, &str) {
    let (target, rest) = text.split_once([' ', '\t', '\n']).unwrap_or((text, ""));
    (target, rest.trim_start())
}

/// The path of a node, as libxml2 tells it: `/a/b[2]/@c`.
pub fn told(tree: &Tree, target: &Target) -> String {
    let (id, attribute) = match target {
        Target::Attribute(id, name) => (*id, format!("/@{}", name.written())),
        Target::Node(DOCUMENT) => return "/".to_owned(),
        Target::Node(id) => (*id, String::new()),
    };
    let mut steps: Vec<String> = tree
        .upward(id)
        .filter(|id| *id != DOCUMENT)
        .map(|id| step(tree, id))
        .collect();
    steps.reverse();
    format!("/{}{attribute}", steps.join("/"))
}

/// One step of a path, with its number where others are called alike.
fn step(tree: &Tree, id: Id) -> String {
    let called = |id: Id| match tree.kind(id) {
        Kind::Cdata(_) | Kind::Text(_) => "text()".to_owned(),
        Kind::Comment(_) => "comment()".to_owned(),
        Kind::Instruction(text) => format!("processing-instruction('{}')", instruction(text).0),
        Kind::Element(element) if element.name.prefix.is_empty() && !element.name.space.is_empty() => {
            "*".to_owned()
        }
        Kind::Element(element) => element.name.written(),
        Kind::Doctype(_) | Kind::Document => String::new(),
    };
    let name = called(id);
    let siblings = tree.parent(id).map_or(&[][..], |parent| tree.children(parent));
    let alike: Vec<Id> = siblings
        .iter()
        .copied()
        .filter(|sibling| match name.as_str() {
            "*" => tree.element(*sibling).is_some(),
            name => called(*sibling) == name,
        })
        .collect();
    let number = alike.iter().position(|sibling| *sibling == id).unwrap_or(0) + 1;
    match alike.len() {
        0 | 1 => name,
        _ => format!("{name}[{number}]"),
    }
}

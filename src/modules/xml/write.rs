//! A tree becomes a text, as libxml2 writes it.

use super::tree::{DOCUMENT, Element, Id, Kind, Tree};

/// How deep lines are indented at most, in steps of two spaces.
const MOST_INDENT: usize = 30;

/// The whole document, with its declaration; laid out in lines where no text forbids it.
pub fn document(tree: &Tree, pretty: bool) -> String {
    let mut text = format!("<?xml version='{}' encoding='UTF-8'?>\n", tree.version);
    for child in tree.children(DOCUMENT) {
        node(tree, *child, pretty.then_some(0), &mut text);
        if pretty || matches!(tree.kind(*child), Kind::Doctype(_)) {
            text.push('\n');
        }
    }
    text
}

/// A node, and the text behind it.
pub fn with_tail(tree: &Tree, id: Id) -> String {
    let mut text = String::new();
    node(tree, id, None, &mut text);
    for behind in tree.tail(id) {
        node(tree, behind, None, &mut text);
    }
    text
}

/// A node alone.
pub fn alone(tree: &Tree, id: Id) -> String {
    let mut text = String::new();
    node(tree, id, None, &mut text);
    text
}

/// What is still to be written.
enum Rest<'t> {
    End(&'t Element, Option<usize>),
    Node(Id, Option<usize>),
}

/// Writes a node; `level` is how deep it stands, where it is laid out. Documents stand deeper than
/// calls may, so there are none.
fn node(tree: &Tree, id: Id, level: Option<usize>, text: &mut String) {
    let mut rest = vec![Rest::Node(id, level)];
    while let Some(next) = rest.pop() {
        match next {
            Rest::End(element, level) => {
                new_line(level, text);
                text.extend(["</", &element.name.written(), ">"]);
            }
            Rest::Node(id, level) => {
                // The first one stands where it is put.
                if !rest.is_empty() {
                    new_line(level, text);
                }
                one(tree, id, level, text, &mut rest);
            }
        }
    }
}

fn one<'t>(
    tree: &'t Tree,
    id: Id,
    level: Option<usize>,
    text: &mut String,
    rest: &mut Vec<Rest<'t>>,
) {
    match tree.kind(id) {
        Kind::Cdata(it) => text.extend(["<![CDATA[", it, "]]>"]),
        Kind::Comment(it) => text.extend(["<!--", it, "-->"]),
        Kind::Doctype(it) => text.extend(["<!DOCTYPE ", it, ">"]),
        Kind::Document => {}
        Kind::Element(it) => {
            let children = tree.children(id);
            start(it, text);
            if children.is_empty() {
                text.push_str("/>");
                return;
            }
            text.push('>');
            let level = level.filter(|_| !children.iter().any(|child| tree.is_text(*child)));
            rest.push(Rest::End(it, level));
            let inside = level.map(|level| level + 1);
            rest.extend(children.iter().rev().map(|child| Rest::Node(*child, inside)));
        }
        Kind::Instruction(it) => text.extend(["<?", it, "?>"]),
        Kind::Text(it) => escape(it, text),
    }
}

fn start(element: &Element, text: &mut String) {
    text.extend(["<", &element.name.written()]);
    for (prefix, space) in &element.spaces {
        let colon = if prefix.is_empty() { "" } else { ":" };
        text.extend([" xmlns", colon, prefix, "=\""]);
        escape_value(space, text);
        text.push('"');
    }
    for (name, value) in &element.attributes {
        text.extend([" ", &name.written(), "=\""]);
        escape_value(value, text);
        text.push('"');
    }
}

fn new_line(level: Option<usize>, text: &mut String) {
    if let Some(level) = level {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", level.min(MOST_INDENT)));
    }
}

fn escape(value: &str, text: &mut String) {
    for letter in value.chars() {
        match letter {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '\r' => text.push_str("&#13;"),
            other => text.push(other),
        }
    }
}

fn escape_value(value: &str, text: &mut String) {
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("&quot;"),
            '\t' => text.push_str("&#9;"),
            '\n' => text.push_str("&#10;"),
            other => escape(other.encode_utf8(&mut [0; 4]), text),
        }
    }
}

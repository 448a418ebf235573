//! A value with its place, and the places of everything below it.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Place};
use crate::value::{Str, Value};

/// A node of a document. Cheap to clone; an alias is the same node as its anchor.
#[derive(Clone)]
pub struct Node(Arc<Inner>);

struct Inner {
    value: Value,
    place: Place,
    end: (u32, u32),
    below: Below,
}

/// The nodes below a node.
pub(super) enum Below {
    Nothing,
    Items(Vec<Node>),
    Entries(Vec<(Node, Node)>),
}

impl Node {
    pub(super) fn new(value: Value, place: Place, end: (u32, u32), below: Below) -> Self {
        Node(Arc::new(Inner {
            value,
            place,
            end,
            below,
        }))
    }

    /// A null that stands at `place`: what an empty text is.
    pub(super) fn null(place: Place) -> Self {
        let end = (place.line, place.column);
        Node::new(Value::Null, place, end, Below::Nothing)
    }

    /// The whole value, merge keys applied.
    pub fn value(&self) -> &Value {
        &self.0.value
    }

    /// Where the node begins, its tag and its anchor included.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// The line and the column after the last character. As in PyYAML, a block ends where the
    /// next token begins.
    pub fn end(&self) -> (u32, u32) {
        self.0.end
    }

    /// The entries of a mapping in order, after merging and without the duplicates that lost.
    pub fn entries(&self) -> Option<&[(Node, Node)]> {
        match &self.0.below {
            Below::Entries(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.0.below {
            Below::Items(items) => Some(items),
            _ => None,
        }
    }

    /// The node of a mapping's text key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The key and the value of a mapping's text key; the key has a place of its own.
    pub fn entry(&self, key: &str) -> Option<&(Node, Node)> {
        let position = self.value().as_map()?.position(key)?;
        self.entries()?.get(position)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        self.value().as_str()
    }

    /// The string with its place and its trust.
    pub fn text(&self) -> Option<&Str> {
        match self.value() {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A truth value that is one.
    pub fn as_bool(&self) -> Option<bool> {
        self.value().as_bool()
    }

    /// A whole number, or a truth value as one.
    pub fn as_int(&self) -> Option<i64> {
        self.value().as_int()
    }

    /// Says whether this is null.
    pub fn is_null(&self) -> bool {
        self.value().is_null()
    }

    /// What the node is, for messages: `a mapping`, `a list`, `a string`.
    pub fn kind_name(&self) -> &'static str {
        match self.value() {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::BigInt(_) | Value::Float(_) => "a number",
            Value::Bytes(_) => "binary data",
            Value::Date(_) => "a date",
            Value::DateTime(..) => "a timestamp",
            Value::List(_) | Value::Tuple(_) => "a list",
            Value::Map(_) => "a mapping",
            Value::Set(_) => "a set",
            Value::Sealed(_) => "a vault value",
            _ => "a string",
        }
    }

    /// An error of the user's at this node.
    pub fn error(&self, message: impl Into<String>) -> Error {
        Error::syntax(message).at(self.place().clone())
    }

    /// The same node with no string in it a template, at any depth.
    pub(super) fn untrusted(&self) -> Node {
        let below = match &self.0.below {
            Below::Nothing => Below::Nothing,
            Below::Items(items) => Below::Items(items.iter().map(Node::untrusted).collect()),
            Below::Entries(entries) => Below::Entries(
                entries
                    .iter()
                    .map(|(key, node)| (key.untrusted(), node.untrusted()))
                    .collect(),
            ),
        };
        Node::new(
            self.value().untrusted(),
            self.place().clone(),
            self.end(),
            below,
        )
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.value().repr(), self.place())
    }
}

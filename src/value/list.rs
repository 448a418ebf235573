//! Lists that know how large they are, and how a tower of containers is taken down.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::OnceLock;

use super::Value;

/// What a value weighs beside its text, in bytes; about what it takes in memory.
pub(super) const NODE: u64 = 64;

/// How large a value is, and what is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// How deep containers stand in one another; 0 for what is none.
    pub depth: u32,
    /// What it would take in memory, in bytes, were everything in it written out once for every
    /// time that it occurs.
    pub weight: u64,
    /// Whether it is, or holds, a template, a sealed text or an object of a template's.
    pub templates: bool,
    /// Whether it is, or holds, something undefined, sealed, or an object of a template's.
    pub special: bool,
}

impl Size {
    /// The size of a container that has no items.
    pub(super) const EMPTY: Size = Size {
        depth: 1,
        weight: NODE,
        templates: false,
        special: false,
    };

    /// Counts one more item of the container that this is the size of.
    pub(super) fn add(&mut self, item: Size) {
        self.depth = self.depth.max(item.depth.saturating_add(1));
        self.weight = self.weight.saturating_add(item.weight);
        self.templates |= item.templates;
        self.special |= item.special;
    }

    /// Takes the weight of an item back that is no longer there.
    pub(super) fn subtract(&mut self, item: Size) {
        if self.weight != u64::MAX {
            self.weight = self.weight.saturating_sub(item.weight);
        }
    }
}

/// The items of a list or a tuple.
///
/// Its size is reckoned when first asked for, from the sizes of its items.
#[derive(Clone, Debug, Default)]
pub struct List {
    items: Vec<Value>,
    size: OnceLock<Size>,
    /// What a named tuple calls its items.
    names: &'static [&'static str],
}

impl List {
    /// The names of the items of a tuple that has some.
    pub fn names(&self) -> &'static [&'static str] {
        self.names
    }

    /// How large the list is.
    pub fn size(&self) -> Size {
        *self.size.get_or_init(|| {
            let mut size = Size::EMPTY;
            for item in &self.items {
                size.add(item.size());
            }
            size
        })
    }

    /// The item that a named tuple calls `name`.
    pub fn named(&self, name: &str) -> Option<&Value> {
        let at = self.names.iter().position(|known| *known == name)?;
        self.items.get(at)
    }

    /// Changes the items.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut Vec<Value>) -> T) -> T {
        self.size.take();
        change(&mut self.items)
    }
}

impl Deref for List {
    type Target = Vec<Value>;

    fn deref(&self) -> &Vec<Value> {
        &self.items
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        List {
            items,
            size: OnceLock::new(),
            names: &[],
        }
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl Drop for List {
    fn drop(&mut self) {
        take_down(&mut self.items);
    }
}

/// Drops containers one after the other, not one within the other, however deep they stand.
pub fn take_down(items: &mut Vec<Value>) {
    if !items.iter().any(is_container) {
        return;
    }
    let mut waiting = std::mem::take(items);
    while let Some(value) = waiting.pop() {
        match value {
            Value::List(mut list) | Value::Tuple(mut list) => {
                if let Some(list) = Arc::get_mut(&mut list) {
                    waiting.append(&mut list.items);
                }
            }
            Value::Map(mut map) | Value::Set(mut map) => {
                if let Some(map) = Arc::get_mut(&mut map) {
                    map.empty_into(&mut waiting);
                }
            }
            Value::Object(mut object) => {
                if let Some(object) = Arc::get_mut(&mut object) {
                    object.empty_into(&mut waiting);
                }
            }
            _ => {}
        }
    }
}

fn is_container(value: &Value) -> bool {
    matches!(
        value,
        Value::List(_) | Value::Tuple(_) | Value::Map(_) | Value::Set(_) | Value::Object(_)
    )
}

impl Value {
    /// A tuple whose items have names too, as Python's `namedtuple`.
    pub fn named_tuple(names: &'static [&'static str], items: Vec<Value>) -> Value {
        let mut list = List::from(items);
        list.names = names;
        Value::Tuple(Arc::new(list))
    }

    /// How large the value is.
    pub fn size(&self) -> Size {
        let one = |text: usize, templates: bool, special: bool| Size {
            depth: 0,
            weight: NODE + text as u64,
            templates,
            special,
        };
        match self {
            Value::List(items) | Value::Tuple(items) => items.size(),
            Value::Map(map) | Value::Set(map) => map.size(),
            Value::Str(text) => one(text.len(), text.is_template(), false),
            Value::Bytes(bytes) => one(bytes.len(), false, false),
            Value::Sealed(_) | Value::Object(_) => one(0, true, true),
            Value::Undefined(_) => one(0, false, true),
            _ => one(0, false, false),
        }
    }
}

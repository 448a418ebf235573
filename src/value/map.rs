//! Dictionaries that keep their order, with keys of any hashable value.

use indexmap::{Equivalent, IndexMap};
use std::hash::{Hash, Hasher};

use super::Value;

/// A dictionary: insertion order is kept, `1`, `1.0` and `true` are one key, as in Python.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: IndexMap<Value, Value>,
    templates: bool,
}

/// A borrowed text that finds the key that is equal to it.
struct Key<'a>(&'a str);

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Equivalent<Value> for Key<'_> {
    fn equivalent(&self, key: &Value) -> bool {
        key.as_str() == Some(self.0)
    }
}

impl Map {
    /// An empty dictionary.
    pub fn new() -> Self {
        Map::default()
    }

    /// An empty dictionary with room for `count` entries.
    pub fn with_capacity(count: usize) -> Self {
        Map {
            entries: IndexMap::with_capacity(count),
            templates: false,
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a text key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(&Key(key))
    }

    /// The key and the value of a text key; the key knows its place.
    pub fn get_entry(&self, key: &str) -> Option<(&Value, &Value)> {
        self.entries.get_key_value(&Key(key))
    }

    /// The value of any key.
    pub fn get_value(&self, key: &Value) -> Option<&Value> {
        if key.is_hashable() {
            self.entries.get(key)
        } else {
            None
        }
    }

    /// The position of a text key.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.entries.get_index_of(&Key(key))
    }

    /// The position of any key.
    pub fn position_of(&self, key: &Value) -> Option<usize> {
        if key.is_hashable() {
            self.entries.get_index_of(key)
        } else {
            None
        }
    }

    /// Says whether there is such a text key.
    pub fn contains(&self, key: &str) -> bool {
        self.entries.contains_key(&Key(key))
    }

    /// Says whether there is such a key.
    pub fn contains_value(&self, key: &Value) -> bool {
        self.get_value(key).is_some()
    }

    /// Sets a text key; an existing key keeps its position.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.insert(Value::str(key), value.into());
    }

    /// Sets a key, and gives back what it held; an existing key keeps its position and its place.
    pub fn insert(&mut self, key: Value, value: Value) -> Option<Value> {
        self.templates |= value.has_templates();
        self.entries.insert(key, value)
    }

    /// Sets a key and replaces the stored key too, so that its place is the new one's.
    pub fn replace(&mut self, key: Value, value: Value) -> Option<Value> {
        self.templates |= value.has_templates();
        match self.entries.get_full(&key) {
            None => self.entries.insert(key, value),
            Some((position, _, _)) => {
                let (_, old) = self.entries.shift_remove_index(position)?;
                self.entries.shift_insert(position, key, value);
                Some(old)
            }
        }
    }

    /// Takes a text key out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.entries.shift_remove(&Key(key))
    }

    /// Takes a key out; the others keep their order.
    pub fn remove_value(&mut self, key: &Value) -> Option<Value> {
        if key.is_hashable() {
            self.entries.shift_remove(key)
        } else {
            None
        }
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.entries.keys()
    }

    /// The values in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.entries.values()
    }

    /// The entries in order.
    pub fn iter(&self) -> indexmap::map::Iter<'_, Value, Value> {
        self.entries.iter()
    }

    /// The entry at a position.
    pub fn at(&self, position: usize) -> Option<(&Value, &Value)> {
        self.entries.get_index(position)
    }

    /// Adds all of `other`; its values win.
    pub fn extend_from(&mut self, other: &Map) {
        for (key, value) in other {
            self.insert(key.clone(), value.clone());
        }
    }

    /// The same keys with other values.
    #[must_use]
    pub fn mapped(&self, mut change: impl FnMut(&Value) -> Value) -> Map {
        self.iter()
            .map(|(key, value)| (key.clone(), change(value)))
            .collect()
    }

    /// Says whether a value in it is, or holds, a template. Keys count where they are templates.
    pub fn has_templates(&self) -> bool {
        self.templates
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl FromIterator<(Value, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Value, Value)>>(entries: I) -> Self {
        let mut map = Map::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Value, &'a Value);
    type IntoIter = indexmap::map::Iter<'a, Value, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl IntoIterator for Map {
    type Item = (Value, Value);
    type IntoIter = indexmap::map::IntoIter<Value, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

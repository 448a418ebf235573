//! Dictionaries that keep their order, with keys of any hashable value.

use indexmap::{Equivalent, IndexMap};
use std::hash::{Hash, Hasher};

use super::Value;
use super::list::{Size, take_down};

/// A dictionary: insertion order is kept, `1`, `1.0` and `true` are one key, as in Python.
#[derive(Clone, Debug)]
pub struct Map {
    entries: IndexMap<Value, Value>,
    size: Size,
}

/// How deep a dictionary may be to be dropped in the ordinary way, one container within the other.
const SHALLOW: u32 = 50;

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
        Map::with_capacity(0)
    }

    /// An empty dictionary with room for `count` entries.
    pub fn with_capacity(count: usize) -> Self {
        Map {
            entries: IndexMap::with_capacity(count),
            size: Size::EMPTY,
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
        let (key_size, size) = (key.size(), value.size());
        let old = self.entries.insert(key, value);
        match &old {
            None => self.size.weight = self.size.weight.saturating_add(key_size.weight),
            Some(old) => self.size.subtract(old.size()),
        }
        self.size.add(size);
        old
    }

    /// Sets a key and replaces the stored key too, so that its place is the new one's.
    pub fn replace(&mut self, key: Value, value: Value) -> Option<Value> {
        let Some((position, _, _)) = self.entries.get_full(&key) else {
            return self.insert(key, value);
        };
        let (_, old) = self.entries.shift_remove_index(position)?;
        self.size.subtract(old.size());
        self.size.add(value.size());
        self.entries.shift_insert(position, key, value);
        Some(old)
    }

    /// Takes a text key out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let (_, key, value) = self.entries.shift_remove_full(&Key(key))?;
        Some(self.without(&key, value))
    }

    /// Takes a key out; the others keep their order.
    pub fn remove_value(&mut self, key: &Value) -> Option<Value> {
        if !key.is_hashable() {
            return None;
        }
        let (_, key, value) = self.entries.shift_remove_full(key)?;
        Some(self.without(&key, value))
    }

    /// Reckons an entry off that was taken out.
    fn without(&mut self, key: &Value, value: Value) -> Value {
        self.size.subtract(key.size());
        self.size.subtract(value.size());
        value
    }

    /// How large the dictionary is.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Takes all entries out, to be dropped one by one.
    pub fn empty_into(&mut self, waiting: &mut Vec<Value>) {
        for (key, value) in std::mem::take(&mut self.entries) {
            waiting.push(key);
            waiting.push(value);
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
        self.size.templates
    }
}

impl Default for Map {
    fn default() -> Self {
        Map::new()
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        if self.size.depth > SHALLOW || self.size.special {
            let mut items = Vec::new();
            self.empty_into(&mut items);
            take_down(&mut items);
        }
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

    fn into_iter(mut self) -> Self::IntoIter {
        std::mem::take(&mut self.entries).into_iter()
    }
}

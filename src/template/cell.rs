//! Containers that render their children when asked, and that a template may change.
//!
//! A [`Cell`] stands for a list or dictionary whose children may be templates not yet rendered.
//! Two copies of the value are one object, as in Python: what `.append` does to one is seen in the
//! other. The variable it came from never changes.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::PoisonError;

use super::Scope;
use crate::value::List;
use crate::value::Map;
use crate::value::Object;
use crate::value::Str;
use crate::value::Value;
use crate::value::take_down;

/// A list or dictionary with an identity.
pub(super) struct Cell {
    /// Where its templates are rendered; none where it has no templates.
    scope: Option<Arc<dyn Scope>>,
    /// Whether containers in it are cells too, because the template changes some.
    changeable: bool,
    state: Mutex<State>,
}

/// What a cell holds.
#[derive(Clone)]
pub(super) enum Content {
    List(Arc<List>),
    Map(Arc<Map>),
}

struct State {
    content: Content,
    /// Children that were already asked for, by key (by position in a list).
    asked: HashMap<Value, Value>,
}

/// A template inside a container, rendered when first used.
pub(super) struct Deferred {
    pub text: Str,
    pub scope: Arc<dyn Scope>,
    pub rendered: OnceLock<Value>,
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cell")
    }
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Deferred({:?})", self.text)
    }
}

impl Object for Cell {
    fn type_name(&self) -> &'static str {
        match self.state().content {
            Content::List(_) => "list",
            Content::Map(_) => "dict",
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn empty_into(&mut self, waiting: &mut Vec<Value>) {
        let mut state = self.state();
        waiting.extend(state.asked.drain().map(|(_, child)| child));
        let content = std::mem::replace(&mut state.content, Content::List(Arc::default()));
        waiting.push(match content {
            Content::List(items) => Value::List(items),
            Content::Map(map) => Value::Map(map),
        });
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        let mut waiting = Vec::new();
        self.empty_into(&mut waiting);
        take_down(&mut waiting);
    }
}

impl Object for Deferred {
    fn type_name(&self) -> &'static str {
        "str"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn empty_into(&mut self, waiting: &mut Vec<Value>) {
        waiting.extend(self.rendered.take());
    }
}

/// The cell that a value is.
pub(super) fn cell(value: &Value) -> Option<&Cell> {
    match value {
        Value::Object(object) => object.as_any().downcast_ref(),
        _ => None,
    }
}

/// Makes a list or dictionary a cell; other values stay.
pub(super) fn into_cell(value: Value, scope: Option<&Arc<dyn Scope>>, changeable: bool) -> Value {
    let content = match value {
        Value::List(items) => Content::List(items),
        Value::Map(map) => Content::Map(map),
        other => return other,
    };
    Value::Object(Arc::new(Cell {
        scope: scope.cloned(),
        changeable,
        state: Mutex::new(State {
            content,
            asked: HashMap::new(),
        }),
    }))
}

/// A template that is rendered when first used.
pub(super) fn deferred(text: Str, scope: Arc<dyn Scope>) -> Value {
    Value::Object(Arc::new(Deferred {
        text,
        scope,
        rendered: OnceLock::new(),
    }))
}

impl Cell {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it holds now; children in it may be raw.
    pub(super) fn content(&self) -> Content {
        self.state().content.clone()
    }

    /// Says whether it is a dictionary.
    pub(super) fn is_map(&self) -> bool {
        matches!(self.state().content, Content::Map(_))
    }

    /// How many children it has.
    pub(super) fn len(&self) -> usize {
        match &self.state().content {
            Content::List(items) => items.len(),
            Content::Map(map) => map.len(),
        }
    }

    /// The child of a key, or at a position of a list, made ready to be used.
    pub(super) fn child(&self, key: &Value) -> Option<Value> {
        let mut state = self.state();
        let raw = match &state.content {
            Content::List(items) => items.get(usize::try_from(key.as_int()?).ok()?)?,
            Content::Map(map) => map.get_value(key)?,
        };
        if !self.is_special(raw) {
            return Some(raw.clone());
        }
        if let Some(known) = state.asked.get(key) {
            return Some(known.clone());
        }
        let child = self.ready(raw);
        state.asked.insert(key.clone(), child.clone());
        Some(child)
    }

    /// Says whether a child must be wrapped and remembered.
    fn is_special(&self, raw: &Value) -> bool {
        match raw {
            Value::Str(_) | Value::Sealed(_) => self.scope.is_some() && raw.has_templates(),
            Value::List(_) | Value::Map(_) => self.changeable || raw.has_templates(),
            _ => false,
        }
    }

    fn ready(&self, raw: &Value) -> Value {
        match (raw, &self.scope) {
            (Value::Str(text), Some(scope)) => deferred(text.clone(), scope.clone()),
            (Value::Sealed(sealed), Some(scope)) => Value::Object(Arc::new(Unopened {
                sealed: Value::Sealed(sealed.clone()),
                scope: scope.clone(),
            })),
            (Value::List(_) | Value::Map(_), scope) => {
                let scope = scope.as_ref().filter(|_| raw.has_templates());
                into_cell(raw.clone(), scope, self.changeable)
            }
            _ => raw.clone(),
        }
    }

    /// Every child, made ready, in order.
    pub(super) fn children(&self) -> Vec<Value> {
        let keys: Vec<Value> = match self.content() {
            Content::List(items) => (0..items.len()).map(Value::from).collect(),
            Content::Map(map) => map.keys().cloned().collect(),
        };
        keys.iter().filter_map(|key| self.child(key)).collect()
    }

    /// The same as an ordinary list or dictionary whose children are ready (and may be cells).
    pub(super) fn snapshot(&self) -> Value {
        if let Some(plain) = self.untouched() {
            return plain;
        }
        match self.content() {
            Content::List(_) => Value::list(self.children()),
            Content::Map(map) => Value::map(
                map.keys()
                    .filter_map(|key| Some((key.clone(), self.child(key)?)))
                    .collect(),
            ),
        }
    }

    /// The content itself, where nothing in it needs to be rendered and no child was handed out.
    fn untouched(&self) -> Option<Value> {
        let state = self.state();
        if self.scope.is_some() || !state.asked.is_empty() {
            return None;
        }
        Some(match &state.content {
            Content::List(items) => Value::List(items.clone()),
            Content::Map(map) => Value::Map(map.clone()),
        })
    }

    /// Changes the list; nothing where it is a dictionary.
    pub(super) fn change_list<T>(&self, change: impl FnOnce(&mut Vec<Value>) -> T) -> Option<T> {
        let mut state = self.state();
        let state = &mut *state;
        let Content::List(items) = &mut state.content else {
            return None;
        };
        let items = Arc::make_mut(items);
        items.change(|items| {
            for (key, value) in state.asked.drain() {
                let position = key.as_int().and_then(|key| usize::try_from(key).ok());
                if let Some(slot) = position.and_then(|position| items.get_mut(position)) {
                    *slot = value;
                }
            }
            Some(change(items))
        })
    }

    /// Changes the dictionary; nothing where it is a list.
    pub(super) fn change_map<T>(&self, change: impl FnOnce(&mut Map) -> T) -> Option<T> {
        let mut state = self.state();
        let state = &mut *state;
        let Content::Map(map) = &mut state.content else {
            return None;
        };
        let map = Arc::make_mut(map);
        for (key, value) in state.asked.drain() {
            map.insert(key, value);
        }
        Some(change(map))
    }
}

/// A sealed text inside a container, with the scope that opens it.
pub(super) struct Unopened {
    pub sealed: Value,
    pub scope: Arc<dyn Scope>,
}

impl fmt::Debug for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unopened")
    }
}

impl Object for Unopened {
    fn type_name(&self) -> &'static str {
        "str"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

//! The values that playbooks, inventories, templates and modules pass around.
//!
//! A [`Value`] is cheap to clone (containers are shared) and never changes once made. It follows
//! Python's rules where they can be seen: equality, truth, `str()` and `repr()`, the order of
//! dictionaries. A string knows where it was read ([`Str::place`]) and whether it may be rendered
//! as a template ([`Str::is_trusted`]): only text from the user's own files may.

mod charset;
mod compare;
mod json;
mod lines;
mod list;
mod map;
mod number;
mod object;
mod python;
mod serde_value;
mod str;
mod tagged;

pub use charset::{Charset, Order, Unicode, charset};
pub use json::{from_json, to_json, to_json_nice, to_json_sorted, to_json_with};
pub use lines::{lines, lines_with_ends};
pub use list::{List, Size, take_down};
pub use map::Map;
pub use number::{float_repr, int_from_big};
pub use object::{Object, Undefined};
pub use serde_value::{from_value, to_value};
pub use str::Str;
pub use tagged::{Crossing, decode, encode};

use std::sync::Arc;

use num_bigint::BigInt;

use crate::error::Place;

/// Anything that a variable can hold.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// YAML's `null`, Python's `None`.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// An integer that does not fit 64 bits.
    BigInt(Arc<BigInt>),
    /// A floating point number.
    Float(f64),
    /// Text.
    Str(Str),
    /// Bytes that are not text (`!!binary`, `b64decode` of such).
    Bytes(Arc<[u8]>),
    /// A calendar date (YAML's `2024-01-02`).
    Date(jiff::civil::Date),
    /// A date and time, with an offset from UTC in seconds where the text had one.
    DateTime(jiff::civil::DateTime, Option<i32>),
    /// A length of time, the difference of two dates, in microseconds.
    Duration(i64),
    /// A list.
    List(Arc<List>),
    /// A tuple; a list once it leaves a template.
    Tuple(Arc<List>),
    /// A dictionary, in the order of its making.
    Map(Arc<Map>),
    /// A set (YAML's `!!set`), in the order of its making.
    Set(Arc<Map>),
    /// What an expression gives that uses something nobody defined.
    Undefined(Arc<Undefined>),
    /// The `omit` placeholder: an argument with this value is not passed.
    Omit,
    /// A `!vault` text, sealed until something uses it.
    Sealed(Arc<Sealed>),
    /// Something that lives only while a template runs (a macro, a lazy value, a loop).
    Object(Arc<dyn Object>),
}

/// The ciphertext of a `!vault` value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The whole armoured text, header included.
    pub ciphertext: String,
    /// Where it stands.
    pub place: Option<Place>,
}

impl Value {
    /// A list of `items`.
    pub fn list(items: Vec<Value>) -> Self {
        Value::List(Arc::new(items.into()))
    }

    /// A tuple of `items`.
    pub fn tuple(items: Vec<Value>) -> Self {
        Value::Tuple(Arc::new(items.into()))
    }

    /// A dictionary.
    pub fn map(map: Map) -> Self {
        Value::Map(Arc::new(map))
    }

    /// Text that is data and never a template.
    pub fn str(text: impl Into<Arc<str>>) -> Self {
        Value::Str(Str::new(text))
    }

    /// Text where there is some, else null.
    pub fn str_or_null(text: Option<impl Into<Arc<str>>>) -> Self {
        text.map_or(Value::Null, Value::str)
    }

    /// A list of plain strings.
    pub fn strings<T: Into<Arc<str>>>(texts: impl IntoIterator<Item = T>) -> Self {
        Value::list(texts.into_iter().map(Value::str).collect())
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// A truth value that is one (no conversion).
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// An integer, or a truth value as one, as in Python.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            Value::Bool(value) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// Any number as a floating point one.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Value::Float(value) => Some(*value),
            Value::BigInt(value) => num_traits::ToPrimitive::to_f64(&**value),
            other => other.as_int().map(|value| value as f64),
        }
    }

    /// The items of a list or a tuple.
    pub fn as_list(&self) -> Option<&Arc<List>> {
        match self {
            Value::List(items) | Value::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a dictionary.
    pub fn as_map(&self) -> Option<&Arc<Map>> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The value of a dictionary's key, where this is one that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map()?.get(key)
    }

    /// Says whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Says whether this is the mark of something nobody defined.
    pub fn is_undefined(&self) -> bool {
        matches!(self, Value::Undefined(_))
    }

    /// Where the value was read: a string's own place, a container's first place inside.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Value::Str(text) => text.place(),
            Value::Sealed(sealed) => sealed.place.as_ref(),
            Value::List(items) | Value::Tuple(items) => items.first()?.place(),
            Value::Map(map) | Value::Set(map) => map.keys().next()?.place(),
            _ => None,
        }
    }

    /// Says whether the value is, or holds at any depth, a template or a sealed text.
    pub fn has_templates(&self) -> bool {
        match self {
            Value::List(items) | Value::Tuple(items) => items.size().templates,
            Value::Map(map) | Value::Set(map) => map.has_templates(),
            other => other.size().templates,
        }
    }

    /// The same value with no string in it a template, at any depth.
    #[must_use]
    pub fn untrusted(&self) -> Value {
        match self {
            Value::Str(text) => Value::Str(text.untrusted()),
            Value::List(items) => Value::list(items.iter().map(Value::untrusted).collect()),
            Value::Tuple(items) => Value::tuple(items.iter().map(Value::untrusted).collect()),
            Value::Map(map) => Value::map(map.mapped(Value::untrusted)),
            other => other.clone(),
        }
    }

    /// The same value with every string in it a template of the user's, as `-e` and inventories
    /// give them.
    #[must_use]
    pub fn trusted(&self) -> Value {
        match self {
            Value::Str(text) => Value::Str(text.trusted()),
            Value::List(items) => Value::list(items.iter().map(Value::trusted).collect()),
            Value::Tuple(items) => Value::tuple(items.iter().map(Value::trusted).collect()),
            Value::Map(map) => Value::map(map.mapped(Value::trusted)),
            other => other.clone(),
        }
    }
}

macro_rules! from {
    ($($type:ty => |$value:ident| $made:expr;)*) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $made
            }
        })*
    };
}

from! {
    bool => |value| Value::Bool(value);
    i32 => |value| Value::Int(i64::from(value));
    u32 => |value| Value::Int(i64::from(value));
    i64 => |value| Value::Int(value);
    u64 => |value| int_from_big(BigInt::from(value));
    usize => |value| Value::from(value as u64);
    f64 => |value| Value::Float(value);
    &str => |value| Value::str(value);
    String => |value| Value::str(value);
    &String => |value| Value::str(value.as_str());
    Str => |value| Value::Str(value);
    Map => |value| Value::map(value);
    Vec<Value> => |value| Value::list(value);
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Makes a [`Map`] of literal entries: `entries! { "rc" => 0, "stdout" => text }`.
#[macro_export]
macro_rules! entries {
    ($($key:expr => $value:expr),* $(,)?) => {{
        #[allow(unused_mut)]
        let mut map = $crate::value::Map::new();
        $(map.set($key, $value);)*
        map
    }};
}

#[cfg(test)]
mod tests;

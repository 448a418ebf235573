//! Equality, hashing and order, by Python's rules.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::Value;

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Str(a), Value::Str(b)) => a == b,
            (Value::Null, Value::Null) | (Value::Omit, Value::Omit) => true,
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => a == b,
            (Value::Map(a), Value::Map(b)) => a == b,
            (Value::Set(a), Value::Set(b)) => {
                a.len() == b.len() && a.keys().all(|key| b.contains_value(key))
            }
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::DateTime(a, x), Value::DateTime(b, y)) => a == b && x == y,
            (Value::Duration(a), Value::Duration(b)) => a == b,
            (Value::Undefined(_), Value::Undefined(_)) => true,
            (Value::Sealed(a), Value::Sealed(b)) => a.ciphertext == b.ciphertext,
            (Value::Object(a), Value::Object(b)) => std::sync::Arc::ptr_eq(a, b),
            _ => numbers(self, other) == Some(Ordering::Equal),
        }
    }
}

impl Eq for Value {}

/// The order of two numbers, where both are numbers and neither is NaN.
fn numbers(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::BigInt(x), Value::BigInt(y)) => Some(x.cmp(y)),
        (Value::BigInt(x), _) => match b {
            Value::Float(y) => x.to_f64()?.partial_cmp(y),
            _ => Some((**x).cmp(&BigInt::from(b.as_int()?))),
        },
        (_, Value::BigInt(_)) => numbers(b, a).map(Ordering::reverse),
        (Value::Float(x), _) => x.partial_cmp(&b.as_float()?),
        (_, Value::Float(y)) => a.as_float()?.partial_cmp(y),
        _ => Some(a.as_int()?.cmp(&b.as_int()?)),
    }
}

impl Value {
    /// Python's `<` and its kin: nothing for values that have no order between them.
    pub fn order(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Str(a), Value::Str(b)) => Some(a.as_str().cmp(b.as_str())),
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
                for (x, y) in a.iter().zip(b.iter()) {
                    if x != y {
                        return x.order(y);
                    }
                }
                Some(a.len().cmp(&b.len()))
            }
            (Value::Bytes(a), Value::Bytes(b)) => Some(a.cmp(b)),
            (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
            (Value::DateTime(a, _), Value::DateTime(b, _)) => Some(a.cmp(b)),
            (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
            _ => numbers(self, other),
        }
    }

    /// Says whether the value can be a dictionary's key.
    pub fn is_hashable(&self) -> bool {
        match self {
            Value::List(_) | Value::Map(_) | Value::Set(_) => false,
            Value::Tuple(items) => items.iter().all(Value::is_hashable),
            _ => true,
        }
    }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Value::Str(text) => text.as_str().hash(state),
            Value::Bool(_) | Value::Int(_) => self.as_int().hash(state),
            Value::Float(number) => match number.to_i64() {
                Some(whole) if number.fract() == 0.0 => Some(whole).hash(state),
                _ => number.to_bits().hash(state),
            },
            Value::BigInt(number) => number.hash(state),
            Value::Tuple(items) => items.iter().for_each(|item| item.hash(state)),
            Value::Bytes(bytes) => bytes.hash(state),
            Value::Date(date) => date.hash(state),
            Value::DateTime(time, _) => time.hash(state),
            Value::Duration(span) => span.hash(state),
            // Not keys in Python either; one bucket keeps the contract with `Eq`.
            _ => std::mem::discriminant(self).hash(state),
        }
    }
}

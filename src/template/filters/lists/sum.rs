//! `sum`, and the addition it needs.

use num_bigint::BigInt;

use super::super::super::{Args, Runtime, bounds};
use super::super::attribute::Path;
use super::super::items;
use crate::error::{Error, Result};
use crate::value::{Value, int_from_big};

pub(super) fn sum(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let attribute = args.take("attribute")?.filter(|name| !name.is_null());
    let start = args.take("start")?.unwrap_or(Value::Int(0));
    args.finish()?;
    if start.as_str().is_some() {
        return Err(Error::template("`sum` cannot add strings").hint("use `join`"));
    }
    let path = Path::new(&attribute.unwrap_or_default());
    let mut total = Total::new(start);
    for item in items(runtime, &value)? {
        total.add(&path.find(runtime, &item)?)?;
    }
    Ok(total.value())
}

/// A running sum; a list grows in place.
enum Total {
    Items(Vec<Value>),
    Other(Value),
}

impl Total {
    fn new(start: Value) -> Self {
        match start {
            Value::List(items) => Total::Items(items.to_vec()),
            other => Total::Other(other),
        }
    }

    fn add(&mut self, item: &Value) -> Result<()> {
        match (&mut *self, item) {
            (Total::Items(all), Value::List(items)) => {
                all.extend(items.iter().cloned());
                bounds::allow_list(all.len() as u64)
            }
            (Total::Items(_), other) => Err(Error::template(format!(
                "can only concatenate list (not `{}`) to list",
                other.type_name()
            ))),
            (Total::Other(total), item) => {
                *total = added(total, item)?;
                Ok(())
            }
        }
    }

    fn value(self) -> Value {
        match self {
            Total::Items(items) => Value::list(items),
            Total::Other(value) => value,
        }
    }
}

/// Python's `a + b` for numbers, texts, lists and tuples.
pub(in crate::template::filters) fn added(a: &Value, b: &Value) -> Result<Value> {
    let big = |value: &Value| match value {
        Value::BigInt(number) => Some((**number).clone()),
        other => other.as_int().map(BigInt::from),
    };
    if let (Some(x), Some(y)) = (big(a), big(b)) {
        return Ok(int_from_big(x + y));
    }
    if let (Some(x), Some(y)) = (a.as_float(), b.as_float()) {
        return Ok(Value::Float(x + y));
    }
    match (a, b) {
        (Value::Str(x), Value::Str(y)) => {
            bounds::allow_pieces(1, x.len() + y.len())?;
            Ok(Value::str(format!("{x}{y}")))
        }
        (Value::List(x), Value::List(y)) => {
            Ok(Value::list(x.iter().chain(y.iter()).cloned().collect()))
        }
        (Value::Duration(x), Value::Duration(y)) => Ok(Value::Duration(x.saturating_add(*y))),
        (Value::Tuple(x), Value::Tuple(y)) => Ok(super::super::tuple(
            x.iter().chain(y.iter()).cloned().collect(),
        )),
        _ => Err(Error::template(format!(
            "unsupported operand types for +: `{}` and `{}`",
            a.type_name(),
            b.type_name()
        ))),
    }
}

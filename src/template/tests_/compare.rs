//! Comparing values: `eq`, `lt`, `in`, `contains`, `subset`, `sameas`, `divisibleby`.

use std::cmp::Ordering;
use std::sync::Arc;

use super::super::filters::{order, strict};
use super::super::{Args, Runtime};
use super::{Table, plain_items};
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const TESTS: Table = &[
    ("!=", strict!(unequal)),
    ("<", strict!(less)),
    ("<=", strict!(at_most)),
    ("==", strict!(equal)),
    (">", strict!(greater)),
    (">=", strict!(at_least)),
    ("contains", strict!(contains)),
    ("divisibleby", strict!(divisible)),
    ("eq", strict!(equal)),
    ("equalto", strict!(equal)),
    ("even", strict!(even)),
    ("ge", strict!(at_least)),
    ("greaterthan", strict!(greater)),
    ("gt", strict!(greater)),
    ("in", strict!(is_in)),
    ("issubset", strict!(subset)),
    ("issuperset", strict!(superset)),
    ("le", strict!(at_most)),
    ("lessthan", strict!(less)),
    ("lt", strict!(less)),
    ("ne", strict!(unequal)),
    ("odd", strict!(odd)),
    ("sameas", strict!(same)),
    ("subset", strict!(subset)),
    ("superset", strict!(superset)),
];

/// The subject and the one other argument, with nothing lazy in them.
fn two(runtime: &dyn Runtime, mut args: Args, name: &str) -> Result<(Value, Value)> {
    let first = args.subject()?;
    let second = args.require(name)?;
    args.finish()?;
    Ok((runtime.plain(&first)?, runtime.plain(&second)?))
}

fn equal(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    let (a, b) = two(runtime, args, "b")?;
    Ok(a == b)
}

fn unequal(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(!equal(runtime, args)?)
}

fn ordered(runtime: &dyn Runtime, args: Args) -> Result<Ordering> {
    let (a, b) = two(runtime, args, "b")?;
    order(&a, &b)
}

fn less(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(ordered(runtime, args)? == Ordering::Less)
}

fn at_most(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(ordered(runtime, args)? != Ordering::Greater)
}

fn greater(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(ordered(runtime, args)? == Ordering::Greater)
}

fn at_least(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(ordered(runtime, args)? != Ordering::Less)
}

fn is_in(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    let (item, container) = two(runtime, args, "seq")?;
    holds(&container, &item)
}

fn contains(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    let (container, item) = two(runtime, args, "value")?;
    holds(&container, &item)
}

/// Python's `item in container`.
fn holds(container: &Value, item: &Value) -> Result<bool> {
    match (container, item) {
        (Value::Str(text), Value::Str(part)) => Ok(text.contains(part.as_str())),
        (Value::Str(_), other) => Err(Error::template(format!(
            "'in <string>' requires string as left operand, not {}",
            other.type_name()
        ))),
        (Value::List(items) | Value::Tuple(items), item) => Ok(items.contains(item)),
        (Value::Map(map) | Value::Set(map), item) if item.is_hashable() => {
            Ok(map.contains_value(item))
        }
        (Value::Map(_) | Value::Set(_), item) => Err(Error::template(format!(
            "unhashable type: '{}'",
            item.type_name()
        ))),
        (other, _) => Err(Error::template(format!(
            "argument of type '{}' is not iterable",
            other.type_name()
        ))),
    }
}

/// Both as lists whose items could stand in a set.
fn sets(runtime: &dyn Runtime, mut args: Args) -> Result<(Vec<Value>, Vec<Value>)> {
    let first = args.subject()?;
    let second = args.require("b")?;
    args.finish()?;
    let first = plain_items(runtime, &first)?;
    let second = plain_items(runtime, &second)?;
    match first.iter().chain(&second).find(|item| !item.is_hashable()) {
        Some(item) => Err(Error::template(format!(
            "unhashable type: '{}'",
            item.type_name()
        ))),
        None => Ok((first, second)),
    }
}

fn subset(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    let (a, b) = sets(runtime, args)?;
    Ok(a.iter().all(|item| b.contains(item)))
}

fn superset(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    let (a, b) = sets(runtime, args)?;
    Ok(b.iter().all(|item| a.contains(item)))
}

/// Python's `is`: the same thing, not an equal one.
fn same(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let a = args.subject()?;
    let b = args.require("other")?;
    args.finish()?;
    Ok(match (&a, &b) {
        (Value::List(x), Value::List(y)) | (Value::Tuple(x), Value::Tuple(y)) => Arc::ptr_eq(x, y),
        (Value::Map(x), Value::Map(y)) | (Value::Set(x), Value::Set(y)) => Arc::ptr_eq(x, y),
        (Value::Bool(x), Value::Bool(y)) => x == y,
        // Small integers are one object each in Python, others are not; equal ones count here.
        (Value::Int(x), Value::Int(y)) => x == y,
        (Value::Str(x), Value::Str(y)) => x == y,
        (Value::Null, Value::Null) | (Value::Omit, Value::Omit) => true,
        (Value::Object(x), Value::Object(y)) => Arc::ptr_eq(x, y),
        _ => false,
    })
}

/// The remainder by Python's rule.
fn remainder(value: &Value, by: &Value) -> Result<f64> {
    if let (Some(x), Some(y)) = (value.as_int(), by.as_int())
        && y != 0
    {
        return Ok(x.wrapping_rem(y) as f64);
    }
    match (value.as_float(), by.as_float()) {
        (Some(_), Some(0.0)) => Err(Error::template("division by zero")),
        (Some(x), Some(y)) => Ok(x.rem_euclid(y)),
        _ => Err(Error::template(format!(
            "cannot divide a value of type `{}` by one of type `{}`",
            value.type_name(),
            by.type_name()
        ))),
    }
}

fn divisible(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    let by = args.require("num")?;
    args.finish()?;
    Ok(remainder(&value, &by)? == 0.0)
}

fn even(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    args.finish()?;
    Ok(remainder(&value, &Value::Int(2))? == 0.0)
}

fn odd(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    args.finish()?;
    Ok(remainder(&value, &Value::Int(2))?.abs() == 1.0)
}

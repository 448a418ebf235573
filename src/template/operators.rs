//! Python's operators.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::ast::{Binary, Comparison};
use super::bounds;
use super::cell::cell;
use super::filters;
use super::objects::Range;
use super::objects::object;
use super::run::Run;
use super::view::viewed;
use crate::error::{Error, Result};
use crate::value::Map;
use crate::value::Value;
use crate::value::int_from_big;

/// `left operator right`, both ordinary at the top.
pub(super) fn binary(
    run: &Run<'_>,
    operator: Binary,
    left: &Value,
    right: &Value,
) -> Result<Value> {
    if let (Some(a), Some(b)) = (small(left), small(right))
        && let Some(value) = fast(operator, a, b)
    {
        return Ok(value);
    }
    match operator {
        Binary::Add => add(run, left, right),
        Binary::Multiply => multiply(run, left, right),
        Binary::Remainder if matches!(left, Value::Str(_)) => {
            let text = filters::format::percent(run, left.as_str().unwrap_or_default(), right)?;
            run.shared.spend(text.len())?;
            Ok(Value::str(text))
        }
        _ => match special(operator, left, right) {
            Some(value) => Ok(value),
            None => number(operator, left, right),
        },
    }
}

fn small(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}

/// Small integers, where nothing overflows and nothing is divided.
fn fast(operator: Binary, a: i64, b: i64) -> Option<Value> {
    let value = match operator {
        Binary::Add => a.checked_add(b)?,
        Binary::Subtract => a.checked_sub(b)?,
        Binary::Multiply => a.checked_mul(b)?,
        _ => return None,
    };
    Some(Value::Int(value))
}

fn add(run: &Run<'_>, left: &Value, right: &Value) -> Result<Value> {
    match (left, right) {
        (Value::Str(a), Value::Str(b)) => {
            bounds::allow_text((a.len() + b.len()) as u64)?;
            run.shared.spend(a.len() + b.len())?;
            Ok(Value::str(format!("{a}{b}")))
        }
        (Value::List(a), Value::List(b)) => Ok(Value::list(joined(run, a, b)?)),
        (Value::Tuple(a), Value::Tuple(b)) => Ok(Value::tuple(joined(run, a, b)?)),
        (Value::Bytes(a), Value::Bytes(b)) => Ok(Value::Bytes([&**a, &**b].concat().into())),
        (Value::Date(_) | Value::DateTime(..) | Value::Duration(_), _)
        | (_, Value::Date(_) | Value::DateTime(..)) => {
            special(Binary::Add, left, right).ok_or_else(|| unsupported("+", left, right))
        }
        (Value::Str(_) | Value::List(_) | Value::Tuple(_), _) => {
            let kind = left.type_name();
            Err(Error::template(format!(
                "can only concatenate {kind} (not \"{}\") to {kind}",
                right.type_name()
            )))
        }
        _ => number(Binary::Add, left, right),
    }
}

fn joined(run: &Run<'_>, a: &[Value], b: &[Value]) -> Result<Vec<Value>> {
    let length = (a.len() + b.len()) as u64;
    bounds::allow_list(length)?;
    run.shared.step(length / 16)?;
    Ok(a.iter().chain(b).cloned().collect())
}

fn multiply(run: &Run<'_>, left: &Value, right: &Value) -> Result<Value> {
    let (sequence, times) = match (left, right) {
        (Value::Str(_) | Value::List(_) | Value::Tuple(_), _) => (left, right),
        (_, Value::Str(_) | Value::List(_) | Value::Tuple(_)) => (right, left),
        _ => {
            return match special(Binary::Multiply, left, right) {
                Some(value) => Ok(value),
                None => number(Binary::Multiply, left, right),
            };
        }
    };
    let times = match times {
        Value::BigInt(number) if number.is_negative() => 0,
        Value::BigInt(_) => u64::MAX,
        other => match other.as_int() {
            Some(times) => u64::try_from(times).unwrap_or(0),
            None => {
                return Err(Error::template(format!(
                    "can't multiply sequence by non-int of type '{}'",
                    other.type_name()
                )));
            }
        },
    };
    repeat(run, sequence, times)
}

fn repeat(run: &Run<'_>, sequence: &Value, times: u64) -> Result<Value> {
    let count = usize::try_from(times).unwrap_or(usize::MAX);
    match sequence {
        Value::Str(text) => {
            let length = (text.len() as u64).saturating_mul(times);
            bounds::allow_text(length)?;
            run.shared
                .spend(usize::try_from(length).unwrap_or(usize::MAX))?;
            Ok(Value::str(if text.is_empty() {
                String::new()
            } else {
                text.repeat(count)
            }))
        }
        Value::List(items) | Value::Tuple(items) => {
            let length = (items.len() as u64).saturating_mul(times);
            bounds::allow_list(length)?;
            run.shared.step(length / 16)?;
            let mut all = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            for _ in 0..if items.is_empty() { 0 } else { count } {
                all.extend(items.iter().cloned());
            }
            Ok(match sequence {
                Value::Tuple(_) => Value::tuple(all),
                _ => Value::list(all),
            })
        }
        other => Err(unsupported("*", other, other)),
    }
}

/// Sets, dictionaries, dates: what is neither a number nor a text.
fn special(operator: Binary, left: &Value, right: &Value) -> Option<Value> {
    match (operator, left, right) {
        (Binary::Add, Value::Duration(a), Value::Duration(b)) => {
            Some(Value::Duration(a.checked_add(*b)?))
        }
        (Binary::Add, Value::Duration(span), date) | (Binary::Add, date, Value::Duration(span)) => {
            shifted(date, *span)
        }
        (Binary::Subtract, Value::Duration(a), Value::Duration(b)) => {
            Some(Value::Duration(a.checked_sub(*b)?))
        }
        (Binary::Subtract, date, Value::Duration(span)) => shifted(date, span.checked_neg()?),
        (Binary::Subtract, Value::DateTime(a, x), Value::DateTime(b, y)) => {
            let zone = i64::from(x.unwrap_or(0) - y.unwrap_or(0)) * 1_000_000;
            Some(Value::Duration(
                a.duration_since(*b).as_micros() as i64 - zone,
            ))
        }
        (Binary::Subtract, Value::Date(a), Value::Date(b)) => {
            Some(Value::Duration(a.duration_since(*b).as_micros() as i64))
        }
        (Binary::Subtract, Value::Set(a), Value::Set(b)) => {
            let left: Map = a
                .iter()
                .filter(|(key, _)| !b.contains_value(key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            Some(Value::Set(left.into()))
        }
        (Binary::Multiply, Value::Duration(span), times)
        | (Binary::Multiply, times, Value::Duration(span)) => {
            Some(Value::Duration(span.checked_mul(times.as_int()?)?))
        }
        (Binary::Divide, Value::Duration(a), Value::Duration(b)) if *b != 0 => {
            Some(Value::Float(*a as f64 / *b as f64))
        }
        (Binary::FloorDivide, Value::Duration(a), Value::Duration(b)) if *b != 0 => {
            Some(Value::Int(floor_divide(*a, *b)))
        }
        _ => None,
    }
}

/// A date or a point in time, moved by a span of microseconds.
fn shifted(date: &Value, micros: i64) -> Option<Value> {
    let span = jiff::SignedDuration::from_micros(micros);
    match date {
        Value::DateTime(time, zone) => Some(Value::DateTime(time.checked_add(span).ok()?, *zone)),
        Value::Date(date) => Some(Value::Date(date.checked_add(span).ok()?)),
        _ => None,
    }
}

fn floor_divide(a: i64, b: i64) -> i64 {
    let quotient = a.wrapping_div(b);
    if (a % b != 0) && ((a < 0) != (b < 0)) {
        quotient - 1
    } else {
        quotient
    }
}

/// Two numbers.
fn number(operator: Binary, left: &Value, right: &Value) -> Result<Value> {
    if is_float(left) || is_float(right) {
        return match (left.as_float(), right.as_float()) {
            (Some(a), Some(b)) => float(operator, a, b),
            _ => Err(unsupported(symbol(operator), left, right)),
        };
    }
    match (big(left), big(right)) {
        (Some(a), Some(b)) => integer(operator, &a, &b),
        _ => Err(unsupported(symbol(operator), left, right)),
    }
}

fn is_float(value: &Value) -> bool {
    matches!(value, Value::Float(_))
}

fn big(value: &Value) -> Option<BigInt> {
    match value {
        Value::BigInt(number) => Some((**number).clone()),
        other => other.as_int().map(BigInt::from),
    }
}

fn float(operator: Binary, a: f64, b: f64) -> Result<Value> {
    let by_zero = |message: &str| Err(Error::template(message.to_owned()));
    Ok(Value::Float(match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide if b == 0.0 => return by_zero("float division by zero"),
        Binary::Divide => a / b,
        Binary::FloorDivide if b == 0.0 => return by_zero("float floor division by zero"),
        Binary::FloorDivide => ((a - python_remainder(a, b)) / b).round(),
        Binary::Remainder if b == 0.0 => return by_zero("float modulo by zero"),
        Binary::Remainder => python_remainder(a, b),
        Binary::Power => return power(a, b),
    }))
}

/// The remainder with the sign of the divisor.
fn python_remainder(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 && ((rest < 0.0) != (b < 0.0)) {
        rest + b
    } else {
        rest
    }
}

fn power(a: f64, b: f64) -> Result<Value> {
    if a == 0.0 && b < 0.0 {
        return Err(Error::template("0.0 cannot be raised to a negative power"));
    }
    if a < 0.0 && b.fract() != 0.0 {
        return Err(Error::template("complex numbers are not supported"));
    }
    let result = a.powf(b);
    if result.is_infinite() && a.is_finite() && b.is_finite() {
        return Err(Error::template("(34, 'Numerical result out of range')"));
    }
    Ok(Value::Float(result))
}

fn integer(operator: Binary, a: &BigInt, b: &BigInt) -> Result<Value> {
    let by_zero = |message: &str| Err(Error::template(message.to_owned()));
    let bits = a.bits().saturating_add(b.bits());
    if bits > bounds::WIDEST_INTEGER {
        return Err(too_wide());
    }
    Ok(int_from_big(match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide if b.is_zero() => return by_zero("division by zero"),
        Binary::Divide => return quotient(a, b),
        Binary::FloorDivide if b.is_zero() => {
            return by_zero("integer division or modulo by zero");
        }
        Binary::FloorDivide => floor(a, b).0,
        Binary::Remainder if b.is_zero() => return by_zero("integer modulo by zero"),
        Binary::Remainder => floor(a, b).1,
        Binary::Power => return integer_power(a, b),
    }))
}

/// Quotient and remainder, rounded down.
fn floor(a: &BigInt, b: &BigInt) -> (BigInt, BigInt) {
    let (quotient, rest) = (a / b, a % b);
    if !rest.is_zero() && (rest.is_negative() != b.is_negative()) {
        (quotient - 1, rest + b)
    } else {
        (quotient, rest)
    }
}

fn quotient(a: &BigInt, b: &BigInt) -> Result<Value> {
    let found = match (a.to_i64(), b.to_i64()) {
        (Some(a), Some(b)) => a as f64 / b as f64,
        _ => match (a.to_f64(), b.to_f64()) {
            (Some(a), Some(b)) if a.is_finite() && b.is_finite() => a / b,
            _ => {
                return Err(Error::template(
                    "integer division result too large for a float",
                ));
            }
        },
    };
    Ok(Value::Float(found))
}

fn integer_power(a: &BigInt, b: &BigInt) -> Result<Value> {
    if b.is_negative() {
        return match (a.to_f64(), b.to_f64()) {
            (Some(a), Some(b)) => power(a, b),
            _ => Err(too_wide()),
        };
    }
    let trivial = a.bits() <= 1;
    let exponent = match b.to_u64() {
        Some(exponent) => exponent,
        None if trivial => 2 + u64::from(b.bit(0)),
        None => return Err(too_wide()),
    };
    let bits = if trivial {
        1
    } else {
        a.bits().saturating_mul(exponent)
    };
    if bits > bounds::WIDEST_INTEGER {
        return Err(too_wide());
    }
    let exponent = if trivial {
        exponent % 2 + 2 * u64::from(exponent > 1)
    } else {
        exponent
    };
    u32::try_from(exponent)
        .map(|exponent| int_from_big(a.pow(exponent)))
        .map_err(|_| too_wide())
}

fn too_wide() -> Error {
    Error::template(format!(
        "an integer of more than {} bits",
        bounds::WIDEST_INTEGER
    ))
}

fn symbol(operator: Binary) -> &'static str {
    match operator {
        Binary::Add => "+",
        Binary::Divide => "/",
        Binary::FloorDivide => "//",
        Binary::Multiply => "*",
        Binary::Power => "** or pow()",
        Binary::Remainder => "%",
        Binary::Subtract => "-",
    }
}

fn unsupported(symbol: &str, left: &Value, right: &Value) -> Error {
    Error::template(format!(
        "unsupported operand type(s) for {symbol}: '{}' and '{}'",
        left.type_name(),
        right.type_name()
    ))
}

/// `-value`.
pub(super) fn negate(value: &Value) -> Result<Value> {
    match value {
        Value::Int(number) => Ok(number
            .checked_neg()
            .map_or_else(|| int_from_big(-BigInt::from(*number)), Value::Int)),
        Value::BigInt(number) => Ok(int_from_big(-(**number).clone())),
        Value::Float(number) => Ok(Value::Float(-number)),
        Value::Bool(value) => Ok(Value::Int(-i64::from(*value))),
        Value::Duration(span) => Ok(Value::Duration(span.saturating_neg())),
        other => Err(Error::template(format!(
            "bad operand type for unary -: '{}'",
            other.type_name()
        ))),
    }
}

/// `left operator right`.
pub(super) fn compare(
    run: &Run<'_>,
    operator: Comparison,
    left: &Value,
    right: &Value,
) -> Result<bool> {
    match operator {
        Comparison::In => contains(run, right, left),
        Comparison::NotIn => Ok(!contains(run, right, left)?),
        Comparison::Equal => equal(run, left, right),
        Comparison::NotEqual => Ok(!equal(run, left, right)?),
        _ => ordered(run, operator, left, right),
    }
}

/// Python's `==`.
pub(super) fn equal(run: &Run<'_>, left: &Value, right: &Value) -> Result<bool> {
    if let (Some(a), Some(b)) = (object::<Range>(left), object::<Range>(right)) {
        return Ok(a == b);
    }
    if left.is_undefined() || right.is_undefined() {
        return Ok(left.is_undefined() && right.is_undefined());
    }
    if let (Some(a), Some(b)) = (shape(left), shape(right))
        && a != b
    {
        return Ok(false);
    }
    Ok(run.deep(left)? == run.deep(right)?)
}

/// What a value is, as far as two that differ in it can never be equal; templates in either are
/// then not rendered.
fn shape(value: &Value) -> Option<u8> {
    Some(match value {
        Value::Null => 0,
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) => 1,
        Value::Str(_) => 2,
        Value::List(_) => 3,
        Value::Tuple(_) => 4,
        Value::Map(_) => 5,
        other => return cell(other).map(|cell| if cell.is_map() { 5 } else { 3 }),
    })
}

fn ordered(run: &Run<'_>, operator: Comparison, left: &Value, right: &Value) -> Result<bool> {
    let (left, right) = (run.deep(left)?, run.deep(right)?);
    if let (Some(a), Some(b)) = (left.as_float(), right.as_float())
        && (a.is_nan() || b.is_nan())
    {
        return Ok(false);
    }
    let symbol = match operator {
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        _ => ">=",
    };
    let order = order(&left, &right, symbol)?;
    Ok(match operator {
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        _ => order != Ordering::Less,
    })
}

/// The order of two values; the error names the first pair that has none.
fn order(left: &Value, right: &Value, symbol: &str) -> Result<Ordering> {
    if let (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) = (left, right)
        && let Some((x, y)) = a.iter().zip(b.iter()).find(|(x, y)| x != y)
    {
        return order(x, y, symbol);
    }
    left.order(right).ok_or_else(|| {
        Error::template(format!(
            "'{symbol}' not supported between instances of '{}' and '{}'",
            left.type_name(),
            right.type_name()
        ))
    })
}

/// Python's `item in container`.
pub(super) fn contains(run: &Run<'_>, container: &Value, item: &Value) -> Result<bool> {
    match container {
        Value::Str(text) => match item {
            Value::Str(part) => Ok(text.contains(part.as_str())),
            other => Err(Error::template(format!(
                "'in <string>' requires string as left operand, not {}",
                other.type_name()
            ))),
        },
        Value::Map(map) | Value::Set(map) => {
            let item = run.deep(item)?;
            super::access::hashable(&item)?;
            Ok(map.contains_value(&item))
        }
        Value::List(items) | Value::Tuple(items) => holds(run, items, item),
        Value::Object(_) => contains_in_object(run, container, item),
        Value::Undefined(undefined) if super::run::is_silent(undefined) => Ok(false),
        Value::Undefined(undefined) => Err(undefined.error.clone()),
        other => Err(Error::template(format!(
            "argument of type '{}' is not iterable",
            other.type_name()
        ))),
    }
}

fn holds(run: &Run<'_>, items: &[Value], item: &Value) -> Result<bool> {
    if items.is_empty() {
        return Ok(false);
    }
    let item = run.deep(item)?;
    for candidate in items {
        if run.deep(candidate)? == item {
            return Ok(true);
        }
    }
    Ok(false)
}

fn contains_in_object(run: &Run<'_>, container: &Value, item: &Value) -> Result<bool> {
    if let Some(cell) = cell(container) {
        return match cell.is_map() {
            true => contains(run, &cell.snapshot(), item),
            false => holds(run, &cell.children(), item),
        };
    }
    if let Some(view) = viewed(container) {
        view.check()?;
        return Ok(item.as_str().is_some_and(|key| view.get(key).is_some()));
    }
    let items = run.iterate(container)?;
    holds(run, &items, item)
}

//! Methods and attributes of numbers.

use num_bigint::BigInt;
use num_traits::Signed;

use super::super::Args;
use crate::error::{Error, Result};
use crate::value::Value;
use crate::value::int_from_big;

pub(super) const INTEGER: &[&str] = &[
    "bit_length",
    "bit_count",
    "conjugate",
    "is_integer",
    "as_integer_ratio",
];

pub(super) const FLOAT: &[&str] = &["is_integer", "conjugate"];

fn big(value: &Value) -> Option<BigInt> {
    match value {
        Value::BigInt(number) => Some((**number).clone()),
        other => other.as_int().map(BigInt::from),
    }
}

pub(super) fn property(value: &Value, name: &str) -> Option<Value> {
    let whole = big(value).map(int_from_big);
    match (name, whole) {
        ("real" | "numerator", Some(whole)) => Some(whole),
        ("imag", Some(_)) => Some(Value::Int(0)),
        ("denominator", Some(_)) => Some(Value::Int(1)),
        ("real", None) => Some(value.clone()),
        ("imag", None) => Some(Value::Float(0.0)),
        _ => None,
    }
}

pub(super) fn call(value: &Value, args: Args) -> Result<Value> {
    args.finish()?;
    if let Value::Float(number) = value {
        return Ok(match args.who() {
            "is_integer" => Value::Bool(number.fract() == 0.0),
            _ => value.clone(),
        });
    }
    let number = big(value).ok_or_else(|| Error::bug("a number that is none"))?;
    Ok(match args.who() {
        "bit_length" => Value::from(number.bits()),
        "bit_count" => {
            let ones: u64 = number
                .abs()
                .iter_u64_digits()
                .map(|digit| u64::from(digit.count_ones()))
                .sum();
            Value::from(ones)
        }
        "is_integer" => Value::Bool(true),
        "as_integer_ratio" => Value::tuple(vec![int_from_big(number), Value::Int(1)]),
        _ => int_from_big(number),
    })
}

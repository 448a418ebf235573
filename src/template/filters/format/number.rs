//! Numbers as `%d`, `%x`, `%f`, `%e` and `%g` write them.

use num_bigint::BigInt;
use num_traits::FromPrimitive;

use crate::error::{Error, Result};
use crate::value::Value;

/// The whole part of any number, for `%d`.
pub(super) fn whole(value: &Value, kind: char) -> Result<BigInt> {
    if let Value::Float(number) = value {
        return BigInt::from_f64(number.trunc()).ok_or_else(|| {
            Error::template(format!(
                "cannot convert float {} to integer",
                if number.is_nan() { "NaN" } else { "infinity" }
            ))
        });
    }
    integer(value).ok_or_else(|| {
        Error::template(format!(
            "%{kind} format: a real number is required, not {}",
            value.type_name()
        ))
    })
}

/// An integer, for `%x` and `%o`.
pub(super) fn exact(value: &Value, kind: char) -> Result<BigInt> {
    integer(value).ok_or_else(|| {
        Error::template(format!(
            "%{kind} format: an integer is required, not {}",
            value.type_name()
        ))
    })
}

fn integer(value: &Value) -> Option<BigInt> {
    match value {
        Value::BigInt(number) => Some((**number).clone()),
        other => other.as_int().map(BigInt::from),
    }
}

/// Any number, for `%f`.
pub(super) fn float(value: &Value) -> Result<f64> {
    value
        .as_float()
        .ok_or_else(|| Error::template(format!("must be real number, not {}", value.type_name())))
}

/// A number that is not negative, written for `kind`.
pub(super) fn float_text(number: f64, kind: char, precision: usize, alternate: bool) -> String {
    let lower = kind.to_ascii_lowercase();
    let text = if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        "inf".to_owned()
    } else {
        match lower {
            'f' => fixed(number, precision, alternate),
            'e' => scientific(number, precision, alternate),
            _ => general(number, precision.max(1), alternate),
        }
    };
    if kind.is_ascii_uppercase() {
        text.to_uppercase()
    } else {
        text
    }
}

fn fixed(number: f64, precision: usize, alternate: bool) -> String {
    let point = if alternate && precision == 0 { "." } else { "" };
    format!("{number:.precision$}{point}")
}

fn scientific(number: f64, precision: usize, alternate: bool) -> String {
    let text = format!("{number:.precision$e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let point = if alternate && precision == 0 { "." } else { "" };
    let sign = if power < 0 { '-' } else { '+' };
    format!("{digits}{point}e{sign}{:02}", power.abs())
}

/// The shorter of both: scientific below 1e-4 and from 10^precision on, without last zeros.
fn general(number: f64, precision: usize, alternate: bool) -> String {
    let rounded = format!("{number:.*e}", precision - 1);
    let power: i32 = rounded
        .split_once('e')
        .and_then(|(_, power)| power.parse().ok())
        .unwrap_or(0);
    let is_fixed = power >= -4 && i64::from(power) < precision as i64;
    let text = if is_fixed {
        let decimals = (precision as i64 - 1 - i64::from(power)).max(0);
        fixed(number, decimals as usize, alternate)
    } else {
        scientific(number, precision - 1, alternate)
    };
    if alternate {
        return text;
    }
    let (digits, power) = match text.find('e') {
        Some(at) => text.split_at(at),
        None => (text.as_str(), ""),
    };
    let digits = if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    };
    format!("{digits}{power}")
}

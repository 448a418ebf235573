//! Numbers as Python writes and keeps them.

use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::Value;

/// An integer value of the smallest kind that holds it.
pub fn int_from_big(number: BigInt) -> Value {
    match number.to_i64() {
        Some(small) => Value::Int(small),
        None => Value::BigInt(Arc::new(number)),
    }
}

/// A floating point number as Python's `repr` writes it: `1.0`, `1e+20`, `1e-05`, `inf`, `nan`.
pub fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = shortest(number);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&power) {
        let after_point = significant(digits) as i32 - 1 - power;
        format!("{number:.*}", after_point.max(1) as usize)
    } else {
        let sign = if power < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", power.abs())
    }
}

/// The shortest digits that are this number; of two that are as near, the even one, as in Python.
fn shortest(number: f64) -> String {
    let shortest = format!("{number:e}");
    let digits = shortest.split('e').next().map_or(1, significant);
    let even = format!("{number:.*e}", digits.saturating_sub(1));
    if even.parse() == Ok(number) {
        even
    } else {
        shortest
    }
}

/// How many digits there are.
fn significant(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

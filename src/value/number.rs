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
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&power) {
        let plain = format!("{number}");
        if plain.contains('.') {
            plain
        } else {
            plain + ".0"
        }
    } else {
        let sign = if power < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", power.abs())
    }
}

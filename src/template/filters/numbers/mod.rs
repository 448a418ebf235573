//! Numbers: conversions, rounding, powers, sizes.

use num_bigint::BigInt;
use num_traits::{FromPrimitive, Num, Signed};

use super::super::{Args, Runtime};
use super::strings::is_blank;
use super::{Table, strict};
use crate::error::{Error, Result};
use crate::value::{Value, int_from_big};

mod size;

pub(super) const FILTERS: Table = &[
    ("abs", strict!(absolute)),
    ("filesizeformat", strict!(size::file_size_format)),
    ("float", strict!(float)),
    ("human_readable", strict!(size::human_readable)),
    ("human_to_bytes", strict!(size::human_to_bytes)),
    ("int", strict!(int)),
    ("log", strict!(log)),
    ("pow", strict!(pow)),
    ("root", strict!(root)),
    ("round", strict!(round)),
];

fn absolute(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    match &value {
        Value::Float(number) => Ok(Value::Float(number.abs())),
        Value::BigInt(number) => Ok(int_from_big(number.abs())),
        Value::Duration(span) => Ok(Value::Duration(span.abs())),
        other => match other.as_int() {
            Some(number) => Ok(int_from_big(BigInt::from(number).abs())),
            None => Err(Error::template(format!(
                "bad operand type for abs(): '{}'",
                value.type_name()
            ))),
        },
    }
}

fn float(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let default = args.take("default")?.unwrap_or(Value::Float(0.0));
    args.finish()?;
    Ok(to_float(&value).map_or(default, Value::Float))
}

/// Python's `float(value)`.
pub(super) fn to_float(value: &Value) -> Option<f64> {
    match value {
        Value::Str(text) => parse_float(text),
        other => other.as_float(),
    }
}

/// A text as Python's `float` reads it.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let digits = without_underscores(text.trim_matches(is_blank))?;
    let unsigned = digits.trim_start_matches(['+', '-']).to_ascii_lowercase();
    let is_word = matches!(unsigned.as_str(), "inf" | "infinity" | "nan");
    let is_number = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    // Rust reads the same numbers, and more than one sign is refused by it too.
    (is_word || is_number)
        .then(|| digits.parse().ok())
        .flatten()
}

/// The digits without the underscores between them; nothing where one stands elsewhere.
fn without_underscores(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let misplaced = chars.iter().enumerate().any(|(at, c)| {
        let beside = |index: Option<usize>| {
            index
                .and_then(|index| chars.get(index))
                .is_some_and(char::is_ascii_alphanumeric)
        };
        *c == '_' && !(beside(at.checked_sub(1)) && beside(Some(at + 1)))
    });
    (!misplaced).then(|| chars.into_iter().filter(|c| *c != '_').collect())
}

fn int(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let default = args.take("default")?.unwrap_or(Value::Int(0));
    let base = args.int("base", 10)?;
    args.finish()?;
    let whole = match &value {
        Value::Str(text) => u32::try_from(base)
            .ok()
            .and_then(|base| parse_int(text, base)),
        Value::Float(number) => BigInt::from_f64(number.trunc()),
        Value::BigInt(number) => Some((**number).clone()),
        other => other.as_int().map(BigInt::from),
    };
    let whole = whole.or_else(|| {
        let number = to_float(&value)?;
        BigInt::from_f64(number.trunc())
    });
    Ok(whole.map_or(default, int_from_big))
}

/// How many digits Python reads (`sys.set_int_max_str_digits`).
const MOST_DIGITS: usize = 4300;

/// A text as Python's `int` reads it in a base from 2 to 36, or 0 for the base its prefix says.
pub(super) fn parse_int(text: &str, base: u32) -> Option<BigInt> {
    let text = text.trim_matches(is_blank);
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (base, digits) = split_base(digits, base)?;
    let digits = without_underscores(digits)?;
    if !(2..=36).contains(&base) || !digits.starts_with(|c: char| c.is_digit(base)) {
        return None;
    }
    // As in Python, except where the base is a power of two.
    if !base.is_power_of_two() && digits.len() > MOST_DIGITS {
        return None;
    }
    let number = BigInt::from_str_radix(&digits, base).ok()?;
    Some(if negative { -number } else { number })
}

/// The base that `0x`, `0o` or `0b` says, where `base` allows for it.
fn split_base(digits: &str, base: u32) -> Option<(u32, &str)> {
    let prefixed = digits.get(..2).and_then(|prefix| match prefix {
        "0x" | "0X" => Some(16),
        "0o" | "0O" => Some(8),
        "0b" | "0B" => Some(2),
        _ => None,
    });
    match prefixed {
        Some(named) if base == named || base == 0 => {
            let rest = digits.get(2..)?;
            Some((named, rest.strip_prefix('_').unwrap_or(rest)))
        }
        _ if base != 0 => Some((base, digits)),
        // Without a prefix a zero may only stand before zeros.
        _ if digits.starts_with('0') && digits.contains(|c| c != '0' && c != '_') => None,
        _ => Some((10, digits)),
    }
}

fn round(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let precision = args.int("precision", 0)?;
    let method = args.text("method", "common")?;
    args.finish()?;
    if !matches!(method.as_str(), "common" | "ceil" | "floor") {
        return Err(Error::template(format!(
            "method must be common, ceil or floor, not `{method}`"
        )));
    }
    let number = value
        .as_float()
        .ok_or_else(|| args.wrong("value", "a number", &value))?;
    let precision = i32::try_from(precision).unwrap_or(0);
    if method != "common" {
        let factor = 10f64.powi(precision);
        let scaled = number * factor;
        let whole = if method == "ceil" {
            scaled.ceil()
        } else {
            scaled.floor()
        };
        return Ok(Value::Float(whole / factor));
    }
    match &value {
        Value::Float(number) => Ok(Value::Float(round_float(*number, precision))),
        _ if precision >= 0 => Ok(match value.as_int() {
            Some(number) => Value::Int(number),
            None => value,
        }),
        other => Ok(round_int(other, precision.unsigned_abs())),
    }
}

/// Rounds the exact decimal value, half to even, as Python does.
fn round_float(number: f64, precision: i32) -> f64 {
    if !number.is_finite() {
        return number;
    }
    if precision >= 0 {
        let text = format!("{number:.*}", precision.unsigned_abs().min(400) as usize);
        return text.parse().unwrap_or(number);
    }
    let factor = 10f64.powi(-precision);
    (number / factor).round_ties_even() * factor
}

/// Rounds an integer to a multiple of a power of ten, half to even.
fn round_int(value: &Value, zeros: u32) -> Value {
    let number = match value {
        Value::BigInt(number) => (**number).clone(),
        other => BigInt::from(other.as_int().unwrap_or(0)),
    };
    let unit = BigInt::from(10).pow(zeros.min(4000));
    let below = num_integer_floor(&number, &unit);
    let twice = (&number - &below * &unit) * 2;
    let is_odd = &below % BigInt::from(2) != BigInt::from(0);
    let up = twice > unit || (twice == unit && is_odd);
    int_from_big((below + BigInt::from(i32::from(up))) * unit)
}

fn num_integer_floor(number: &BigInt, unit: &BigInt) -> BigInt {
    let quotient = number / unit;
    if number.is_negative() && &quotient * unit != *number {
        quotient - 1
    } else {
        quotient
    }
}

fn number(args: &Args, name: &str, value: &Value) -> Result<f64> {
    value.as_float().ok_or_else(|| {
        Error::template(format!(
            "{}() can only be used on numbers: `{name}` must be a real number, not {}",
            args.who(),
            value.type_name()
        ))
    })
}

fn log(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let base = args
        .take("base")?
        .unwrap_or(Value::Float(std::f64::consts::E));
    args.finish()?;
    let value = number(&args, "x", &value)?;
    let base = number(&args, "base", &base)?;
    if value <= 0.0 || base <= 0.0 {
        return Err(Error::template("math domain error"));
    }
    if base == 1.0 {
        return Err(Error::template("division by zero"));
    }
    Ok(Value::Float(if base == 10.0 {
        value.log10()
    } else {
        value.ln() / base.ln()
    }))
}

fn pow(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let power = args.require("y")?;
    args.finish()?;
    let value = number(&args, "x", &value)?;
    let power = number(&args, "y", &power)?;
    checked_power(value, power)
}

fn checked_power(value: f64, power: f64) -> Result<Value> {
    let result = value.powf(power);
    let given_finite = value.is_finite() && power.is_finite();
    if given_finite && (result.is_nan() || (value == 0.0 && power < 0.0)) {
        return Err(Error::template("math domain error"));
    }
    if given_finite && result.is_infinite() {
        return Err(Error::template("math range error"));
    }
    Ok(Value::Float(result))
}

fn root(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let base = args.take("base")?.unwrap_or(Value::Int(2));
    args.finish()?;
    let value = number(&args, "x", &value)?;
    let base = to_float(&base).ok_or_else(|| args.wrong("base", "a number", &base))?;
    if base == 0.0 {
        return Err(Error::template("float division by zero"));
    }
    if base == 2.0 {
        if value < 0.0 {
            return Err(Error::template(
                "root() can only be used on numbers: math domain error",
            ));
        }
        return Ok(Value::Float(value.sqrt()));
    }
    checked_power(value, 1.0 / base)
}

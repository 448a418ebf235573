//! What a plain scalar means: PyYAML's YAML 1.1 rules, read without regular expressions.
//!
//! The rules are those of `yaml/resolver.py` and `yaml/constructor.py` (PyYAML 6.0): `yes` and
//! `on` are truth values but `y` is a string, `0644` is octal, `12:30` is sexagesimal, `1e3` is a
//! string because a float needs its dot and an exponent its sign.

use num_bigint::BigInt;
use num_traits::Num;

use crate::value::{Value, int_from_big};

use super::bounds;
use super::timestamp;

/// What a plain scalar is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    /// A string.
    Text,
    /// The merge key `<<`.
    Merge,
    /// The default key `=`.
    Default,
    /// A value that is no string.
    Value(Value),
}

/// Why a scalar that looks like a value is none.
pub(super) type Wrong = &'static str;

/// Says what the plain scalar `text` is.
///
/// # Errors
/// It has the shape of a number or a date, and yet is none: `2024-02-30`, `0x_`.
pub(super) fn resolve(text: &str) -> Result<Scalar, Wrong> {
    let value = match text.as_bytes().first() {
        None | Some(b'~' | b'n' | b'N') if is_null(text) => Some(Value::Null),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => {
            bool_word(text).map(Value::Bool)
        }
        Some(b'+' | b'-' | b'.' | b'0'..=b'9') => number(text)?,
        Some(b'<') if text == "<<" => return Ok(Scalar::Merge),
        Some(b'=') if text == "=" => return Ok(Scalar::Default),
        _ => None,
    };
    Ok(value.map_or(Scalar::Text, Scalar::Value))
}

/// Says what a bare word of a JSON text is: there `1e3` is a number.
pub(super) fn resolve_json(text: &str) -> Result<Scalar, Wrong> {
    match crate::value::from_json(text) {
        Ok(value) => Ok(Scalar::Value(value)),
        Err(_) => resolve(text),
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn bool_word(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Result<Option<Value>, Wrong> {
    if is_float(text) {
        return float(text).map(Some);
    }
    if is_int(text) {
        return int(text).map(Some);
    }
    match timestamp::parse(text, true) {
        Some(parts) => parts.value().map(Some).ok_or("no such date"),
        None => Ok(None),
    }
}

/// The text after a sign.
fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// Splits after the leading digits and underscores, of which the first is a digit.
fn digits(text: &str) -> Option<&str> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(underscored(text))
}

/// The text after its leading digits and underscores.
fn underscored(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_')
}

/// The text after at least one `:59`.
fn sixties(text: &str) -> Option<&str> {
    let mut rest = sixty(text)?;
    while let Some(next) = sixty(rest) {
        rest = next;
    }
    Some(rest)
}

fn sixty(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(':')?;
    match rest.as_bytes() {
        [b'0'..=b'5', b'0'..=b'9', ..] => rest.get(2..),
        [b'0'..=b'9', ..] => rest.get(1..),
        _ => None,
    }
}

/// Says whether the rest of a float is well-formed: nothing, or an exponent with its sign.
fn is_exponent(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['e', 'E']) else {
        return text.is_empty();
    };
    let Some(digits) = rest.strip_prefix(['+', '-']) else {
        return false;
    };
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_float(text: &str) -> bool {
    let bare = unsigned(text);
    if matches!(bare, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    if let Some(rest) = text.strip_prefix('.') {
        return matches!(text, ".nan" | ".NaN" | ".NAN") || digits(rest).is_some_and(is_exponent);
    }
    let Some(rest) = digits(bare) else {
        return false;
    };
    if let Some(rest) = rest.strip_prefix('.') {
        return is_exponent(underscored(rest));
    }
    sixties(rest)
        .and_then(|rest| rest.strip_prefix('.'))
        .is_some_and(|rest| underscored(rest).is_empty())
}

fn is_int(text: &str) -> bool {
    let bare = unsigned(text);
    let all = |digits: &str, of: fn(u8) -> bool| {
        !digits.is_empty() && digits.bytes().all(|byte| byte == b'_' || of(byte))
    };
    if let Some(digits) = bare.strip_prefix("0b") {
        return all(digits, |byte| matches!(byte, b'0' | b'1'));
    }
    if let Some(digits) = bare.strip_prefix("0x") {
        return all(digits, |byte| byte.is_ascii_hexdigit());
    }
    if let Some(digits) = bare.strip_prefix('0') {
        return digits.is_empty() || all(digits, |byte| matches!(byte, b'0'..=b'7'));
    }
    digits(bare).is_some_and(|rest| rest.is_empty() || sixties(rest).is_some_and(str::is_empty))
}

/// The integer that `text` is, of whatever base its beginning says.
///
/// # Errors
/// It is none, or has more digits than Python reads.
pub(super) fn int(text: &str) -> Result<Value, Wrong> {
    if let Ok(number) = text.parse::<i64>()
        && !unsigned(text).starts_with('0')
    {
        return Ok(Value::Int(number));
    }
    let text = text.replace('_', "");
    let bare = unsigned(&text);
    let size = if let Some(digits) = bare.strip_prefix("0b") {
        based(digits, 2)?
    } else if let Some(digits) = bare.strip_prefix("0x") {
        based(digits, 16)?
    } else if bare.len() > bounds::DIGITS {
        return Err("too many digits");
    } else if bare.starts_with('0') {
        based(bare, 8)?
    } else {
        sexagesimal(bare)?
    };
    let number = if text.starts_with('-') { -size } else { size };
    Ok(int_from_big(number))
}

fn based(digits: &str, base: u32) -> Result<BigInt, Wrong> {
    if digits.starts_with(['+', '-']) {
        return Err("not a whole number");
    }
    BigInt::from_str_radix(digits, base).map_err(|_| "not a whole number")
}

/// Base 60 where there are colons, else base 10.
fn sexagesimal(text: &str) -> Result<BigInt, Wrong> {
    let mut sum = BigInt::ZERO;
    for part in text.split(':') {
        sum = sum * 60 + based(part, 10)?;
    }
    Ok(sum)
}

/// The floating point number that `text` is.
///
/// # Errors
/// It is none.
pub(super) fn float(text: &str) -> Result<Value, Wrong> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let size = match unsigned(&text) {
        ".inf" => f64::INFINITY,
        ".nan" => f64::NAN,
        bare => {
            let mut base = 1.0;
            let mut sum = 0.0;
            for part in bare.rsplit(':') {
                let part: f64 = part.trim().parse().map_err(|_| "not a number")?;
                sum += part * base;
                base *= 60.0;
            }
            sum
        }
    };
    Ok(Value::Float(sign * size))
}

/// The truth value of a `!!bool`.
pub(super) fn bool_value(text: &str) -> Result<Value, Wrong> {
    bool_word(&text.to_ascii_lowercase())
        .map(Value::Bool)
        .ok_or("not a truth value")
}

/// The date or time of a `!!timestamp`.
pub(super) fn timestamp_value(text: &str) -> Result<Value, Wrong> {
    timestamp::parse(text, false)
        .and_then(|parts| parts.value())
        .ok_or("not a timestamp")
}

/// The bytes of a `!!binary`. As in Python, what is no base64 letter is skipped, and the padding
/// that completes four letters ends the text.
pub(super) fn binary_value(text: &str) -> Result<Value, Wrong> {
    if !text.is_ascii() {
        return Err("not base64");
    }
    let mut letters = Vec::with_capacity(text.len());
    let mut padding = 0;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/') {
            letters.push(byte);
            padding = 0;
        } else if byte == b'=' && letters.len() % 4 >= 2 {
            padding += 1;
            if letters.len() % 4 + padding >= 4 {
                return base64(&letters);
            }
        }
    }
    match letters.len() % 4 {
        0 => base64(&letters),
        _ => Err("not base64"),
    }
}

/// Decodes letters without padding; bits that fill no byte are dropped.
fn base64(letters: &[u8]) -> Result<Value, Wrong> {
    let mut lax = data_encoding::BASE64_NOPAD.specification();
    lax.check_trailing_bits = false;
    lax.encoding()
        .ok()
        .and_then(|encoding| encoding.decode(letters).ok())
        .map(|bytes| Value::Bytes(bytes.into()))
        .ok_or("not base64")
}

#[cfg(test)]
mod tests {
    use super::{Scalar, resolve, resolve_json};

    fn shown(text: &str) -> String {
        match resolve(text) {
            Ok(Scalar::Text) => "text".to_owned(),
            Ok(Scalar::Value(value)) => value.repr(),
            Ok(other) => format!("{other:?}"),
            Err(wrong) => wrong.to_owned(),
        }
    }

    #[test]
    fn plain_scalars_are_those_of_pyyaml() {
        for (text, meaning) in [
            ("", "None"),
            ("~", "None"),
            ("nULL", "text"),
            ("y", "text"),
            ("oN", "text"),
            ("On", "True"),
            ("0", "0"),
            ("00", "0"),
            ("0644", "420"),
            ("-012", "-10"),
            ("08", "text"),
            ("0o17", "text"),
            ("+12", "12"),
            ("1__0_", "10"),
            ("0b1_01", "5"),
            ("0b_", "not a whole number"),
            ("0x", "text"),
            ("0x1G", "text"),
            ("-0xff", "-255"),
            ("9223372036854775808", "9223372036854775808"),
            ("22:22", "1342"),
            ("1:60", "text"),
            ("1:6", "66"),
            ("1:", "text"),
            ("02:30", "text"),
            ("-1:30", "-90"),
            ("1.", "1.0"),
            ("1_0.5_", "10.5"),
            (".5", "0.5"),
            ("-.5", "text"),
            ("._5", "text"),
            ("1e3", "text"),
            ("1.e+3", "1000.0"),
            ("1.0e3", "text"),
            ("+.inf", "inf"),
            ("-.INF", "-inf"),
            (".NaN", "nan"),
            ("+.nan", "text"),
            ("0:30.5", "30.5"),
            ("190:20:30.15", "685230.15"),
            ("190:20:30.15e+1", "text"),
            ("1.2.3", "text"),
            ("2024-02-30", "no such date"),
            ("2024-1-1", "text"),
            ("<<", "Merge"),
            ("=", "Default"),
            ("==", "text"),
            ("-", "text"),
            ("+", "text"),
            (".", "text"),
            ("...", "text"),
            ("1 2", "text"),
            ("１", "text"),
        ] {
            assert_eq!(shown(text), meaning, "{text}");
        }
    }

    #[test]
    fn too_many_digits_are_refused_as_in_python() {
        assert_eq!(shown(&"1".repeat(5000)), "too many digits");
        assert_eq!(shown(&format!("1{}", ":1".repeat(5000))), "too many digits");
    }

    #[test]
    fn base64_is_as_lax_as_pythons() {
        let bytes = |text: &str| super::binary_value(text).map(|value| value.repr());
        for (text, printed) in [
            ("aGk=", Ok("b'hi'")),
            ("a G\nk =", Ok("b'hi'")),
            ("aGk=aGk=", Ok("b'hi'")),
            ("aGG8=", Ok("b'ha\\xbc'")),
            ("aGl=", Ok("b'hi'")),
            ("aGk", Err("not base64")),
            ("é", Err("not base64")),
        ] {
            assert_eq!(
                bytes(text).as_deref().map_err(|wrong| *wrong),
                printed,
                "{text}"
            );
        }
    }

    #[test]
    fn json_numbers_need_no_dot() {
        assert_eq!(resolve_json("1e3"), Ok(Scalar::Value(1000.0.into())));
    }
}

//! Python's format specifications: `>10`, `05d`, `,.2f`.

use num_bigint::BigInt;
use num_traits::Signed;

use super::super::bounds;
use crate::error::{Error, Result};
use crate::value::Value;

/// A specification, read.
#[derive(Debug, Default)]
pub(super) struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    zero: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Spec {
    /// Reads `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut spec = Spec::default();
        let mut letters = text.chars().peekable();
        let mut ahead = text.chars();
        let (first, second) = (ahead.next(), ahead.next());
        let is_align = |c: Option<char>| c.is_some_and(|c| "<>^=".contains(c));
        if is_align(second) {
            spec.fill = letters.next();
            spec.align = letters.next();
        } else if is_align(first) {
            spec.align = letters.next();
        }
        spec.sign = letters.next_if(|c| "+- ".contains(*c));
        letters.next_if_eq(&'z');
        spec.alternate = letters.next_if_eq(&'#').is_some();
        spec.zero = letters.next_if_eq(&'0').is_some();
        spec.width = digits(&mut letters)?.unwrap_or(0);
        spec.grouping = letters.next_if(|c| ",_".contains(*c));
        if letters.next_if_eq(&'.').is_some() {
            let precision = digits(&mut letters)?;
            spec.precision = Some(
                precision.ok_or_else(|| Error::template("Format specifier missing precision"))?,
            );
        }
        spec.kind = letters.next();
        if letters.next().is_some() {
            return Err(Error::template("Invalid format specifier"));
        }
        bounds::allow_text(spec.width as u64)?;
        bounds::allow_text(spec.precision.unwrap_or(0) as u64)?;
        Ok(spec)
    }
}

fn digits(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Option<usize>> {
    let mut text = String::new();
    while let Some(digit) = letters.next_if(char::is_ascii_digit) {
        text.push(digit);
    }
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| Error::template("Too many decimal digits in format string"))
}

/// `format(value, text)`, where `spec` is `text` read.
pub(super) fn format(value: &Value, spec: &Spec, text: &str) -> Result<String> {
    match value {
        Value::Str(it) => string(it, spec, value),
        Value::Bool(_) if spec.kind.is_none() && text.is_empty() => Ok(value.to_text()),
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) => number(value, spec),
        Value::Date(_) | Value::DateTime(..) => match value {
            Value::DateTime(time, zone) => super::strftime(time, *zone, text),
            Value::Date(date) => {
                let time = date.to_datetime(jiff::civil::Time::midnight());
                super::strftime(&time, None, text)
            }
            _ => Ok(Value::str("")),
        }
        .map(|text| text.to_text()),
        other => Err(Error::template(format!(
            "unsupported format string passed to {}.__format__",
            other.type_name()
        ))),
    }
}

fn string(text: &str, spec: &Spec, value: &Value) -> Result<String> {
    match spec.kind {
        None | Some('s') => {}
        Some(kind) => return Err(unknown(kind, value)),
    }
    if spec.sign.is_some() {
        return Err(Error::template(
            "Sign not allowed in string format specifier",
        ));
    }
    let text: String = match spec.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    let fill = if spec.zero { '0' } else { ' ' };
    Ok(aligned("", &text, spec, spec.align.unwrap_or('<'), fill))
}

fn unknown(kind: char, value: &Value) -> Error {
    Error::template(format!(
        "Unknown format code '{kind}' for object of type '{}'",
        value.type_name()
    ))
}

fn number(value: &Value, spec: &Spec) -> Result<String> {
    let whole = match value {
        Value::BigInt(number) => Some((**number).clone()),
        Value::Float(_) => None,
        other => other.as_int().map(BigInt::from),
    };
    let (negative, prefix, digits) = match (spec.kind, &whole) {
        (None | Some('d' | 'n' | 'b' | 'o' | 'x' | 'X' | 'c'), Some(whole)) => {
            integer(whole, spec)?
        }
        (Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' | 'n') | None, _) => {
            let number = value
                .as_float()
                .ok_or_else(|| Error::template("int too large to convert to float".to_owned()))?;
            (number.is_sign_negative(), "", float(number.abs(), spec))
        }
        (Some(kind), _) => return Err(unknown(kind, value)),
    };
    let sign = match (negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    };
    let head = format!("{sign}{prefix}");
    let fill = if spec.zero && spec.align.is_none() {
        '0'
    } else {
        ' '
    };
    let align = spec.align.unwrap_or(if spec.zero { '=' } else { '>' });
    let digits = match spec.grouping {
        Some(comma) => grouped(&digits, comma, spec, align, fill, head.chars().count()),
        None => digits,
    };
    Ok(aligned(&head, &digits, spec, align, fill))
}

/// Sign, prefix and digits of an integer.
fn integer(number: &BigInt, spec: &Spec) -> Result<(bool, &'static str, String)> {
    let size = number.abs();
    let (radix, prefix) = match spec.kind {
        Some('b') => (2, "0b"),
        Some('o') => (8, "0o"),
        Some('x') => (16, "0x"),
        Some('X') => (16, "0X"),
        Some('c') => {
            let c = u32::try_from(&size).ok().and_then(char::from_u32);
            let c = c.ok_or_else(|| Error::template("%c arg not in range(0x110000)"))?;
            return Ok((false, "", c.to_string()));
        }
        _ => (10, ""),
    };
    if spec.precision.is_some() {
        return Err(Error::template(
            "Precision not allowed in integer format specifier",
        ));
    }
    let digits = size.to_str_radix(radix);
    let digits = match spec.kind {
        Some('X') => digits.to_uppercase(),
        _ => digits,
    };
    let prefix = if spec.alternate { prefix } else { "" };
    Ok((number.is_negative(), prefix, digits))
}

/// A number that is not negative, without its sign.
fn float(number: f64, spec: &Spec) -> String {
    if !number.is_finite() {
        let text = if number.is_nan() { "nan" } else { "inf" };
        return match spec.kind {
            Some('F' | 'E' | 'G') => text.to_uppercase(),
            _ => text.to_owned(),
        };
    }
    let precision = spec.precision.unwrap_or(6).min(1000);
    match spec.kind {
        Some('f' | 'F') => format!("{number:.precision$}"),
        Some('%') => format!("{:.precision$}%", number * 100.0),
        Some('e') => exponential(number, precision),
        Some('E') => exponential(number, precision).to_uppercase(),
        Some('G') => general(number, precision, spec.alternate).to_uppercase(),
        Some('g' | 'n') => general(number, precision, spec.alternate),
        _ => match spec.precision {
            None => crate::value::float_repr(number),
            Some(precision) => {
                let text = general(number, precision.max(1), false);
                match text.contains(['.', 'e']) {
                    true => text,
                    false => text + ".0",
                }
            }
        },
    }
}

/// `1.5e+03`.
fn exponential(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    let sign = if power < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", power.abs())
}

/// Significant digits, the shorter of both ways to write.
fn general(number: f64, precision: usize, keep_zeros: bool) -> String {
    let precision = precision.max(1);
    let scientific = exponential(number, precision - 1);
    let power: i32 = scientific
        .split_once('e')
        .and_then(|(_, power)| power.parse().ok())
        .unwrap_or(0);
    let limit = i32::try_from(precision).unwrap_or(i32::MAX);
    if number == 0.0 || (-4..limit).contains(&power) {
        let after = usize::try_from(limit - 1 - power).unwrap_or(0);
        return without_zeros(&format!("{number:.after$}"), keep_zeros);
    }
    match scientific.split_once('e') {
        Some((digits, power)) => format!("{}e{power}", without_zeros(digits, keep_zeros)),
        None => scientific,
    }
}

fn without_zeros(digits: &str, keep: bool) -> String {
    if keep || !digits.contains('.') {
        return digits.to_owned();
    }
    digits
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// The digits in groups; zeros that fill the width are grouped too.
fn grouped(digits: &str, comma: char, spec: &Spec, align: char, fill: char, head: usize) -> String {
    let size = match spec.kind {
        Some('b' | 'o' | 'x' | 'X') => 4,
        _ => 3,
    };
    let end = digits
        .find(|c: char| !c.is_ascii_hexdigit())
        .unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut whole = whole.to_owned();
    if align == '=' && fill == '0' {
        let room = spec.width.saturating_sub(head + rest.chars().count());
        while in_groups(&format!("0{whole}"), comma, size).chars().count() <= room {
            whole.insert(0, '0');
        }
    }
    in_groups(&whole, comma, size) + rest
}

fn in_groups(digits: &str, comma: char, size: usize) -> String {
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(size) {
            out.push(comma);
        }
        out.push(digit);
    }
    out
}

fn aligned(head: &str, body: &str, spec: &Spec, align: char, fill: char) -> String {
    let fill = spec.fill.unwrap_or(fill);
    let length = head.chars().count() + body.chars().count();
    let missing = spec.width.saturating_sub(length);
    let fills = |count: usize| std::iter::repeat_n(fill, count).collect::<String>();
    match align {
        '<' => format!("{head}{body}{}", fills(missing)),
        '^' => format!(
            "{}{head}{body}{}",
            fills(missing / 2),
            fills(missing - missing / 2)
        ),
        '=' => format!("{head}{}{body}", fills(missing)),
        _ => format!("{}{head}{body}", fills(missing)),
    }
}

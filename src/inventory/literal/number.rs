//! Python's numbers.

use num_bigint::BigInt;

use crate::value::float_repr;

/// The most digits Python takes for an integer.
const MOST_DIGITS: usize = 4300;

/// A number written without a sign.
#[derive(Clone, Debug)]
pub(super) enum Number {
    Float(f64),
    Imaginary(f64),
    Int(BigInt),
}

impl Number {
    /// The number that `text` begins with, and its length in bytes. Nothing where it is none, or
    /// where letters stick to it.
    pub(super) fn read(text: &str) -> Option<(Number, usize)> {
        let (number, length) = match radix(text) {
            Some(radix) => in_radix(text, radix)?,
            None => decimal(text)?,
        };
        let next = text.get(length..)?.chars().next();
        let sticks = next.is_some_and(|c| c == '_' || c.is_alphanumeric());
        (!sticks).then_some((number, length))
    }

    pub(super) fn negative(self) -> Number {
        match self {
            Number::Float(number) => Number::Float(-number),
            Number::Imaginary(number) => Number::Imaginary(-number),
            Number::Int(number) => Number::Int(-number),
        }
    }

    /// The text of the complex number with this real part; nothing where the other is no
    /// imaginary number, or this one is.
    pub(super) fn plus_imaginary(&self, other: &Number, minus: bool) -> Option<String> {
        let Number::Imaginary(imaginary) = other else {
            return None;
        };
        let real = match self {
            Number::Float(real) => *real,
            Number::Int(real) => num_traits::ToPrimitive::to_f64(real)?,
            Number::Imaginary(_) => return None,
        };
        // Python adds 0j to the real part, so that a real part of zero stays with its sign.
        let imaginary = if minus {
            0.0 - imaginary
        } else {
            0.0 + imaginary
        };
        Some(complex(real, imaginary))
    }

    /// The text of an imaginary number.
    pub(super) fn complex_text(&self) -> String {
        match self {
            Number::Imaginary(number) if number.is_sign_negative() => complex(-0.0, *number),
            Number::Imaginary(number) => complex(0.0, *number),
            Number::Float(number) => complex(*number, 0.0),
            Number::Int(number) => number.to_string(),
        }
    }
}

/// Python's `str()` of a complex number.
fn complex(real: f64, imaginary: f64) -> String {
    let short = |number: f64| {
        let text = float_repr(number);
        text.strip_suffix(".0").unwrap_or(&text).to_owned()
    };
    if real == 0.0 && real.is_sign_positive() {
        return format!("{}j", short(imaginary));
    }
    let plus = if short(imaginary).starts_with('-') {
        ""
    } else {
        "+"
    };
    format!("({}{plus}{}j)", short(real), short(imaginary))
}

fn radix(text: &str) -> Option<u32> {
    match text.get(..2)? {
        "0x" | "0X" => Some(16),
        "0o" | "0O" => Some(8),
        "0b" | "0B" => Some(2),
        _ => None,
    }
}

fn in_radix(text: &str, radix: u32) -> Option<(Number, usize)> {
    let rest = text.get(2..)?;
    let digits = run(rest.strip_prefix('_').unwrap_or(rest), |c| {
        c.is_digit(radix)
    })?;
    let skipped = usize::from(rest.starts_with('_'));
    let number = BigInt::parse_bytes(digits.replace('_', "").as_bytes(), radix)?;
    Some((Number::Int(number), 2 + skipped + digits.len()))
}

fn decimal(text: &str) -> Option<(Number, usize)> {
    let digit = |c: char| c.is_ascii_digit();
    let whole = run(text, digit).unwrap_or_default();
    let mut end = whole.len();
    let mut float = false;
    if text.get(end..)?.starts_with('.') {
        float = true;
        end += 1;
        let fraction = run(text.get(end..)?, digit).unwrap_or_default();
        end += fraction.len();
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
    }
    if let Some(length) = exponent(text.get(end..)?) {
        float = true;
        end += length;
    }
    let digits = text.get(..end)?.replace('_', "");
    if text.get(end..)?.starts_with(['j', 'J']) {
        return Some((Number::Imaginary(digits.parse().ok()?), end + 1));
    }
    if float {
        return Some((Number::Float(digits.parse().ok()?), end));
    }
    let octal = digits.starts_with('0') && digits.contains(|c| c != '0');
    if octal || digits.len() > MOST_DIGITS {
        return None;
    }
    Some((Number::Int(digits.parse().ok()?), end))
}

/// The length of an exponent: `e3`, `E-3`.
fn exponent(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(['e', 'E'])?;
    let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let sign = rest.len() - digits.len();
    let run = run(digits, |c| c.is_ascii_digit())?;
    Some(1 + sign + run.len())
}

/// The digits that `text` begins with; a single `_` may be between two.
fn run(text: &str, digit: impl Fn(char) -> bool) -> Option<&str> {
    let mut end = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let joins = c == '_' && end > 0 && letters.peek().is_some_and(|(_, next)| digit(*next));
        if !digit(c) && !joins {
            break;
        }
        end = at + c.len_utf8();
    }
    text.get(..end).filter(|digits| !digits.is_empty())
}

//! Python's `%` formatting, for the filter `format` and the operator `%`.

use num_bigint::BigInt;

use super::super::{Args, Runtime};
use super::{Table, strict, text};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

mod number;

pub(super) const FILTERS: Table = &[("format", strict!(format))];

fn format(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let positional = args.rest();
    let named = args.rest_named();
    if !positional.is_empty() && !named.is_empty() {
        return Err(Error::template(
            "`format` takes positional or keyword arguments, not both",
        ));
    }
    let template = text(runtime, &value)?;
    let given = if named.is_empty() {
        super::tuple(positional)
    } else {
        let mut map = Map::new();
        for (name, value) in named {
            map.set(&name, value);
        }
        Value::map(map)
    };
    percent(runtime, &template, &given).map(Value::str)
}

/// `template % given`: a tuple gives several values, a dictionary named ones, anything else one.
///
/// # Errors
/// As in Python: too few or too many values, a value of the wrong type, an unknown conversion.
pub fn percent(runtime: &dyn Runtime, template: &str, given: &Value) -> Result<String> {
    let mut formatter = Formatter {
        runtime,
        given,
        next: 0,
        named: false,
    };
    let out = formatter.run(template)?;
    let left = match given {
        Value::Tuple(items) => formatter.next < items.len(),
        Value::Map(_) | Value::List(_) => false,
        _ => formatter.next == 0 && !formatter.named,
    };
    if left {
        return Err(Error::template(
            "not all arguments converted during string formatting",
        ));
    }
    Ok(out)
}

struct Formatter<'a> {
    runtime: &'a dyn Runtime,
    given: &'a Value,
    next: usize,
    named: bool,
}

/// One `%…` of the template.
#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// No text is made wider than this.
const WIDEST: i64 = 1 << 24;

impl Formatter<'_> {
    fn run(&mut self, template: &str) -> Result<String> {
        let mut out = String::new();
        let mut rest = template.chars().peekable();
        while let Some(c) = rest.next() {
            if c == '%' {
                self.conversion(&mut rest, &mut out)?;
            } else {
                out.push(c);
            }
        }
        Ok(out)
    }

    fn conversion(
        &mut self,
        rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
        out: &mut String,
    ) -> Result<()> {
        let mut named = None;
        if rest.next_if_eq(&'(').is_some() {
            named = Some(self.key(rest)?);
        }
        let mut spec = Spec::default();
        while let Some(flag) = rest.next_if(|c| "-+ #0".contains(*c)) {
            match flag {
                '-' => spec.left = true,
                '+' => spec.plus = true,
                ' ' => spec.space = true,
                '#' => spec.alternate = true,
                _ => spec.zero = true,
            }
        }
        self.width(rest, &mut spec)?;
        while rest.next_if(|c| "hlL".contains(*c)).is_some() {}
        let kind = rest
            .next()
            .ok_or_else(|| Error::template("incomplete format"))?;
        if kind == '%' {
            out.push('%');
            return Ok(());
        }
        let value = match named {
            Some(value) => value,
            None => self.take()?,
        };
        out.push_str(&self.convert(&spec, kind, &value)?);
        Ok(())
    }

    fn key(&mut self, rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Value> {
        let mut name = String::new();
        let mut depth = 1;
        for c in rest.by_ref() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            name.push(c);
        }
        if depth > 0 {
            return Err(Error::template("incomplete format key"));
        }
        let Value::Map(map) = self.given else {
            return Err(Error::template("format requires a mapping"));
        };
        self.named = true;
        let value = map
            .get(&name)
            .ok_or_else(|| Error::template(format!("format key `{name}` is not given")))?;
        self.runtime.resolve(value)
    }

    fn width(
        &mut self,
        rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
        spec: &mut Spec,
    ) -> Result<()> {
        let width = self.count(rest)?.unwrap_or(0);
        spec.left |= width < 0;
        spec.width = usize::try_from(width.abs()).unwrap_or(0);
        if rest.next_if_eq(&'.').is_some() {
            let precision = self.count(rest)?.unwrap_or(0);
            spec.precision = Some(usize::try_from(precision).unwrap_or(0));
        }
        Ok(())
    }

    /// A number, or `*` for the next value.
    fn count(
        &mut self,
        rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    ) -> Result<Option<i64>> {
        if rest.next_if_eq(&'*').is_some() {
            let value = self.take()?;
            let count = value.as_int().filter(|count| count.abs() <= WIDEST);
            return count
                .map(Some)
                .ok_or_else(|| Error::template("* wants int"));
        }
        let mut digits = String::new();
        while let Some(digit) = rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        if digits.is_empty() {
            return Ok(None);
        }
        let count = digits.parse().ok().filter(|count| *count <= WIDEST);
        count
            .map(Some)
            .ok_or_else(|| Error::template("width too big"))
    }

    /// The next value.
    fn take(&mut self) -> Result<Value> {
        let value = match self.given {
            Value::Tuple(items) => items.get(self.next).cloned(),
            _ if self.next > 0 => None,
            one => Some(one.clone()),
        };
        self.next += 1;
        let value =
            value.ok_or_else(|| Error::template("not enough arguments for format string"))?;
        self.runtime.resolve(&value)
    }

    fn convert(&self, spec: &Spec, kind: char, value: &Value) -> Result<String> {
        Ok(match kind {
            's' => spec.padded(&spec.cut(&text(self.runtime, value)?)),
            'r' => spec.padded(&spec.cut(&self.runtime.plain(value)?.repr())),
            'a' => spec.padded(&spec.cut(&ascii(&self.runtime.plain(value)?.repr()))),
            'c' => spec.padded(&character(value)?),
            'd' | 'i' | 'u' => spec.integer(kind, &number::whole(value, kind)?),
            'x' | 'X' | 'o' => spec.integer(kind, &number::exact(value, kind)?),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => spec.float(kind, number::float(value)?),
            other => {
                return Err(Error::template(format!(
                    "unsupported format character `{other}`"
                )));
            }
        })
    }
}

impl Spec {
    fn cut(&self, text: &str) -> String {
        match self.precision {
            Some(most) => text.chars().take(most).collect(),
            None => text.to_owned(),
        }
    }

    fn padded(&self, text: &str) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        let blanks = " ".repeat(missing);
        if self.left {
            format!("{text}{blanks}")
        } else {
            format!("{blanks}{text}")
        }
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            _ => "",
        }
    }

    fn integer(&self, kind: char, number: &BigInt) -> String {
        let negative = number.sign() == num_bigint::Sign::Minus;
        let digits = match kind {
            'x' | 'X' => number.magnitude().to_str_radix(16),
            'o' => number.magnitude().to_str_radix(8),
            _ => number.magnitude().to_string(),
        };
        let digits = if kind == 'X' {
            digits.to_uppercase()
        } else {
            digits
        };
        let prefix = match (self.alternate, kind) {
            (true, 'x') => "0x",
            (true, 'X') => "0X",
            (true, 'o') => "0o",
            _ => "",
        };
        let missing = self.precision.unwrap_or(0).saturating_sub(digits.len());
        let digits = "0".repeat(missing) + &digits;
        self.with_zeros(&format!("{}{prefix}", self.sign(negative)), &digits, true)
    }

    fn float(&self, kind: char, number: f64) -> String {
        let precision = self.precision.unwrap_or(6);
        let body = number::float_text(number.abs(), kind, precision, self.alternate);
        let negative = number.is_sign_negative() && !number.is_nan();
        self.with_zeros(self.sign(negative), &body, number.is_finite())
    }

    /// Fills the width: with zeros between sign and digits where asked for, else with blanks.
    fn with_zeros(&self, sign: &str, digits: &str, may: bool) -> String {
        let length = sign.chars().count() + digits.chars().count();
        if self.zero && !self.left && may {
            let zeros = "0".repeat(self.width.saturating_sub(length));
            return format!("{sign}{zeros}{digits}");
        }
        self.padded(&format!("{sign}{digits}"))
    }
}

fn character(value: &Value) -> Result<String> {
    let wrong = || Error::template("%c requires int or char");
    if let Some(text) = value.as_str() {
        return match text.chars().count() {
            1 => Ok(text.to_owned()),
            _ => Err(wrong()),
        };
    }
    let code = value.as_int().ok_or_else(wrong)?;
    let c = u32::try_from(code).ok().and_then(char::from_u32);
    c.map(String::from)
        .ok_or_else(|| Error::template("%c arg not in range(0x110000)"))
}

/// The text with what is not ASCII escaped, as Python's `ascii` does.
fn ascii(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c as u32 {
            0..=0x7f => out.push(c),
            code @ 0x80..=0xff => out.push_str(&format!("\\x{code:02x}")),
            code @ 0x100..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out
}

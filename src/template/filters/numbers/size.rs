//! Sizes: `filesizeformat`, `human_readable`, `human_to_bytes`.

use super::super::super::regex::{Flags, compile};
use super::super::super::{Args, Runtime};
use super::{parse_float, to_float};
use crate::error::{Error, Result};
use crate::value::Value;

/// Jinja's: `1.5 kB`, or `1.5 KiB` where binary.
pub(super) fn file_size_format(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let binary = args.flag("binary", false)?;
    args.finish()?;
    let bytes = to_float(&value).ok_or_else(|| args.wrong("value", "a number", &value))?;
    let base: f64 = if binary { 1024.0 } else { 1000.0 };
    if bytes == 1.0 {
        return Ok(Value::str("1 Byte"));
    }
    if bytes < base {
        return Ok(Value::str(format!("{} Bytes", bytes.trunc() as i64)));
    }
    let units = if binary {
        ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
    } else {
        ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
    };
    let fits = |power: usize| bytes < base.powi(power as i32 + 2);
    let power = (0..7).find(|power| fits(*power)).unwrap_or(7);
    let number = base * bytes / base.powi(power as i32 + 2);
    Ok(Value::str(format!("{number:.1} {}", units[power])))
}

/// The units from the largest, with their letter and the power of 1024.
const UNITS: [(&str, i32); 8] = [
    ("Y", 8),
    ("Z", 7),
    ("E", 6),
    ("P", 5),
    ("T", 4),
    ("G", 3),
    ("M", 2),
    ("K", 1),
];

/// `1.50 KB`, or `1.50 Kb` for bits.
pub(super) fn human_readable(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let is_bits = args.flag("isbits", false)?;
    let unit = args.take("unit")?.filter(|unit| !unit.is_null());
    args.finish()?;
    let size = value.as_float().ok_or_else(|| {
        Error::template(format!(
            "human_readable() failed on bad input: a value of type `{}` is not a number",
            value.type_name()
        ))
    })?;
    let wanted = match &unit {
        None => None,
        Some(Value::Str(text)) => Some(text.to_uppercase()),
        Some(other) => return Err(args.wrong("unit", "a string", other)),
    };
    let base = if is_bits { "bits" } else { "Bytes" };
    let found = UNITS.iter().find(|(letter, power)| match &wanted {
        None => size >= 1024f64.powi(*power),
        Some(wanted) => wanted == letter,
    });
    let (shown, limit) = match found {
        Some((letter, power)) => {
            let end = if is_bits { "b" } else { "B" };
            (format!("{letter}{end}"), 1024f64.powi(*power))
        }
        None => (base.to_owned(), 1.0),
    };
    Ok(Value::str(format!("{:.2} {shown}", size / limit)))
}

/// `2K`, `10 MB`, `1Mb` (with `isbits`).
pub(super) fn human_to_bytes(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let default_unit = args.take("default_unit")?.filter(|unit| !unit.is_null());
    let is_bits = args.flag("isbits", false)?;
    args.finish()?;
    let text = value.to_text();
    let bad = || {
        Error::template(format!(
            "human_to_bytes() can't interpret the input `{text}`"
        ))
        .hint("write a number and a unit: `10`, `2K`, `1.5 MB`")
    };
    let pattern = compile(
        r"^([0-9]*\.?[0-9]+)(?:\s*([A-Za-z]+))?\s*$",
        Flags::default(),
    )?;
    let found = pattern.search(&text)?.ok_or_else(bad)?;
    let number = found
        .group(&text, 1)
        .and_then(parse_float)
        .ok_or_else(bad)?;
    let factor = match (found.group(&text, 2), default_unit) {
        (Some(unit), _) => factor(unit, is_bits).ok_or_else(bad)?,
        (None, Some(unit)) => factor(&unit.to_text(), is_bits).ok_or_else(bad)?,
        (None, None) => 1.0,
    };
    Ok(whole(number * factor))
}

/// How many bytes (or bits) a unit has: one letter, `MB` or `megabyte` (`Mb` or `megabit`).
fn factor(unit: &str, is_bits: bool) -> Option<f64> {
    let letter = unit.chars().next()?.to_ascii_uppercase();
    let (end, long) = if is_bits { ("b", "bit") } else { ("B", "byte") };
    let (prefix, power) = match letter {
        'B' => ("", 0),
        letter => {
            let known = UNITS.iter().find(|(known, _)| known.starts_with(letter))?;
            (long_prefix(letter), known.1)
        }
    };
    let short = if power == 0 {
        end.to_owned()
    } else {
        format!("{letter}{end}")
    };
    let fits = unit.len() == 1 || unit == short || unit.to_lowercase() == format!("{prefix}{long}");
    fits.then(|| 1024f64.powi(power))
}

/// The spelling of the reference; the second last has one t only.
fn long_prefix(letter: char) -> &'static str {
    match letter {
        'Y' => "yotta",
        'Z' => "zeta",
        'E' => "exa",
        'P' => "peta",
        'T' => "tera",
        'G' => "giga",
        'M' => "mega",
        _ => "kilo",
    }
}

fn whole(number: f64) -> Value {
    use num_traits::FromPrimitive;
    num_bigint::BigInt::from_f64(number.round_ties_even())
        .map_or(Value::Int(0), crate::value::int_from_big)
}

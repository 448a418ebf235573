//! `to_seconds` and its kin: lengths of time such as `1h 30m`.

use super::super::super::regex::{Flags, compile};
use super::super::super::{Args, Runtime};
use crate::error::{Error, Result};
use crate::value::Value;

/// The length of a year and of a month, in days.
struct Days {
    year: f64,
    month: f64,
}

/// The short name of a unit: `second`, `seconds`, `sec`, `s` are all `s`.
fn short(unit: &str) -> &str {
    match unit.trim_end_matches('s') {
        "millisecond" | "msec" | "msecond" => "ms",
        "sec" | "second" => "s",
        "min" | "minute" => "m",
        "hour" => "h",
        "day" => "d",
        "week" => "w",
        "month" => "mo",
        "year" => "y",
        _ => unit,
    }
}

impl Days {
    /// The milliseconds of a unit.
    fn milliseconds(&self, unit: &str) -> Option<f64> {
        const DAY: f64 = 86_400_000.0;
        Some(match short(unit) {
            "ms" => 1.0,
            "s" => 1000.0,
            "m" => 60_000.0,
            "h" => 3_600_000.0,
            "d" => DAY,
            "w" => 7.0 * DAY,
            "mo" => self.month * DAY,
            "y" => self.year * DAY,
            _ => return None,
        })
    }
}

pub(super) fn to_time_unit(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let unit = args.text("unit", "ms")?;
    converted(&value, &unit, args)
}

macro_rules! units {
    ($($name:ident => $unit:literal,)*) => {
        $(pub(super) fn $name(_: &dyn Runtime, mut args: Args) -> Result<Value> {
            let value = args.subject()?;
            converted(&value, $unit, args)
        })*
    };
}

units! {
    to_milliseconds => "ms",
    to_seconds => "s",
    to_minutes => "m",
    to_hours => "h",
    to_days => "d",
    to_weeks => "w",
    to_months => "mo",
    to_years => "y",
}

fn converted(value: &Value, unit: &str, mut args: Args) -> Result<Value> {
    let mut length = |name: &str, default: f64| match args.take_named(name) {
        None => Ok(default),
        Some(value) => value
            .as_float()
            .ok_or_else(|| args.wrong(name, "a number", &value)),
    };
    let days = Days {
        year: length("year", 365.0)?,
        month: length("month", 30.0)?,
    };
    args.finish()?;
    let Some(text) = value.as_str() else {
        return Err(args.wrong("human_time", "a string", value));
    };
    if text == "0" {
        return Ok(Value::Int(0));
    }
    let target = days.milliseconds(unit).ok_or_else(|| {
        Error::template(format!(
            "`{}` cannot convert to the unit `{unit}`",
            args.who()
        ))
        .hint("use ms, s, m, h, d, w, mo or y, or their long names")
    })?;
    let bad = || {
        Error::template(format!("`{}` cannot interpret `{text}`", args.who()))
            .hint("write numbers with units: `1h 30m`")
    };
    let pattern = compile(r"(-?\d+)(\w+)", Flags::default())?;
    let mut sum = 0.0;
    for word in text.split_whitespace() {
        let found = pattern.match_start(word)?.ok_or_else(bad)?;
        let number: f64 = found
            .group(word, 1)
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(bad)?;
        let unit = found.group(word, 2).ok_or_else(bad)?;
        sum += number * days.milliseconds(unit).ok_or_else(bad)?;
    }
    let rounded = format!("{:.12}", sum / target);
    Ok(Value::Float(rounded.parse().unwrap_or(sum / target)))
}

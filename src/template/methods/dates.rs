//! Methods and attributes of dates and lengths of time.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::super::Args;
use super::super::filters::{Moment, written};
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const NAMES: &[&str] = &[
    "ctime",
    "date",
    "isoformat",
    "isoweekday",
    "replace",
    "strftime",
    "time",
    "timestamp",
    "toordinal",
    "weekday",
];

pub(super) const DURATION: &[&str] = &["total_seconds"];

const DAY: i64 = 86_400_000_000;

pub(super) fn property(value: &Value, name: &str) -> Option<Value> {
    if let Value::Duration(micros) = value {
        let rest = micros.rem_euclid(DAY);
        return match name {
            "days" => Some(Value::Int(micros.div_euclid(DAY))),
            "seconds" => Some(Value::Int(rest / 1_000_000)),
            "microseconds" => Some(Value::Int(rest % 1_000_000)),
            _ => None,
        };
    }
    let time = as_time(value)?;
    let timed = matches!(value, Value::DateTime(..));
    match name {
        "year" => Some(Value::Int(time.year().into())),
        "month" => Some(Value::Int(time.month().into())),
        "day" => Some(Value::Int(time.day().into())),
        "hour" if timed => Some(Value::Int(time.hour().into())),
        "minute" if timed => Some(Value::Int(time.minute().into())),
        "second" if timed => Some(Value::Int(time.second().into())),
        "microsecond" if timed => Some(Value::Int((time.subsec_nanosecond() / 1000).into())),
        _ => None,
    }
}

fn as_time(value: &Value) -> Option<DateTime> {
    match value {
        Value::Date(date) => Some(date.to_datetime(jiff::civil::Time::midnight())),
        Value::DateTime(time, _) => Some(*time),
        _ => None,
    }
}

pub(super) fn call(value: &Value, mut args: Args) -> Result<Value> {
    if let Value::Duration(micros) = value {
        args.finish()?;
        return Ok(Value::Float(*micros as f64 / 1e6));
    }
    let time = as_time(value).ok_or_else(|| Error::bug("a date that is none"))?;
    let zone = match value {
        Value::DateTime(_, zone) => *zone,
        _ => None,
    };
    let name = args.who().to_owned();
    match &*name {
        "strftime" => {
            let format = args.text("format", "")?;
            args.finish()?;
            return strftime(&time, zone, &format);
        }
        "isoformat" => {
            let separator = args.text("sep", "T")?;
            args.finish()?;
            return Ok(match value {
                Value::Date(_) => Value::str(value.to_text()),
                _ => Value::str(value.to_text().replacen(' ', &separator, 1)),
            });
        }
        "replace" => return replaced(value, time, args),
        _ => args.finish()?,
    }
    Ok(match &*name {
        "ctime" => return strftime(&time, zone, "%a %b %e %H:%M:%S %Y"),
        "date" => Value::Date(time.date()),
        "time" => Value::str(time.strftime("%H:%M:%S").to_string()),
        "weekday" => Value::Int(time.weekday().to_monday_zero_offset().into()),
        "isoweekday" => Value::Int(time.weekday().to_monday_one_offset().into()),
        "toordinal" => {
            let days = time.date().duration_since(jiff::civil::date(1, 1, 1));
            Value::Int(days.as_hours() / 24 + 1)
        }
        _ => timestamp(&time, zone)?,
    })
}

fn zone_of(zone: Option<i32>) -> TimeZone {
    zone.and_then(|seconds| Offset::from_seconds(seconds).ok())
        .map_or_else(TimeZone::system, TimeZone::fixed)
}

fn timestamp(time: &DateTime, zone: Option<i32>) -> Result<Value> {
    let zoned = time
        .to_zoned(zone_of(zone))
        .map_err(|error| Error::template(error.to_string()))?;
    Ok(Value::Float(
        zoned.timestamp().as_microsecond() as f64 / 1e6,
    ))
}

fn replaced(value: &Value, time: DateTime, mut args: Args) -> Result<Value> {
    let mut part = |name: &str, old: i64| args.int(name, old);
    let year = part("year", time.year().into())?;
    let month = part("month", time.month().into())?;
    let day = part("day", time.day().into())?;
    let hour = part("hour", time.hour().into())?;
    let minute = part("minute", time.minute().into())?;
    let second = part("second", time.second().into())?;
    let micro = part("microsecond", (time.subsec_nanosecond() / 1000).into())?;
    args.finish()?;
    let wrong = || Error::template("a part of the date is out of range");
    let small = |number: i64| i8::try_from(number).map_err(|_| wrong());
    let time = DateTime::new(
        i16::try_from(year).map_err(|_| wrong())?,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        i32::try_from(micro.saturating_mul(1000)).map_err(|_| wrong())?,
    )
    .map_err(|_| wrong())?;
    Ok(match value {
        Value::DateTime(_, zone) => Value::DateTime(time, *zone),
        _ => Value::Date(time.date()),
    })
}

/// Python's `strftime`.
pub(in super::super) fn strftime(
    time: &DateTime,
    zone: Option<i32>,
    format: &str,
) -> Result<Value> {
    let moment = Moment {
        time: *time,
        offset: zone,
        name: zone.map(zone_name),
        epoch: match timestamp(time, zone)? {
            Value::Float(seconds) => Some(seconds.floor() as i64),
            _ => None,
        },
    };
    Ok(Value::str(written(format, &moment)))
}

/// The name that Python gives a zone of which only the offset is known.
fn zone_name(seconds: i32) -> String {
    if seconds == 0 {
        return "UTC".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

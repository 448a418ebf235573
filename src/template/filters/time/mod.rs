//! `strftime` and `to_datetime`.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::super::{Args, Runtime};
use super::numbers::to_float;
use super::{Table, strict};
use crate::error::{Error, Result};
use crate::value::Value;

mod read;
mod write;

pub(super) const FILTERS: Table = &[
    ("strftime", strict!(strftime)),
    ("to_datetime", strict!(to_datetime)),
];

pub(in crate::template) use write::{Moment, written};

fn strftime(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let format = args.subject()?;
    let second = args.take("second")?.filter(|second| !second.is_null());
    let utc = args.flag("utc", false)?;
    args.finish()?;
    let Some(format) = format.as_str() else {
        return Err(args.wrong("string_format", "a string", &format));
    };
    let now = match &second {
        None => Timestamp::now(),
        Some(value) => to_float(value)
            .and_then(at)
            .ok_or_else(|| Error::template(format!("Invalid value for epoch value ({value})")))?,
    };
    let zone = if utc {
        TimeZone::UTC
    } else {
        TimeZone::system()
    };
    let zoned = now.to_zoned(zone);
    // Only a time in UTC knows its zone in Python here.
    let moment = Moment {
        time: zoned.datetime(),
        offset: utc.then_some(0),
        name: utc.then(|| "UTC".to_owned()),
        epoch: Some(now.as_second()),
    };
    Ok(Value::str(written(format, &moment)))
}

/// The moment so many seconds after the epoch, to the microsecond.
fn at(seconds: f64) -> Option<Timestamp> {
    let micros = (seconds * 1e6).round_ties_even();
    (micros.abs() < 9e18)
        .then(|| Timestamp::from_microsecond(micros as i64).ok())
        .flatten()
}

/// The seconds since the epoch of a time on the clock of this machine.
pub(in crate::template) fn local_epoch(time: &DateTime) -> Option<i64> {
    let zoned: Zoned = time.to_zoned(TimeZone::system()).ok()?;
    Some(zoned.timestamp().as_second())
}

fn to_datetime(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let text = args.subject()?;
    let format = args.text("format", "%Y-%m-%d %H:%M:%S")?;
    args.finish()?;
    match &text {
        Value::Str(text) => read::read(text, &format),
        other => Err(args.wrong("string", "a string", other)),
    }
}

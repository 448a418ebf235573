//! YAML 1.1 dates and times: `2024-01-15`, `2001-12-14t21:59:43.10-05:00`.

use jiff::civil::{Date, DateTime, Time};

use crate::value::Value;

/// The parts of a text that has a timestamp's shape; they may still name no day of any calendar.
#[derive(Debug, PartialEq)]
pub(super) struct Parts<'a> {
    year: &'a str,
    month: &'a str,
    day: &'a str,
    time: Option<Clock<'a>>,
}

#[derive(Debug, PartialEq)]
struct Clock<'a> {
    hour: &'a str,
    minute: &'a str,
    second: &'a str,
    fraction: &'a str,
    zone: Option<Zone<'a>>,
}

#[derive(Debug, PartialEq)]
enum Zone<'a> {
    Utc,
    Offset {
        west: bool,
        hours: &'a str,
        minutes: &'a str,
    },
}

/// A text that is read from its beginning.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    /// Takes between `least` and `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<&'a str> {
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let count = digits.min(most);
        if count < least {
            return None;
        }
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        Some(taken)
    }

    /// Takes `c` if it is next.
    fn take(&mut self, c: char) -> Option<()> {
        self.0 = self.0.strip_prefix(c)?;
        Some(())
    }

    /// Takes blanks, and says whether there were any.
    fn blanks(&mut self) -> bool {
        let rest = self.0.trim_start_matches([' ', '\t']);
        let some = rest.len() < self.0.len();
        self.0 = rest;
        some
    }
}

/// The parts of a timestamp. A plain date needs two digits for month and day where `implicit`,
/// that is without a `!!timestamp` before it.
pub(super) fn parse(text: &str, implicit: bool) -> Option<Parts<'_>> {
    let mut reader = Reader(text);
    let year = reader.digits(4, 4)?;
    reader.take('-')?;
    let month = reader.digits(1, 2)?;
    reader.take('-')?;
    let day = reader.digits(1, 2)?;
    let time = if reader.0.is_empty() {
        if implicit && (month.len() < 2 || day.len() < 2) {
            return None;
        }
        None
    } else {
        Some(clock(&mut reader)?)
    };
    reader.0.is_empty().then_some(Parts {
        year,
        month,
        day,
        time,
    })
}

fn clock<'a>(reader: &mut Reader<'a>) -> Option<Clock<'a>> {
    if reader.take('T').or_else(|| reader.take('t')).is_none() && !reader.blanks() {
        return None;
    }
    let hour = reader.digits(1, 2)?;
    reader.take(':')?;
    let minute = reader.digits(2, 2)?;
    reader.take(':')?;
    let second = reader.digits(2, 2)?;
    let fraction = match reader.take('.') {
        Some(()) => reader.digits(0, usize::MAX)?,
        None => "",
    };
    let zone = if reader.0.is_empty() {
        None
    } else {
        reader.blanks();
        Some(zone(reader)?)
    };
    Some(Clock {
        hour,
        minute,
        second,
        fraction,
        zone,
    })
}

fn zone<'a>(reader: &mut Reader<'a>) -> Option<Zone<'a>> {
    if reader.take('Z').is_some() {
        return Some(Zone::Utc);
    }
    let west = reader.take('-').is_some();
    if !west {
        reader.take('+')?;
    }
    let hours = reader.digits(1, 2)?;
    let minutes = match reader.take(':') {
        Some(()) => reader.digits(2, 2)?,
        None => "0",
    };
    Some(Zone::Offset {
        west,
        hours,
        minutes,
    })
}

impl Parts<'_> {
    /// The date or the time; nothing for a day or an hour that there is not.
    pub(super) fn value(&self) -> Option<Value> {
        let year: i16 = self.year.parse().ok()?;
        if year == 0 {
            return None;
        }
        let date = Date::new(year, self.month.parse().ok()?, self.day.parse().ok()?).ok()?;
        let Some(clock) = &self.time else {
            return Some(Value::Date(date));
        };
        let time = Time::new(
            clock.hour.parse().ok()?,
            clock.minute.parse().ok()?,
            clock.second.parse().ok()?,
            clock.nanoseconds()?,
        );
        let offset = match &clock.zone {
            None => None,
            Some(zone) => Some(zone.seconds()?),
        };
        Some(Value::DateTime(
            DateTime::from_parts(date, time.ok()?),
            offset,
        ))
    }
}

impl Clock<'_> {
    /// The fraction, of which six digits count.
    fn nanoseconds(&self) -> Option<i32> {
        let digits = self.fraction.get(..6).unwrap_or(self.fraction);
        let micros: i32 = format!("{digits:0<6}").parse().ok()?;
        Some(micros * 1000)
    }
}

impl Zone<'_> {
    /// The offset from UTC, which is less than a day.
    fn seconds(&self) -> Option<i32> {
        let Zone::Offset {
            west,
            hours,
            minutes,
        } = self
        else {
            return Some(0);
        };
        let size = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        let seconds = if *west { -size } else { size };
        (size < 86_400).then_some(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn timestamps_are_those_of_pyyaml() {
        for (text, printed) in [
            ("2024-01-15", Some("2024-01-15")),
            (
                "2001-12-15T02:59:43.1Z",
                Some("2001-12-15 02:59:43.100000+00:00"),
            ),
            (
                "2001-12-14t21:59:43.10-05:30",
                Some("2001-12-14 21:59:43.100000-05:30"),
            ),
            (
                "2001-12-14 21:59:43.10 -5",
                Some("2001-12-14 21:59:43.100000-05:00"),
            ),
            ("2001-1-4 1:59:43", Some("2001-01-04 01:59:43")),
            (
                "2001-1-4  1:59:43.12345678 +1",
                Some("2001-01-04 01:59:43.123456+01:00"),
            ),
            ("2024-1-5", None),
            ("2024-01-15 ", None),
            ("2024-01-15 1:59", None),
            ("2024-01-15T", None),
            ("2024-01-155", None),
            ("02024-01-15", None),
        ] {
            let parts = parse(text, true);
            let value = parts.map(|parts| parts.value().unwrap().to_text());
            assert_eq!(value.as_deref(), printed, "{text}");
        }
    }

    #[test]
    fn a_shape_is_not_yet_a_day() {
        for text in [
            "2024-02-30",
            "0000-01-01",
            "2024-01-01 25:00:00",
            "2024-01-01 1:00:00+24",
        ] {
            assert!(parse(text, true).unwrap().value().is_none(), "{text}");
        }
        assert!(parse("2024-1-5", false).is_some());
    }
}

//! `modification_time` and `access_time`: `preserve`, `now`, or a time in a format of Python's.

use jiff::civil::{Date, DateTime, Time as Clock};
use jiff::fmt::strtime::BrokenDownTime;

use crate::error::{Error, Result};

/// What shall become of a time of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Time {
    /// It is left alone.
    Preserve,
    /// It becomes the time of the run.
    Now,
    /// It becomes this local time of the host.
    At(DateTime),
}

impl Time {
    /// Reads the argument called `name`; without one a touched file gets the time of the run.
    ///
    /// # Errors
    /// The text does not fit the format.
    pub fn read(name: &str, text: Option<&str>, format: &str, touch: bool) -> Result<Time> {
        match text {
            None if touch => Ok(Time::Now),
            None | Some("preserve") => Ok(Time::Preserve),
            Some("now") => Ok(Time::Now),
            Some(text) => BrokenDownTime::parse(format, text)
                .and_then(|time| filled(&time))
                .map(Time::At)
                .map_err(|_| {
                    Error::input(format!(
                        "argument `{name}`: `{text}` does not fit the format `{format}`"
                    ))
                }),
        }
    }

    /// The time in the words that the host's `date -d` knows; empty where it is not asked.
    pub fn for_date(&self) -> String {
        match self {
            Time::At(time) => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            _ => String::new(),
        }
    }

    /// The time in the words of the apply script, where it differs from `node`'s; `seconds` is
    /// what the host answered for a given time.
    pub fn difference(&self, current: i64, seconds: Option<i64>) -> Option<String> {
        match self {
            Time::Preserve => None,
            Time::Now => Some("now".to_owned()),
            Time::At(time) => {
                (seconds != Some(current)).then(|| time.strftime("%Y%m%d%H%M.%S").to_string())
            }
        }
    }
}

/// What a format leaves out is that of 1900-01-01 00:00:00, as in Python's strptime.
fn filled(time: &BrokenDownTime) -> std::result::Result<DateTime, jiff::Error> {
    let date = time.to_date().or_else(|_| {
        let year = time.year().unwrap_or(1900);
        Date::new(year, time.month().unwrap_or(1), time.day().unwrap_or(1))
    })?;
    let clock = time.to_time().or_else(|_| {
        let part = |part: Option<i8>| part.unwrap_or(0);
        Clock::new(part(time.hour()), part(time.minute()), part(time.second()), 0)
    })?;
    Ok(DateTime::from_parts(date, clock))
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn what_a_format_leaves_out_is_the_beginning_of_1900() {
        for (text, format, date) in [
            ("2020-05", "%Y-%m", "2020-05-01 00:00:00"),
            ("12:30", "%H:%M", "1900-01-01 12:30:00"),
            ("07", "%d", "1900-01-07 00:00:00"),
        ] {
            let time = Time::read("access_time", Some(text), format, false).unwrap();
            assert_eq!(time.for_date(), date, "{text}");
        }
    }

    #[test]
    fn times_are_read_in_pythons_formats() {
        let read = |text, format| Time::read("modification_time", text, format, false);
        assert_eq!(read(None, "").unwrap(), Time::Preserve);
        assert_eq!(read(Some("now"), "").unwrap(), Time::Now);
        for (text, format) in [
            ("202001020304.05", "%Y%m%d%H%M.%S"),
            ("2020-01-02 03:04:05", "%Y-%m-%d %H:%M:%S"),
        ] {
            let time = read(Some(text), format).unwrap();
            assert_eq!(time.for_date(), "2020-01-02 03:04:05");
            assert_eq!(time.difference(1, Some(1)), None);
            let there = time.difference(2, Some(1));
            assert_eq!(there.as_deref(), Some("202001020304.05"));
        }
        let error = read(Some("yesterday"), "%Y").unwrap_err();
        assert!(error.message().contains("does not fit"));
    }
}

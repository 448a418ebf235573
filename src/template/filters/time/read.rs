//! Python's `datetime.strptime`.

use jiff::civil::{Date, DateTime, ISOWeekDate, Time, Weekday};

use super::super::super::regex::{Flags, Match, compile, escape};
use crate::error::{Error, Result};
use crate::value::Value;

const DAYS: &str = "monday|tuesday|wednesday|thursday|friday|saturday|sunday";
const SHORT_DAYS: &str = "mon|tue|wed|thu|fri|sat|sun";
const MONTHS: &str =
    "january|february|march|april|may|june|july|august|september|october|november|december";
const SHORT_MONTHS: &str = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec";

/// The time that the text says in this format.
pub(super) fn read(text: &str, format: &str) -> Result<Value> {
    let (pattern, letters) = pattern(format)?;
    let found = compile(&pattern, Flags::of(true, false))?.match_start(text)?;
    let Some(found) = found else {
        return Err(Error::template(format!(
            "time data '{text}' does not match format '{format}'"
        )));
    };
    if found.end() < text.len() {
        let rest = text.get(found.end()..).unwrap_or_default();
        return Err(Error::template(format!("unconverted data remains: {rest}")));
    }
    let mut parts = Parts::default();
    for (position, letter) in letters.iter().enumerate() {
        parts
            .take(*letter, &found, text, position + 1)
            .ok_or_else(|| out_of_range(text))?;
    }
    let time = parts.time().ok_or_else(|| out_of_range(text))?;
    Ok(Value::DateTime(time, parts.offset))
}

fn out_of_range(text: &str) -> Error {
    Error::template(format!("a part of the time '{text}' is out of range"))
}

/// The format as a regular expression, with one group for each of its directives.
fn pattern(format: &str) -> Result<(String, Vec<char>)> {
    let mut pattern = String::new();
    let mut letters = Vec::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            while chars.next_if(|c| c.is_whitespace()).is_some() {}
            pattern.push_str(r"\s+");
            continue;
        }
        if c != '%' {
            pattern.push_str(&escape(&c.to_string()));
            continue;
        }
        let letter = chars
            .next()
            .ok_or_else(|| Error::template(format!("stray % in format '{format}'")))?;
        let part = match letter {
            '%' => {
                pattern.push('%');
                continue;
            }
            'c' => "%a %b %d %H:%M:%S %Y",
            'x' => "%m/%d/%y",
            'X' => "%H:%M:%S",
            _ => "",
        };
        if part.is_empty() {
            pattern.push_str(&format!("({})", directive(letter, format)?));
            letters.push(letter);
        } else {
            let (inside, more) = self::pattern(part)?;
            pattern.push_str(&inside);
            letters.extend(more);
        }
    }
    Ok((pattern, letters))
}

fn directive(letter: char, format: &str) -> Result<String> {
    Ok(match letter {
        'a' => SHORT_DAYS.to_owned(),
        'A' => DAYS.to_owned(),
        'b' => SHORT_MONTHS.to_owned(),
        'B' => MONTHS.to_owned(),
        'd' => r"3[0-1]|[1-2]\d|0[1-9]|[1-9]| [1-9]".to_owned(),
        'f' => "[0-9]{1,6}".to_owned(),
        'G' | 'Y' => r"\d\d\d\d".to_owned(),
        'H' => r"2[0-3]|[0-1]\d|\d".to_owned(),
        'I' => "1[0-2]|0[1-9]|[1-9]".to_owned(),
        'j' => r"36[0-6]|3[0-5]\d|[1-2]\d\d|0[1-9]\d|00[1-9]|[1-9]\d|0[1-9]|[1-9]".to_owned(),
        'm' => "1[0-2]|0[1-9]|[1-9]".to_owned(),
        'M' => r"[0-5]\d|\d".to_owned(),
        'p' => "am|pm".to_owned(),
        'S' => r"6[0-1]|[0-5]\d|\d".to_owned(),
        'U' | 'W' => r"5[0-3]|[0-4]\d|\d".to_owned(),
        'u' => "[1-7]".to_owned(),
        'V' => r"5[0-3]|0[1-9]|[1-4]\d|\d".to_owned(),
        'w' => "[0-6]".to_owned(),
        'y' => r"\d\d".to_owned(),
        'z' => r"[+-]\d\d:?[0-5]\d(?::?[0-5]\d(?:\.\d{1,6})?)?|(?-i:Z)".to_owned(),
        'Z' => "utc|gmt".to_owned(),
        other => {
            return Err(Error::template(format!(
                "'{other}' is a bad directive in format '{format}'"
            )));
        }
    })
}

/// What the directives said.
#[derive(Default)]
struct Parts {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    micro: i64,
    afternoon: Option<bool>,
    twelve: bool,
    day_of_year: Option<i64>,
    weekday: Option<i64>,
    /// The week of the year, and whether it begins on Sunday.
    week: Option<(i64, bool)>,
    iso_year: Option<i64>,
    iso_week: Option<i64>,
    offset: Option<i32>,
}

impl Parts {
    fn take(&mut self, letter: char, found: &Match, text: &str, group: usize) -> Option<()> {
        let word = found.group(text, group)?.trim().to_lowercase();
        let among = |names: &str| {
            let position = names.split('|').position(|name| name == word)?;
            i64::try_from(position).ok()
        };
        let number = || word.parse::<i64>().ok();
        match letter {
            'a' => self.weekday = Some(among(SHORT_DAYS)?),
            'A' => self.weekday = Some(among(DAYS)?),
            'b' => self.month = Some(among(SHORT_MONTHS)? + 1),
            'B' => self.month = Some(among(MONTHS)? + 1),
            'd' => self.day = Some(number()?),
            'f' => self.micro = format!("{word:0<6}").parse().ok()?,
            'G' => self.iso_year = Some(number()?),
            'H' => self.hour = number()?,
            'I' => {
                self.hour = number()?;
                self.twelve = true;
            }
            'j' => self.day_of_year = Some(number()?),
            'm' => self.month = Some(number()?),
            'M' => self.minute = number()?,
            'p' => self.afternoon = Some(word == "pm"),
            'S' => self.second = number()?,
            'U' => self.week = Some((number()?, true)),
            'W' => self.week = Some((number()?, false)),
            'u' => self.weekday = Some(number()? - 1),
            'V' => self.iso_week = Some(number()?),
            'w' => self.weekday = Some((number()? + 6) % 7),
            'y' => self.year = Some(number()? + if number()? <= 68 { 2000 } else { 1900 }),
            'Y' => self.year = Some(number()?),
            'z' => self.offset = Some(offset(&word)?),
            _ => {}
        }
        Some(())
    }

    fn time(&self) -> Option<DateTime> {
        let hour = match (self.twelve, self.afternoon) {
            (true, Some(true)) => self.hour % 12 + 12,
            (true, _) => self.hour % 12,
            _ => self.hour,
        };
        let time = Time::new(
            i8::try_from(hour).ok()?,
            i8::try_from(self.minute).ok()?,
            i8::try_from(self.second).ok()?,
            i32::try_from(self.micro * 1000).ok()?,
        );
        Some(self.date()?.to_datetime(time.ok()?))
    }

    fn date(&self) -> Option<Date> {
        if let (Some(year), Some(week), Some(weekday)) =
            (self.iso_year, self.iso_week, self.weekday)
        {
            let weekday = Weekday::from_monday_zero_offset(i8::try_from(weekday).ok()?).ok()?;
            let year = i16::try_from(year).ok()?;
            let date = ISOWeekDate::new(year, i8::try_from(week).ok()?, weekday);
            return Some(date.ok()?.date());
        }
        let year = i16::try_from(self.year.unwrap_or(1900)).ok()?;
        let first = Date::new(year, 1, 1).ok()?;
        let day_of_year = match (self.day_of_year, self.week, self.weekday) {
            (Some(day), ..) => Some(day),
            (None, Some((week, sunday)), Some(weekday)) if self.year.is_some() => {
                let begins = i64::from(first.weekday().to_monday_zero_offset());
                Some(day_of_week(begins, week, sunday, weekday))
            }
            _ => None,
        };
        if let Some(day) = day_of_year
            && (self.month.is_none() || self.day.is_none())
        {
            let days = i32::try_from(day - 1).ok()?;
            return first.checked_add(jiff::Span::new().days(days)).ok();
        }
        let month = i8::try_from(self.month.unwrap_or(1)).ok()?;
        Date::new(year, month, i8::try_from(self.day.unwrap_or(1)).ok()?).ok()
    }
}

/// The day of the year from the number of its week and the day of the week (Monday is 0), where
/// the year begins on the weekday `begins`.
fn day_of_week(begins: i64, week: i64, sunday: bool, weekday: i64) -> i64 {
    let (begins, weekday) = if sunday {
        ((begins + 1) % 7, (weekday + 1) % 7)
    } else {
        (begins, weekday)
    };
    let week_zero = (7 - begins) % 7;
    if week == 0 {
        1 + weekday - begins
    } else {
        1 + week_zero + 7 * (week - 1) + weekday
    }
}

/// The seconds east of UTC that `+02:00` says.
fn offset(text: &str) -> Option<i32> {
    if text == "z" {
        return Some(0);
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let part = |from: usize| -> Option<i32> {
        digits
            .get(from..from + 2)
            .map_or(Some(0), |digits| digits.parse().ok())
    };
    let seconds = part(0)? * 3600 + part(2)? * 60 + part(4)?;
    Some(if text.starts_with('-') {
        -seconds
    } else {
        seconds
    })
}

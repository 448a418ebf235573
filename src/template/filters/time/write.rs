//! `strftime` as glibc has it in the C locale, and Python's `%f`.

use jiff::civil::DateTime;

/// A time, and what is known of its zone.
pub(in crate::template) struct Moment {
    pub(in crate::template) time: DateTime,
    /// Seconds east of UTC.
    pub(in crate::template) offset: Option<i32>,
    /// The name of the zone.
    pub(in crate::template) name: Option<String>,
    /// The seconds since the epoch.
    pub(in crate::template) epoch: Option<i64>,
}

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Writes the time as the format says; a directive that nobody knows stays as it is.
pub(in crate::template) fn written(format: &str, moment: &Moment) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let directive = Directive::read(rest);
        rest = rest.get(directive.length..).unwrap_or_default();
        match directive.text(moment) {
            Some(text) => out.push_str(&text),
            None => out.push_str(directive.source),
        }
    }
    out.push_str(rest);
    out
}

/// One `%…`: flags, a width, a letter.
struct Directive<'f> {
    source: &'f str,
    length: usize,
    pad: Option<char>,
    upper: bool,
    swap: bool,
    colon: bool,
    width: usize,
    letter: char,
}

impl<'f> Directive<'f> {
    fn read(text: &'f str) -> Self {
        let mut directive = Directive {
            source: text,
            length: 1,
            pad: None,
            upper: false,
            swap: false,
            colon: false,
            width: 0,
            letter: '\0',
        };
        for c in text.chars().skip(1) {
            directive.length += c.len_utf8();
            match c {
                '_' | '-' | '0' if directive.width == 0 => directive.pad = Some(c),
                '^' => directive.upper = true,
                '#' => directive.swap = true,
                'E' | 'O' => {}
                ':' if !directive.colon => directive.colon = true,
                '0'..='9' => {
                    let digit = c.to_digit(10).unwrap_or(0) as usize;
                    directive.width = (directive.width * 10 + digit).min(1000);
                }
                c => {
                    directive.letter = c;
                    break;
                }
            }
        }
        directive.source = text.get(..directive.length).unwrap_or(text);
        directive
    }

    /// A number with as many digits as it has by custom, or as the flags say.
    fn number(&self, number: i64, digits: usize, pad: char) -> String {
        let width = if self.width > 0 { self.width } else { digits };
        match self.pad.unwrap_or(pad) {
            '-' => number.to_string(),
            '_' => format!("{number:width$}"),
            '0' => format!("{number:0width$}"),
            _ => format!("{number:width$}"),
        }
    }

    fn words(&self, words: &str) -> String {
        let text = match (self.upper, self.swap, self.letter) {
            (true, ..) | (_, true, 'a' | 'A' | 'b' | 'B' | 'h') => words.to_uppercase(),
            (_, true, 'p' | 'Z') => words.to_lowercase(),
            _ => words.to_owned(),
        };
        let missing = self.width.saturating_sub(text.chars().count());
        let pad = if self.pad == Some('0') { "0" } else { " " };
        pad.repeat(missing) + &text
    }

    /// What stands for the directive.
    fn text(&self, moment: &Moment) -> Option<String> {
        if self.colon {
            let offset = moment.offset.map(|offset| offset_text(offset, ":"));
            return (self.letter == 'z').then(|| offset.unwrap_or_default());
        }
        self.date(moment)
            .or_else(|| self.clock(moment))
            .or_else(|| self.combined(moment))
    }

    fn date(&self, moment: &Moment) -> Option<String> {
        let date = moment.time.date();
        let year = i64::from(date.year());
        let weekday = i64::from(date.weekday().to_sunday_zero_offset());
        let month = usize::from(date.month().unsigned_abs());
        let day_of_year = i64::from(date.day_of_year());
        let day_name = DAYS.get(usize::try_from(weekday).unwrap_or(0)).copied()?;
        let month_name = MONTHS.get(month.wrapping_sub(1)).copied()?;
        let iso = date.iso_week_date();
        Some(match self.letter {
            'a' => self.words(day_name.get(..3)?),
            'A' => self.words(day_name),
            'b' | 'h' => self.words(month_name.get(..3)?),
            'B' => self.words(month_name),
            'C' => self.number(year.div_euclid(100), 2, '0'),
            'd' => self.number(date.day().into(), 2, '0'),
            'e' => self.number(date.day().into(), 2, '_'),
            'G' => self.number(iso.year().into(), 4, '-'),
            'g' => self.number(i64::from(iso.year()).rem_euclid(100), 2, '0'),
            'j' => self.number(day_of_year, 3, '0'),
            'm' => self.number(month as i64, 2, '0'),
            'U' => self.number((day_of_year + 6 - weekday) / 7, 2, '0'),
            'u' => self.number(if weekday == 0 { 7 } else { weekday }, 1, '0'),
            'V' => self.number(iso.week().into(), 2, '0'),
            'W' => self.number((day_of_year + 6 - (weekday + 6) % 7) / 7, 2, '0'),
            'w' => self.number(weekday, 1, '0'),
            'Y' => self.number(year, 1, '-'),
            'y' => self.number(year.rem_euclid(100), 2, '0'),
            _ => return None,
        })
    }

    fn clock(&self, moment: &Moment) -> Option<String> {
        let time = &moment.time;
        let hour = i64::from(time.hour());
        let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
        Some(match self.letter {
            'f' => format!("{:06}", time.subsec_nanosecond() / 1000),
            'H' => self.number(hour, 2, '0'),
            'I' => self.number(twelve, 2, '0'),
            'k' => self.number(hour, 2, '_'),
            'l' => self.number(twelve, 2, '_'),
            'M' => self.number(time.minute().into(), 2, '0'),
            'p' => self.words(if hour < 12 { "AM" } else { "PM" }),
            'P' => self.words(if hour < 12 { "am" } else { "pm" }),
            'S' => self.number(time.second().into(), 2, '0'),
            's' => self.number(moment.epoch.or_else(|| super::local_epoch(time))?, 1, '-'),
            'z' => moment
                .offset
                .map(|offset| offset_text(offset, ""))
                .unwrap_or_default(),
            'Z' => self.words(moment.name.as_deref().unwrap_or_default()),
            'n' => "\n".to_owned(),
            't' => "\t".to_owned(),
            '%' => "%".to_owned(),
            _ => return None,
        })
    }

    /// The directives that stand for several.
    fn combined(&self, moment: &Moment) -> Option<String> {
        let format = match self.letter {
            'c' => "%a %b %e %H:%M:%S %Y",
            'D' | 'x' => "%m/%d/%y",
            'F' => "%Y-%m-%d",
            'R' => "%H:%M",
            'r' => "%I:%M:%S %p",
            'T' | 'X' => "%H:%M:%S",
            _ => return None,
        };
        Some(self.words(&written(format, moment)))
    }
}

/// `+0200` or `+02:00`, with seconds where there are any.
fn offset_text(offset: i32, colon: &str) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let seconds = offset.abs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let rest = match seconds {
        0 => String::new(),
        seconds => format!("{colon}{seconds:02}"),
    };
    format!("{sign}{hours:02}{colon}{minutes:02}{rest}")
}

//! The host's clock: `date_time`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::sections::Sections;
use crate::entries;
use crate::value::Map;

/// `date_time`: the moment in the host's own time zone, every part of it text.
pub(super) fn read(sections: &Sections, facts: &mut Map) {
    if let Some(moment) = Moment::of(sections) {
        facts.set("date_time", moment.facts(dst_name(sections)));
    }
}

struct Moment<'a> {
    epoch: i64,
    local: DateTime,
    utc: DateTime,
    micro: i64,
    offset: &'a str,
    zone: &'a str,
}

impl<'a> Moment<'a> {
    /// Reads `date '+%s %z %Z %N'`; a date that knows no `%N` prints something else there.
    fn of(sections: &'a Sections) -> Option<Self> {
        let mut words = sections.word("date")?.split_whitespace();
        let epoch: i64 = words.next()?.parse().ok()?;
        let offset = words.next()?;
        let zone = words.next()?;
        let nanos = words.next().filter(|text| text.len() == 9);
        let nanos: i64 = nanos.and_then(|text| text.parse().ok()).unwrap_or(0);
        let stamp = Timestamp::new(epoch, i32::try_from(nanos).ok()?).ok()?;
        Some(Moment {
            epoch,
            local: Offset::from_seconds(seconds(offset)?)
                .ok()?
                .to_datetime(stamp),
            utc: Offset::UTC.to_datetime(stamp),
            micro: nanos / 1000,
            offset,
            zone,
        })
    }

    fn facts(&self, dst: Option<&str>) -> Map {
        let say = |format: &str| self.local.strftime(format).to_string();
        let micro = self.micro;
        entries! {
            "year" => say("%Y"),
            "month" => say("%m"),
            "weekday" => say("%A"),
            "weekday_number" => say("%w"),
            "weeknumber" => say("%W"),
            "day" => say("%d"),
            "hour" => say("%H"),
            "minute" => say("%M"),
            "second" => say("%S"),
            "epoch" => self.epoch.to_string(),
            "epoch_int" => self.epoch.to_string(),
            "date" => say("%Y-%m-%d"),
            "time" => say("%H:%M:%S"),
            "iso8601_micro" => format!("{}.{micro:06}Z", self.utc.strftime("%Y-%m-%dT%H:%M:%S")),
            "iso8601" => self.utc.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "iso8601_basic" => format!("{}{micro:06}", say("%Y%m%dT%H%M%S")),
            "iso8601_basic_short" => say("%Y%m%dT%H%M%S"),
            "tz" => self.zone,
            "tz_dst" => dst.unwrap_or(self.zone),
            "tz_offset" => self.offset,
        }
    }
}

/// `+0530` in seconds.
fn seconds(offset: &str) -> Option<i32> {
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits = offset.get(1..5)?;
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..)?.parse().ok()?;
    Some(sign * (hours * 3600 + minutes * 60))
}

/// The name of the zone's summer time by its POSIX rule, the last line of a zone file
/// (`CET-1CEST,M3.5.0,M10.5.0/3`); the only name where it has none.
fn dst_name(sections: &Sections) -> Option<&str> {
    let rule = sections.word("zone").or(sections.word("tz"))?;
    let (standard, rest) = name(rule)?;
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "+-:".contains(c));
    Some(name(rest).map_or(standard, |(summer, _)| summer))
}

/// A zone's name at the beginning: letters, or anything in `<>`.
fn name(rule: &str) -> Option<(&str, &str)> {
    if let Some(rest) = rule.strip_prefix('<') {
        return rest.split_once('>');
    }
    let end = rule
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rule.len());
    (end > 0).then(|| rule.split_at(end))
}

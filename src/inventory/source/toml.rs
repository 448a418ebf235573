//! TOML, as values with places.

use std::sync::Arc;

use num_bigint::BigInt;
use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;
use toml::value::Datetime;
use toml::value::Offset;

use crate::error::Error;
use crate::error::Place;
use crate::error::Result;
use crate::error::Source;
use crate::value::Map;
use crate::value::Str;
use crate::value::Value;
use crate::value::int_from_big;

/// Reads a text as TOML.
///
/// # Errors
/// Text that is not TOML, with its place.
pub(crate) fn read(source: &Arc<Source>) -> Result<Value> {
    let places = Places::new(source);
    match DeTable::parse(source.text()) {
        Ok(table) => Ok(convert_table(table.get_ref(), &places)),
        Err(error) => {
            let at = error.span().map(|span| places.at(span.start));
            let message = error.message().replace('\n', ", ");
            Err(Error::syntax(format!("not TOML: {message}")).at(at))
        }
    }
}

/// Tables come sorted; their places tell how they were written.
fn convert_table(table: &DeTable<'_>, places: &Places<'_>) -> Value {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let entries = entries.into_iter().map(|(key, value)| {
        let at = places.at(key.span().start);
        let name = Str::placed(&**key.get_ref(), Some(at));
        (Value::Str(name), convert(value, places))
    });
    Value::map(entries.collect::<Map>())
}

fn convert(value: &Spanned<DeValue<'_>>, places: &Places<'_>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => {
            let at = places.at(value.span().start);
            Value::Str(Str::template(&**text, Some(at)))
        }
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            BigInt::parse_bytes(digits.as_bytes(), number.radix()).map_or(Value::Null, int_from_big)
        }
        DeValue::Float(number) => {
            let digits = number.as_str().replace('_', "");
            digits.parse().map_or(Value::Null, Value::Float)
        }
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(time) => datetime(time),
        DeValue::Array(items) => {
            Value::list(items.iter().map(|item| convert(item, places)).collect())
        }
        DeValue::Table(table) => convert_table(table, places),
    }
}

/// A date or a time of day with its date; a time of day alone stays text.
fn datetime(time: &Datetime) -> Value {
    let parse = || {
        let date = time.date?;
        let day = jiff::civil::Date::new(
            i16::try_from(date.year).ok()?,
            i8::try_from(date.month).ok()?,
            i8::try_from(date.day).ok()?,
        )
        .ok()?;
        let Some(clock) = time.time else {
            return Some(Value::Date(day));
        };
        let clock = jiff::civil::Time::new(
            i8::try_from(clock.hour).ok()?,
            i8::try_from(clock.minute).ok()?,
            i8::try_from(clock.second.unwrap_or(0)).ok()?,
            i32::try_from(clock.nanosecond.unwrap_or(0)).ok()?,
        )
        .ok()?;
        let offset = time.offset.map(|offset| match offset {
            Offset::Z => 0,
            Offset::Custom { minutes } => i32::from(minutes) * 60,
        });
        Some(Value::DateTime(day.to_datetime(clock), offset))
    };
    parse().unwrap_or_else(|| Value::str(time.to_string()))
}

/// Where the bytes of a text stand.
struct Places<'a> {
    source: &'a Arc<Source>,
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    fn new(source: &'a Arc<Source>) -> Self {
        let breaks = source.text().match_indices('\n').map(|(at, _)| at + 1);
        Places {
            source,
            lines: std::iter::once(0).chain(breaks).collect(),
        }
    }

    fn at(&self, byte: usize) -> Place {
        let line = self.lines.partition_point(|begin| *begin <= byte).max(1);
        let begin = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.source.text().get(begin..byte).unwrap_or_default();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let column = number(before.chars().count() + 1);
        Place::new(self.source.clone(), number(line), column)
    }
}

#[cfg(test)]
mod tests {
    use crate::error::Source;

    #[test]
    fn toml_keeps_order_and_places() {
        let text = "[web.hosts]\nb.x = 1_0\na = {y = 'é', z = [0x10, 1.5, true]}\n\
                    d = {t = 2024-01-02, u = 2024-01-02T03:04:05Z, v = 03:04:05}\n";
        let source = Source::new("hosts.toml", text);
        let value = super::read(&source).unwrap();
        let hosts = value.get("web").unwrap().get("hosts").unwrap();
        let json = crate::value::to_json(hosts);
        assert_eq!(
            json,
            "{\"b\": {\"x\": 10}, \"a\": {\"y\": \"é\", \"z\": [16, 1.5, true]}, \
             \"d\": {\"t\": \"2024-01-02\", \"u\": \"2024-01-02T03:04:05+00:00\", \
             \"v\": \"03:04:05\"}}"
        );
        let y = hosts.get("a").unwrap().get("y").unwrap();
        assert_eq!(y.place().unwrap().to_string(), "hosts.toml:3:10");
        let error = super::read(&Source::new("x.toml", "a = 1\nb = c\n")).unwrap_err();
        assert_eq!(error.place().unwrap().to_string(), "x.toml:2:5", "{error}");
    }
}

//! Values as JSON can say them: what it cannot is tagged. `python/text/values.py` reads and writes the
//! same tags.
//!
//! A tagged value is a dictionary with the key `!`, which says what it is, and `v`. A dictionary
//! that has such a key itself, or keys that are no text, is tagged as a list of pairs.

use std::sync::Arc;

use super::{Map, Sealed, Str, Undefined, Value};
use crate::error::Error;

/// The deepest nesting that is taken from a plugin.
const DEEPEST: usize = 200;

/// Whose the value is on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// A plugin's: no text is a template, a sealed value is its text.
    Data,
    /// A plugin's that renders, or that reads the user's own files: texts keep that they may be.
    Templates,
    /// Our own, later: sealed values stay sealed, texts keep that they may be rendered.
    Own,
}

/// A value as it crosses.
pub fn encode(value: &Value, crossing: Crossing) -> Value {
    let inner = |value: &Value| encode(value, crossing);
    match value {
        Value::Str(text) if crosses_trusted(text, crossing) => {
            tagged("T", Value::str(text.as_str()))
        }
        Value::Bytes(bytes) => tagged("b", Value::str(data_encoding::BASE64.encode(bytes))),
        Value::Date(date) => tagged("d", Value::str(date.to_string())),
        Value::DateTime(..) => tagged("dt", Value::str(value.to_text().replacen(' ', "T", 1))),
        Value::Duration(micros) => tagged("td", Value::Int(*micros)),
        Value::List(items) => Value::list(items.iter().map(inner).collect()),
        Value::Tuple(items) => tagged("t", Value::list(items.iter().map(inner).collect())),
        Value::Set(items) => tagged("s", Value::list(items.keys().map(inner).collect())),
        Value::Undefined(undefined) => tagged("u", Value::str(undefined.error.chain())),
        Value::Omit => tagged("o", Value::Null),
        Value::Map(map) => encode_map(map, crossing),
        Value::Sealed(sealed) if crossing == Crossing::Own => {
            tagged("e", Value::str(sealed.ciphertext.as_str()))
        }
        Value::Object(_) | Value::Sealed(_) => Value::str(value.to_text()),
        other => other.clone(),
    }
}

/// A plugin may take any text of the user's for an expression; our own later self renders templates only.
fn crosses_trusted(text: &Str, crossing: Crossing) -> bool {
    match crossing {
        Crossing::Data => false,
        Crossing::Templates => text.is_trusted(),
        Crossing::Own => text.is_template(),
    }
}

fn encode_map(map: &Map, crossing: Crossing) -> Value {
    let simple = map
        .keys()
        .all(|key| key.as_str().is_some_and(|key| key != "!"));
    if simple {
        return Value::map(map.mapped(|value| encode(value, crossing)));
    }
    let pairs = map.iter().map(|(key, value)| {
        Value::list(vec![encode(key, Crossing::Data), encode(value, crossing)])
    });
    tagged("m", Value::list(pairs.collect()))
}

fn tagged(tag: &str, value: Value) -> Value {
    Value::map(crate::entries! { "!" => tag, "v" => value })
}

/// A value that comes back. Of a plugin's all is data, but for one that reads the user's own files; of our
/// own, what was a template is one again.
///
/// # Errors
/// It is nested too deeply, or a tag says what it is not.
pub fn decode(value: &Value, crossing: Crossing) -> Result<Value, Error> {
    decode_at(value, crossing, 0)
}

fn decode_at(value: &Value, crossing: Crossing, depth: usize) -> Result<Value, Error> {
    if depth > DEEPEST {
        return Err(Error::input(
            "a plugin gave a value that is nested too deeply",
        ));
    }
    let many = |items: &[Value]| -> Result<Vec<Value>, Error> {
        items
            .iter()
            .map(|item| decode_at(item, crossing, depth + 1))
            .collect()
    };
    match value {
        Value::List(items) => Ok(Value::list(many(items)?)),
        Value::Map(map) => match map.get("!").and_then(Value::as_str) {
            Some(tag) => {
                let data = map.get("v").cloned().unwrap_or_default();
                decode_tagged(tag, &data, crossing, depth).ok_or_else(|| {
                    Error::input(format!("a plugin gave no value of kind `{tag}`"))
                })?
            }
            None => {
                let mut out = Map::with_capacity(map.len());
                for (key, value) in map.iter() {
                    out.insert(key.untrusted(), decode_at(value, crossing, depth + 1)?);
                }
                Ok(Value::map(out))
            }
        },
        other => Ok(other.untrusted()),
    }
}

fn decode_tagged(
    tag: &str,
    data: &Value,
    crossing: Crossing,
    depth: usize,
) -> Option<Result<Value, Error>> {
    let text = data.as_str();
    let items = || -> Option<Result<Vec<Value>, Error>> {
        let items = data.as_list()?.iter();
        Some(
            items
                .map(|item| decode_at(item, crossing, depth + 1))
                .collect(),
        )
    };
    let value = match tag {
        "b" => {
            let bytes = data_encoding::BASE64.decode(text?.as_bytes()).ok()?;
            Value::Bytes(bytes.into())
        }
        "d" => Value::Date(text?.parse().ok()?),
        "dt" => date_time(text?)?,
        "td" => Value::Duration(data.as_int()?),
        "u" => Value::Undefined(Arc::new(Undefined {
            error: Error::undefined(text?),
        })),
        "T" if crossing != Crossing::Data => Value::Str(Str::template(text?, None)),
        "T" => Value::str(text?),
        "e" if crossing == Crossing::Own => Value::Sealed(Arc::new(Sealed {
            ciphertext: text?.to_owned(),
            place: None,
        })),
        "o" => Value::Omit,
        "t" => return Some(items()?.map(|items| Value::Tuple(Arc::new(items.into())))),
        "s" => {
            return Some(items()?.map(|items| {
                let mut set = Map::new();
                for item in items {
                    set.insert(item, Value::Null);
                }
                Value::Set(Arc::new(set))
            }));
        }
        "m" => return Some(items()?.map(|pairs| Value::map(of_pairs(&pairs)))),
        _ => return None,
    };
    Some(Ok(value))
}

fn of_pairs(pairs: &[Value]) -> Map {
    let mut map = Map::new();
    for pair in pairs {
        if let Some([key, value]) = pair.as_list().map(|pair| &pair[..]) {
            map.insert(key.clone(), value.clone());
        }
    }
    map
}

/// A date and time with an offset where the text has one.
fn date_time(text: &str) -> Option<Value> {
    let (time, offset) = match text.rfind(['+', '-']).filter(|at| *at > 10) {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    };
    let offset = match offset {
        Some(offset) => {
            let (hours, rest) = (offset.get(1..3)?, offset.get(4..6)?);
            let seconds = hours.parse::<i32>().ok()? * 3600 + rest.parse::<i32>().ok()? * 60;
            Some(if offset.starts_with('-') {
                -seconds
            } else {
                seconds
            })
        }
        None => None,
    };
    Some(Value::DateTime(time.parse().ok()?, offset))
}

#[cfg(test)]
mod tests {
    use super::{Crossing, decode, encode};
    use crate::value::{Map, Value, from_json, to_json};
    use std::sync::Arc;

    fn there_and_back(value: &Value) -> Value {
        let json = to_json(&encode(value, Crossing::Data));
        decode(&from_json(&json).unwrap(), Crossing::Data).unwrap()
    }

    #[test]
    fn what_json_cannot_say_comes_back() {
        let mut odd = Map::new();
        odd.insert(Value::Int(1), Value::str("one"));
        odd.insert(Value::str("!"), Value::str("b"));
        for value in [
            Value::Bytes(vec![0, 255].into()),
            Value::Tuple(Arc::new(vec![Value::Int(1), Value::str("x")].into())),
            Value::Set(Arc::new(crate::entries! { "a" => Value::Null })),
            Value::Date("2024-02-29".parse().unwrap()),
            Value::DateTime("2024-02-29T01:02:03.5".parse().unwrap(), Some(-5400)),
            Value::DateTime("2024-02-29T01:02:03".parse().unwrap(), None),
            Value::Duration(-3),
            Value::Omit,
            Value::map(odd),
            Value::map(crate::entries! { "a" => crate::entries! { "b" => Value::list(vec![]) } }),
        ] {
            assert_eq!(there_and_back(&value).repr(), value.repr());
        }
    }

    #[test]
    fn strange_tags_and_deep_values_are_refused() {
        for bad in [
            "{\"!\": \"x\", \"v\": 1}",
            "{\"!\": \"b\", \"v\": \"%\"}",
            "{\"!\": \"dt\"}",
        ] {
            assert!(
                decode(&from_json(bad).unwrap(), Crossing::Own).is_err(),
                "{bad}"
            );
        }
        let mut deep = Value::Null;
        for _ in 0..300 {
            deep = Value::list(vec![deep]);
        }
        assert!(decode(&deep, Crossing::Own).is_err());
    }
}

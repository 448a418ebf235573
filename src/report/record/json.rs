//! Values as strict JSON: what Python's `json` writes and others refuse (`NaN`) is text here.

use serde_json::value::RawValue;

use crate::value::{Map, Value};

/// A value as JSON. Texts of more than `limit` bytes are cut, and end with how many were left out.
pub(super) fn raw(map: &Map, limit: usize) -> Box<RawValue> {
    let mut out = Vec::with_capacity(256);
    write_map(map, limit, &mut out);
    let text = String::from_utf8(out).unwrap_or_else(|_| "{}".to_owned());
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn write(value: &Value, limit: usize, out: &mut Vec<u8>) {
    match value {
        Value::Null | Value::Omit | Value::Undefined(_) => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::BigInt(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::Float(number) if number.is_finite() => {
            out.extend_from_slice(crate::value::float_repr(*number).as_bytes());
        }
        Value::List(items) | Value::Tuple(items) => write_list(items.iter(), limit, out),
        Value::Set(map) => write_list(map.keys(), limit, out),
        Value::Map(map) => write_map(map, limit, out),
        Value::Str(text) => write_text(text.as_str(), limit, out),
        Value::Bytes(bytes) => write_text(&String::from_utf8_lossy(bytes), limit, out),
        other => write_text(&other.to_text(), limit, out),
    }
}

fn write_list<'a>(items: impl Iterator<Item = &'a Value>, limit: usize, out: &mut Vec<u8>) {
    out.push(b'[');
    for (number, item) in items.enumerate() {
        if number > 0 {
            out.push(b',');
        }
        write(item, limit, out);
    }
    out.push(b']');
}

fn write_map(map: &Map, limit: usize, out: &mut Vec<u8>) {
    out.push(b'{');
    for (number, (key, value)) in map.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        match key {
            Value::Str(text) => write_text(text.as_str(), usize::MAX, out),
            Value::Null => out.extend_from_slice(b"\"null\""),
            Value::Bool(flag) => write_text(if *flag { "true" } else { "false" }, limit, out),
            other => write_text(&other.to_text(), usize::MAX, out),
        }
        out.push(b':');
        write(value, limit, out);
    }
    out.push(b'}');
}

fn write_text(text: &str, limit: usize, out: &mut Vec<u8>) {
    let whole = text.len() <= limit;
    let result = match whole {
        true => serde_json::to_writer(&mut *out, text),
        false => serde_json::to_writer(&mut *out, &cut(text, limit)),
    };
    // Writing to memory does not fail.
    debug_assert!(result.is_ok());
}

/// The beginning and the end of a text that is too long; the end of output says most.
pub(in crate::report) fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut head = limit / 4;
    while !text.is_char_boundary(head) {
        head -= 1;
    }
    let mut tail = text.len() - (limit - limit / 4);
    while !text.is_char_boundary(tail) {
        tail += 1;
    }
    format!(
        "{}\n[{} bytes are left out here]\n{}",
        &text[..head],
        tail - head,
        &text[tail..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_does_not_know_is_text() {
        let map = crate::entries! {
            "nan" => f64::NAN, "one" => 1.0, "text" => "a\u{7}\"b", "none" => Value::Null,
        };
        let text = raw(&map, 100).get().to_owned();
        let expected = "{\"nan\":\"nan\",\"one\":1.0,\"text\":\"a\\u0007\\\"b\",\"none\":null}";
        assert_eq!(text, expected);
    }

    #[test]
    fn long_texts_keep_their_ends() {
        let text = format!("begin{}end", "ä".repeat(1000));
        let short = cut(&text, 100);
        assert!(short.starts_with("begin") && short.ends_with("end"));
        assert!(short.len() < 150, "{}", short.len());
        assert_eq!(cut("short", 100), "short");
    }
}

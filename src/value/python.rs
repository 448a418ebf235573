//! How Python would print a value and judge its truth.

use std::fmt;

use super::{Map, Value, float_repr};

impl Value {
    /// Python's `bool(value)`.
    pub fn is_true(&self) -> bool {
        match self {
            Value::Null | Value::Undefined(_) => false,
            Value::Bool(value) => *value,
            Value::Int(value) => *value != 0,
            Value::Float(value) => *value != 0.0,
            Value::Str(text) => !text.is_empty(),
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::List(items) | Value::Tuple(items) => !items.is_empty(),
            Value::Map(map) | Value::Set(map) => !map.is_empty(),
            Value::Duration(span) => *span != 0,
            _ => true,
        }
    }

    /// The name of the type, as Python and `type_debug` call it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(_) | Value::BigInt(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) | Value::Sealed(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::Date(_) => "date",
            Value::DateTime(..) => "datetime",
            Value::Duration(_) => "timedelta",
            Value::List(_) => "list",
            Value::Tuple(_) => "tuple",
            Value::Map(_) => "dict",
            Value::Set(_) => "set",
            Value::Undefined(_) => "Undefined",
            Value::Omit => "Omit",
            Value::Object(object) => object.type_name(),
        }
    }

    /// Python's `str(value)`. A sealed text prints as `***`.
    pub fn to_text(&self) -> String {
        match self {
            Value::Str(text) => text.to_string(),
            other => other.repr(),
        }
    }

    /// Python's `repr(value)`.
    pub fn repr(&self) -> String {
        let mut text = String::new();
        write_repr(self, &mut text);
        text
    }
}

fn write_repr(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::BigInt(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&float_repr(*number)),
        Value::Str(text) => write_quoted(text, out),
        Value::Bytes(bytes) => write_bytes(bytes, out),
        Value::Date(date) => out.push_str(&date.to_string()),
        Value::DateTime(time, offset) => out.push_str(&datetime_text(time, *offset)),
        Value::Duration(micros) => out.push_str(&duration_text(*micros)),
        Value::List(items) => write_items(items, "[", "]", out),
        Value::Tuple(items) if items.len() == 1 => write_items(items, "(", ",)", out),
        Value::Tuple(items) => write_items(items, "(", ")", out),
        Value::Map(map) => write_map(map, out),
        Value::Set(map) if map.is_empty() => out.push_str("set()"),
        Value::Set(map) => {
            let keys: Vec<Value> = map.keys().cloned().collect();
            write_items(&keys, "{", "}", out);
        }
        Value::Undefined(_) => out.push_str("Undefined"),
        Value::Omit => out.push_str("<< Omit >>"),
        Value::Sealed(_) => out.push_str("***"),
        Value::Object(object) => {
            out.push('<');
            out.push_str(object.type_name());
            out.push('>');
        }
    }
}

fn write_items(items: &[Value], open: &str, close: &str, out: &mut String) {
    out.push_str(open);
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        write_repr(item, out);
    }
    out.push_str(close);
}

fn write_map(map: &Map, out: &mut String) {
    out.push('{');
    for (position, (key, value)) in map.iter().enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        write_repr(key, out);
        out.push_str(": ");
        write_repr(value, out);
    }
    out.push('}');
}

/// A string in Python's quotes: single ones unless it holds one and no double one.
fn write_quoted(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c => push_escape(c as u32, out),
        }
    }
    out.push(quote);
}

fn push_escape(code: u32, out: &mut String) {
    let text = match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    };
    out.push_str(&text);
}

/// An approximation of Python's `str.isprintable` for one character.
fn is_printable(c: char) -> bool {
    !(c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c as u32, 0xad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f
            | 0xe000..=0xf8ff | 0xfeff | 0xfff0..=0xfffb))
}

fn write_bytes(bytes: &[u8], out: &mut String) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    out.push('b');
    out.push(quote);
    for byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte if char::from(*byte) == quote => {
                out.push('\\');
                out.push(quote);
            }
            0x20..=0x7e => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
}

/// Python's `str(datetime)`.
fn datetime_text(time: &jiff::civil::DateTime, offset: Option<i32>) -> String {
    let mut text = time.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let micros = time.subsec_nanosecond() / 1000;
    if micros != 0 {
        text.push_str(&format!(".{micros:06}"));
    }
    if let Some(seconds) = offset {
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.abs() / 60;
        text.push_str(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60));
    }
    text
}

/// Python's `str(timedelta)`: `1 day, 2:03:04.000005`.
fn duration_text(micros: i64) -> String {
    const DAY: i64 = 86_400_000_000;
    let days = micros.div_euclid(DAY);
    let rest = micros.rem_euclid(DAY);
    let seconds = rest / 1_000_000;
    let mut text = match days {
        0 => String::new(),
        1 | -1 => format!("{days} day, "),
        _ => format!("{days} days, "),
    };
    text.push_str(&format!(
        "{}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    ));
    if rest % 1_000_000 != 0 {
        text.push_str(&format!(".{:06}", rest % 1_000_000));
    }
    text
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

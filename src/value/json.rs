//! JSON as Python's `json` module reads and writes it.

use super::{Map, Value, float_repr};
use crate::error::Result;

mod read;

/// Reads one JSON text. Numbers keep Python's kinds: `1` is an integer, however long, `1.0` is not;
/// `NaN` and `Infinity` are numbers.
///
/// # Errors
/// The text is not JSON; the message says where.
pub fn from_json(text: &str) -> Result<Value> {
    read::read(text)
}

/// How JSON is laid out.
#[derive(Clone, Copy)]
struct Layout {
    indent: Option<usize>,
    sort: bool,
    ascii: bool,
}

/// One line with `", "` and `": "`, as `json.dumps` writes it, non-ASCII letters kept.
pub fn to_json(value: &Value) -> String {
    write(
        value,
        Layout {
            indent: None,
            sort: false,
            ascii: false,
        },
    )
}

/// One line with the keys sorted.
pub fn to_json_sorted(value: &Value) -> String {
    write(
        value,
        Layout {
            indent: None,
            sort: true,
            ascii: false,
        },
    )
}

/// Many lines, indented by `indent`, with the keys sorted where `sort` says so.
pub fn to_json_nice(value: &Value, indent: usize, sort: bool) -> String {
    write(
        value,
        Layout {
            indent: Some(indent),
            sort,
            ascii: false,
        },
    )
}

fn write(value: &Value, layout: Layout) -> String {
    let mut out = String::new();
    write_value(value, layout, 0, &mut out);
    out
}

fn write_value(value: &Value, layout: Layout, depth: usize, out: &mut String) {
    match value {
        Value::Null | Value::Omit | Value::Undefined(_) => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::BigInt(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&json_float(*number)),
        Value::List(items) | Value::Tuple(items) => {
            write_items(items.iter(), layout, depth, out);
        }
        Value::Set(map) => write_items(map.keys(), layout, depth, out),
        Value::Map(map) => write_map(map, layout, depth, out),
        Value::Bytes(bytes) => write_string(&String::from_utf8_lossy(bytes), layout.ascii, out),
        Value::DateTime(..) => {
            write_string(&value.to_text().replacen(' ', "T", 1), layout.ascii, out);
        }
        other => write_string(&other.to_text(), layout.ascii, out),
    }
}

fn json_float(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned()
    } else {
        float_repr(number)
    }
}

fn write_items<'a>(
    items: impl ExactSizeIterator<Item = &'a Value>,
    layout: Layout,
    depth: usize,
    out: &mut String,
) {
    if items.len() == 0 {
        out.push_str("[]");
        return;
    }
    out.push('[');
    for (position, item) in items.enumerate() {
        separate(position, layout, depth + 1, out);
        write_value(item, layout, depth + 1, out);
    }
    break_line(layout, depth, out);
    out.push(']');
}

fn write_map(map: &Map, layout: Layout, depth: usize, out: &mut String) {
    if map.is_empty() {
        out.push_str("{}");
        return;
    }
    let mut entries: Vec<(String, &Value)> = map
        .iter()
        .map(|(key, value)| (key_text(key), value))
        .collect();
    if layout.sort {
        entries.sort_by(|a, b| a.0.cmp(&b.0));
    }
    out.push('{');
    for (position, (key, value)) in entries.into_iter().enumerate() {
        separate(position, layout, depth + 1, out);
        write_string(&key, layout.ascii, out);
        out.push_str(": ");
        write_value(value, layout, depth + 1, out);
    }
    break_line(layout, depth, out);
    out.push('}');
}

/// A key as JSON has it: text, `true`, `null`, a number's digits.
fn key_text(key: &Value) -> String {
    match key {
        Value::Null => "null".to_owned(),
        Value::Bool(true) => "true".to_owned(),
        Value::Bool(false) => "false".to_owned(),
        other => other.to_text(),
    }
}

fn separate(position: usize, layout: Layout, depth: usize, out: &mut String) {
    if position > 0 {
        out.push(',');
        if layout.indent.is_none() {
            out.push(' ');
        }
    }
    break_line(layout, depth, out);
}

fn break_line(layout: Layout, depth: usize, out: &mut String) {
    if let Some(indent) = layout.indent {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent * depth));
    }
}

fn write_string(text: &str, ascii: bool, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c if ascii && !c.is_ascii() => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// JSON with every option of Python's `json.dumps` that Ansible's filters pass on.
pub fn to_json_with(value: &Value, indent: Option<usize>, sort: bool, ascii: bool) -> String {
    write(
        value,
        Layout {
            indent,
            sort,
            ascii,
        },
    )
}

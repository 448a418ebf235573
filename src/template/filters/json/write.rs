//! `json.dumps`.

use super::super::super::bounds;
use crate::error::{Error, Result};
use crate::value::{Map, Value, float_repr};

/// How JSON is laid out.
pub(in crate::template::filters) struct Layout {
    pub(super) indent: Option<String>,
    pub(super) item_end: String,
    pub(super) key_end: String,
    pub(super) sort: bool,
    pub(super) ascii: bool,
    pub(super) skip_keys: bool,
    pub(super) allow_nan: bool,
}

impl Layout {
    /// One line without a blank.
    pub(in crate::template::filters) fn compact() -> Self {
        Layout {
            indent: None,
            item_end: ",".to_owned(),
            key_end: ":".to_owned(),
            sort: false,
            ascii: true,
            skip_keys: false,
            allow_nan: true,
        }
    }
}

/// The value, which has nothing lazy in it, as JSON.
pub(in crate::template::filters) fn write(value: &Value, layout: &Layout) -> Result<String> {
    let mut writer = Writer {
        layout,
        out: String::new(),
        depth: 0,
    };
    writer.value(value)?;
    Ok(writer.out)
}

struct Writer<'l> {
    layout: &'l Layout,
    out: String,
    depth: usize,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Int(number) => self.out.push_str(&number.to_string()),
            Value::BigInt(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) => self.float(*number)?,
            Value::Str(text) => self.string(text),
            Value::Date(_) => self.string(&value.to_text()),
            Value::DateTime(..) => self.string(&value.to_text().replacen(' ', "T", 1)),
            Value::List(items) | Value::Tuple(items) => {
                self.items(items.iter(), items.len())?;
            }
            Value::Set(map) => self.items(map.keys(), map.len())?,
            Value::Map(map) => self.map(map)?,
            Value::Undefined(undefined) => return Err(undefined.error.clone()),
            other => {
                return Err(Error::template(format!(
                    "object of type `{}` is not JSON serializable",
                    other.type_name()
                )));
            }
        }
        Ok(())
    }

    fn float(&mut self, number: f64) -> Result<()> {
        if !number.is_finite() && !self.layout.allow_nan {
            return Err(Error::template(format!(
                "out of range float value is not JSON compliant: {}",
                float_repr(number)
            )));
        }
        if number.is_nan() {
            self.out.push_str("NaN");
        } else if number.is_infinite() {
            let text = if number > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            };
            self.out.push_str(text);
        } else {
            self.out.push_str(&float_repr(number));
        }
        Ok(())
    }

    fn items<'a>(&mut self, items: impl Iterator<Item = &'a Value>, count: usize) -> Result<()> {
        if count == 0 {
            self.out.push_str("[]");
            return Ok(());
        }
        self.out.push('[');
        self.depth += 1;
        for (position, item) in items.enumerate() {
            self.separate(position)?;
            self.value(item)?;
        }
        self.close(']')?;
        Ok(())
    }

    fn map(&mut self, map: &Map) -> Result<()> {
        let mut named = Vec::with_capacity(map.len());
        for (key, value) in map {
            match key_text(key) {
                Some(name) => named.push((name, value)),
                None if self.layout.skip_keys => {}
                None => {
                    return Err(Error::template(format!(
                        "keys must be str, int, float, bool or None, not `{}`",
                        key.type_name()
                    )));
                }
            }
        }
        if self.layout.sort {
            named.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        if named.is_empty() {
            self.out.push_str("{}");
            return Ok(());
        }
        self.out.push('{');
        self.depth += 1;
        for (position, (name, value)) in named.into_iter().enumerate() {
            self.separate(position)?;
            self.string(&name);
            self.out.push_str(&self.layout.key_end);
            self.value(value)?;
        }
        self.close('}')?;
        Ok(())
    }

    fn separate(&mut self, position: usize) -> Result<()> {
        if position > 0 {
            self.out.push_str(&self.layout.item_end);
        }
        self.break_line()
    }

    fn close(&mut self, bracket: char) -> Result<()> {
        self.depth -= 1;
        self.break_line()?;
        self.out.push(bracket);
        Ok(())
    }

    fn break_line(&mut self) -> Result<()> {
        if let Some(indent) = &self.layout.indent {
            bounds::allow_text(self.out.len() as u64)?;
            bounds::allow_pieces(self.depth, indent.len())?;
            self.out.push('\n');
            self.out.push_str(&indent.repeat(self.depth));
        }
        Ok(())
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                c if (c as u32) < 0x20 || (self.layout.ascii && (c as u32) > 0x7e) => {
                    self.escape(c);
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn escape(&mut self, c: char) {
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            self.out.push_str(&format!("\\u{unit:04x}"));
        }
    }
}

/// A key as JSON has it; nothing for what JSON cannot have.
fn key_text(key: &Value) -> Option<String> {
    match key {
        Value::Str(text) => Some(text.to_string()),
        Value::Null => Some("null".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => Some(key.to_text()),
        _ => None,
    }
}

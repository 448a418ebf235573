//! Python's `str.format`.

use super::super::bounds;
use super::super::run::Run;
use super::field::{self, Spec};
use crate::error::{Error, Result};
use crate::value::Value;

/// `template.format(*positional, **named)`.
pub(super) fn format(
    run: &Run<'_>,
    template: &str,
    positional: &[Value],
    named: &[(String, Value)],
) -> Result<String> {
    let mut formatter = Formatter {
        run,
        positional,
        named,
        next: 0,
        numbered: None,
    };
    formatter.text(template, 0)
}

struct Formatter<'a, 'r> {
    run: &'a Run<'r>,
    positional: &'a [Value],
    named: &'a [(String, Value)],
    /// The next automatic number.
    next: usize,
    /// Whether fields are numbered by hand, once one was seen.
    numbered: Option<bool>,
}

impl Formatter<'_, '_> {
    fn text(&mut self, template: &str, depth: usize) -> Result<String> {
        if depth > 2 {
            return Err(Error::template("Max string recursion exceeded"));
        }
        let mut out = String::new();
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            let after = &rest[at + 1..];
            if let Some(doubled) = after.strip_prefix(brace) {
                out.push_str(brace);
                rest = doubled;
                continue;
            }
            if brace == "}" {
                return Err(Error::template("Single '}' encountered in format string"));
            }
            let end = closing(after)
                .ok_or_else(|| Error::template("expected '}' before end of string"))?;
            out.push_str(&self.field(&after[..end], depth)?);
            bounds::allow_text(out.len() as u64)?;
            rest = &after[end + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }

    /// One field: `name!conversion:spec`.
    fn field(&mut self, field: &str, depth: usize) -> Result<String> {
        let (head, spec) = split_spec(field);
        let (name, conversion) = match head.rsplit_once('!') {
            Some((name, conversion)) => (name, Some(conversion)),
            None => (head, None),
        };
        let value = self.value(name)?;
        let spec = self.text(spec, depth + 1)?;
        let value = match conversion {
            None => value,
            Some("s") => Value::str(self.run.string(&value)?),
            Some("r") => Value::str(self.run.deep(&value)?.repr()),
            Some("a") => Value::str(ascii(&self.run.deep(&value)?.repr())),
            Some(other) => {
                return Err(Error::template(format!(
                    "Unknown conversion specifier '{other}'"
                )));
            }
        };
        let value = self.run.deep(&value)?;
        if spec.is_empty() {
            return self.run.string(&value);
        }
        field::format(&value, &Spec::parse(&spec)?, &spec)
    }

    /// The value that a field's name means: `0`, `name`, `name.attribute[key]`.
    fn value(&mut self, name: &str) -> Result<Value> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let mut value = self.first(&name[..end])?;
        let mut rest = &name[end..];
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                value = self.run.get_attribute(&value, &after[..end])?;
                rest = &after[end..];
            } else if let Some(after) = rest.strip_prefix('[') {
                let end = after
                    .find(']')
                    .ok_or_else(|| Error::template("Missing ']' in format string"))?;
                let key = match after[..end].parse() {
                    Ok(number) => Value::Int(number),
                    Err(_) => Value::str(&after[..end]),
                };
                value = self.run.get_item(&value, &key)?;
                rest = &after[end + 1..];
            } else {
                return Err(Error::template(
                    "Only '.' or '[' may follow ']' in format field specifier",
                ));
            }
            value = self.run.defined(value)?;
        }
        Ok(value)
    }

    fn first(&mut self, name: &str) -> Result<Value> {
        let position = if name.is_empty() {
            self.next += 1;
            self.numbering(false)?;
            self.next - 1
        } else if let Ok(position) = name.parse() {
            self.numbering(true)?;
            position
        } else {
            return self
                .named
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
                .ok_or_else(|| Error::template(Value::str(name).repr()));
        };
        self.positional.get(position).cloned().ok_or_else(|| {
            Error::template(format!(
                "Replacement index {position} out of range for positional args tuple"
            ))
        })
    }

    fn numbering(&mut self, by_hand: bool) -> Result<()> {
        if *self.numbered.get_or_insert(by_hand) == by_hand {
            return Ok(());
        }
        Err(Error::template(
            "cannot switch between manual field specification and automatic field numbering",
        ))
    }
}

/// Where the field that begins here is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A field's head and its specification, parted by the first colon outside brackets.
fn split_spec(field: &str) -> (&str, &str) {
    let mut bracket = false;
    for (at, c) in field.char_indices() {
        match c {
            '[' => bracket = true,
            ']' => bracket = false,
            ':' if !bracket => return (&field[..at], &field[at + 1..]),
            _ => {}
        }
    }
    (field, "")
}

/// Python's `ascii()`: the text with everything else escaped.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            0..=0x7f => out.push(c),
            code @ 0x80..=0xff => out.push_str(&format!("\\x{code:02x}")),
            code @ 0x100..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out
}

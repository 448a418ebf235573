//! Text for and from HTML: `escape`, `striptags`, `xmlattr`, `urlize`.

use super::super::{Args, Runtime};
use super::strings::is_blank;
use super::{Table, entries, strict, text};
use crate::error::{Error, Result};
use crate::value::Value;

mod entity;
mod urlize;

pub(super) const FILTERS: Table = &[
    ("e", strict!(escape)),
    ("escape", strict!(escape)),
    ("forceescape", strict!(escape)),
    ("safe", strict!(safe)),
    ("striptags", strict!(strip_tags)),
    ("urlize", strict!(urlize::urlize)),
    ("xmlattr", strict!(xml_attributes)),
];

fn escape(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    Ok(Value::str(escaped(&text(runtime, &value)?)))
}

/// The text with `&`, `<`, `>` and quotes as entities, as MarkupSafe writes them.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            c => out.push(c),
        }
    }
    out
}

fn safe(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    Ok(Value::str(text(runtime, &value)?.as_str()))
}

/// Takes comments and tags away, joins the words by one blank, and reads the entities.
fn strip_tags(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    let mut value = text(runtime, &value)?.to_string();
    cut(&mut value, "<!--", "-->");
    cut(&mut value, "<", ">");
    let words: Vec<&str> = value
        .split(is_blank)
        .filter(|word| !word.is_empty())
        .collect();
    Ok(Value::str(entity::unescape(&words.join(" "))))
}

/// Takes out every part from `open` to the next `close`.
fn cut(text: &mut String, open: &str, close: &str) {
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find(open)) {
        let start = from + start;
        let Some(length) = text.get(start..).and_then(|rest| rest.find(close)) else {
            return;
        };
        text.replace_range(start..start + length + close.len(), "");
        from = start;
    }
}

fn xml_attributes(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let auto_space = args.flag("autospace", true)?;
    args.finish()?;
    let mut parts = Vec::new();
    for (key, value) in entries(&args, &value)?.iter() {
        let value = runtime.resolve(value)?;
        if value.is_null() || value.is_undefined() {
            continue;
        }
        let key = text(runtime, key)?;
        let is_odd = |c: char| is_blank(c) || matches!(c, '/' | '>' | '=');
        if key.contains(is_odd) {
            return Err(Error::template(format!(
                "invalid character in attribute name `{key}`"
            )));
        }
        let value = text(runtime, &value)?;
        parts.push(format!("{}=\"{}\"", escaped(&key), escaped(&value)));
    }
    let mut out = parts.join(" ");
    if auto_space && !out.is_empty() {
        out.insert(0, ' ');
    }
    Ok(Value::str(out))
}

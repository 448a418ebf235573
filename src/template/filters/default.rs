//! What to do where there is nothing: `default`, `mandatory`, `ternary`; and what a value is.

use super::super::{Args, Runtime};
use super::strings::is_blank;
use super::{Table, strict, text};
use crate::error::{Error, Kind, Result};
use crate::value::Value;

pub(super) const FILTERS: Table = &[
    ("ansible._protomatter.origin", origin),
    ("bool", strict!(boolean)),
    ("d", default),
    ("default", default),
    ("mandatory", mandatory),
    ("pprint", strict!(pprint)),
    ("quote", strict!(quote)),
    ("string", strict!(string)),
    ("ternary", ternary),
    ("type_debug", type_debug),
];

fn default(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let default = args.take("default_value")?;
    let boolean = match args.take("boolean")? {
        None => false,
        Some(Value::Bool(flag)) => flag,
        Some(other) => return Err(args.wrong("boolean", "a boolean", &other)),
    };
    args.finish()?;
    let is_missing = match &value {
        Value::Undefined(undefined) => undefined.error.kind() == Kind::Undefined,
        other => boolean && !other.is_true(),
    };
    if is_missing {
        return Ok(default.unwrap_or_else(|| Value::str("")));
    }
    Ok(value)
}

fn mandatory(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let message = args.take("msg")?.filter(|message| !message.is_null());
    args.finish()?;
    let Value::Undefined(undefined) = &value else {
        return Ok(value);
    };
    if undefined.error.kind() != Kind::Undefined {
        return Ok(value);
    }
    // Not of the kind "undefined": a `default` further on must not take it.
    Err(match message {
        Some(message) => Error::template(message.to_text()),
        None => Error::template(format!(
            "Mandatory variable {}not defined.",
            undefined
                .error
                .message()
                .strip_suffix(" is undefined")
                .map(|name| format!("{name} "))
                .unwrap_or_default()
        )),
    })
}

fn ternary(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let yes = args.require("true_val")?;
    let no = args.require("false_val")?;
    let none = args.take("none_val")?.filter(|none| !none.is_null());
    args.finish()?;
    super::defined(&value)?;
    Ok(match none {
        Some(none) if value.is_null() => none,
        _ if value.is_true() => yes,
        _ => no,
    })
}

fn type_debug(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    Ok(Value::str(match &value {
        // The names of the reference's marks.
        Value::Undefined(undefined) => match undefined.error.kind() {
            Kind::Undefined => "UndefinedMarker",
            Kind::Template => "CapturedExceptionMarker",
            _ => "VaultExceptionMarker",
        },
        Value::Omit => "_OmitType",
        value => value.type_name(),
    }))
}

/// Where the value was read, as far as that is known: the reference's own playbooks ask for it.
fn origin(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    let place = value.place().map(ToString::to_string);
    Ok(Value::str_or_null(place.as_deref()))
}

/// Python's `pprint` knows no dictionary or list of a template's, and prints them in one line; it
/// breaks long text.
fn pprint(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    const WIDTH: usize = 80;
    let value = args.subject()?;
    args.finish()?;
    let repr = runtime.plain(&value)?.repr();
    Ok(Value::str(match value.as_str() {
        Some(text) if repr.chars().count() > WIDTH => broken(text, WIDTH),
        _ => repr,
    }))
}

/// The text as several string literals in brackets, each on a line.
fn broken(text: &str, width: usize) -> String {
    // The brackets take a column at either end.
    let width = width - 1;
    let repr = |text: &str| Value::str(text).repr();
    let length = |text: &str| repr(text).chars().count();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut chunks = Vec::new();
    for (position, line) in lines.iter().enumerate() {
        let is_last = position + 1 == lines.len();
        let bracket = usize::from(is_last);
        if length(line) <= width - bracket {
            chunks.push(repr(line));
            continue;
        }
        let parts = words(line);
        let mut current = String::new();
        for (position, part) in parts.iter().enumerate() {
            let at_end = is_last && position + 1 == parts.len();
            let longer = format!("{current}{part}");
            if length(&longer) > width - usize::from(at_end) && !current.is_empty() {
                chunks.push(repr(&current));
                current = (*part).to_owned();
            } else {
                current = longer;
            }
        }
        chunks.push(repr(&current));
    }
    match chunks.len() {
        1 => chunks.concat(),
        _ => format!("({})", chunks.join("\n ")),
    }
}

/// The words, each with the blanks behind it.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let word = rest.find(is_blank).unwrap_or(rest.len());
        let blanks = rest.get(word..).unwrap_or_default();
        let end = blanks.find(|c| !is_blank(c)).unwrap_or(blanks.len());
        let (taken, after) = rest.split_at(word + end);
        words.push(taken);
        rest = after;
    }
    words
}

fn string(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    text(runtime, &value).map(Value::Str)
}

/// The words of YAML that are truth values; anything else is a warning and false, but for 1.0.
fn boolean(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    let known = match &value {
        Value::Bool(flag) => Some(*flag),
        Value::Int(0) => Some(false),
        Value::Int(1) => Some(true),
        Value::Str(text) => truth_word(text),
        _ => None,
    };
    Ok(Value::Bool(known.unwrap_or_else(|| {
        let made = matches!(value, Value::Float(1.0));
        runtime.warn(format!(
            "the `bool` filter made {} of {}, which is not a truth value",
            Value::Bool(made).repr(),
            value.repr()
        ));
        made
    })))
}

/// `yes`, `on`, `true`, `1` and their opposites, in any case.
pub(in crate::template) fn truth_word(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "on" | "true" | "1" => Some(true),
        "no" | "off" | "false" | "0" => Some(false),
        _ => None,
    }
}

fn quote(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    if value.is_null() {
        return Ok(Value::str("''"));
    }
    Ok(Value::str(shell_quoted(&text(runtime, &value)?)))
}

/// The text as one word of a POSIX shell, as Python's `shlex.quote` writes it.
pub(in crate::template) fn shell_quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\"'\"'"))
}

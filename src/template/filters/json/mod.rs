//! JSON with the options of Python's `json`: `to_json`, `to_nice_json`, `from_json`, `tojson`.

use super::super::{Args, Runtime, bounds};
use super::{Table, strict};
use crate::error::{Error, Result};
use crate::value;
use crate::value::{Sealed, Value};
use std::sync::Arc;

mod write;

pub(super) use write::{Layout, write};

pub(super) const FILTERS: Table = &[
    ("from_json", strict!(from_json)),
    ("to_json", strict!(to_json)),
    ("to_nice_json", strict!(to_nice_json)),
    ("tojson", strict!(tojson)),
];

fn to_json(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    profile(&mut args)?;
    let layout = layout(&mut args, None, false, None)?;
    args.finish()?;
    write(&runtime.plain(&value)?, &layout).map(Value::str)
}

fn to_nice_json(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let indent = args.take("indent")?.unwrap_or(Value::Int(4));
    let sort = args.flag("sort_keys", true)?;
    // Taken and left alone, as in the reference.
    args.take_named("separators");
    profile(&mut args)?;
    let layout = layout(&mut args, Some(indent), sort, Some((",", ": ")))?;
    args.finish()?;
    write(&runtime.plain(&value)?, &layout).map(Value::str)
}

/// The profiles of the reference differ in how they mark what JSON does not have; only the one
/// without marks is built.
fn profile(args: &mut Args) -> Result<()> {
    args.take_named("vault_to_text");
    args.take_named("preprocess_unsafe");
    match args.take_named("profile") {
        None | Some(Value::Null) => Ok(()),
        Some(profile) if profile.as_str() == Some("tagless") => Ok(()),
        Some(profile) => Err(Error::template(format!(
            "`{}` does not know the profile `{profile}`",
            args.who()
        ))
        .hint("only `tagless`, the default, is built")),
    }
}

/// What the named arguments of `json.dumps` say.
fn layout(
    args: &mut Args,
    indent: Option<Value>,
    sort: bool,
    separators: Option<(&str, &str)>,
) -> Result<Layout> {
    let indent = match args.take_named("indent").or(indent) {
        None | Some(Value::Null) => None,
        Some(Value::Str(text)) => Some(text.to_string()),
        Some(value) => match value.as_int() {
            Some(width) => {
                let width = usize::try_from(width).unwrap_or(0);
                bounds::allow_text(width as u64)?;
                Some(" ".repeat(width))
            }
            None => return Err(args.wrong("indent", "an integer or a string", &value)),
        },
    };
    let item_end = if indent.is_some() { "," } else { ", " };
    let (item_end, key_end) = match args.take_named("separators") {
        None | Some(Value::Null) => {
            let (item_end, key_end) = separators.unwrap_or((item_end, ": "));
            (item_end.to_owned(), key_end.to_owned())
        }
        Some(given) => pair(args, &given)?,
    };
    // A value cannot hold itself here: there is nothing to check.
    args.take_named("check_circular");
    let mut flag = |name: &str, default: bool| {
        args.take_named(name)
            .map_or(default, |value| value.is_true())
    };
    Ok(Layout {
        indent,
        item_end,
        key_end,
        sort: flag("sort_keys", sort),
        ascii: flag("ensure_ascii", true),
        skip_keys: flag("skipkeys", false),
        allow_nan: flag("allow_nan", true),
    })
}

fn pair(args: &Args, given: &Value) -> Result<(String, String)> {
    match given.as_list().map(|items| items.as_slice()) {
        Some([Value::Str(item_end), Value::Str(key_end)]) => {
            Ok((item_end.to_string(), key_end.to_string()))
        }
        _ => Err(args.wrong("separators", "two strings", given)),
    }
}

/// Jinja's: keys sorted, and safe to stand in HTML.
fn tojson(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let indent = args.take("indent")?;
    let layout = layout(&mut args, indent, true, None)?;
    args.finish()?;
    let text = write(&runtime.plain(&value)?, &layout)?;
    Ok(Value::str(
        text.replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026")
            .replace('\'', "\\u0027"),
    ))
}

fn from_json(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let marks = match args.take_named("profile") {
        None | Some(Value::Null) => false,
        Some(profile) => match profile.as_str() {
            Some("tagless") => false,
            Some("legacy" | "inventory_legacy") => true,
            _ => {
                return Err(
                    Error::template(format!("Unknown profile name '{profile}'."))
                        .hint("use tagless, legacy or inventory_legacy"),
                );
            }
        },
    };
    args.finish()?;
    let read = |text: &str| match marks {
        true => parsed(text).map(|value| unmarked(&value)),
        false => parsed(text),
    };
    let setting = runtime
        .scope()
        .outside()
        .setting("MODULE_STRICT_UTF8_RESPONSE");
    match &value {
        Value::Str(text)
            if lone_surrogate(text).is_some() && setting.is_none_or(|on| on.is_true()) =>
        {
            let unit = lone_surrogate(text).unwrap_or_default();
            Err(Error::template(format!(
                "Refusing to deserialize an invalid UTF8 string value: 'utf-8' codec can't encode \
                 character '\\u{unit}': surrogates not allowed"
            ))
            .hint("This check can be disabled with the `MODULE_STRICT_UTF8_RESPONSE` setting."))
        }
        Value::Str(text) => read(text),
        Value::Bytes(bytes) => read(&String::from_utf8_lossy(bytes)),
        other => Err(Error::template(format!(
            "the JSON object must be a string, not `{}`",
            other.type_name()
        ))),
    }
}

/// The first half of a pair of surrogates that stands alone in a JSON text, as its four digits.
fn lone_surrogate(text: &str) -> Option<&str> {
    let mut units = text.match_indices('\\').peekable();
    let unit = |at: usize| {
        let digits = text
            .get(at + 2..at + 6)
            .filter(|_| text[at..].starts_with("\\u"))?;
        Some((digits, u32::from_str_radix(digits, 16).ok()?))
    };
    while let Some((at, _)) = units.next() {
        // Another backslash, or a quote, is what this one is about.
        if units.peek().is_some_and(|(next, _)| *next == at + 1) {
            units.next();
            continue;
        }
        match unit(at) {
            Some((_, 0xd800..0xdc00)) if matches!(unit(at + 6), Some((_, 0xdc00..0xe000))) => {
                units.next();
            }
            Some((digits, 0xd800..0xe000)) => return Some(digits),
            _ => {}
        }
    }
    None
}

/// The value with what the dictionaries `__ansible_vault` and `__ansible_unsafe` stand for.
fn unmarked(value: &Value) -> Value {
    match value {
        Value::Map(map) => {
            if let (1, Some((key, inner))) = (map.len(), map.at(0)) {
                match (key.as_str(), inner) {
                    (Some("__ansible_vault"), Value::Str(text)) => {
                        return Value::Sealed(Arc::new(Sealed {
                            ciphertext: text.to_string(),
                            place: None,
                        }));
                    }
                    (Some("__ansible_unsafe"), Value::Str(text)) => {
                        return Value::Str(text.untrusted());
                    }
                    _ => {}
                }
            }
            Value::map(map.mapped(unmarked))
        }
        Value::List(items) => Value::list(items.iter().map(unmarked).collect()),
        other => other.clone(),
    }
}

fn parsed(text: &str) -> Result<Value> {
    value::from_json(text).map_err(|error| Error::template(error.message()))
}

#[cfg(test)]
mod tests {
    use super::lone_surrogate;

    #[test]
    fn only_a_surrogate_that_stands_alone_is_found() {
        for (text, found) in [
            (r#""hi \udc80 mom""#, Some("dc80")),
            (r#""\ud83d\ude00""#, None),
            (r#""\ud83d\ude00\ud83d""#, Some("d83d")),
            (r#""\\udc80""#, None),
            (r#""\\\uDC80""#, Some("DC80")),
            (r#""\ud83dx\ude00""#, Some("d83d")),
            (r#""\u00e9 \u12""#, None),
            ("\"\\é\\u\"", None),
        ] {
            assert_eq!(lone_surrogate(text), found, "{text}");
        }
    }
}

//! What a value is: `defined`, `string`, `mapping`, `number`, `truthy` and their kin.

use super::super::filters::{strict, truth_word};
use super::super::{Args, Runtime};
use super::Table;
use crate::error::{Kind, Result};
use crate::value::Value;

pub(super) const TESTS: Table = &[
    ("all", strict!(all)),
    ("any", strict!(any)),
    ("boolean", strict!(boolean)),
    ("ansible._protomatter.tagged_with", strict!(tagged_with)),
    ("callable", strict!(callable)),
    ("defined", defined),
    ("false", strict!(is_false)),
    ("falsy", strict!(falsy)),
    ("float", strict!(float)),
    ("integer", strict!(integer)),
    ("isnan", strict!(nan)),
    ("iterable", strict!(iterable)),
    ("mapping", strict!(mapping)),
    ("nan", strict!(nan)),
    ("none", strict!(none)),
    ("number", strict!(number)),
    ("sequence", strict!(sequence)),
    ("string", strict!(string)),
    ("true", strict!(is_true)),
    ("truthy", strict!(truthy)),
    ("undefined", undefined),
];

fn subject(mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    Ok(value)
}

/// A variable whose own template fails for another reason than being undefined is neither.
fn defined(_: &dyn Runtime, args: Args) -> Result<bool> {
    match subject(args)? {
        Value::Undefined(undefined) if undefined.error.kind() != Kind::Undefined => {
            Err(undefined.error.clone())
        }
        value => Ok(!value.is_undefined()),
    }
}

fn undefined(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(!defined(runtime, args)?)
}

fn boolean(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(matches!(subject(args)?, Value::Bool(_)))
}

fn is_true(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(matches!(subject(args)?, Value::Bool(true)))
}

fn is_false(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(matches!(subject(args)?, Value::Bool(false)))
}

/// What the reference knows of a value beside the value: its own playbooks ask whether a text is a template.
fn tagged_with(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    let tag = args.take("tag_name")?.unwrap_or_default();
    args.finish()?;
    let text = match &value {
        Value::Str(text) => Some(text),
        _ => None,
    };
    match tag.as_str() {
        Some("TrustedAsTemplate") => Ok(text.is_some_and(crate::value::Str::is_trusted)),
        Some("Origin") => Ok(text.is_some_and(|text| text.place().is_some())),
        _ => Err(crate::error::Error::template(format!(
            "Unknown tag name {}.",
            tag.repr()
        ))),
    }
}

fn none(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(subject(args)?.is_null())
}

fn string(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(matches!(subject(args)?, Value::Str(_) | Value::Sealed(_)))
}

fn mapping(_: &dyn Runtime, args: Args) -> Result<bool> {
    let value = subject(args)?;
    Ok(value.type_name() == "dict")
}

/// A truth value is no integer here, but it is a number.
fn integer(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(matches!(subject(args)?, Value::Int(_) | Value::BigInt(_)))
}

fn float(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(matches!(subject(args)?, Value::Float(_)))
}

fn number(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(subject(args)?.as_float().is_some())
}

fn nan(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(matches!(subject(args)?, Value::Float(number) if number.is_nan()))
}

fn iterable(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    let value = subject(args)?;
    Ok(is_sequence(&value)
        || matches!(value, Value::Set(_))
        || (matches!(value, Value::Object(_)) && runtime.items(&value).is_ok()))
}

/// What has a length and can be indexed: text and dictionaries too.
fn sequence(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    let value = subject(args)?;
    Ok(is_sequence(&value) || (matches!(value, Value::Object(_)) && runtime.items(&value).is_ok()))
}

fn is_sequence(value: &Value) -> bool {
    matches!(
        value,
        Value::Str(_) | Value::Bytes(_) | Value::List(_) | Value::Tuple(_) | Value::Map(_)
    )
}

/// Functions, macros and methods: what lives in a template and cannot be looped over.
fn callable(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    let value = subject(args)?;
    let Value::Object(object) = &value else {
        return Ok(false);
    };
    let is_data = matches!(
        object.type_name(),
        "LoopContext" | "Namespace" | "dict" | "list"
    );
    Ok(!is_data && runtime.items(&value).is_err())
}

fn all(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    for item in runtime.items(&subject(args)?)? {
        if !super::truth(&item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn any(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    for item in runtime.items(&subject(args)?)? {
        if super::truth(&item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Python's truth, or with `convert_bool` that of the words of YAML.
fn truthy(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    let convert = args.flag("convert_bool", false)?;
    args.finish()?;
    let converted = convert.then(|| converted(&value)).flatten();
    Ok(converted.unwrap_or_else(|| value.is_true()))
}

fn falsy(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(!truthy(runtime, args)?)
}

fn converted(value: &Value) -> Option<bool> {
    match value {
        Value::Str(text) => match text.trim().to_lowercase().as_str() {
            "y" | "t" => Some(true),
            "n" | "f" => Some(false),
            word => truth_word(word),
        },
        _ if value.as_float() == Some(1.0) => Some(true),
        _ if value.as_float() == Some(0.0) => Some(false),
        _ => None,
    }
}

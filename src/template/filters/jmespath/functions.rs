//! The functions of JMESPath.

use std::cmp::Ordering;

use ::jmespath::ast::Ast;

use super::super::json::{Layout, write};
use super::super::numbers::{parse_float, parse_int};
use super::super::{order, sort_pairs};
use super::search;
use crate::error::{Error, Result, nearest};
use crate::value::{Map, Value, int_from_big};

const NAMES: &[(&str, usize)] = &[
    ("abs", 1),
    ("avg", 1),
    ("ceil", 1),
    ("contains", 2),
    ("ends_with", 2),
    ("floor", 1),
    ("join", 2),
    ("keys", 1),
    ("length", 1),
    ("map", 2),
    ("max", 1),
    ("max_by", 2),
    ("merge", 0),
    ("min", 1),
    ("min_by", 2),
    ("not_null", 0),
    ("reverse", 1),
    ("sort", 1),
    ("sort_by", 2),
    ("starts_with", 2),
    ("sum", 1),
    ("to_array", 1),
    ("to_number", 1),
    ("to_string", 1),
    ("type", 1),
    ("values", 1),
];

/// Calls a function with arguments that are looked for in `value`.
pub(super) fn call(value: &Value, name: &str, args: &[Ast]) -> Result<Value> {
    let Some((_, count)) = NAMES.iter().find(|(known, _)| *known == name) else {
        return Err(Error::template(format!("unknown function: {name}()"))
            .hint_if(nearest(name, NAMES.iter().map(|(known, _)| *known))));
    };
    if *count > 0 && args.len() != *count || args.is_empty() {
        return Err(Error::template(format!(
            "expected {} arguments for function {name}(), received {}",
            (*count).max(1),
            args.len()
        )));
    }
    match (name, args) {
        ("map", [by, list]) => {
            let items = list_of(name, &search(value, list)?)?;
            let by = expression(name, by)?;
            let found = items.iter().map(|item| search(item, by));
            Ok(Value::list(found.collect::<Result<_>>()?))
        }
        ("sort_by" | "max_by" | "min_by", [list, by]) => {
            let items = list_of(name, &search(value, list)?)?;
            ordered_by(name, items, expression(name, by)?)
        }
        _ => {
            let given = args.iter().map(|arg| search(value, arg));
            simple(name, &given.collect::<Result<Vec<Value>>>()?)
        }
    }
}

/// The expression after `&`.
fn expression<'a>(name: &str, tree: &'a Ast) -> Result<&'a Ast> {
    match tree {
        Ast::Expref { ast, .. } => Ok(ast),
        _ => Err(Error::template(format!(
            "function {name}() wants an expression such as `&name`"
        ))),
    }
}

fn wrong(name: &str, value: &Value, wanted: &str) -> Error {
    Error::template(format!(
        "in function {name}(), invalid type for value: {}, expected {wanted}, received: \"{}\"",
        value.repr(),
        kind(value)
    ))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => "number",
        Value::List(_) | Value::Tuple(_) => "array",
        Value::Map(_) => "object",
        _ => "string",
    }
}

fn list_of(name: &str, value: &Value) -> Result<Vec<Value>> {
    match value.as_list() {
        Some(items) => Ok(items.to_vec()),
        None => Err(wrong(name, value, "an array")),
    }
}

fn text_of<'v>(name: &str, value: &'v Value) -> Result<&'v str> {
    value.as_str().ok_or_else(|| wrong(name, value, "a string"))
}

fn number_of(name: &str, value: &Value) -> Result<f64> {
    match kind(value) {
        "number" => Ok(value.as_float().unwrap_or(f64::NAN)),
        _ => Err(wrong(name, value, "a number")),
    }
}

/// The items, which are all numbers, or where `texts` says so all texts.
fn alike(name: &str, value: &Value, texts: bool) -> Result<Vec<Value>> {
    let items = list_of(name, value)?;
    let first = items.first().map_or("number", kind);
    let allowed = first == "number" || (texts && first == "string");
    match items.iter().find(|item| !allowed || kind(item) != first) {
        Some(odd) => Err(wrong(name, odd, "numbers or strings of one kind")),
        None => Ok(items),
    }
}

fn simple(name: &str, args: &[Value]) -> Result<Value> {
    let (Some(first), second) = (args.first(), args.get(1)) else {
        return Ok(Value::Null);
    };
    let second = second.unwrap_or(&Value::Null);
    Ok(match name {
        "abs" => match first {
            Value::Int(number) => Value::Int(number.saturating_abs()),
            other => Value::Float(number_of(name, other)?.abs()),
        },
        "avg" => match alike(name, first, false)? {
            items if items.is_empty() => Value::Null,
            items => {
                let sum: f64 = items.iter().filter_map(Value::as_float).sum();
                Value::Float(sum / items.len() as f64)
            }
        },
        "ceil" => Value::Int(number_of(name, first)?.ceil() as i64),
        "floor" => Value::Int(number_of(name, first)?.floor() as i64),
        "contains" => match first {
            Value::Str(text) => {
                Value::Bool(second.as_str().is_some_and(|part| text.contains(part)))
            }
            other => Value::Bool(list_of(name, other)?.contains(second)),
        },
        "starts_with" => Value::Bool(text_of(name, first)?.starts_with(text_of(name, second)?)),
        "ends_with" => Value::Bool(text_of(name, first)?.ends_with(text_of(name, second)?)),
        "join" => {
            let items = list_of(name, second)?;
            let texts = items.iter().map(|item| text_of(name, item));
            Value::str(
                texts
                    .collect::<Result<Vec<_>>>()?
                    .join(text_of(name, first)?),
            )
        }
        "keys" | "values" => {
            let Value::Map(map) = first else {
                return Err(wrong(name, first, "an object"));
            };
            Value::list(match name {
                "keys" => map.keys().cloned().collect(),
                _ => map.values().cloned().collect(),
            })
        }
        "length" => match first {
            Value::Str(text) => Value::from(text.chars().count()),
            Value::Map(map) => Value::from(map.len()),
            other => Value::from(list_of(name, other)?.len()),
        },
        "max" => extreme(alike(name, first, true)?, Ordering::Greater)?,
        "min" => extreme(alike(name, first, true)?, Ordering::Less)?,
        "merge" => merged(name, args)?,
        "not_null" => args
            .iter()
            .find(|arg| !arg.is_null())
            .cloned()
            .unwrap_or_default(),
        "reverse" => match first {
            Value::Str(text) => Value::str(text.chars().rev().collect::<String>()),
            other => Value::list(list_of(name, other)?.into_iter().rev().collect()),
        },
        "sort" => {
            let items = alike(name, first, true)?;
            let mut pairs: Vec<(Value, ())> = items.into_iter().map(|item| (item, ())).collect();
            sort_pairs(&mut pairs, false)?;
            Value::list(pairs.into_iter().map(|(item, ())| item).collect())
        }
        "sum" => summed(&alike(name, first, false)?),
        "to_array" => match first.as_list() {
            Some(_) => first.clone(),
            None => Value::list(vec![first.clone()]),
        },
        "to_number" => to_number(first),
        "to_string" => match first {
            Value::Str(_) => first.clone(),
            other => Value::str(write(other, &Layout::compact())?),
        },
        _ => Value::str(kind(first)),
    })
}

fn to_number(value: &Value) -> Value {
    match value {
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => value.clone(),
        Value::Str(text) => match parse_int(text, 10) {
            Some(whole) => int_from_big(whole),
            None => parse_float(text).map_or(Value::Null, Value::Float),
        },
        _ => Value::Null,
    }
}

fn summed(items: &[Value]) -> Value {
    let whole: Option<i64> = items.iter().try_fold(0i64, |sum, item| match item {
        Value::Int(number) => sum.checked_add(*number),
        _ => None,
    });
    match whole {
        Some(sum) => Value::Int(sum),
        None => Value::Float(items.iter().filter_map(Value::as_float).sum()),
    }
}

fn merged(name: &str, args: &[Value]) -> Result<Value> {
    let mut all = Map::new();
    for arg in args {
        match arg {
            Value::Map(map) => all.extend_from(map),
            other => return Err(wrong(name, other, "an object")),
        }
    }
    Ok(Value::map(all))
}

fn extreme(items: Vec<Value>, wanted: Ordering) -> Result<Value> {
    let mut items = items.into_iter();
    let mut best = items.next().unwrap_or_default();
    for item in items {
        if order(&item, &best)? == wanted {
            best = item;
        }
    }
    Ok(best)
}

fn ordered_by(name: &str, items: Vec<Value>, by: &Ast) -> Result<Value> {
    let mut pairs = Vec::with_capacity(items.len());
    for item in items {
        let key = search(&item, by)?;
        let fits = matches!(kind(&key), "number" | "string");
        if !fits {
            return Err(wrong(
                name,
                &item,
                "items whose key is a number or a string",
            ));
        }
        pairs.push((key, item));
    }
    match name {
        "sort_by" => {
            sort_pairs(&mut pairs, false)?;
            Ok(Value::list(
                pairs.into_iter().map(|(_, item)| item).collect(),
            ))
        }
        _ => {
            let wanted = if name == "max_by" {
                Ordering::Greater
            } else {
                Ordering::Less
            };
            let mut best: Option<(Value, Value)> = None;
            for (key, item) in pairs {
                let is_better = match &best {
                    None => true,
                    Some((best, _)) => order(&key, best)? == wanted,
                };
                if is_better {
                    best = Some((key, item));
                }
            }
            Ok(best.map(|(_, item)| item).unwrap_or_default())
        }
    }
}

//! `json_query`: JMESPath over our own values, which keep the order of their keys.
//!
//! The crate reads the expression; its own interpreter sorts the keys of every dictionary.

use ::jmespath::ast::{Ast, Comparator};
use ::jmespath::{Variable, parse};

use super::super::{Args, Runtime};
use super::{Table, strict};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

mod functions;

pub(super) const FILTERS: Table = &[("community.general.json_query", strict!(json_query))];

fn json_query(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let expression = args.text("expr", "")?;
    args.finish()?;
    let tree = parse(&with_quoted_literals(&expression)).map_err(|error| {
        Error::template(format!("bad JMESPath expression `{expression}`"))
            .because(Error::template(error.reason.to_string()))
    })?;
    search(&runtime.plain(&value)?, &tree).map_err(|error| {
        Error::template(format!("`json_query` failed on `{expression}`")).because(error)
    })
}

/// The expression with quotes around those literals between backticks that are no JSON, as the
/// language had it before its first version and most playbooks still write it.
fn with_quoted_literals(expression: &str) -> String {
    let mut out = String::new();
    let mut rest = expression;
    while let Some(at) = rest.find(['`', '\'', '"']) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let mark = if after.starts_with('`') {
            '`'
        } else if after.starts_with('"') {
            '"'
        } else {
            '\''
        };
        let inside = after.get(1..).unwrap_or_default();
        let Some(end) = closing(inside, mark) else {
            out.push_str(after);
            return out;
        };
        let content = inside.get(..end).unwrap_or_default();
        out.push(mark);
        let json = content.replace("\\`", "`");
        if mark == '`' && crate::value::from_json(&json).is_err() {
            out.push_str(&format!("\"{}\"", content.trim_start()));
        } else {
            out.push_str(content);
        }
        out.push(mark);
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Where the mark stands that no backslash escapes.
fn closing(text: &str, mark: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == mark && !escaped {
            return Some(at);
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// What the expression finds in the value.
fn search(value: &Value, tree: &Ast) -> Result<Value> {
    Ok(match tree {
        Ast::Identity { .. } => value.clone(),
        Ast::Field { name, .. } => value.get(name).cloned().unwrap_or_default(),
        Ast::Index { idx, .. } => index(value, i64::from(*idx)),
        Ast::Slice {
            start, stop, step, ..
        } => slice(value, *start, *stop, *step)?,
        Ast::Subexpr { lhs, rhs, .. } => search(&search(value, lhs)?, rhs)?,
        Ast::Literal { value, .. } => literal(value),
        Ast::Comparison {
            comparator,
            lhs,
            rhs,
            ..
        } => compared(comparator, &search(value, lhs)?, &search(value, rhs)?)?,
        Ast::Condition {
            predicate, then, ..
        } => match is_true(&search(value, predicate)?) {
            true => search(value, then)?,
            false => Value::Null,
        },
        Ast::And { lhs, rhs, .. } => {
            let left = search(value, lhs)?;
            match is_true(&left) {
                true => search(value, rhs)?,
                false => left,
            }
        }
        Ast::Or { lhs, rhs, .. } => {
            let left = search(value, lhs)?;
            match is_true(&left) {
                true => left,
                false => search(value, rhs)?,
            }
        }
        Ast::Not { node, .. } => Value::Bool(!is_true(&search(value, node)?)),
        Ast::Flatten { node, .. } => flattened(&search(value, node)?),
        Ast::ObjectValues { node, .. } => match search(value, node)? {
            Value::Map(map) => Value::list(map.values().cloned().collect()),
            _ => Value::Null,
        },
        Ast::Projection { lhs, rhs, .. } => projected(&search(value, lhs)?, rhs)?,
        Ast::MultiList { .. } | Ast::MultiHash { .. } if value.is_null() => Value::Null,
        Ast::MultiList { elements, .. } => {
            let items = elements.iter().map(|element| search(value, element));
            Value::list(items.collect::<Result<_>>()?)
        }
        Ast::MultiHash { elements, .. } => {
            let mut map = Map::new();
            for pair in elements {
                map.set(&pair.key, search(value, &pair.value)?);
            }
            Value::map(map)
        }
        Ast::Function { name, args, .. } => functions::call(value, name, args)?,
        Ast::Expref { .. } => {
            return Err(Error::template(
                "an expression stands where a value is wanted",
            ));
        }
    })
}

/// Everything but null, false and what is empty; a zero is true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => true,
        other => other.is_true(),
    }
}

fn index(value: &Value, index: i64) -> Value {
    let Some(items) = value.as_list() else {
        return Value::Null;
    };
    let place = if index < 0 {
        items.len() as i64 + index
    } else {
        index
    };
    let item = usize::try_from(place)
        .ok()
        .and_then(|place| items.get(place));
    item.cloned().unwrap_or_default()
}

fn slice(value: &Value, start: Option<i32>, stop: Option<i32>, step: i32) -> Result<Value> {
    if step == 0 {
        return Err(Error::template("slice step cannot be zero"));
    }
    let Some(items) = value.as_list() else {
        return Ok(Value::Null);
    };
    let count = items.len() as i64;
    let step = i64::from(step);
    let (low, high) = if step > 0 {
        (0, count)
    } else {
        (-1, count - 1)
    };
    let bound = |place: Option<i32>, default: i64| match place.map(i64::from) {
        None => default,
        Some(place) if place < 0 => (place + count).clamp(low, high),
        Some(place) => place.clamp(low, high),
    };
    let (first, last) = if step > 0 { (low, high) } else { (high, low) };
    let mut at = bound(start, first);
    let end = bound(stop, last);
    let mut taken = Vec::new();
    while (step > 0 && at < end) || (step < 0 && at > end) {
        let item = usize::try_from(at).ok().and_then(|at| items.get(at));
        taken.extend(item.cloned());
        at += step;
    }
    Ok(Value::list(taken))
}

fn flattened(value: &Value) -> Value {
    let Some(items) = value.as_list() else {
        return Value::Null;
    };
    let mut flat = Vec::new();
    for item in items.iter() {
        match item.as_list() {
            Some(inner) => flat.extend(inner.iter().cloned()),
            None => flat.push(item.clone()),
        }
    }
    Value::list(flat)
}

/// What the expression finds in each item, nulls left out.
fn projected(value: &Value, tree: &Ast) -> Result<Value> {
    let Some(items) = value.as_list() else {
        return Ok(Value::Null);
    };
    let mut found = Vec::new();
    for item in items.iter() {
        let one = search(item, tree)?;
        if !one.is_null() {
            found.push(one);
        }
    }
    Ok(Value::list(found))
}

fn compared(comparator: &Comparator, a: &Value, b: &Value) -> Result<Value> {
    let mixes_kinds = matches!(a, Value::Bool(_)) != matches!(b, Value::Bool(_));
    let equal = !mixes_kinds && a == b;
    match comparator {
        Comparator::Equal => return Ok(Value::Bool(equal)),
        Comparator::NotEqual => return Ok(Value::Bool(!equal)),
        _ => {}
    }
    let has_order = |value: &Value| {
        matches!(
            value,
            Value::Str(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_)
        )
    };
    if !has_order(a) || !has_order(b) {
        return Ok(Value::Null);
    }
    let order = super::order(a, b)?;
    Ok(Value::Bool(match comparator {
        Comparator::LessThan => order.is_lt(),
        Comparator::LessThanEqual => order.is_le(),
        Comparator::GreaterThan => order.is_gt(),
        _ => order.is_ge(),
    }))
}

/// A literal of the expression; the crate has sorted the keys of its dictionaries.
fn literal(variable: &Variable) -> Value {
    match variable {
        Variable::Null | Variable::Expref(_) => Value::Null,
        Variable::Bool(flag) => Value::Bool(*flag),
        Variable::String(text) => Value::str(text.as_str()),
        Variable::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Variable::Array(items) => Value::list(items.iter().map(|item| literal(item)).collect()),
        Variable::Object(map) => Value::map(
            map.iter()
                .map(|(key, value)| (Value::str(key.as_str()), literal(value)))
                .collect(),
        ),
    }
}

//! Lists: ends, joining, cutting, flattening, summing.

use super::super::{Args, Runtime, bounds};
use super::attribute::Path;
use super::{Table, items, strict, text, undefined};
use crate::error::{Error, Result};
use crate::value::Value;

mod sum;

pub(super) use sum::added;

pub(super) const FILTERS: Table = &[
    ("batch", strict!(batch)),
    ("count", strict!(length)),
    ("first", strict!(first)),
    ("flatten", strict!(flatten)),
    ("join", strict!(join)),
    ("last", strict!(last)),
    ("length", strict!(length)),
    ("list", strict!(list)),
    ("reverse", strict!(reverse)),
    ("slice", strict!(slice)),
    ("sum", strict!(sum::sum)),
];

fn length(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    Ok(Value::from(match &value {
        Value::Str(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(items) | Value::Tuple(items) => items.len(),
        Value::Map(map) | Value::Set(map) => map.len(),
        Value::Object(_) => runtime.items(&value)?.len(),
        _ => {
            return Err(Error::template(format!(
                "object of type '{}' has no len()",
                value.type_name()
            )));
        }
    }))
}

fn list(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    match &value {
        Value::List(_) => Ok(value),
        Value::Tuple(items) => Ok(Value::List(items.clone())),
        _ => runtime.items(&value).map(Value::list),
    }
}

fn first(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    let empty = || undefined(Error::undefined("No first item, sequence was empty."));
    match &value {
        Value::List(items) | Value::Tuple(items) => match items.first() {
            Some(item) => runtime.resolve(item),
            None => Ok(empty()),
        },
        _ => {
            let first = runtime.items(&value)?.into_iter().next();
            Ok(first.unwrap_or_else(empty))
        }
    }
}

fn last(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    let empty = || undefined(Error::undefined("No last item, sequence was empty."));
    match &value {
        Value::List(items) | Value::Tuple(items) => match items.last() {
            Some(item) => runtime.resolve(item),
            None => Ok(empty()),
        },
        _ => Ok(runtime.items(&value)?.pop().unwrap_or_else(empty)),
    }
}

fn join(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let between = args.take("d")?.unwrap_or_else(|| Value::str(""));
    let attribute = args.take("attribute")?.filter(|name| !name.is_null());
    args.finish()?;
    let between = text(runtime, &between)?;
    let path = Path::new(&attribute.unwrap_or_default());
    let mut out = String::new();
    for (position, item) in items(runtime, &value)?.iter().enumerate() {
        let part = path.find(runtime, item)?;
        if position > 0 {
            out.push_str(&between);
        }
        out.push_str(&text(runtime, &part)?);
        bounds::allow_text(out.len() as u64)?;
    }
    Ok(Value::str(out))
}

fn reverse(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    if let Value::Str(text) = &value {
        return Ok(Value::str(text.chars().rev().collect::<String>()));
    }
    let mut items = runtime.items(&value)?;
    items.reverse();
    Ok(Value::list(items))
}

/// No row is filled beyond this.
const MOST_FILLED: usize = 1 << 20;

fn size(args: &Args, name: &str, value: &Value) -> Result<usize> {
    let size = value.as_int().and_then(|size| usize::try_from(size).ok());
    size.filter(|size| *size > 0)
        .ok_or_else(|| args.wrong(name, "an integer above 0", value))
}

fn batch(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let count = args.int("linecount", 0)?;
    let fill = args.take("fill_with")?.filter(|fill| !fill.is_null());
    args.finish()?;
    let mut rows = Vec::new();
    let mut row = Vec::new();
    for item in items(runtime, &value)? {
        if row.len() as i64 == count {
            rows.push(Value::list(std::mem::take(&mut row)));
        }
        row.push(item);
    }
    if let Some(fill) = fill {
        let count = usize::try_from(count).unwrap_or(0);
        row.resize(row.len().max(count.min(MOST_FILLED)), fill);
    }
    if !row.is_empty() {
        rows.push(Value::list(row));
    }
    Ok(Value::list(rows))
}

/// Cuts into `slices` columns, the longer ones first.
fn slice(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let slices = args.require("slices")?;
    let fill = args.take("fill_with")?.filter(|fill| !fill.is_null());
    args.finish()?;
    let slices = size(&args, "slices", &slices)?;
    let items = items(runtime, &value)?;
    let least = items.len() / slices;
    let longer = items.len() % slices;
    let mut rest = items.as_slice();
    let mut columns = Vec::new();
    for column in 0..slices.min(1 << 20) {
        let is_longer = column < longer;
        let (mut taken, after) = {
            let (taken, after) = rest.split_at(least + usize::from(is_longer));
            (taken.to_vec(), after)
        };
        if !is_longer {
            taken.extend(fill.clone());
        }
        columns.push(Value::list(taken));
        rest = after;
    }
    Ok(Value::list(columns))
}

fn flatten(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let levels = args.take("levels")?.filter(|levels| !levels.is_null());
    let skip_nulls = args.flag("skip_nulls", true)?;
    args.finish()?;
    let levels = match levels {
        None => None,
        Some(levels) => Some(
            levels
                .as_float()
                .map(|levels| levels as i64)
                .ok_or_else(|| args.wrong("levels", "an integer", &levels))?,
        ),
    };
    let mut flat = Vec::new();
    flatten_into(runtime, &value, levels, skip_nulls, &mut flat)?;
    Ok(Value::list(flat))
}

/// Adds the items of `value` and, `levels` deep, those of the lists in it.
pub(in crate::template) fn flatten_into(
    runtime: &dyn Runtime,
    value: &Value,
    levels: Option<i64>,
    skip_nulls: bool,
    flat: &mut Vec<Value>,
) -> Result<()> {
    for item in items(runtime, value)? {
        if skip_nulls && is_null_like(&item) {
            continue;
        }
        let is_list = matches!(item, Value::List(_) | Value::Tuple(_));
        if is_list && levels.is_none_or(|levels| levels >= 1) {
            let levels = levels.map(|levels| levels - 1);
            flatten_into(runtime, &item, levels, skip_nulls, flat)?;
        } else {
            flat.push(item);
        }
    }
    bounds::allow_list(flat.len() as u64)
}

fn is_null_like(item: &Value) -> bool {
    item.is_null() || matches!(item.as_str(), Some("None" | "null"))
}

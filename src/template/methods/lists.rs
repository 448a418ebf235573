//! Methods of lists.

use std::cmp::Ordering;

use super::super::Args;
use super::super::access::position;
use super::super::bounds;
use super::super::cell::{Cell, cell, into_cell};
use super::super::operators::equal;
use super::super::run::Run;
use super::containers;
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const NAMES: &[&str] = &[
    "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse",
    "sort",
];

/// Calls a method on a list that nothing else refers to.
pub(super) fn call_on_copy(run: &Run<'_>, list: &Value, args: Args) -> Result<Value> {
    let copy = into_cell(list.clone(), None, true);
    match cell(&copy) {
        Some(cell) => call(run, cell, args),
        None => Err(Error::bug("a list that cannot be changed")),
    }
}

pub(super) fn call(run: &Run<'_>, list: &Cell, mut args: Args) -> Result<Value> {
    let name = args.who().to_owned();
    match &*name {
        "append" => {
            let item = args.require("object")?;
            args.finish()?;
            bounds::allow(&item)?;
            bounds::allow_list(list.len() as u64 + 1)?;
            change(list, |items| items.push(item))
        }
        "clear" => {
            args.finish()?;
            change(list, Vec::clear)
        }
        "copy" => {
            args.finish()?;
            Ok(Value::list(list.children()))
        }
        "extend" => {
            let more = args.require("iterable")?;
            args.finish()?;
            let more = run.iterate(&more)?;
            bounds::allow_list(list.len().saturating_add(more.len()) as u64)?;
            change(list, |items| items.extend(more))
        }
        "insert" => {
            let at = args.int("index", 0)?;
            let item = args.require("object")?;
            args.finish()?;
            bounds::allow_list(list.len() as u64 + 1)?;
            change(list, |items| items.insert(insertion(at, items.len()), item))
        }
        "pop" => pop(list, args),
        "remove" => remove(run, list, args),
        "reverse" => {
            args.finish()?;
            change(list, |items| items.reverse())
        }
        "sort" => sort(run, list, args),
        _ => containers::sequence(run, &list.children(), args),
    }
}

fn change(list: &Cell, change: impl FnOnce(&mut Vec<Value>)) -> Result<Value> {
    list.change_list(change)
        .map(|()| Value::Null)
        .ok_or_else(|| Error::bug("a list that is none"))
}

/// Where `insert` puts its item.
fn insertion(at: i64, length: usize) -> usize {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let at = if at < 0 {
        at.saturating_add(length)
    } else {
        at
    };
    usize::try_from(at.clamp(0, length)).unwrap_or(0)
}

fn pop(list: &Cell, mut args: Args) -> Result<Value> {
    let at = Value::Int(args.int("index", -1)?);
    args.finish()?;
    let length = list.len();
    if length == 0 {
        return Err(Error::template("pop from empty list"));
    }
    let at = position(&at, length).ok_or_else(|| Error::template("pop index out of range"))?;
    let item = list.child(&Value::from(at)).unwrap_or_default();
    list.change_list(|items| drop(items.remove(at)));
    Ok(item)
}

fn remove(run: &Run<'_>, list: &Cell, mut args: Args) -> Result<Value> {
    let wanted = args.require("value")?;
    args.finish()?;
    for (at, item) in list.children().into_iter().enumerate() {
        if equal(run, &run.open(item)?, &wanted)? {
            return change(list, |items| drop(items.remove(at)));
        }
    }
    Err(Error::template("list.remove(x): x not in list"))
}

fn sort(run: &Run<'_>, list: &Cell, mut args: Args) -> Result<Value> {
    let reverse = match args.take_named("reverse") {
        Some(value) => run.truth(&value)?,
        None => false,
    };
    if args.take_named("key").is_some_and(|key| !key.is_null()) {
        return Err(Error::template(
            "`sort` with `key` is not supported; the filter `sort` has `attribute`",
        ));
    }
    args.finish()?;
    let mut keyed = Vec::new();
    for item in list.children() {
        keyed.push((run.deep(&item)?, item));
    }
    let mut trouble = None;
    keyed.sort_by(|(a, _), (b, _)| {
        let order = a.order(b).unwrap_or_else(|| {
            trouble.get_or_insert((b.type_name(), a.type_name()));
            Ordering::Equal
        });
        if reverse { order.reverse() } else { order }
    });
    if let Some((a, b)) = trouble {
        return Err(Error::template(format!(
            "'<' not supported between instances of '{a}' and '{b}'"
        )));
    }
    change(list, |items| {
        *items = keyed.into_iter().map(|(_, item)| item).collect();
    })
}

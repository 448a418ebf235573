//! `lists_union` and its kin: sets of several lists that keep their order.

use super::super::super::{Args, Runtime};
use super::super::items;
use super::mergeby::flat;
use crate::error::Result;
use crate::value::Value;

/// Combines two lists without repetitions.
type Combine = fn(Vec<Value>, &[Value]) -> Vec<Value>;

pub(super) fn union(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    combined(runtime, args, |a, b| {
        let mut all = a;
        all.extend(b.iter().cloned());
        once(all)
    })
}

pub(super) fn intersect(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    combined(runtime, args, |a, b| {
        let kept = a.into_iter().filter(|item| b.contains(item));
        once(kept.collect())
    })
}

pub(super) fn difference(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    combined(runtime, args, |a, b| {
        let kept = a.into_iter().filter(|item| !b.contains(item));
        once(kept.collect())
    })
}

pub(super) fn symmetric_difference(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    combined(runtime, args, |a, b| {
        let mut kept: Vec<Value> = a.iter().filter(|item| !b.contains(item)).cloned().collect();
        kept.extend(b.iter().filter(|item| !a.contains(item)).cloned());
        once(kept)
    })
}

fn combined(runtime: &dyn Runtime, mut args: Args, combine: Combine) -> Result<Value> {
    let given = args.rest();
    let flatten = args
        .take_named("flatten")
        .is_some_and(|flag| flag.is_true());
    args.finish()?;
    let given = if flatten {
        flat(runtime, &args, &given)?
    } else {
        given
    };
    let mut given = given.into_iter();
    let Some(first) = given.next() else {
        return Ok(Value::list(Vec::new()));
    };
    if given.len() == 0 {
        return Ok(first);
    }
    let plain = |list: &Value| -> Result<Vec<Value>> {
        let items = items(runtime, list)?;
        items.iter().map(|item| runtime.plain(item)).collect()
    };
    let mut all = plain(&first)?;
    for list in given {
        all = combine(all, &plain(&list)?);
    }
    Ok(Value::list(all))
}

/// The items without repetitions.
fn once(items: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::with_capacity(items.len());
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

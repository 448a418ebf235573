//! Sets and combinations of lists.
//!
//! Where Python makes a set the order of its strings is random; ours is that of the first list. The
//! order of integers is Python's own.

use super::super::{Args, Runtime, bounds};
use super::{Table, items, strict, tuple};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

mod order;

use order::IntSet;

pub(super) const FILTERS: Table = &[
    ("combinations", strict!(combinations)),
    ("difference", strict!(difference)),
    ("intersect", strict!(intersect)),
    ("permutations", strict!(permutations)),
    ("product", strict!(product)),
    ("symmetric_difference", strict!(symmetric_difference)),
    ("union", strict!(union)),
    ("zip", strict!(zip)),
    ("zip_longest", strict!(zip_longest)),
];

/// No filter makes more items than this: it would only fill the memory.
const MOST: usize = 4_000_000;

/// The items of a list, each once, that can be asked for quickly where all are hashable.
struct Bag {
    items: Vec<Value>,
    hashed: Option<Map>,
}

impl Bag {
    fn new(items: Vec<Value>) -> Self {
        let hashed = items.iter().all(Value::is_hashable).then(|| {
            items
                .iter()
                .map(|item| (item.clone(), Value::Null))
                .collect()
        });
        Bag { items, hashed }
    }

    fn contains(&self, item: &Value) -> bool {
        match &self.hashed {
            Some(hashed) => hashed.contains_value(item),
            None => self.items.contains(item),
        }
    }

    /// The items that `keep` wants, each once.
    fn filtered(&self, keep: impl Fn(&Value) -> bool) -> Vec<Value> {
        if let Some(hashed) = &self.hashed {
            return hashed.keys().filter(|item| keep(item)).cloned().collect();
        }
        let mut kept: Vec<Value> = Vec::new();
        for item in &self.items {
            if keep(item) && !kept.contains(item) {
                kept.push(item.clone());
            }
        }
        kept
    }
}

/// What becomes of two lists: by the order of sets of integers, or item by item.
struct Operation {
    of_sets: fn(&IntSet, &IntSet) -> IntSet,
    of_bags: fn(&Bag, &Bag) -> Vec<Value>,
}

/// Applies an operation to both lists, with nothing lazy or undefined in them.
fn combined(runtime: &dyn Runtime, mut args: Args, operation: &Operation) -> Result<Value> {
    let first = args.subject()?;
    let second = args.require("b")?;
    args.finish()?;
    let plain = |value: &Value| -> Result<Vec<Value>> {
        let items = items(runtime, value)?;
        items.iter().map(|item| runtime.plain(item)).collect()
    };
    let (a, b) = (plain(&first)?, plain(&second)?);
    if let (Some(a), Some(b)) = (IntSet::of(&a), IntSet::of(&b)) {
        return Ok(Value::list((operation.of_sets)(&a, &b).values()));
    }
    Ok(Value::list((operation.of_bags)(&Bag::new(a), &Bag::new(b))))
}

fn intersect(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    let operation = Operation {
        of_sets: IntSet::intersection,
        of_bags: |a, b| a.filtered(|item| b.contains(item)),
    };
    combined(runtime, args, &operation)
}

fn difference(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    let operation = Operation {
        of_sets: IntSet::difference,
        of_bags: |a, b| a.filtered(|item| !b.contains(item)),
    };
    combined(runtime, args, &operation)
}

fn symmetric_difference(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    let operation = Operation {
        of_sets: IntSet::symmetric_difference,
        of_bags: |a, b| {
            let mut kept = a.filtered(|item| !b.contains(item));
            kept.extend(b.filtered(|item| !a.contains(item)));
            kept
        },
    };
    combined(runtime, args, &operation)
}

fn union(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    let operation = Operation {
        of_sets: IntSet::union,
        of_bags: |a, b| {
            let mut kept = a.filtered(|_| true);
            kept.extend(b.filtered(|item| !a.contains(item)));
            kept
        },
    };
    combined(runtime, args, &operation)
}

/// All iterables that were given, the subject first.
fn iterables(runtime: &dyn Runtime, args: &mut Args) -> Result<Vec<Vec<Value>>> {
    let mut given = vec![args.subject()?];
    given.extend(args.rest());
    given.iter().map(|value| items(runtime, value)).collect()
}

fn zip(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let lists = iterables(runtime, &mut args)?;
    let strict = args.take_named("strict").is_some_and(|flag| flag.is_true());
    args.finish()?;
    let shortest = lists.iter().map(Vec::len).min().unwrap_or(0);
    if strict && lists.iter().any(|list| list.len() != shortest) {
        return Err(Error::template("`zip` got lists of different lengths"));
    }
    Ok(Value::list(
        (0..shortest)
            .map(|at| {
                tuple(
                    lists
                        .iter()
                        .filter_map(|list| list.get(at).cloned())
                        .collect(),
                )
            })
            .collect(),
    ))
}

fn zip_longest(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let lists = iterables(runtime, &mut args)?;
    let fill = args.take_named("fillvalue").unwrap_or_default();
    args.finish()?;
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    let row = |at: usize| {
        let cell = |list: &Vec<Value>| list.get(at).cloned().unwrap_or_else(|| fill.clone());
        tuple(lists.iter().map(cell).collect())
    };
    Ok(Value::list((0..longest).map(row).collect()))
}

fn product(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let lists = iterables(runtime, &mut args)?;
    let repeat = args.take_named("repeat").unwrap_or(Value::Int(1));
    args.finish()?;
    let repeat = count(&args, "repeat", &repeat)?;
    bounds::allow_list(repeat as u64)?;
    let mut pools: Vec<&Vec<Value>> = Vec::new();
    for _ in 0..repeat {
        pools.extend(&lists);
    }
    let size = pools
        .iter()
        .try_fold(1usize, |size, pool| size.checked_mul(pool.len()));
    bounded(&args, size, pools.len())?;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for pool in pools {
        rows = rows
            .iter()
            .flat_map(|row| {
                pool.iter().map(move |item| {
                    let mut longer = row.clone();
                    longer.push(item.clone());
                    longer
                })
            })
            .collect();
    }
    Ok(Value::list(rows.into_iter().map(tuple).collect()))
}

fn count(args: &Args, name: &str, value: &Value) -> Result<usize> {
    let count = value.as_int().and_then(|count| usize::try_from(count).ok());
    count.ok_or_else(|| args.wrong(name, "an integer not below 0", value))
}

/// Refuses `size` rows of `length` items that would be too many.
fn bounded(args: &Args, size: Option<usize>, length: usize) -> Result<()> {
    match size.and_then(|size| size.checked_mul(length.max(1))) {
        Some(size) if size <= MOST => Ok(()),
        _ => Err(Error::template(format!(
            "`{}` would make more than {MOST} items",
            args.who()
        ))),
    }
}

fn combinations(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let length = args.require("r")?;
    args.finish()?;
    let items = items(runtime, &value)?;
    let length = count(&args, "r", &length)?;
    let size = (0..length.min(items.len())).try_fold(1usize, |size, taken| {
        Some(size.checked_mul(items.len() - taken)? / (taken + 1))
    });
    bounded(&args, size, length)?;
    Ok(picked(&items, length, |chosen, next| {
        chosen.last().is_none_or(|last| *last < next)
    }))
}

fn permutations(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let length = args.take("r")?.filter(|length| !length.is_null());
    args.finish()?;
    let items = items(runtime, &value)?;
    let length = match length {
        Some(length) => count(&args, "r", &length)?,
        None => items.len(),
    };
    let size = (0..length.min(items.len()))
        .try_fold(1usize, |size, taken| size.checked_mul(items.len() - taken));
    bounded(&args, size, length)?;
    Ok(picked(&items, length, |chosen, next| {
        !chosen.contains(&next)
    }))
}

/// All ways to choose `length` positions one after the other, as `may` allows.
fn picked(items: &[Value], length: usize, may: impl Fn(&[usize], usize) -> bool) -> Value {
    if length > items.len() {
        return Value::list(Vec::new());
    }
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..length {
        rows = rows
            .iter()
            .flat_map(|row| {
                (0..items.len())
                    .filter(|next| may(row, *next))
                    .map(|next| row.iter().copied().chain([next]).collect())
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    let made = rows.iter().map(|row| {
        tuple(
            row.iter()
                .filter_map(|at| items.get(*at).cloned())
                .collect(),
        )
    });
    Value::list(made.collect())
}

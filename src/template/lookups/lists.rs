//! Lookups that only rearrange their terms.

use super::super::Runtime;
use super::super::filters::{RandomSource, tuple};
use super::{Table, flat};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[
    ("dict", dict),
    ("indexed_items", indexed_items),
    ("items", items),
    ("list", list),
    ("nested", nested),
    ("random_choice", random_choice),
    ("together", together),
];

fn items(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    flat(runtime, &terms)
}

fn list(_: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    Ok(terms)
}

fn indexed_items(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    let items = flat(runtime, &terms)?;
    let pair = |(index, item)| tuple(vec![Value::from(index), item]);
    Ok(items.into_iter().enumerate().map(pair).collect())
}

fn dict(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    let mut answers = Vec::new();
    for term in &terms {
        let map = term.as_map().ok_or_else(|| {
            Error::template(format!(
                "the 'dict' lookup plugin expects a dictionary, got '{}' of type `{}`",
                runtime
                    .plain(term)
                    .map_or_else(|_| String::new(), |term| term.to_text()),
                term.type_name()
            ))
        })?;
        for (key, value) in map.iter() {
            answers.push(Value::map(crate::entries! {
                "key" => key.clone(),
                "value" => value.clone(),
            }));
        }
    }
    Ok(answers)
}

/// Every item of the first list with every one of the next, and so on.
fn nested(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    const MOST: usize = 2_000_000;
    let mut lists = terms.iter();
    let first = lists.next().ok_or_else(|| {
        Error::template("with_nested requires at least one element in the nested list")
    })?;
    let mut rows = runtime.items(first)?;
    for list in lists {
        let items = runtime.items(list)?;
        if rows.len().saturating_mul(items.len()) > MOST {
            return Err(Error::template(format!(
                "the lookup `nested` would give more than {MOST} items"
            )));
        }
        let mut longer = Vec::with_capacity(rows.len() * items.len());
        for row in &rows {
            for item in &items {
                longer.push(Value::list(flat(runtime, &[row.clone(), item.clone()])?));
            }
        }
        rows = longer;
    }
    rows.iter()
        .map(|row| {
            let items = runtime.items(row)?;
            Ok(Value::list(flat(runtime, &items)?))
        })
        .collect()
}

/// The first items of all lists, the second ones, and so on; null where a list has ended.
fn together(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    if terms.is_empty() {
        return Err(Error::template(
            "with_together requires at least one element in each list",
        ));
    }
    let lists: Vec<Vec<Value>> = terms
        .iter()
        .map(|term| runtime.items(term))
        .collect::<Result<_>>()?;
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .map(|at| {
            let row: Vec<Value> = lists
                .iter()
                .map(|list| list.get(at).cloned().unwrap_or_default())
                .collect();
            Ok(Value::list(flat(runtime, &row)?))
        })
        .collect()
}

fn random_choice(_: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    let chosen = RandomSource::system()?.choose(&terms)?.cloned();
    Ok(chosen.into_iter().collect())
}

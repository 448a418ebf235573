//! `reveal_ansible_type`: the type of a value and of what is in it.

use std::collections::BTreeSet;

use super::super::super::{Args, Runtime};
use crate::error::Result;
use crate::value::Value;

pub(super) fn reveal_ansible_type(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let alias = args.take("alias")?.unwrap_or_default();
    args.finish()?;
    ansible_type(runtime, &args, &value, &alias).map(Value::str)
}

/// The type as `list[int|str]` or `dict[str, int]`, each name replaced as `alias` says.
///
/// The reference gives the names of its own classes for text that was tagged; ours are always
/// Python's.
pub(in crate::template) fn ansible_type(
    runtime: &dyn Runtime,
    args: &Args,
    value: &Value,
    alias: &Value,
) -> Result<String> {
    if !matches!(alias, Value::Null | Value::Map(_)) {
        return Err(args.wrong("alias", "a dictionary", alias));
    }
    let value = runtime.plain(value)?;
    let name = |value: &Value| match alias.get(value.type_name()) {
        Some(other) => other.to_text(),
        None => value.type_name().to_owned(),
    };
    let names = |values: &mut dyn Iterator<Item = &Value>| {
        let names: BTreeSet<String> = values.map(name).collect();
        names.into_iter().collect::<Vec<_>>().join("|")
    };
    let own = name(&value);
    Ok(match &value {
        Value::List(items) if own == "list" && !items.is_empty() => {
            format!("list[{}]", names(&mut items.iter()))
        }
        Value::Map(map) if own == "dict" && !map.is_empty() => {
            format!(
                "dict[{}, {}]",
                names(&mut map.keys()),
                names(&mut map.values())
            )
        }
        _ => own,
    })
}

//! The tests of `community.general`.

use super::super::filters::{ansible_type as type_of, strict};
use super::super::{Args, Runtime};
use super::Table;
use crate::error::Result;
use crate::value::Value;

pub(super) const TESTS: Table = &[
    ("community.general.ansible_type", strict!(ansible_type)),
    ("community.general.fqdn_valid", strict!(fqdn_valid)),
];

fn ansible_type(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    let wanted = args.require("dtype")?;
    let alias = args.take("alias")?.unwrap_or_default();
    args.finish()?;
    let found = type_of(runtime, &args, &value, &alias)?;
    match &wanted {
        Value::Str(text) => Ok(text.as_str() == found),
        Value::List(_) | Value::Tuple(_) => {
            Ok(runtime.items(&wanted)?.contains(&Value::str(found)))
        }
        other => Err(args.wrong("dtype", "a string or a list", other)),
    }
}

/// A host's name of the DNS, with at least so many parts.
fn fqdn_valid(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    let least = args.int("min_labels", 1)?;
    let underscores = args.flag("allow_underscores", false)?;
    args.finish()?;
    let Some(name) = value.as_str() else {
        return Err(args.wrong("name", "a string", &value));
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_edge = |c: char| c.is_ascii_alphanumeric() || (underscores && c == '_');
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.starts_with(is_edge)
            && label.ends_with(is_edge)
            && label.chars().all(|c| is_edge(c) || c == '-')
    };
    let count = name.split('.').count() as i64;
    Ok(name.len() <= 253 && count >= least && name.split('.').all(is_label))
}

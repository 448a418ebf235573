//! `version`: the four ways to compare versions.

use std::cmp::Ordering;

use super::super::filters::{strict, text};
use super::super::{Args, Runtime};
use super::Table;
use crate::error::{Error, Result};
use crate::value::Value;

mod loose;
mod pep440;
mod semantic;

pub(in crate::template) use loose::loose;
pub use pep440::pep440;

pub(super) const TESTS: Table = &[
    ("version", strict!(version)),
    ("version_compare", strict!(version)),
];

fn version(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    let other = args.require("version")?;
    let operator = args.text("operator", "eq")?;
    let strict = args.take("strict")?.filter(|strict| !strict.is_null());
    let kind = args.take("version_type")?.filter(|kind| !kind.is_null());
    args.finish()?;
    if strict.is_some() && kind.is_some() {
        return Err(Error::template(
            "Cannot specify both 'strict' and 'version_type'",
        ));
    }
    if !value.is_true() {
        return Err(Error::template("Input version value cannot be empty"));
    }
    if !other.is_true() {
        return Err(Error::template(
            "Version parameter to compare against cannot be empty",
        ));
    }
    let compare = match (strict, kind) {
        (Some(strict), _) if strict.is_true() => loose::strict,
        (_, Some(kind)) if kind.is_true() => by_type(&kind)?,
        _ => loose,
    };
    let accepts = accepting(&operator)?;
    let order = compare(&text(runtime, &value)?, &text(runtime, &other)?)
        .map_err(|why| Error::template(format!("Version comparison failed: {why}")))?;
    Ok(accepts(order))
}

/// A way to compare two versions; the error says what cannot be read.
type Compare = fn(&str, &str) -> Result<Ordering, String>;

fn by_type(kind: &Value) -> Result<Compare> {
    Ok(match kind.as_str().unwrap_or_default() {
        "loose" => loose,
        "strict" => loose::strict,
        "semver" | "semantic" => semantic::semantic,
        "pep440" => pep440,
        _ => {
            return Err(Error::template(format!(
                "Invalid version type ({kind}). Must be one of 'loose', 'strict', 'semver', \
                 'semantic', 'pep440'"
            )));
        }
    })
}

fn accepting(operator: &str) -> Result<fn(Ordering) -> bool> {
    Ok(match operator {
        "==" | "=" | "eq" => Ordering::is_eq,
        "<" | "lt" => Ordering::is_lt,
        "<=" | "le" => Ordering::is_le,
        ">" | "gt" => Ordering::is_gt,
        ">=" | "ge" => Ordering::is_ge,
        "!=" | "<>" | "ne" => Ordering::is_ne,
        _ => {
            return Err(
                Error::template(format!("Invalid operator type ({operator})"))
                    .hint("use ==, <, <=, >, >=, != or eq, lt, le, gt, ge, ne"),
            );
        }
    })
}

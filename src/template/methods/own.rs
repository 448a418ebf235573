//! Methods of what only templates have.

use std::sync::atomic::Ordering;

use super::super::Args;
use super::super::ast::Macro;
use super::super::objects::{Cycler, Loop};
use super::super::run::Run;
use crate::error::{Error, Result};
use crate::value::Value;

/// `macro.name` and its kin.
pub(super) fn macro_property(code: &Macro, name: &str) -> Option<Value> {
    Some(match name {
        "name" => Value::str(code.name.clone()),
        "arguments" => Value::tuple(
            code.parameters
                .iter()
                .map(|(name, _)| Value::str(name.clone()))
                .collect(),
        ),
        "catch_kwargs" => Value::Bool(code.takes_kwargs),
        "catch_varargs" => Value::Bool(code.takes_varargs),
        "caller" => Value::Bool(code.takes_caller),
        _ => return None,
    })
}

pub(super) fn loop_method(run: &Run<'_>, it: &Loop, mut args: Args) -> Result<Value> {
    let values = args.rest();
    args.finish()?;
    if args.who() == "changed" {
        let values = values
            .iter()
            .map(|value| run.deep(value))
            .collect::<Result<_>>()?;
        return Ok(Value::Bool(it.changed(values)));
    }
    if values.is_empty() {
        return Err(Error::template("no items for cycling given"));
    }
    Ok(values[it.index() % values.len()].clone())
}

pub(super) fn cycler_method(cycler: &Cycler, args: Args) -> Result<Value> {
    args.finish()?;
    if args.who() == "next" {
        return Ok(cycler.step());
    }
    cycler.position.store(0, Ordering::Relaxed);
    Ok(Value::Null)
}

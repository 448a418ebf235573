//! Filters that call filters and tests by name: `map`, `select`, `reject` and their kin.

use super::super::{Args, Runtime};
use super::attribute::Path;
use super::{Table, softened, strict};
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const FILTERS: Table = &[
    ("map", strict!(map)),
    ("reject", strict!(reject)),
    ("rejectattr", strict!(reject_attribute)),
    ("select", strict!(select)),
    ("selectattr", strict!(select_attribute)),
];

fn map(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let positional = args.rest();
    let mut made = Vec::new();
    if positional.is_empty()
        && let Some(attribute) = args.take_named("attribute")
    {
        let path = Path::new(&attribute).or(args.take_named("default"));
        args.finish()?;
        for item in looped(runtime, &value)? {
            made.push(softened(path.follow(runtime, &item))?);
        }
        return Ok(Value::list(made));
    }
    let call = Call::new(&args, positional, args.clone().rest_named())?;
    for item in looped(runtime, &value)? {
        let args = call.args(item);
        made.push(softened(runtime.filter(&call.name, args))?);
    }
    Ok(Value::list(made))
}

/// The items to go through; Jinja takes whatever is false for nothing.
fn looped(runtime: &dyn Runtime, value: &Value) -> Result<Vec<Value>> {
    match value {
        Value::Null | Value::Bool(false) | Value::Int(0) => Ok(Vec::new()),
        value => runtime.items(value),
    }
}

/// A filter or a test with its arguments, but for the subject.
struct Call {
    name: String,
    positional: Vec<Value>,
    named: Vec<(String, Value)>,
}

impl Call {
    fn new(args: &Args, given: Vec<Value>, named: Vec<(String, Value)>) -> Result<Self> {
        let mut given = given.into_iter();
        let name = given
            .next()
            .ok_or_else(|| Error::template(format!("{} requires a filter argument", args.who())))?;
        let name = name
            .as_str()
            .ok_or_else(|| args.wrong("name", "the name of a filter", &name))?;
        Ok(Call {
            name: name.to_owned(),
            positional: given.collect(),
            named,
        })
    }

    fn args(&self, subject: Value) -> Args {
        let mut positional = vec![subject];
        positional.extend(self.positional.iter().cloned());
        Args::new(&self.name, positional, self.named.clone())
    }
}

fn select(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    choose(runtime, args, true, false)
}

fn reject(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    choose(runtime, args, false, false)
}

fn select_attribute(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    choose(runtime, args, true, true)
}

fn reject_attribute(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    choose(runtime, args, false, true)
}

/// The items (or those whose attribute) of which the test says `wanted`.
fn choose(
    runtime: &dyn Runtime,
    mut args: Args,
    wanted: bool,
    by_attribute: bool,
) -> Result<Value> {
    let value = args.subject()?;
    let mut positional = args.rest();
    let named = args.rest_named();
    let mut path = Path::new(&Value::Null);
    if by_attribute {
        if positional.is_empty() {
            return Err(Error::template(format!(
                "`{}` misses the name of an attribute",
                args.who()
            )));
        }
        path = Path::new(&positional.remove(0));
    }
    let call = match positional.is_empty() {
        true => None,
        false => Some(Call::new(&args, positional, named)?),
    };
    let mut kept = Vec::new();
    for item in looped(runtime, &value)? {
        let looked_at = path.follow(runtime, &item)?;
        let found = match &call {
            Some(call) => runtime.test(&call.name, call.args(looked_at))?,
            None => super::defined(&looked_at)?.is_true(),
        };
        if found == wanted {
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

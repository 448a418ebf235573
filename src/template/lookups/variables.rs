//! `vars` and `varnames`.

use super::super::Runtime;
use super::super::regex::{Flags, compile};
use super::Table;
use crate::error::{Error, Result, nearest};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("varnames", varnames), ("vars", vars)];

fn vars(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let default = options.get("default").filter(|value| !value.is_null());
    let mut answers = Vec::new();
    for term in &terms {
        let name = super::text("vars", term)?;
        let value = match (runtime.variable(name)?, default) {
            (Some(value), _) => value,
            (None, Some(default)) => default.clone(),
            (None, None) => {
                let names = runtime.scope().names();
                return Err(
                    Error::undefined(format!("no variable named '{name}' was found"))
                        .hint_if(nearest(name, names.iter().map(String::as_str))),
                );
            }
        };
        answers.push(runtime.plain(&value)?);
    }
    Ok(answers)
}

fn varnames(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    let names = runtime.scope().names();
    let mut answers = Vec::new();
    for term in &terms {
        let pattern = compile(super::text("varnames", term)?, Flags::default())?;
        for name in &names {
            if pattern.is_found(name)? {
                answers.push(Value::str(name.as_str()));
            }
        }
    }
    Ok(answers)
}

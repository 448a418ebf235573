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
        let name = term.as_str().ok_or_else(|| {
            let kind = term.type_name();
            Error::template(format!("Variable name must be 'str' not '{kind}'."))
        })?;
        let value = match (runtime.variable(name)?, default) {
            (Some(value), _) => value,
            (None, Some(default)) => default.clone(),
            (None, None) => {
                let names = runtime.scope().names();
                return Err(
                    Error::undefined(format!("No variable named '{name}' was found."))
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
        let name = term.as_str().ok_or_else(|| {
            Error::template(format!(
                "Invalid setting identifier, \"{term}\" is not a string, it is a <class '{}'>",
                term.type_name()
            ))
        })?;
        let pattern = compile(name, Flags::default()).map_err(|error| {
            Error::template(format!("Unable to use \"{name}\" as a search parameter"))
                .because(error)
        })?;
        for name in &names {
            if pattern.is_found(name)? {
                answers.push(Value::str(name.as_str()));
            }
        }
    }
    Ok(answers)
}

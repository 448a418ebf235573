//! `env`: the environment that `play` runs in.

use super::super::Runtime;
use super::Table;
use crate::error::{Error, Place, Result, Source};
use crate::value::{Map, Str, Value};

pub(super) const LOOKUPS: Table = &[("env", env)];

fn env(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let mut answers = Vec::new();
    for term in &terms {
        let name = super::text("env", term)?
            .split_whitespace()
            .next()
            .ok_or_else(|| Error::template("the lookup `env` misses the name of a variable"))?;
        let value = runtime.scope().outside().environment(name);
        answers.push(match (value, options.get("default")) {
            (Some(value), _) => of_environment(name, &value),
            (None, None | Some(Value::Null)) => Value::str(""),
            (None, Some(Value::Undefined(undefined))) => return Err(undefined.error.clone()),
            (None, Some(default)) => default.clone(),
        });
    }
    Ok(answers)
}

/// A value that knows where it is from. The place has no text: what an error shows of it is its name.
fn of_environment(name: &str, value: &str) -> Value {
    let source = Source::new(format!("<environment variable '{name}'>"), "");
    Value::Str(Str::placed(value, Some(Place::new(source, 0, 0))))
}

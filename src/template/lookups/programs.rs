//! `pipe` and `lines`: what a program on the controller prints.

use super::super::filters::{is_blank, split_lines};
use super::super::{Command, Runtime};
use super::{Table, base_folder};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("lines", lines), ("pipe", pipe)];

/// The output of a command line of the shell, which must succeed.
fn output(runtime: &dyn Runtime, lookup: &str, term: &Value) -> Result<String> {
    let shell = match term {
        Value::Undefined(undefined) => return Err(undefined.error.clone()),
        term => runtime.plain(term)?.to_text(),
    };
    let done = runtime.scope().outside().run(&Command {
        shell: shell.clone(),
        directory: base_folder(runtime)?,
    })?;
    if done.status != 0 {
        return Err(Error::template(format!(
            "lookup_plugin.{lookup}({shell}) returned {}",
            done.status
        )));
    }
    String::from_utf8(done.stdout)
        .map_err(|_| Error::template(format!("`{shell}` printed what is not UTF-8 text")))
}

fn pipe(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    terms
        .iter()
        .map(|term| {
            let text = output(runtime, "pipe", term)?;
            Ok(Value::str(text.trim_end_matches(is_blank)))
        })
        .collect()
}

fn lines(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    let mut answers = Vec::new();
    for term in &terms {
        let text = output(runtime, "lines", term)?;
        answers.extend(split_lines(&text)?.into_iter().map(Value::str));
    }
    Ok(answers)
}

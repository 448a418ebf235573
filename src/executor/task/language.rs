//! The actions that need the language: conditions and expressions.

use super::include_vars::include_vars;
use super::job::Job;
use super::{argument_spec, assertion};
use crate::error::{Error, Result};
use crate::modules::{self, debug};
use crate::outcome::Outcome;
use crate::playbook::is_variable_name;
use crate::value::{Map, Str, Value};
use crate::vars::{TaskScope, Values};

/// The arguments that are not rendered, because they are expressions.
pub fn unrendered(action: &str) -> &'static [&'static str] {
    match action {
        "assert" => &["that"],
        "debug" => &["var"],
        _ => &[],
    }
}

/// Says whether a `debug` shows nothing at this verbosity: then nothing of it is evaluated.
pub fn is_silent(args: &Map, verbosity: u8) -> bool {
    let wanted = args.get("verbosity").map(Value::to_text);
    let wanted = wanted.and_then(|text| text.trim().parse::<u32>().ok());
    wanted.is_some_and(|wanted| wanted > u32::from(verbosity))
}

/// The arguments of `debug` with `var` evaluated: `{var: {text: value}}`.
///
/// # Errors
/// `var` cannot be evaluated; what is undefined is said in words, as the reference does.
pub fn debug_arguments(values: &Values<'_>, args: &Map) -> Result<Map> {
    let mut args = args.clone();
    let Some(var) = args.get("var").cloned() else {
        return Ok(args);
    };
    let rendered = match &var {
        Value::Str(text) if text.is_template() => values.render(&var)?,
        _ => var.clone(),
    };
    let text = match rendered {
        Value::Omit => {
            args.remove("var");
            return Ok(args);
        }
        Value::Null => return Ok(args),
        // The module refuses both.
        Value::Str(_) if args.contains("msg") => return Ok(args),
        Value::Str(text) => text,
        other => return Err(Error::input(debug::not_text(&other)).at(var.place().cloned())),
    };
    let value = expression(values, &text).map_err(|error| {
        Error::template("Task failed: Error while resolving `var` expression")
            .at(var.place().cloned())
            .because(error)
    })?;
    args.set("var", crate::entries! { text.as_str() => value });
    Ok(args)
}

/// The value of the expression of `debug: var=…`, or what is shown in its place.
fn expression(values: &Values<'_>, text: &Str) -> Result<Value> {
    // What a host said is no expression, and would be one here.
    if !text.is_trusted() {
        return Err(
            Error::template("Encountered untrusted template or expression.")
                .at(text.place().cloned())
                .hint("write the name of the variable without braces, or use `msg`"),
        );
    }
    let shown = values
        .engine
        .shown(text, &values.scope)
        .map(|(value, errors)| {
            warn_of(values, &errors);
            value
        });
    Ok(match shown {
        Ok(Value::Omit) => {
            values.scope.warn(format!(
                "The result of the `var` expression could not be omitted; a placeholder was used instead: `{text}`"
            ));
            "<<Omit>>".into()
        }
        Ok(value) => value,
        Err(error) if error.is_undefined() => undefined(values, error.root().message()),
        Err(error) => return Err(error),
    })
}

/// Says what was undefined.
fn warn_of(values: &Values<'_>, errors: &[String]) {
    let all = errors.iter().enumerate();
    let all: Vec<String> = all
        .map(|(at, why)| format!("error {} - {why}", at + 1))
        .collect();
    match all.len() {
        0 => {}
        1 => values
            .scope
            .warn(format!("Encountered 1 template error: {}", all.concat())),
        count => {
            let all = all.join("; ");
            values
                .scope
                .warn(format!("Encountered {count} template errors: {all}"));
        }
    }
}

/// What is shown for a value that is not there.
fn undefined(values: &Values<'_>, why: &str) -> Value {
    warn_of(values, &[why.to_owned()]);
    Value::str(format!("<< error 1 - {why} >>"))
}

/// The outcome of `assert`: its conditions in order, up to the first that does not hold.
///
/// # Errors
/// A condition cannot be evaluated.
pub fn assert(values: &Values<'_>, args: &Map, masked: &dyn Fn(&str) -> String) -> Result<Outcome> {
    let given = modules::assert::Args::read(args)?;
    let that = args.get("that").cloned().unwrap_or_default();
    let that = match &that {
        // An assertion of nothing is a mistake, whatever other conditions may be.
        Value::Null => return Err(empty(&that)),
        Value::Str(text) if text.trim().is_empty() => return Err(empty(&that)),
        Value::Str(text) if crate::playbook::is_whole_template(text) => {
            // The conditions of a list that is named are judged as they are written.
            let name = text.trim().trim_matches(['{', '}']).trim();
            let named = match is_variable_name(name) {
                true => values.scope.variable(name),
                false => None,
            };
            match named {
                Some(list @ Value::List(_)) => list,
                _ => match values.render(&that) {
                    Ok(rendered @ Value::List(_)) => rendered,
                    _ => that,
                },
            }
        }
        _ => that,
    };
    let conditions = match &that {
        Value::List(items) => items.to_vec(),
        other => vec![other.clone()],
    };
    let mut results = Vec::new();
    for condition in conditions {
        let holds = values.engine.condition(&condition, &values.scope)?;
        results.push((condition, holds));
        if !holds {
            break;
        }
    }
    let mut outcome = modules::assert::outcome(&results, &given);
    if let Some((condition, false)) = results.last() {
        let condition = condition.to_text();
        let values = assertion::compared(values, &condition, masked);
        let values = values
            .map(|values| format!(": {values}"))
            .unwrap_or_default();
        let text = format!("`{condition}` does not hold{values}");
        let cause = match given.fail_msg.as_ref() {
            Some(message) => format!("{} ({text})", message.0.to_text()),
            None => format!("the assertion {text}"),
        };
        outcome.tell_aside(|aside| aside.cause = Some(cause));
    }
    Ok(outcome)
}

fn empty(that: &Value) -> Error {
    Error::template("Empty conditional expressions are not allowed.").at(that.place().cloned())
}

/// The variables that are arguments of a specification.
fn from_variables(values: &Values<'_>, spec: &Map) -> Result<Map> {
    let mut found = Map::new();
    for key in spec.keys() {
        if let Some(value) = values.variable(&key.to_text())? {
            found.insert(key.clone(), value);
        }
    }
    Ok(found)
}

/// Runs an action that is a word of the language.
///
/// # Errors
/// Its arguments are wrong.
pub fn run(job: &Job<'_>, names: &TaskScope, word: &str, args: &Map) -> Result<Outcome> {
    match word {
        "include_vars" => include_vars(job, names, args),
        "validate_argument_spec" => {
            let spec = args.get("argument_spec").and_then(Value::as_map).cloned();
            let given = args
                .get("provided_arguments")
                .and_then(Value::as_map)
                .cloned();
            let context = args.get("validate_args_context").cloned();
            let spec = spec.unwrap_or_default();
            let mut all = from_variables(&Values::new(&job.actor.run().engine, names), &spec)?;
            all.extend_from(&given.unwrap_or_default());
            argument_spec::outcome(
                &spec,
                &all,
                &context.unwrap_or_else(|| Value::map(Map::new())),
            )
        }
        _ => Err(Error::syntax(format!("`{word}` cannot stand here")).at(job
            .task
            .action
            .place
            .clone())),
    }
}

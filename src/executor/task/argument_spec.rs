//! Arguments of a role, checked against its specification (`meta/argument_specs.yml`).

use crate::error::{Error, Result};
use crate::modules::args::ArgValue;
use crate::outcome::Outcome;
use crate::playbook::truth;
use crate::value::{Map, Value};

/// The outcome of checking `given` against `spec` (the options by name).
///
/// # Errors
/// The specification itself is wrong.
pub fn outcome(spec: &Map, given: &Map, context: &Value) -> Result<Outcome> {
    let mut errors = Vec::new();
    check_options(spec, given, "", &mut errors)?;
    if errors.is_empty() {
        return Ok(Outcome::ok()
            .with("msg", "The arg spec validation passed")
            .with("validate_args_context", context.clone()));
    }
    let message = format!("Validation of arguments failed:\n{}", errors.join("\n"));
    Ok(Outcome::failed(message)
        .with("argument_errors", Value::strings(errors))
        .with("argument_spec_data", spec.clone())
        .with("validate_args_context", context.clone()))
}

fn check_options(spec: &Map, given: &Map, path: &str, errors: &mut Vec<String>) -> Result<()> {
    let mut missing = Vec::new();
    for (name, option) in spec {
        let name = name.to_text();
        let option = option.as_map().ok_or_else(|| {
            Error::input(format!("the specification of `{name}` is not a mapping"))
                .at(option.place().cloned())
        })?;
        let value = names_of(&name, option)
            .into_iter()
            .find_map(|name| given.get(&name).cloned());
        let required = option.get("required").and_then(truth).unwrap_or(false);
        match value {
            None if required => missing.push(name),
            None => (),
            // Null is nothing where nothing is needed (`_validate_argument_types` of the reference's
            // `module_utils/common/parameters.py`).
            Some(Value::Null) if !required && is_nothing(option.get("default")) => (),
            Some(value) => check_option(&name, option, &value, path, errors)?,
        }
    }
    check_unknown(spec, given, path, errors);
    if !missing.is_empty() {
        missing.sort();
        let found = if path.is_empty() {
            String::new()
        } else {
            format!(" found in {path}")
        };
        errors.push(format!(
            "missing required arguments: {}{found}",
            missing.join(", ")
        ));
    }
    Ok(())
}

fn is_nothing(value: Option<&Value>) -> bool {
    value.is_none_or(Value::is_null)
}

fn check_unknown(spec: &Map, given: &Map, path: &str, errors: &mut Vec<String>) {
    let mut known = Vec::new();
    for (name, option) in spec {
        let option = option.as_map().cloned().unwrap_or_default();
        known.extend(names_of(&name.to_text(), &option));
    }
    let before = if path.is_empty() {
        String::new()
    } else {
        format!("{}.", path.replace(" -> ", "."))
    };
    let mut unknown: Vec<String> = given.keys().map(Value::to_text).collect();
    unknown.retain(|name| !known.contains(name));
    unknown.sort();
    if !unknown.is_empty() {
        known.sort();
        let unknown: Vec<String> = unknown
            .iter()
            .map(|name| format!("{before}{name}"))
            .collect();
        errors.push(format!(
            "{}. Supported parameters include: {}.",
            unknown.join(", "),
            known.join(", ")
        ));
    }
}

fn names_of(name: &str, option: &Map) -> Vec<String> {
    let aliases = option
        .get("aliases")
        .and_then(Value::as_list)
        .cloned()
        .unwrap_or_default();
    std::iter::once(name.to_owned())
        .chain(aliases.iter().map(Value::to_text))
        .collect()
}

fn check_option(
    name: &str,
    option: &Map,
    value: &Value,
    path: &str,
    errors: &mut Vec<String>,
) -> Result<()> {
    let kind = option
        .get("type")
        .map_or_else(|| "str".to_owned(), Value::to_text);
    if let Err(why) = fits(&kind, value)? {
        errors.push(format!(
            "argument '{name}' is of type {} and we were unable to convert to {kind}: {why}",
            value.type_name()
        ));
        return Ok(());
    }
    let elements = match (kind.as_str(), value) {
        ("list", Value::List(items)) => items.to_vec(),
        ("list", Value::Str(text)) => text
            .split(',')
            .map(|part| Value::str(part.trim()))
            .collect(),
        _ => Vec::new(),
    };
    if let Some(kind) = option.get("elements").map(Value::to_text) {
        for element in &elements {
            if let Err(why) = fits(&kind, element)? {
                errors.push(format!(
                    "Elements value for option '{name}' is of type {} and we were unable to convert to {kind}: {why}",
                    element.type_name()
                ));
            }
        }
    }
    check_choices(name, option, value, &elements, errors);
    let inner = option.get("options").and_then(Value::as_map);
    if let Some(inner) = inner {
        let path = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path} -> {name}")
        };
        let maps = elements
            .iter()
            .chain(std::iter::once(value))
            .filter_map(Value::as_map);
        for map in maps {
            check_options(inner, map, &path, errors)?;
        }
    }
    Ok(())
}

fn check_choices(
    name: &str,
    option: &Map,
    value: &Value,
    elements: &[Value],
    errors: &mut Vec<String>,
) {
    let Some(choices) = option.get("choices").and_then(Value::as_list) else {
        return;
    };
    let allowed: Vec<String> = choices.iter().map(Value::to_text).collect();
    let single = [value.clone()];
    let given = if elements.is_empty() {
        &single
    } else {
        elements
    };
    if given
        .iter()
        .any(|value| !allowed.contains(&value.to_text()))
    {
        let got: Vec<String> = given.iter().map(Value::to_text).collect();
        errors.push(format!(
            "value of {name} must be one of: {}, got: {}",
            allowed.join(", "),
            got.join(", ")
        ));
    }
}

/// Says whether a value can be of a type, by the rules for a module's arguments.
fn fits(kind: &str, value: &Value) -> Result<std::result::Result<(), String>> {
    if value.is_null() {
        return Ok(match kind {
            "int" | "float" => {
                let article = if kind == "int" { "an" } else { "a" };
                Err(format!("\"None\" cannot be converted to {article} {kind}"))
            }
            "list" | "dict" | "bool" | "bytes" | "bits" => Err(format!(
                "<class 'NoneType'> cannot be converted to a {kind}"
            )),
            _ => Ok(()),
        });
    }
    Ok(match kind {
        "str" | "path" | "raw" | "json" | "jsonarg" | "bytes" | "bits" => match value {
            Value::List(_) | Value::Map(_) if kind == "path" => Err("not a path".to_owned()),
            _ => Ok(()),
        },
        "bool" => bool::read(value).map(drop),
        "int" => i64::read(value).map(drop),
        "float" => f64::read(value).map(drop),
        "dict" => Map::read(value).map(drop),
        "list" => Vec::<Value>::read(value).map(drop),
        other => {
            return Err(Error::input(format!(
                "`{other}` is not a type of an argument"
            )));
        }
    })
}

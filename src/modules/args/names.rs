//! Which arguments a module takes, and what is said of those that it does not.

use super::value::type_name;
use super::{ArgKind, ArgSpec, argument};
use crate::error::{Error, Result, nearest};
use crate::value::{Map, Value};

/// Checks that every argument is known, that none is missing, and that values without templates can be read.
///
/// # Errors
/// What the reference says first: an argument that is missing, then a value of a wrong type, then one that is
/// no choice, and an unknown name at last. Where there is an unknown name it is shown in any case, with a hint
/// where a near name is right: it may be what was meant.
pub fn check_names(module: &str, tables: &[&[ArgSpec]], args: &Map) -> Result<()> {
    let specs = || tables.iter().flat_map(|table| table.iter());
    let mut keys = args.keys();
    let unknown = keys.find(|key| !specs().any(|spec| spec.answers_to(&key.to_text())));
    let Some(key) = unknown else {
        missing(module, specs(), args)?;
        return readable(module, specs(), args);
    };
    // Actions with words of their own look at the names first.
    let first = match ACTIONS.contains(&module) {
        true => Ok(()),
        false => missing(module, specs(), args),
    };
    let error = match first {
        Err(missing) => missing,
        Ok(()) => {
            readable(module, specs(), args)?;
            Error::syntax(unsupported(module, tables, args))
        }
    };
    let name = key.to_text();
    let names = specs().flat_map(|spec| std::iter::once(&spec.name).chain(spec.aliases));
    Err(error
        .at(key.place().cloned())
        .hint_if(nearest(&name, names.copied())))
}

/// Checks that values without templates can be read: types first, then choices, in the order of the module's
/// arguments.
fn readable<'a>(module: &str, specs: impl Iterator<Item = &'a ArgSpec>, args: &Map) -> Result<()> {
    let mut no_choice = None;
    for spec in specs {
        let written = args
            .iter()
            .filter(|(key, _)| spec.answers_to(&key.to_text()));
        for (key, value) in written {
            if value.has_templates() || value.is_null() {
                continue;
            }
            let Err(why) = (spec.check)(value) else {
                continue;
            };
            let error = Error::syntax(format!("`{module}`: {}", unreadable(spec, value, &why)))
                .at(value.place().or(key.place()).cloned());
            match is_choice(spec, &why) {
                true => no_choice = no_choice.or(Some(error)),
                false => return Err(error),
            }
        }
    }
    no_choice.map_or(Ok(()), Err)
}

/// Whether what is wrong with a value is that it is none of the choices.
fn is_choice(spec: &ArgSpec, why: &str) -> bool {
    !spec.choices.is_empty() && why.starts_with("must be one of")
}

/// Actions of the controller that say in their own words which names they do not know.
const ACTIONS: [&str; 5] = [
    "fail",
    "group_by",
    "reboot",
    "set_stats",
    "wait_for_connection",
];

/// How a module says that an argument is missing, where it is an action of the controller, which has its own
/// words.
pub fn own_words(module: &str) -> Option<&'static str> {
    Some(match module {
        "copy" => "dest is required",
        "assemble" | "fetch" | "template" => "src and dest are required",
        "unarchive" => "src (or content) and dest are required",
        _ => return None,
    })
}

/// How the message begins that an argument is missing.
pub(super) const MISSING: &str = "missing required arguments: ";

/// Says whether an error is that an argument is missing.
pub fn is_missing(error: &Error) -> bool {
    error.message().starts_with(MISSING)
}

fn missing<'a>(module: &str, specs: impl Iterator<Item = &'a ArgSpec>, args: &Map) -> Result<()> {
    let missing: Vec<String> = specs
        .filter(|spec| spec.required && argument(args, spec).is_none())
        .map(|spec| spec.name.to_owned())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if let Some(words) = own_words(module) {
        return Err(Error::syntax(words));
    }
    Err(Error::syntax(format!(
        "`{module}`: {MISSING}{}",
        missing.join(", ")
    )))
}

/// The value of a choice that is not one, for the message.
pub fn not_a_choice(value: &Value, choices: &[&str]) -> String {
    format!(
        "must be one of: {}, got: {}",
        choices.join(", "),
        value.to_text()
    )
}

/// What is wrong with a value, in the reference's words.
pub(super) fn unreadable(spec: &ArgSpec, value: &Value, why: &str) -> String {
    let name = spec.name;
    if is_choice(spec, why) {
        return format!("value of {name} {why}");
    }
    match spec.kind {
        ArgKind::Raw if why.starts_with("The '") => why.to_owned(),
        ArgKind::Str if why.starts_with("argument '") => why.to_owned(),
        ArgKind::Raw | ArgKind::Path | ArgKind::Str => format!("argument `{name}`: {why}"),
        kind => format!(
            "argument '{name}' is of type {} and we were unable to convert to {}: {why}",
            type_name(value),
            kind.name()
        ),
    }
}

/// All names that the module does not know, and those that it knows, as the reference lists them.
fn unsupported(module: &str, tables: &[&[ArgSpec]], args: &Map) -> String {
    let specs = || tables.iter().flat_map(|table| table.iter());
    let unknown = |name: &String| !specs().any(|spec| spec.answers_to(name));
    let mut wrong: Vec<String> = args.keys().map(Value::to_text).filter(unknown).collect();
    wrong.sort();
    if ACTIONS.contains(&module) {
        return format!("Invalid options for {module}: {}", wrong.join(","));
    }
    let mut known: Vec<String> = specs()
        .map(|spec| match spec.aliases {
            [] => spec.name.to_owned(),
            aliases => format!("{} ({})", spec.name, aliases.join(", ")),
        })
        .collect();
    known.sort();
    format!(
        "Unsupported parameters for ({module}) module: {}. Supported parameters include: {}.",
        wrong.join(", "),
        known.join(", ")
    )
}

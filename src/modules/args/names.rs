//! Which arguments a module takes, and what is said of those that it does not.

use super::value::type_name;
use super::{ArgKind, ArgSpec, argument};
use crate::error::{Error, Result, nearest};
use crate::value::{Map, Value};

/// Checks that every argument is known, and that values without templates can be read.
///
/// # Errors
/// The first argument that is wrong, with a hint where a near name is right.
pub fn check_names(module: &str, tables: &[&[ArgSpec]], args: &Map) -> Result<()> {
    let specs = || tables.iter().flat_map(|table| table.iter());
    for (key, value) in args {
        let name = key.to_text();
        let Some(spec) = specs().find(|spec| spec.answers_to(&name)) else {
            let names = specs().flat_map(|spec| std::iter::once(&spec.name).chain(spec.aliases));
            return Err(Error::syntax(unsupported(module, tables, args))
                .at(key.place().cloned())
                .hint_if(nearest(&name, names.copied())));
        };
        if value.has_templates() || value.is_null() {
            continue;
        }
        (spec.check)(value).map_err(|why| {
            Error::syntax(format!("`{module}`: {}", unreadable(spec, value, &why)))
                .at(value.place().or(key.place()).cloned())
        })?;
    }
    missing(module, specs(), args)
}

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
    if !spec.choices.is_empty() && why.starts_with("must be one of") {
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
    // These are actions of the controller, which say it in their own words.
    const ACTIONS: [&str; 5] = [
        "fail",
        "group_by",
        "reboot",
        "set_stats",
        "wait_for_connection",
    ];
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

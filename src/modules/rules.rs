//! What arguments must hold to each other: the reference's `mutually_exclusive`, `required_one_of`
//! and their like, as plain functions over names and whether they are given.

use crate::error::{Error, Result};
use crate::playbook::is_variable_name;
use crate::value::Map;

/// At most one of these is given.
///
/// # Errors
/// Two are.
pub fn exclusive(given: &[(&str, bool)]) -> Result<()> {
    let names = present(given);
    if names.len() < 2 {
        return Ok(());
    }
    Err(Error::input(format!(
        "{} are mutually exclusive",
        join(&names, "and")
    )))
}

/// At least one of these is given.
///
/// # Errors
/// None is.
pub fn one_of(given: &[(&str, bool)]) -> Result<()> {
    if given.iter().any(|(_, given)| *given) {
        return Ok(());
    }
    let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    Err(Error::input(format!(
        "one of {} is required",
        join(&names, "or")
    )))
}

/// Where one of these is given, all are.
///
/// # Errors
/// Some are and some are not.
pub fn together(given: &[(&str, bool)]) -> Result<()> {
    let names = present(given);
    if names.is_empty() || names.len() == given.len() {
        return Ok(());
    }
    let all: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    Err(Error::input(format!(
        "{} are required together",
        join(&all, "and")
    )))
}

/// Where `why` holds, `name` must be given: `required_if(state == present, "state is present", …)`.
///
/// # Errors
/// It is not.
pub fn required_if(holds: bool, why: &str, given: &[(&str, bool)]) -> Result<()> {
    let missing: Vec<&str> = given
        .iter()
        .filter(|(_, given)| !given)
        .map(|(name, _)| *name)
        .collect();
    if !holds || missing.is_empty() {
        return Ok(());
    }
    Err(Error::input(format!(
        "{why} but {} missing",
        is_or_are(&missing)
    )))
}

/// Every key can be the name of a variable.
///
/// # Errors
/// One cannot; at its place.
pub fn variable_names(map: &Map) -> Result<()> {
    for key in map.keys() {
        if !key.as_str().is_some_and(is_variable_name) {
            return Err(
                Error::input(format!("`{}` is not a name for a variable", key.to_text()))
                    .at(key.place().cloned()),
            );
        }
    }
    Ok(())
}

fn is_or_are(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", join(names, "and"))
}

fn present<'a>(given: &[(&'a str, bool)]) -> Vec<&'a str> {
    given
        .iter()
        .filter(|(_, given)| *given)
        .map(|(name, _)| *name)
        .collect()
}

fn join(names: &[&str], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{exclusive, one_of, required_if, together};

    #[test]
    fn rules_name_what_is_wrong() {
        for (result, message) in [
            (exclusive(&[("a", true), ("b", false)]), None),
            (
                exclusive(&[("a", true), ("b", true), ("c", true)]),
                Some("`a`, `b` and `c` are mutually exclusive"),
            ),
            (one_of(&[("a", false), ("b", true)]), None),
            (
                one_of(&[("a", false), ("b", false)]),
                Some("one of `a` or `b` is required"),
            ),
            (together(&[("a", true), ("b", true)]), None),
            (
                together(&[("a", true), ("b", false)]),
                Some("`a` and `b` are required together"),
            ),
            (
                required_if(true, "`state` is `present`", &[("a", false)]),
                Some("`state` is `present` but `a` is missing"),
            ),
            (
                required_if(false, "`state` is `present`", &[("a", false)]),
                None,
            ),
        ] {
            assert_eq!(
                result
                    .err()
                    .map(|error| error.message().to_owned())
                    .as_deref(),
                message
            );
        }
    }
}

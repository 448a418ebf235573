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
    let all: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    Err(Error::input(format!(
        "parameters are mutually exclusive: {}",
        all.join("|")
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
        "one of the following is required: {}",
        names.join(", ")
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
        "parameters are required together: {}",
        all.join(", ")
    )))
}

/// Where `why` holds, all of these must be given: `required_if(state == present, "state is present", …)`.
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
        "{} but all of the following are missing: {}",
        why.replace('`', ""),
        missing.join(", ")
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
                Error::input(format!("Invalid variable name {}.", key.repr()))
                    .at(key.place().cloned()),
            );
        }
    }
    Ok(())
}

fn present<'a>(given: &[(&'a str, bool)]) -> Vec<&'a str> {
    given
        .iter()
        .filter(|(_, given)| *given)
        .map(|(name, _)| *name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{exclusive, one_of, required_if, together};

    #[test]
    fn rules_name_what_is_wrong() {
        for (result, message) in [
            (exclusive(&[("a", true), ("b", false)]), None),
            (
                exclusive(&[("a", true), ("b", true), ("c", false)]),
                Some("parameters are mutually exclusive: a|b|c"),
            ),
            (one_of(&[("a", false), ("b", true)]), None),
            (
                one_of(&[("a", false), ("b", false)]),
                Some("one of the following is required: a, b"),
            ),
            (together(&[("a", true), ("b", true)]), None),
            (
                together(&[("a", true), ("b", false)]),
                Some("parameters are required together: a, b"),
            ),
            (
                required_if(true, "`state` is `present`", &[("a", false)]),
                Some("state is present but all of the following are missing: a"),
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

//! The values that an assertion compared: `x is 1` says why `x == 2` does not hold. Only what is named is
//! shown, never what a lookup or another call would have to be asked for again.

use crate::report::{is_secret_name, telling};
use crate::value::{Str, Value};
use crate::vars::Values;

/// The longest value that is shown, in characters.
const LONGEST: usize = 80;

/// Why a condition does not hold, as `x is 1`; nothing where it has no values to show, or where one of
/// several may be why. `masked` hides what is secret in a text.
pub fn compared(
    values: &Values<'_>,
    condition: &str,
    masked: &dyn Fn(&str) -> String,
) -> Option<String> {
    if split(condition, &[" or ", " if "]).len() > 1 {
        return None;
    }
    let part = first_false(values, condition)?;
    let shown: Vec<String> = operands(&part)
        .into_iter()
        .filter(|text| !is_literal(text))
        .filter_map(|text| shown(values, &text, masked))
        .collect();
    (!shown.is_empty()).then(|| shown.join(", "))
}

/// The first of the parts around `and` that does not hold.
fn first_false(values: &Values<'_>, condition: &str) -> Option<String> {
    let parts = split(condition, &[" and "]);
    if parts.len() == 1 {
        return Some(condition.trim().to_owned());
    }
    for part in &parts {
        // What calls something is not asked again, and neither is it known whether it holds.
        if part.contains('(')
            || operands(part)
                .iter()
                .any(|side| !may_be_asked(values, side))
        {
            return None;
        }
        let written = Value::Str(Str::template(part.as_str(), None));
        if !matches!(values.engine.condition(&written, &values.scope), Ok(true)) {
            return Some(part.trim().to_owned());
        }
    }
    None
}

/// Says whether a side of a comparison is a literal, or a name (with attributes and items, and filters that
/// only count or convert) whose value asks nothing outside.
fn may_be_asked(values: &Values<'_>, side: &str) -> bool {
    is_literal(side) || is_named(side) && !asks_outside(values, side)
}

fn is_named(side: &str) -> bool {
    const FILTERS: &[&str] = &[
        "bool",
        "count",
        "float",
        "int",
        "length",
        "lower",
        "string",
        "trim",
        "type_debug",
        "upper",
    ];
    let parts = split(side, &["|"]);
    let mut parts = parts.iter().map(|part| part.trim());
    let begins = side.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let is_path = |path: &str| {
        let inside = |c: char| c.is_alphanumeric() || "_.-[]'\" /".contains(c);
        path.chars().all(inside) && split(path, &[" ", "-", "/"]).len() == 1
    };
    begins && parts.next().is_some_and(is_path) && parts.all(|filter| FILTERS.contains(&filter))
}

/// Says whether the variable that a side begins with is a template that calls something.
fn asks_outside(values: &Values<'_>, side: &str) -> bool {
    let end = side.find(|c: char| !c.is_alphanumeric() && c != '_');
    let name = &side[..end.unwrap_or(side.len())];
    let raw = values.scope.variable(name);
    raw.is_some_and(|raw| raw.has_templates() && raw.to_text().contains('('))
}

/// The two sides of a comparison, or the one expression.
fn operands(part: &str) -> Vec<String> {
    let part = part.trim();
    let part = part.strip_prefix("not ").unwrap_or(part);
    // What follows `is` names a test and what it is given.
    let tested = split(part, &[" is "]).swap_remove(0);
    let words = ["==", "!=", "<=", ">=", "<", ">", " not in ", " in "];
    split(&tested, &words)
        .into_iter()
        .map(|side| side.trim().to_owned())
        .filter(|side| !side.is_empty())
        .collect()
}

/// A text cut at words that stand outside of quotes and brackets.
fn split(text: &str, words: &[&str]) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut depth, mut quote) = (0_usize, None);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = words
            .iter()
            .find(|word| quote.is_none() && depth == 0 && rest.starts_with(**word));
        if let Some(word) = word {
            parts.push(String::new());
            rest = &rest[word.len()..];
            continue;
        }
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => (),
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    parts
}

/// Says whether a text is a value as it stands.
fn is_literal(text: &str) -> bool {
    let quoted = |mark: char| text.len() > 1 && text.starts_with(mark) && text.ends_with(mark);
    let word = matches!(text.to_lowercase().as_str(), "true" | "false" | "none");
    word || quoted('\'')
        || quoted('"')
        || text.parse::<f64>().is_ok()
        || text.starts_with(['[', '{'])
}

fn shown(values: &Values<'_>, text: &str, masked: &dyn Fn(&str) -> String) -> Option<String> {
    if !may_be_asked(values, text) {
        return None;
    }
    if is_secret_name(text) {
        return Some(format!("`{text}` is not shown"));
    }
    let expression = Str::template(text, None);
    let value = match values.engine.expression(&expression, &values.scope) {
        Ok(value) if value.is_undefined() => return Some(format!("`{text}` is undefined")),
        Ok(value) if has_secret(&value) => return Some(format!("`{text}` is not shown")),
        Ok(value) => masked(&value.repr()),
        Err(error) => {
            let why = error.root().message().to_owned();
            return telling(&masked(&why)).map(|why| format!("`{text}` cannot be had: {why}"));
        }
    };
    let value = match value.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value,
    };
    Some(format!("`{text}` is {value}"))
}

/// Says whether something in a value came out of a vault.
fn has_secret(value: &Value) -> bool {
    match value {
        Value::Str(text) => text.is_secret(),
        Value::Sealed(_) => true,
        Value::List(items) | Value::Tuple(items) => items.iter().any(has_secret),
        Value::Map(map) => map.iter().any(|(_, value)| has_secret(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_literal, is_named, operands};

    #[test]
    fn both_sides_of_a_comparison_are_found() {
        for (text, sides) in [
            ("x == 2", vec!["x", "2"]),
            (
                "groups['a == b'] | length >= 3",
                vec!["groups['a == b'] | length", "3"],
            ),
            ("not x", vec!["x"]),
            ("x is defined", vec!["x"]),
            ("'a' in names", vec!["'a'", "names"]),
            ("(a < b)", vec!["(a < b)"]),
            ("result.rc != 0", vec!["result.rc", "0"]),
            ("x is in y", vec!["x"]),
            ("x is not in ['a']", vec!["x"]),
            ("x is version('1', '<')", vec!["x"]),
        ] {
            assert_eq!(operands(text), sides, "{text}");
        }
        for (text, literal) in [
            ("'x'", true),
            ("2", true),
            ("true", true),
            ("x", false),
            ("[1]", true),
        ] {
            assert_eq!(is_literal(text), literal, "{text}");
        }
        for (text, named) in [
            ("x", true),
            ("x.stdout_lines[0]", true),
            ("hostvars['a b'].x", true),
            ("x.y | length", true),
            ("lookup('pipe', 'id')", false),
            ("x | regex_replace('a')", false),
            ("x | password_hash", false),
            ("x + 1", false),
            ("x.get('y')", false),
            ("not x", false),
        ] {
            assert_eq!(is_named(text), named, "{text}");
        }
    }
}

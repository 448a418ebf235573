//! The values that an assertion compared: `x is 1` says why `x == 2` does not hold.

use crate::report::{is_secret_name, telling};
use crate::value::{Str, Value};
use crate::vars::Values;

/// The longest value that is shown, in characters.
const LONGEST: usize = 80;

/// Why a condition does not hold, as `x is 1`; nothing where it has no values to show.
pub fn compared(values: &Values<'_>, condition: &str) -> Option<String> {
    let part = first_false(values, condition);
    let shown: Vec<String> = operands(&part)
        .into_iter()
        .filter(|text| !is_literal(text))
        .filter_map(|text| shown(values, &text))
        .collect();
    (!shown.is_empty()).then(|| shown.join(", "))
}

/// The first of the parts around `and` that does not hold.
fn first_false(values: &Values<'_>, condition: &str) -> String {
    let parts = split(condition, &[" and "]);
    let fails = |part: &String| {
        let part = Value::Str(Str::template(part.as_str(), None));
        !matches!(values.engine.condition(&part, &values.scope), Ok(true))
    };
    match parts.len() {
        1 => condition.trim().to_owned(),
        _ => parts
            .iter()
            .find(|part| fails(part))
            .map_or(condition, String::as_str)
            .trim()
            .to_owned(),
    }
}

/// The two sides of a comparison, or the one expression.
fn operands(part: &str) -> Vec<String> {
    let part = part.trim();
    let part = part.strip_prefix("not ").unwrap_or(part);
    let words = ["==", "!=", "<=", ">=", "<", ">", " not in ", " in "];
    let mut sides = split(part, &words);
    // The right side of a test is no value of its own.
    for side in &mut sides {
        let test = split(side, &[" is "]);
        if let Some(first) = test.into_iter().next() {
            *side = first;
        }
    }
    sides
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

fn shown(values: &Values<'_>, text: &str) -> Option<String> {
    if is_secret_name(text) {
        return Some(format!("`{text}` is not shown"));
    }
    let expression = Str::template(text, None);
    let value = match values.engine.expression(&expression, &values.scope) {
        Ok(value) if value.is_undefined() => return Some(format!("`{text}` is undefined")),
        Ok(value) => value.repr(),
        Err(error) => {
            let why = error.root().message().to_owned();
            return telling(&why).map(|why| format!("`{text}` cannot be had: {why}"));
        }
    };
    let value = match value.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value,
    };
    Some(format!("`{text}` is {value}"))
}

#[cfg(test)]
mod tests {
    use super::{is_literal, operands};

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
    }
}

//! Errors say nothing of what came out of a vault.

use super::bounds::Shared;
use crate::error::Error;
use crate::value::Value;

/// What stands for a hidden word.
const HIDDEN: &str = "***";

/// Shorter words say nothing.
const SHORTEST: usize = 3;

/// A word of this length that stands without quotes is one of the secret's, and not of our message's.
const LONG: usize = 6;

/// The error without words in quotes or backticks, and long ones without, that are part of a sealed
/// value which the rendering read. Words that the template itself has are no secret, nor are the names of types.
pub(super) fn hidden(error: Error, shared: &Shared) -> Error {
    let secrets = shared.secrets();
    if secrets.is_empty() {
        return error;
    }
    let own = error
        .place()
        .filter(|place| !place.source.is_sealed())
        .map(|place| place.source.text().to_owned())
        .unwrap_or_default();
    let is_secret = |word: &str| {
        word.len() >= SHORTEST
            && !own.contains(word)
            && !is_type(word)
            && secrets.iter().any(|secret| secret.contains(word))
    };
    error.reworded(&|message| reworded(message, &secrets, &is_secret))
}

/// The names that Python gives types, which messages quote.
fn is_type(word: &str) -> bool {
    matches!(
        word,
        "NoneType" | "bool" | "int" | "float" | "str" | "bytes" | "list" | "tuple" | "dict" | "set"
    )
}

fn reworded(message: &str, secrets: &[String], is_secret: &dyn Fn(&str) -> bool) -> String {
    let mut text = message.to_owned();
    for secret in secrets {
        if secret.len() >= SHORTEST {
            text = text.replace(secret.as_str(), HIDDEN);
        }
    }
    text = text
        .split_inclusive(char::is_whitespace)
        .map(|word| hide_bare(word, is_secret))
        .collect();
    for quote in ['`', '\'', '"'] {
        let parts: Vec<&str> = text.split(quote).collect();
        let last = parts.len().saturating_sub(1);
        let parts: Vec<&str> = parts
            .iter()
            .enumerate()
            .map(
                |(at, part)| match at % 2 == 1 && at < last && is_secret(part) {
                    true => HIDDEN,
                    false => part,
                },
            )
            .collect();
        text = parts.join(&quote.to_string());
    }
    text
}

/// A word without quotes, hidden where it is long enough to be more than a common one.
fn hide_bare(word: &str, is_secret: &dyn Fn(&str) -> bool) -> String {
    let bare = word.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
    match bare.chars().count() >= LONG && is_secret(bare) {
        true => word.replace(bare, HIDDEN),
        false => word.to_owned(),
    }
}

/// The texts in a value that came out of a vault.
pub(super) fn secrets_in(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Str(text) if text.is_secret() => found.push(text.to_string()),
        Value::List(items) | Value::Tuple(items) => {
            items.iter().for_each(|item| secrets_in(item, found));
        }
        Value::Map(map) => map.values().for_each(|value| secrets_in(value, found)),
        _ => {}
    }
}

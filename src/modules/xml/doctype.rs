//! What follows the word DOCTYPE.

use super::names::{is_blank, is_name};

/// Reads what stands between `<!DOCTYPE` and `>`, and gives it as it is written anew.
///
/// # Errors
/// It is not well-formed, or declares types of its own.
pub fn read(text: &str) -> Result<String, String> {
    let text = text.trim_matches(is_blank);
    let end = text.find(|c| is_blank(c) || c == '[').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !is_name(name) {
        return Err("its DOCTYPE has no name".to_owned());
    }
    let rest = rest.trim_start_matches(is_blank);
    let (ids, rest) = if let Some(rest) = rest.strip_prefix("PUBLIC") {
        let (public, rest) = literal(rest)?;
        let (system, rest) = literal(rest)?;
        (format!(" PUBLIC \"{public}\" {}", quoted(system)), rest)
    } else if let Some(rest) = rest.strip_prefix("SYSTEM") {
        let (system, rest) = literal(rest)?;
        (format!(" SYSTEM {}", quoted(system)), rest)
    } else {
        (String::new(), rest)
    };
    let own = rest.trim_start_matches(is_blank).strip_prefix('[');
    let own = own.and_then(|own| own.strip_suffix(']'));
    match (own, rest.trim_matches(is_blank)) {
        (Some(own), _) if own.chars().all(is_blank) => Ok(format!("{name}{ids}")),
        (Some(_), _) => Err("its DOCTYPE declares types or entities of its own, which are not read".to_owned()),
        (None, "") => Ok(format!("{name}{ids}")),
        (None, rest) => Err(format!("its DOCTYPE has `{rest}`, which cannot be read")),
    }
}

/// The next quoted text, and what follows.
fn literal(text: &str) -> Result<(&str, &str), String> {
    let start = text.trim_start_matches(is_blank);
    let quote = start.chars().next().filter(|c| matches!(c, '"' | '\''));
    let found = quote
        .filter(|_| start.len() < text.len())
        .and_then(|quote| start.get(1..)?.split_once(quote));
    found.ok_or_else(|| "its DOCTYPE lacks a quoted name".to_owned())
}

fn quoted(text: &str) -> String {
    match text.contains('"') {
        true => format!("'{text}'"),
        false => format!("\"{text}\""),
    }
}

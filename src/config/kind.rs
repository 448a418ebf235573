//! The text of a setting as a value of its type.

use std::path::{Path, PathBuf};

use super::table::{Kind, Setting};
use crate::error::{Error, Result, nearest};
use crate::value::Value;

/// What paths are relative to.
pub struct Context<'a> {
    /// The configuration file.
    pub file: Option<&'a Path>,
    /// The folder the command was begun in.
    pub folder: &'a Path,
    /// `ANSIBLE_HOME`, as written.
    pub home: &'a str,
}

/// The value that `text` is; `in_file` where the file says it.
///
/// # Errors
/// It is not of the type, or not one of the choices; `from` says where it stands.
pub fn read(
    setting: &Setting,
    text: &str,
    context: &Context<'_>,
    in_file: bool,
    from: &str,
) -> Result<Value> {
    let text = unquoted(text.trim());
    let wrong = || {
        Error::new(
            crate::error::Kind::Options,
            format!(
                "Config '{}' from '{from}' has an invalid value: Invalid value provided for '{}': '{text}'",
                setting.name,
                setting.kind.name()
            ),
        )
    };
    let path = |text: &str| context.path(text, in_file);
    let value = match setting.kind {
        // What is no boolean is false; whoever asks says so (`is_no_boolean`).
        Kind::Boolean => Value::from(boolean(text).unwrap_or(false)),
        Kind::Integer if text.is_empty() => Value::Null,
        Kind::Integer => Value::from(integer(text).ok_or_else(wrong)?),
        Kind::Float => Value::from(text.parse::<f64>().map_err(|_| wrong())?),
        // An empty part is one: `run = a,` has two tags.
        Kind::List => Value::strings(text.split(',').map(|part| unquoted(part.trim()).to_owned())),
        Kind::Path if text.is_empty() => Value::Null,
        Kind::Path => Value::str(path(text)),
        Kind::PathList => Value::strings(inventories(text, path)),
        Kind::PathSpec => Value::strings(split(text, &[':']).into_iter().map(path)),
        Kind::String if text == "None" => Value::Null,
        Kind::String => Value::str(text),
    };
    check_choice(setting, text, &value)?;
    Ok(value)
}

/// Says whether a setting wants a truth value and the text is none.
pub fn is_no_boolean(setting: &Setting, text: &str) -> bool {
    setting.kind == Kind::Boolean && boolean(unquoted(text.trim())).is_none()
}

/// Paths separated by commas; a list of hosts stays as it is.
fn inventories(text: &str, path: impl Fn(&str) -> String) -> Vec<String> {
    if text.ends_with(',') {
        return vec![text.to_owned()];
    }
    split(text, &[',']).into_iter().map(path).collect()
}

fn check_choice(setting: &Setting, text: &str, value: &Value) -> Result<()> {
    let choices = &setting.choices;
    if choices.is_empty() || setting.kind == Kind::List || value.is_null() {
        return Ok(());
    }
    if choices.contains(&text) {
        return Ok(());
    }
    let error = Error::new(
        crate::error::Kind::Options,
        format!("Invalid value '{text}' for config '{}'", setting.name),
    );
    let list = format!("valid values are: {}", choices.join(", "));
    Err(error
        .hint(list)
        .hint_if(nearest(text, choices.iter().copied())))
}

fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        let inner = text
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner;
        }
    }
    text
}

/// The reference's words for true and false (`convert_bool.py`).
pub fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "on" | "1" | "true" | "t" | "1.0" => Some(true),
        "n" | "no" | "off" | "0" | "false" | "f" | "0.0" | "" | "none" => Some(false),
        _ => None,
    }
}

fn integer(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| {
        let number: f64 = text.parse().ok()?;
        (number.fract() == 0.0).then_some(number as i64)
    })
}

fn split<'a>(text: &'a str, at: &[char]) -> Vec<&'a str> {
    let parts = text.split(at).map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}

impl Context<'_> {
    /// A path without `~` and variables, from the root on.
    fn path(&self, text: &str, in_file: bool) -> String {
        let text = match text.strip_prefix("$HOME_OF_ANSIBLE") {
            Some(rest) => format!("{}{rest}", self.home),
            None => expand_variables(text),
        };
        let text = match text.strip_prefix("{{CWD}}") {
            Some(rest) => format!("{}{rest}", self.folder.display()),
            None => text,
        };
        let environment = |name: &str| std::env::var(name).ok();
        let path = super::file::expand_home(&text, &environment);
        let base = match self.file.and_then(Path::parent) {
            Some(folder) if in_file => folder,
            _ => self.folder,
        };
        normal(&base.join(path)).to_string_lossy().into_owned()
    }
}

/// `$NAME` and `${NAME}` as the environment has them; an unknown one stays.
fn expand_variables(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, end) = match after.strip_prefix('{').and_then(|a| a.split_once('}')) {
            Some((name, _)) => (name, name.len() + 2),
            None => {
                let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = after.find(|c| !is_letter(c)).unwrap_or(after.len());
                (&after[..end], end)
            }
        };
        match std::env::var(name) {
            Ok(value) if !name.is_empty() => out.push_str(&value),
            _ => out.push_str(&rest[at..at + 1 + end]),
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                clean.pop();
            }
            std::path::Component::CurDir => (),
            other => clean.push(other),
        }
    }
    clean
}

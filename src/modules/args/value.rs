//! How a value becomes a typed argument.

use zeroize::Zeroizing;

use super::ArgKind;
use crate::value::{Map, Value, from_json};

/// A type that an argument can have.
pub trait ArgValue: Sized {
    /// The type's name in the documentation.
    const KIND: ArgKind;
    /// The values it may have; empty means any.
    const CHOICES: &'static [&'static str] = &[];
    /// Whether the argument is a secret.
    const SECRET: bool = false;
    /// Whether the argument has to be given where it has no default.
    const REQUIRED: bool = true;

    /// The value of an argument that is not given and has no default.
    fn absent() -> Option<Self> {
        None
    }

    /// Reads the argument.
    ///
    /// # Errors
    /// What is wrong with the value, in words that follow the argument's name.
    fn read(value: &Value) -> std::result::Result<Self, String>;
}

impl<T: ArgValue> ArgValue for Option<T> {
    const KIND: ArgKind = T::KIND;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const SECRET: bool = T::SECRET;
    const REQUIRED: bool = false;

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn read(value: &Value) -> std::result::Result<Self, String> {
        if value.is_null() {
            return Ok(None);
        }
        T::read(value).map(Some)
    }
}

impl ArgValue for bool {
    const KIND: ArgKind = ArgKind::Bool;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::Bool(value) => Ok(*value),
            Value::Int(1) => Ok(true),
            Value::Int(0) => Ok(false),
            Value::Float(number) if *number == 1.0 => Ok(true),
            Value::Float(number) if *number == 0.0 => Ok(false),
            Value::Str(text) => match text.trim().to_ascii_lowercase().as_str() {
                "yes" | "on" | "1" | "true" | "t" | "y" | "1.0" => Ok(true),
                "no" | "off" | "0" | "false" | "f" | "n" | "0.0" => Ok(false),
                _ => Err(no_boolean(text)),
            },
            other => Err(no_boolean(&other.to_text())),
        }
    }
}

impl ArgValue for i64 {
    const KIND: ArgKind = ArgKind::Int;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        let number = match value {
            Value::Int(number) => Some(*number),
            Value::Float(number) if number.fract() == 0.0 => Some(*number as i64),
            Value::Str(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| format!("\"{}\" cannot be converted to an int", value.repr()))
    }
}

impl ArgValue for u64 {
    const KIND: ArgKind = ArgKind::Int;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        let number = i64::read(value)?;
        u64::try_from(number).map_err(|_| format!("`{number}` is negative"))
    }
}

impl ArgValue for u16 {
    const KIND: ArgKind = ArgKind::Int;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        let number = i64::read(value)?;
        u16::try_from(number).map_err(|_| format!("`{number}` is not between 0 and 65535"))
    }
}

impl ArgValue for f64 {
    const KIND: ArgKind = ArgKind::Float;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        let number = match value {
            Value::Int(_) | Value::Float(_) => value.as_float(),
            Value::Str(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| {
            format!(
                "<class '{}'> cannot be converted to a float",
                type_name(value)
            )
        })
    }
}

impl ArgValue for String {
    const KIND: ArgKind = ArgKind::Str;

    /// Anything becomes text; a list or a dictionary as Python prints it.
    fn read(value: &Value) -> std::result::Result<Self, String> {
        Ok(value.to_text())
    }
}

impl ArgValue for Value {
    const KIND: ArgKind = ArgKind::Raw;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        Ok(value.clone())
    }
}

impl ArgValue for Map {
    const KIND: ArgKind = ArgKind::Dict;

    /// A dictionary, its JSON, or `key=value` pairs.
    fn read(value: &Value) -> std::result::Result<Self, String> {
        let wrong = || format!("`{}` is not a dictionary", value.to_text());
        match value {
            Value::Map(map) => Ok((**map).clone()),
            Value::Str(text) if text.trim_start().starts_with('{') => {
                let parsed = from_json(text).map_err(|_| wrong())?;
                parsed.as_map().map(|map| (**map).clone()).ok_or_else(wrong)
            }
            Value::Str(text) if text.contains('=') => pairs(text).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

/// `a=1, b="x y"` as a dictionary.
fn pairs(text: &str) -> Option<Map> {
    let mut map = Map::new();
    for word in shell_words::split(&text.replace(',', " ")).ok()? {
        let (key, value) = word.split_once('=')?;
        map.set(key.trim(), value);
    }
    Some(map)
}

impl<T: ArgValue> ArgValue for Vec<T> {
    const KIND: ArgKind = ArgKind::List;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const SECRET: bool = T::SECRET;

    /// A list; text is split at commas; a number is a list of one.
    fn read(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::List(items) | Value::Tuple(items) => items.iter().map(T::read).collect(),
            Value::Str(text) => text
                .split(',')
                .map(|part| T::read(&Value::str(part.trim())))
                .collect(),
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => Ok(vec![T::read(value)?]),
            other => Err(format!(
                "<class '{}'> cannot be converted to a list",
                type_name(other)
            )),
        }
    }
}

/// A path of the host: `~`, `~user` and `$NAME` in it expand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemotePath(pub String);

impl ArgValue for RemotePath {
    const KIND: ArgKind = ArgKind::Path;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::List(_) | Value::Map(_) => Err(format!("`{}` is not a path", value.to_text())),
            other => Ok(RemotePath(other.to_text())),
        }
    }
}

impl AsRef<str> for RemotePath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RemotePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A password or the like: it prints as `***`, and is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl ArgValue for SecretText {
    const KIND: ArgKind = ArgKind::Str;
    const SECRET: bool = true;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        Ok(SecretText(Zeroizing::new(value.to_text())))
    }
}

/// The permission bits of a file as the user wrote them: octal digits, symbols, or `preserve`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileMode {
    /// Octal: `"0644"`, or YAML's `0644`, which is the number 420.
    Bits(u32),
    /// Symbolic: `u=rwX,g-w`.
    Symbolic(String),
    /// `preserve`: what the source has.
    Preserve,
}

impl ArgValue for FileMode {
    const KIND: ArgKind = ArgKind::Raw;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        let wrong = || {
            format!(
                "mode must be in octal or symbolic form, not `{}`",
                value.to_text()
            )
        };
        match value {
            Value::Int(bits) => u32::try_from(*bits)
                .ok()
                .filter(|bits| *bits <= 0o7777)
                .map(FileMode::Bits)
                .ok_or_else(wrong),
            Value::Str(text) if text.as_str() == "preserve" => Ok(FileMode::Preserve),
            Value::Str(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
                u32::from_str_radix(text, 8)
                    .ok()
                    .filter(|bits| *bits <= 0o7777)
                    .map(FileMode::Bits)
                    .ok_or_else(wrong)
            }
            Value::Str(text) if is_symbolic(text) => Ok(FileMode::Symbolic(text.to_string())),
            _ => Err(wrong()),
        }
    }
}

fn is_symbolic(text: &str) -> bool {
    text.split(',').all(|clause| {
        // As in the reference, `a` stands alone.
        let rest = clause
            .strip_prefix('a')
            .unwrap_or_else(|| clause.trim_start_matches(['u', 'g', 'o']));
        rest.starts_with(['+', '-', '=']) && rest.chars().all(|c| "+-=rwxXstugo".contains(c))
    })
}

/// Python's name for the type of a value.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::List(_) => "list",
        Value::Tuple(_) => "tuple",
        Value::Map(_) => "dict",
        _ => "str",
    }
}

fn no_boolean(text: &str) -> String {
    format!(
        "The value '{text}' is not a valid boolean. Valid booleans include: 0, 1, '0', '1', 'f', 'false', 'n', \
         'no', 'off', 'on', 't', 'true', 'y', 'yes'"
    )
}

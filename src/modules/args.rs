//! Arguments: their tables, and how a value becomes a typed argument by Ansible's rules.
//!
//! The rules are those of the reference's `module_utils/common/validation.py`: `yes` is a truth
//! value where one is wanted, `"5"` a number, `a,b` a list.

use zeroize::Zeroizing;

use crate::error::{Error, Result, nearest};
use crate::value::{Map, Value, from_json};

/// The type of an argument, by the reference's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// `bool`
    Bool,
    /// `dict`
    Dict,
    /// `float`
    Float,
    /// `int`
    Int,
    /// `list` of anything
    List,
    /// `path`: a path of the host
    Path,
    /// `raw`: any value
    Raw,
    /// `str`
    Str,
}

impl ArgKind {
    /// The reference's name for it.
    pub fn name(self) -> &'static str {
        match self {
            ArgKind::Bool => "bool",
            ArgKind::Dict => "dict",
            ArgKind::Float => "float",
            ArgKind::Int => "int",
            ArgKind::List => "list",
            ArgKind::Path => "path",
            ArgKind::Raw => "raw",
            ArgKind::Str => "str",
        }
    }
}

/// One argument of a module, for checking and for the documentation.
#[derive(Debug)]
pub struct ArgSpec {
    /// Its name.
    pub name: &'static str,
    /// Its other names.
    pub aliases: &'static [&'static str],
    /// Its type.
    pub kind: ArgKind,
    /// Whether it must be given.
    pub required: bool,
    /// The default as it stands in the code.
    pub default: Option<&'static str>,
    /// The values it may have; empty means any.
    pub choices: &'static [&'static str],
    /// Whether it is a secret.
    pub secret: bool,
    /// Checks one value.
    pub check: fn(&Value) -> std::result::Result<(), String>,
}

impl ArgSpec {
    /// Says whether `name` is this argument's name or one of its others.
    pub fn answers_to(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

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
        let wrong = || format!("`{}` is not a file mode", value.to_text());
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

/// The value of an argument, by its name or another of its names.
pub fn argument<'a>(args: &'a Map, spec: &ArgSpec) -> Option<(&'a Value, &'a Value)> {
    std::iter::once(&spec.name)
        .chain(spec.aliases)
        .find_map(|name| args.get_entry(name))
}

/// Reads one argument into its type.
///
/// # Errors
/// It must be given and is not, or it cannot be read; at the argument's place.
pub fn read<T: ArgValue>(args: &Map, spec: &ArgSpec, absent: Option<T>) -> Result<T> {
    let Some((key, value)) = argument(args, spec) else {
        return absent.ok_or_else(|| Error::input(format!("{MISSING}{}", spec.name)));
    };
    if value.is_null()
        && let Some(absent) = absent
    {
        return Ok(absent);
    }
    T::read(value).map_err(|why| {
        Error::input(unreadable(spec, value, &why)).at(value.place().or(key.place()).cloned())
    })
}

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
const MISSING: &str = "missing required arguments: ";

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
        "`{module}`: missing required arguments: {}",
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
fn unreadable(spec: &ArgSpec, value: &Value, why: &str) -> String {
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

/// Python's name for the type of a value.
fn type_name(value: &Value) -> &'static str {
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

/// Declares an argument type of a few words: `choices! { State { Absent = "absent", … } }`.
#[macro_export]
macro_rules! choices {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal $(| $other:literal)*),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = $word] $variant,)*
        }

        impl $name {
            /// The word that stands for it.
            pub fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }
        }

        impl $crate::modules::ArgValue for $name {
            const KIND: $crate::modules::ArgKind = $crate::modules::ArgKind::Str;
            const CHOICES: &'static [&'static str] = &[$($word, $($other,)*)*];

            fn read(value: &$crate::value::Value) -> std::result::Result<Self, String> {
                match value.to_text().as_str() {
                    $($word $(| $other)* => Ok($name::$variant),)*
                    // YAML reads `state: yes` and `no` as truth values; choices may be these words.
                    "True" if Self::CHOICES.contains(&"yes") => Self::read(&"yes".into()),
                    "False" if Self::CHOICES.contains(&"no") => Self::read(&"no".into()),
                    "True" if Self::CHOICES.contains(&"on") => Self::read(&"on".into()),
                    "False" if Self::CHOICES.contains(&"off") => Self::read(&"off".into()),
                    _ => Err($crate::modules::args::not_a_choice(value, Self::CHOICES)),
                }
            }
        }
    };
}

/// Declares a module's arguments: the typed struct, its table (`Args::SPEC`), and the reading of
/// it (`Args::read`). `name: Type` must be given, `name: Option<Type>` may, `name: Type = value`
/// has a default; other names stand in brackets.
///
/// ```ignore
/// args! {
///     Args {
///         path: RemotePath [dest, name],
///         state: Option<State>,
///         recurse: bool = false,
///         r#type: String = "any".into() ["file-type"],
///     }
/// }
/// ```
#[macro_export]
macro_rules! args {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$doc:meta])* $field:ident : $type:ty $([$($alias:tt),* $(,)?])? $(= $default:expr)?),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[$doc])* #[allow(missing_docs)] pub $field: $type,)*
        }

        impl $name {
            /// The table of the arguments.
            pub const SPEC: &'static [$crate::modules::ArgSpec] = &[
                $($crate::modules::ArgSpec {
                    name: $crate::modules::args::bare_name(stringify!($field)),
                    aliases: &[$($($crate::modules::args::bare_name(stringify!($alias)),)*)?],
                    kind: <$type as $crate::modules::ArgValue>::KIND,
                    required: $crate::args!(@required $type $(= $default)?),
                    default: $crate::args!(@default $($default)?),
                    choices: <$type as $crate::modules::ArgValue>::CHOICES,
                    secret: <$type as $crate::modules::ArgValue>::SECRET,
                    check: |value| <$type as $crate::modules::ArgValue>::read(value).map(drop),
                },)*
            ];

            /// Reads the arguments of a task.
            ///
            /// # Errors
            /// One that must be given is not, or cannot be read.
            pub fn read(args: &$crate::value::Map) -> $crate::error::Result<Self> {
                let mut specs = Self::SPEC.iter();
                $(let $field = {
                    let Some(spec) = specs.next() else {
                        return Err($crate::error::Error::bug("argument table too short"));
                    };
                    $crate::modules::args::read::<$type>(
                        args, spec, $crate::args!(@absent $type $(= $default)?),
                    )?
                };)*
                Ok(Self { $($field),* })
            }
        }
    };
    (@required $type:ty) => { <$type as $crate::modules::ArgValue>::REQUIRED };
    (@required $type:ty = $default:expr) => { false };
    (@default) => { None };
    (@default $default:expr) => { Some(stringify!($default)) };
    (@absent $type:ty) => { <$type as $crate::modules::ArgValue>::absent() };
    (@absent $type:ty = $default:expr) => { Some($default) };
}

/// An argument's name as it stands in the macro, without `r#` and quotes.
pub const fn bare_name(name: &'static str) -> &'static str {
    let bytes = name.as_bytes();
    let bytes = match bytes {
        [b'r', b'#', rest @ ..] => rest,
        [b'"', rest @ .., b'"'] => rest,
        _ => bytes,
    };
    match std::str::from_utf8(bytes) {
        Ok(name) => name,
        Err(_) => name,
    }
}

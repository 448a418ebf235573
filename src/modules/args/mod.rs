//! Arguments: their tables, and how a value becomes a typed argument by Ansible's rules.
//!
//! The rules are those of the reference's `module_utils/common/validation.py`: `yes` is a truth
//! value where one is wanted, `"5"` a number, `a,b` a list.

mod declare;
mod names;
mod value;

pub use declare::bare_name;
pub use names::{check_names, is_missing, not_a_choice, own_words};
pub use value::{ArgValue, FileMode, RemotePath, SecretText};

use crate::error::{Error, Result};
use crate::value::{Map, Value};
use names::{MISSING, unreadable};

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

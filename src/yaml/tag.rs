//! The tags that a node may carry.

use std::borrow::Cow;

/// What a node's tag asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Binary,
    Bool,
    Float,
    /// No tag, or the bare `!`: a plain scalar's text says what it is.
    Implicit {
        plain: bool,
    },
    Int,
    Map,
    Null,
    /// `!!omap` and `!!pairs`, which Ansible's users get as the same list of tuples.
    Pairs,
    Seq,
    Set,
    Str,
    Timestamp,
    /// A tag that means nothing here, as the user wrote it.
    Unknown(String),
    /// `!unsafe`: what is below is never a template.
    Unsafe,
    /// `!vault`.
    Vault,
}

const YAML: &str = "tag:yaml.org,2002:";

impl Tag {
    /// The tag of a node that carries the full tag `name`.
    pub(super) fn named(name: Cow<'_, str>) -> Self {
        match name.as_ref() {
            "!" => Tag::Implicit { plain: true },
            "!unsafe" => Tag::Unsafe,
            "!vault" | "!vault-encrypted" => Tag::Vault,
            other => match other.strip_prefix(YAML) {
                Some(short) => Tag::of_yaml(short),
                None => Tag::Unknown(name.into_owned()),
            },
        }
    }

    fn of_yaml(short: &str) -> Self {
        match short {
            "binary" => Tag::Binary,
            "bool" => Tag::Bool,
            "float" => Tag::Float,
            "int" => Tag::Int,
            "map" | "python/dict" => Tag::Map,
            "null" => Tag::Null,
            "omap" | "pairs" => Tag::Pairs,
            "seq" => Tag::Seq,
            "set" => Tag::Set,
            "str" | "python/unicode" => Tag::Str,
            "timestamp" => Tag::Timestamp,
            _ => Tag::Unknown(format!("!!{short}")),
        }
    }

    /// The tag as a user writes it.
    pub(super) fn shown(&self) -> &str {
        match self {
            Tag::Binary => "!!binary",
            Tag::Bool => "!!bool",
            Tag::Float => "!!float",
            Tag::Implicit { .. } => "!",
            Tag::Int => "!!int",
            Tag::Map => "!!map",
            Tag::Null => "!!null",
            Tag::Pairs => "!!pairs",
            Tag::Seq => "!!seq",
            Tag::Set => "!!set",
            Tag::Str => "!!str",
            Tag::Timestamp => "!!timestamp",
            Tag::Unknown(name) => name,
            Tag::Unsafe => "!unsafe",
            Tag::Vault => "!vault",
        }
    }
}

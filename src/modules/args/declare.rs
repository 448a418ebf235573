//! The macros that declare the arguments of a module.

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

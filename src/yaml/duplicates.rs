//! What becomes of a key that stands twice in a mapping (`DUPLICATE_YAML_DICT_KEY`).

use std::sync::atomic::{AtomicU8, Ordering};

/// What becomes of a duplicate key. It is one for the whole process, as the reference's setting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuplicateKeys {
    /// The file cannot be read.
    Error,
    /// The last one counts, and nothing is said.
    Ignore,
    /// The last one counts, with a warning.
    Warn,
}

static POLICY: AtomicU8 = AtomicU8::new(DuplicateKeys::Warn as u8);

impl DuplicateKeys {
    /// What the word of the setting says.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "error" => DuplicateKeys::Error,
            "ignore" => DuplicateKeys::Ignore,
            "warn" => DuplicateKeys::Warn,
            _ => return None,
        })
    }

    /// Makes this hold from now on.
    pub fn hold(self) {
        POLICY.store(self as u8, Ordering::Relaxed);
    }

    /// What holds.
    pub(super) fn now() -> Self {
        match POLICY.load(Ordering::Relaxed) {
            it if it == DuplicateKeys::Error as u8 => DuplicateKeys::Error,
            it if it == DuplicateKeys::Ignore as u8 => DuplicateKeys::Ignore,
            _ => DuplicateKeys::Warn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DuplicateKeys;

    #[test]
    fn the_words_of_the_setting() {
        assert_eq!(
            DuplicateKeys::from_name("error"),
            Some(DuplicateKeys::Error)
        );
        assert_eq!(
            DuplicateKeys::from_name("ignore"),
            Some(DuplicateKeys::Ignore)
        );
        assert_eq!(DuplicateKeys::from_name("warn"), Some(DuplicateKeys::Warn));
        assert_eq!(DuplicateKeys::from_name("often"), None);
        assert_eq!(DuplicateKeys::now(), DuplicateKeys::Warn);
    }
}

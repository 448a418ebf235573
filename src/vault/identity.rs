//! What `--vault-id` says: which label, and where its password comes from.

use std::path::PathBuf;

use super::DEFAULT_LABEL;

/// One `--vault-id label@origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The label, the default one where none was written.
    pub label: String,
    /// Whether a label was written: a client is told no other.
    pub is_named: bool,
    /// Where the password comes from.
    pub origin: Origin,
}

/// Where a password comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file or a program.
    File(PathBuf),
    /// The user is asked.
    Prompt,
}

impl Identity {
    /// Reads `label@origin` or `origin`; the origin is a path, or `prompt`.
    pub fn parse(text: &str) -> Self {
        let (label, origin) = text.split_once('@').unwrap_or(("", text));
        Identity {
            is_named: !label.is_empty(),
            label: match label {
                "" => DEFAULT_LABEL.to_owned(),
                label => label.to_owned(),
            },
            origin: match origin {
                "prompt" | "prompt_ask_vault_pass" => Origin::Prompt,
                path => Origin::File(path.into()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Identity, Origin};

    #[test]
    fn identities() {
        for (text, label, is_named, origin) in [
            ("dev@prompt", "dev", true, Origin::Prompt),
            ("prompt", "default", false, Origin::Prompt),
            ("pw.txt", "default", false, Origin::File("pw.txt".into())),
            ("dev@a@b", "dev", true, Origin::File("a@b".into())),
            ("@pw", "default", false, Origin::File("pw".into())),
        ] {
            let identity = Identity {
                label: label.to_owned(),
                is_named,
                origin,
            };
            assert_eq!(Identity::parse(text), identity);
        }
    }
}

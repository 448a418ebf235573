//! The outside of a vault text: its header line and its lines of hexadecimal digits.

use crate::error::{Error, Result};

const MAGIC: &str = "$ANSIBLE_VAULT";

/// How wide the lines below the header are.
const WIDTH: usize = 80;

/// The first line of a vault text: `$ANSIBLE_VAULT;1.2;AES256;label`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The version of the format, `1.1` or `1.2`.
    pub version: String,
    /// The cipher, `AES256`.
    pub cipher: String,
    /// The vault id the text was sealed with, where the header has one.
    pub label: Option<String>,
}

/// Says whether `text` begins as a vault text does.
pub fn is_sealed(text: impl AsRef<[u8]>) -> bool {
    text.as_ref().starts_with(MAGIC.as_bytes())
}

/// Reads the header of a vault text.
///
/// # Errors
/// There is none, or it has a version or a cipher that is not known.
pub fn header(text: &str) -> Result<Header> {
    let line = text.lines().next().unwrap_or_default();
    let mut fields = line.split(';').map(str::trim);
    if fields.next() != Some(MAGIC) {
        return Err(Error::input("Input is not vault encrypted data.")
            .hint(format!("a vault text begins with `{MAGIC};`")));
    }
    let (Some(version), Some(cipher)) = (fields.next(), fields.next()) else {
        return Err(Error::input(
            "the header of the vault text is cut off: a version and a cipher belong to it",
        ));
    };
    if !matches!(version, "1.1" | "1.2") {
        return Err(unknown("vault format", version, "1.1 and 1.2 are"));
    }
    if cipher != "AES256" {
        return Err(unknown("vault cipher", cipher, "AES256 is"));
    }
    let label = fields.next().filter(|label| !label.is_empty());
    Ok(Header {
        version: version.to_owned(),
        cipher: cipher.to_owned(),
        label: label.map(str::to_owned),
    })
}

fn unknown(what: &str, found: &str, known: &str) -> Error {
    let short: String = found.chars().take(40).filter(|c| !c.is_control()).collect();
    Error::input(format!("the {what} `{short}` is not known; {known}"))
}

/// The digits below the header, as one line.
pub(super) fn body(text: &str) -> String {
    text.lines().skip(1).map(str::trim).collect()
}

/// The text of `digits` under a header; a label other than the default one stands in it.
pub(super) fn write(digits: &str, label: &str) -> String {
    let mut text = match label {
        "" | super::DEFAULT_LABEL => format!("{MAGIC};1.1;AES256\n"),
        label => format!("{MAGIC};1.2;AES256;{label}\n"),
    };
    let mut rest = digits;
    while !rest.is_empty() {
        let (line, below) = rest.split_at(rest.len().min(WIDTH));
        text.push_str(line);
        text.push('\n');
        rest = below;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{header, is_sealed};

    #[test]
    fn headers() {
        let label = |text: &str| header(text).unwrap().label;
        assert_eq!(label("$ANSIBLE_VAULT;1.1;AES256\n30"), None);
        assert_eq!(
            label("$ANSIBLE_VAULT; 1.2;AES256 ;dev\r\n30").as_deref(),
            Some("dev")
        );
        for (text, message) in [
            ("", "Input is not vault encrypted data."),
            (
                "$ANSIBLE_VAULTX;1.1;AES256",
                "Input is not vault encrypted data.",
            ),
            (
                "$ANSIBLE_VAULT;1.1",
                "the header of the vault text is cut off: a version and a cipher belong to it",
            ),
            (
                "$ANSIBLE_VAULT;1.0;AES",
                "the vault format `1.0` is not known; 1.1 and 1.2 are",
            ),
            (
                "$ANSIBLE_VAULT;1.1;ROT13",
                "the vault cipher `ROT13` is not known; AES256 is",
            ),
        ] {
            assert_eq!(header(text).unwrap_err().message(), message);
        }
    }

    #[test]
    fn what_is_sealed() {
        assert!(is_sealed("$ANSIBLE_VAULT;1.1;AES256\n30"));
        assert!(is_sealed(b"$ANSIBLE_VAULT;9"));
        assert!(!is_sealed(" $ANSIBLE_VAULT;1.1;AES256"));
    }
}

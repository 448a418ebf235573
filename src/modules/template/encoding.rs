//! The encodings that a template may be written in.

use crate::error::{Error, Result};

/// An encoding, by the names that Python gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Ascii,
    Latin1,
    Utf16,
    Utf8,
    Utf8Bom,
}

/// Says whether an encoding is known.
///
/// # Errors
/// It is not.
pub fn check(name: &str) -> Result<()> {
    find(name).map(drop)
}

/// The text in an encoding.
///
/// # Errors
/// A letter that the encoding does not have.
pub fn encode(text: &str, name: &str) -> Result<Vec<u8>> {
    match find(name)? {
        Encoding::Utf8 => Ok(text.as_bytes().to_vec()),
        Encoding::Utf8Bom => Ok(["\u{feff}", text].concat().into_bytes()),
        Encoding::Ascii => narrow(text, 0x7f, name),
        Encoding::Latin1 => narrow(text, 0xff, name),
        Encoding::Utf16 => Ok(std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect()),
    }
}

fn narrow(text: &str, most: u32, name: &str) -> Result<Vec<u8>> {
    let byte = |c: char| u8::try_from(u32::from(c)).ok().filter(|b| u32::from(*b) <= most);
    text.chars()
        .map(|c| {
            byte(c).ok_or_else(|| {
                Error::input(format!("the encoding `{name}` has no `{c}`, which the text has"))
            })
        })
        .collect()
}

fn find(name: &str) -> Result<Encoding> {
    let plain = name.to_ascii_lowercase().replace(['_', ' '], "-");
    Ok(match plain.as_str() {
        "utf-8" | "utf8" | "u8" => Encoding::Utf8,
        "utf-8-sig" => Encoding::Utf8Bom,
        "ascii" | "us-ascii" | "646" => Encoding::Ascii,
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" | "l1" => {
            Encoding::Latin1
        }
        "utf-16" | "utf16" | "u16" => Encoding::Utf16,
        _ => {
            return Err(Error::input(format!(
                "argument `output_encoding`: `{name}` is unknown; there are utf-8, utf-8-sig, \
                 ascii, latin-1 and utf-16"
            )));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn letters_become_bytes() {
        assert_eq!(encode("\u{e9}", "utf-8").unwrap(), b"\xc3\xa9");
        assert_eq!(encode("\u{e9}", "iso8859-1").unwrap(), b"\xe9");
        assert_eq!(encode("a", "UTF_16").unwrap(), b"\xff\xfea\0");
        assert!(encode("\u{e9}", "ascii").is_err());
        assert!(encode("\u{20ac}", "latin1").is_err());
        assert!(encode("a", "klingon").is_err());
    }
}

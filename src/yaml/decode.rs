//! Bytes to text: UTF-8, or UTF-16 with a byte order mark, as YAML has it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{Error, Place, Result, Source};

/// The text of a file's bytes; a byte order mark is taken off.
///
/// # Errors
/// Bytes that are neither UTF-8 nor UTF-16, with the place of the first one.
pub fn decode(bytes: &[u8], path: impl Into<PathBuf>) -> Result<Arc<Source>> {
    decode_as(bytes, path.into(), Source::new)
}

/// The same for bytes that came out of a vault, whose text is never shown.
///
/// # Errors
/// As [`decode`].
pub fn decode_sealed(bytes: &[u8], path: impl Into<PathBuf>) -> Result<Arc<Source>> {
    decode_as(bytes, path.into(), Source::sealed)
}

fn decode_as(
    bytes: &[u8],
    path: PathBuf,
    source: fn(PathBuf, Arc<str>) -> Arc<Source>,
) -> Result<Arc<Source>> {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest, path, u16::from_le_bytes, source);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest, path, u16::from_be_bytes, source);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(source(path, Arc::from(text))),
        Err(error) => {
            let offset = error.valid_up_to();
            let bad = bytes.get(offset).copied().unwrap_or_default();
            let text = String::from_utf8_lossy(bytes).into_owned();
            Err(
                Error::syntax(format!("the byte `0x{bad:02x}` is not UTF-8 text"))
                    .at(place_at(&source(path, text.into()), offset))
                    .hint("save the file as UTF-8, or use `!!binary` for data that is not text"),
            )
        }
    }
}

fn utf16(
    bytes: &[u8],
    path: PathBuf,
    unit: fn([u8; 2]) -> u16,
    source: fn(PathBuf, Arc<str>) -> Arc<Source>,
) -> Result<Arc<Source>> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(source(path, text.into())),
        _ => Err(Error::syntax(format!(
            "`{}` begins as UTF-16 text, but is not",
            path.display()
        ))),
    }
}

/// The place of a byte of the text.
pub(super) fn place_at(source: &Arc<Source>, offset: usize) -> Place {
    let before = source.text().get(..offset).unwrap_or(source.text());
    let breaks = before.matches('\n').count();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let column = line.chars().count() + 1;
    Place::new(
        source.clone(),
        u32::try_from(breaks + 1).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    )
}

/// The place of the first character that YAML does not allow, and the character.
pub(super) fn forbidden(source: &Arc<Source>) -> Option<(Place, char)> {
    let bytes = source.text().as_bytes();
    let suspect = |byte: &u8| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 127 | 0xc2 | 0xef);
    let mut from = 0;
    while let Some(step) = bytes.get(from..)?.iter().position(suspect) {
        let offset = from + step;
        let c = source.text().get(offset..)?.chars().next()?;
        if matches!(c, '\0'..='\x1f' | '\x7f'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
        {
            return Some((place_at(source, offset), c));
        }
        from = offset + c.len_utf8();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{decode, forbidden};
    use crate::error::Source;

    #[test]
    fn encodings() {
        for (bytes, text) in [
            (&b"a: 1\n"[..], "a: 1\n"),
            (b"\xef\xbb\xbfa: 1\n", "a: 1\n"),
            (b"\xff\xfea\0:\0", "a:"),
            (b"\xfe\xff\0a\0:", "a:"),
            (b"\xff\xfe\x3d\xd8\x00\xde", "\u{1f600}"),
        ] {
            assert_eq!(decode(bytes, "x.yml").unwrap().text(), text);
        }
    }

    #[test]
    fn wrong_bytes_have_a_place() {
        let error = decode("a: é\nb: ü".as_bytes().split_last().unwrap().1, "x.yml").unwrap_err();
        assert_eq!(error.place().unwrap().to_string(), "x.yml:2:4");
        assert!(decode(b"\xff\xfea", "x.yml").is_err());
        assert!(decode(b"\xff\xfe\x3d\xd8", "x.yml").is_err());
    }

    #[test]
    fn control_characters_are_found() {
        let place =
            |text: &str| forbidden(&Source::new("x", text)).map(|(p, _)| (p.line, p.column));
        assert_eq!(place("a: b\tc\r\n\u{85}é\u{feff}"), None);
        assert_eq!(place("a\nbé\u{1}"), Some((2, 3)));
        assert_eq!(place("\u{80}"), Some((1, 1)));
        assert_eq!(place("x\u{ffff}"), Some((1, 2)));
    }
}

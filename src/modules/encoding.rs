//! The encodings that a text may be written in.
//!
//! A host's file need not be what the task says it is: where it has bytes that the encoding does not
//! have, these are kept as letters that hardly a text has (the last 128 of Unicode, all private), and
//! come out as the same bytes again. In a file that is what it is said to be, each letter is itself.

use crate::error::{Error, Result};
use crate::value::{Charset, Order, Unicode, charset};

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The first of the letters that stand for bytes, 0x80 and on: at the very end of Unicode.
const FIRST_BYTE: u32 = 0x10_FF00;

/// Says whether an encoding is known; `argument` is where it was given.
///
/// # Errors
/// It is not.
pub fn check(argument: &str, name: &str) -> Result<()> {
    charset(name)
        .map(drop)
        .ok_or_else(|| unknown(argument, name))
}

/// The text of bytes in an encoding that is known, to be shown: what is no letter is replaced.
pub fn decode_to_show(bytes: &[u8], name: &str) -> String {
    let text = decode(bytes, name);
    match is_plain(bytes, name) {
        true => text,
        false => String::from_utf8_lossy(&with_bytes(&text)).into_owned(),
    }
}

/// A text that [`decode`] gave, or what was made of it, to be shown.
pub fn show(original: &[u8], text: &str, name: &str) -> String {
    match is_plain(original, name) {
        true => text.to_owned(),
        false => String::from_utf8_lossy(&with_bytes(text)).into_owned(),
    }
}

/// Says whether bytes are all of the encoding, so that [`decode`] keeps none as other letters.
pub fn is_plain(bytes: &[u8], name: &str) -> bool {
    match find(name) {
        Charset::Utf8 => std::str::from_utf8(bytes).is_ok(),
        // What is no letter there is lost.
        Charset::Unicode(Unicode::Utf16(Order::Marked)) => true,
        other => other.decode(bytes).is_some(),
    }
}

/// The text of bytes in an encoding that is known; [`encode_as`] gives the bytes back.
pub fn decode(bytes: &[u8], name: &str) -> String {
    match find(name) {
        Charset::Utf8 => decode_utf8(bytes),
        Charset::Unicode(Unicode::Utf8Marked) => {
            decode_utf8(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes))
        }
        Charset::Unicode(Unicode::Utf16(Order::Marked)) => decode_utf16(bytes),
        Charset::Table(table) => bytes
            .iter()
            .map(|byte| table.letter(*byte).unwrap_or_else(|| other_kept(*byte)))
            .collect(),
        other => {
            let text = other.decode(bytes);
            text.unwrap_or_else(|| bytes.iter().copied().map(ascii_letter).collect())
        }
    }
}

fn decode_utf8(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match byte_kept(letter) {
                Some(_) => text.extend(letter.encode_utf8(&mut [0; 4]).bytes().map(kept)),
                None => text.push(letter),
            }
        }
        text.extend(chunk.invalid().iter().copied().map(kept));
    }
    text
}

fn decode_utf16(bytes: &[u8]) -> String {
    let big = bytes.starts_with(b"\xfe\xff");
    let marked = big || bytes.starts_with(b"\xff\xfe");
    let units = bytes
        .get(if marked { 2 } else { 0 }..)
        .unwrap_or_default()
        .chunks_exact(2)
        .map(|pair| match pair {
            [a, b] if big => u16::from_be_bytes([*a, *b]),
            [a, b] => u16::from_le_bytes([*a, *b]),
            _ => 0,
        });
    char::decode_utf16(units)
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn ascii_letter(byte: u8) -> char {
    if byte.is_ascii() {
        char::from(byte)
    } else {
        kept(byte)
    }
}

/// The letter that stands for a byte which is no letter.
fn kept(byte: u8) -> char {
    char::from_u32(FIRST_BYTE + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The letter for a byte that a table has no letter for, which may be an ASCII one.
fn other_kept(byte: u8) -> char {
    char::from_u32(FIRST_BYTE - 0x100 + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The byte that such a letter stands for.
fn other_byte(letter: char) -> Option<u8> {
    u8::try_from(u32::from(letter).checked_sub(FIRST_BYTE - 0x100)?).ok()
}

/// The byte that a letter stands for.
fn byte_kept(letter: char) -> Option<u8> {
    let byte = u8::try_from(u32::from(letter).checked_sub(FIRST_BYTE)?).ok()?;
    (byte >= 0x80).then_some(byte)
}

/// The text in an encoding that is known, where it was made of what [`decode`] gave for `original`.
///
/// # Errors
/// A letter that the encoding does not have, or that stands for a byte and was not in the original.
pub fn encode_as(original: &[u8], text: &str, name: &str) -> Result<Vec<u8>> {
    if is_plain(original, name) {
        return encode(text, name);
    }
    let known = decode(original, name);
    let strange = |c: &char| byte_kept(*c).is_some() && !known.contains(*c);
    if let Some(letter) = text.chars().find(strange) {
        return Err(Error::input(format!(
            "`{}` cannot be written into a file that is not in `{name}` throughout",
            letter.escape_unicode()
        )));
    }
    match find(name) {
        Charset::Unicode(Unicode::Utf8Marked) => {
            Ok([UTF8_MARK, with_bytes(text).as_slice()].concat())
        }
        Charset::Ascii => {
            let letters: String = text.chars().filter(|c| byte_kept(*c).is_none()).collect();
            encode(&letters, name).map(|_| with_bytes(text))
        }
        Charset::Table(table) => text
            .chars()
            .map(|c| {
                let byte = table.byte(c).or_else(|| other_byte(c));
                byte.ok_or_else(|| no_letter(c, name))
            })
            .collect(),
        _ => Ok(with_bytes(text)),
    }
}

/// The text in an encoding that is known.
///
/// # Errors
/// A letter that the encoding does not have.
pub fn encode(text: &str, name: &str) -> Result<Vec<u8>> {
    find(name).encode(text).map_err(|c| no_letter(c, name))
}

/// The text in UTF-8, with the bytes that letters stand for.
fn with_bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut letters = [0; 4];
    for letter in text.chars() {
        match byte_kept(letter) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(letter.encode_utf8(&mut letters).as_bytes()),
        }
    }
    bytes
}

fn no_letter(c: char, name: &str) -> Error {
    Error::input(format!(
        "the encoding `{name}` has no `{c}`, which the text has"
    ))
}

fn find(name: &str) -> Charset {
    charset(name).unwrap_or(Charset::Utf8)
}

fn unknown(argument: &str, name: &str) -> Error {
    Error::input(format!("argument `{argument}`: unknown encoding: {name}"))
}

#[cfg(test)]
mod tests {
    use super::{check, decode, decode_to_show, encode, encode_as};

    #[test]
    fn letters_become_bytes() {
        assert_eq!(encode("\u{e9}", "utf-8").unwrap(), b"\xc3\xa9");
        assert_eq!(encode("\u{e9}", "iso8859-1").unwrap(), b"\xe9");
        assert_eq!(encode("a", "UTF_16").unwrap(), b"\xff\xfea\0");
        assert!(encode("\u{e9}", "ascii").is_err());
        assert!(encode("\u{20ac}", "latin1").is_err());
        assert!(check("encoding", "klingon").is_err());
    }

    #[test]
    fn what_is_no_letter_comes_out_as_it_went_in() {
        let all: Vec<u8> = (0..=255).collect();
        for name in ["utf-8", "ascii", "latin-1"] {
            assert_eq!(
                encode_as(&all, &decode(&all, name), name).unwrap(),
                all,
                "{name}"
            );
        }
        let letters = "\u{10ff80}\u{10ffe9}\u{10ffff}".as_bytes();
        for name in ["utf-8", "utf-8-sig"] {
            for bytes in [letters.to_vec(), [letters, b"\xe9"].concat()] {
                let again = encode_as(&bytes, &decode(&bytes, name), name).unwrap();
                assert!(again.ends_with(&bytes), "{name}");
            }
        }
        assert_eq!(
            encode_as(b"a", "\u{10ffe9}", "utf-8").unwrap(),
            "\u{10ffe9}".as_bytes()
        );
        assert!(encode_as(b"a\xe9", "\u{10ffea}", "utf-8").is_err());
        assert!(encode_as(b"a\xe9", "\u{e9}", "ascii").is_err());
        assert_eq!(decode_to_show(b"a\xe9", "utf-8"), "a\u{fffd}");
        assert_eq!(decode(b"\xff\xfea\0", "utf-16"), "a");
        assert_eq!(decode(b"\xc3\xa9", "utf-8"), "\u{e9}");
    }

    #[test]
    fn the_other_encodings_of_python_come_back_too() {
        let all: Vec<u8> = (0..=255).collect();
        for name in [
            "cp273",
            "windows-1252",
            "gbk",
            "shift_jis",
            "koi8-r",
            "cp424",
        ] {
            let again = encode_as(&all, &decode(&all, name), name).unwrap();
            assert_eq!(again, all, "{name}");
        }
        assert_eq!(decode(b"\xd6\xd0", "gbk"), "\u{4e2d}");
        assert_eq!(encode("\u{20ac}", "cp1252").unwrap(), b"\x80");
        assert!(encode("\u{4e2d}", "cp1252").is_err());
    }
}

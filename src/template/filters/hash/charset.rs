//! Text in other encodings than UTF-8.

use crate::error::{Error, Result};
use crate::value::{Charset, charset};

fn named(name: &str) -> Result<Charset> {
    charset(name).ok_or_else(|| Error::template(format!("unknown encoding: {name}")))
}

/// The bytes of a text in an encoding.
pub(in crate::template) fn encode(text: &str, name: &str) -> Result<Vec<u8>> {
    let charset = named(name)?;
    charset
        .encode(text)
        .map_err(|_| Error::template(cannot(charset, text, name)))
}

/// What Python says of a text that has letters which the encoding has not.
fn cannot(charset: Charset, text: &str, name: &str) -> String {
    let (codec, why) = match charset {
        Charset::Ascii => ("ascii", "ordinal not in range(128)"),
        Charset::Latin1 => ("latin-1", "ordinal not in range(256)"),
        Charset::Table(_) => ("charmap", "character maps to <undefined>"),
        _ => (name, "illegal multibyte sequence"),
    };
    let is_strange = |letter: char| charset.encode(letter.encode_utf8(&mut [0; 4])).is_err();
    let first = text.chars().position(is_strange).unwrap_or(0);
    let strange: Vec<char> = text
        .chars()
        .skip(first)
        .take_while(|it| is_strange(*it))
        .collect();
    // The codecs of several bytes tell of one letter, the others of all that follow.
    let count = match charset {
        Charset::Wide(_) => 1,
        _ => strange.len(),
    };
    match strange.first() {
        Some(letter) if count == 1 => {
            let letter = escaped(*letter);
            format!("'{codec}' codec can't encode character '{letter}' in position {first}: {why}")
        }
        _ => {
            let last = first + count.saturating_sub(1);
            format!("'{codec}' codec can't encode characters in position {first}-{last}: {why}")
        }
    }
}

/// A letter as Python writes it there.
fn escaped(letter: char) -> String {
    match u32::from(letter) {
        number @ ..=0xff => format!("\\x{number:02x}"),
        number @ ..=0xffff => format!("\\u{number:04x}"),
        number => format!("\\U{number:08x}"),
    }
}

/// The text of the bytes; nothing where they are none in this encoding.
pub(in crate::template) fn decode(bytes: &[u8], name: &str) -> Result<Option<String>> {
    Ok(named(name)?.decode(bytes))
}

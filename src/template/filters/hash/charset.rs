//! Text in other encodings than UTF-8.

use crate::error::{Error, Result};
use crate::value;

enum Charset {
    Other(value::Charset),
    Ascii,
    Latin1,
    Utf8,
    /// The byte order, and whether a mark says it.
    Utf16(Order, bool),
}

#[derive(Clone, Copy)]
enum Order {
    Big,
    Little,
}

fn named(name: &str) -> Result<Charset> {
    Ok(match name.to_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" | "u8" => Charset::Utf8,
        "ascii" | "us-ascii" => Charset::Ascii,
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => Charset::Latin1,
        "utf-16" | "utf16" | "u16" => Charset::Utf16(Order::Little, true),
        "utf-16-le" | "utf-16le" => Charset::Utf16(Order::Little, false),
        "utf-16-be" | "utf-16be" => Charset::Utf16(Order::Big, false),
        _ => match value::charset(name) {
            Some(other) => Charset::Other(other),
            None => return Err(Error::template(format!("unknown encoding: {name}"))),
        },
    })
}

/// The bytes of a text in an encoding.
pub(in crate::template) fn encode(text: &str, name: &str) -> Result<Vec<u8>> {
    let single = |most: u32| {
        let byte = |c: char| {
            u8::try_from(u32::from(c))
                .ok()
                .filter(|byte| u32::from(*byte) < most)
        };
        text.chars().map(byte).collect::<Option<Vec<u8>>>()
    };
    let bytes = match named(name)? {
        Charset::Other(other) => other.encode(text).ok(),
        Charset::Utf8 => Some(text.as_bytes().to_vec()),
        Charset::Ascii => single(0x80),
        Charset::Latin1 => single(0x100),
        Charset::Utf16(order, mark) => {
            let units = mark
                .then_some(0xfeff)
                .into_iter()
                .chain(text.encode_utf16());
            Some(
                units
                    .flat_map(|unit: u16| match order {
                        Order::Big => unit.to_be_bytes(),
                        Order::Little => unit.to_le_bytes(),
                    })
                    .collect(),
            )
        }
    };
    bytes.ok_or_else(|| {
        Error::template(format!(
            "the text has characters that `{name}` does not have"
        ))
    })
}

/// The text of the bytes; nothing where they are none in this encoding.
pub(in crate::template) fn decode(bytes: &[u8], name: &str) -> Result<Option<String>> {
    Ok(match named(name)? {
        Charset::Other(other) => other.decode(bytes),
        Charset::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
        Charset::Ascii => bytes
            .is_ascii()
            .then(|| bytes.iter().map(|byte| char::from(*byte)).collect()),
        Charset::Latin1 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        Charset::Utf16(order, mark) => {
            let (order, bytes) = match (mark, bytes) {
                (true, [0xff, 0xfe, rest @ ..]) => (Order::Little, rest),
                (true, [0xfe, 0xff, rest @ ..]) => (Order::Big, rest),
                _ => (order, bytes),
            };
            if bytes.len() % 2 != 0 {
                return Ok(None);
            }
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|pair| match order {
                    Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
                    Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
                })
                .collect();
            String::from_utf16(&units).ok()
        }
    })
}

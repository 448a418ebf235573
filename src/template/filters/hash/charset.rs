//! Text in other encodings than UTF-8.

use crate::error::{Error, Result};
use crate::value::{Charset, charset};

fn named(name: &str) -> Result<Charset> {
    charset(name).ok_or_else(|| Error::template(format!("unknown encoding: {name}")))
}

/// The bytes of a text in an encoding.
pub(in crate::template) fn encode(text: &str, name: &str) -> Result<Vec<u8>> {
    named(name)?.encode(text).map_err(|letter| {
        let position = text.chars().position(|other| other == letter).unwrap_or(0);
        Error::template(format!(
            "'{name}' codec can't encode character '{letter}' in position {position}"
        ))
    })
}

/// The text of the bytes; nothing where they are none in this encoding.
pub(in crate::template) fn decode(bytes: &[u8], name: &str) -> Result<Option<String>> {
    Ok(named(name)?.decode(bytes))
}

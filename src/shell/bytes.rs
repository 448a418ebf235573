//! Names of a host are bytes. Those that are not UTF-8 go through texts unharmed: each byte that is
//! no text is one of 128 characters that Unicode leaves to private use, and becomes that byte again
//! on its way to the host.

/// The character that stands for byte 0 (which never comes): plane 16, private use.
const FIRST: u32 = 0x10_FE00;

/// The byte that all of them begin with in UTF-8.
const RARE: u8 = 0xF4;

/// The text of what a host said.
pub fn text_of(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !bytes.contains(&RARE)
    {
        return text.to_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match stood_for(character) {
                // A host may use these characters itself.
                Some(_) => stand_in(character.encode_utf8(&mut [0; 4]).as_bytes(), &mut text),
                None => text.push(character),
            }
        }
        stand_in(chunk.invalid(), &mut text);
    }
    text
}

fn stand_in(bytes: &[u8], text: &mut String) {
    let characters = bytes
        .iter()
        .filter_map(|byte| char::from_u32(FIRST + u32::from(*byte)));
    text.extend(characters);
}

/// The byte that the character stands for.
fn stood_for(character: char) -> Option<u8> {
    let byte = u8::try_from(u32::from(character).checked_sub(FIRST)?).ok()?;
    (byte >= 0x80).then_some(byte)
}

/// The bytes of a text for a host.
pub fn bytes_of(text: String) -> Vec<u8> {
    if !text.as_bytes().contains(&RARE) {
        return text.into_bytes();
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match stood_for(character) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{bytes_of, text_of};

    #[test]
    fn a_name_that_is_no_text_comes_back_as_it_was() {
        for name in [
            &b"caf\xe9"[..],
            b"\xff\xfe",
            b"plain",
            "\u{10fe90}".as_bytes(),
        ] {
            assert_eq!(bytes_of(text_of(name)), name);
        }
        assert_eq!(text_of(b"caf\xc3\xa9"), "caf\u{e9}");
    }

    proptest! {
        #[test]
        fn bytes_survive(bytes in any::<Vec<u8>>()) {
            assert_eq!(bytes_of(text_of(&bytes)), bytes);
        }
    }
}

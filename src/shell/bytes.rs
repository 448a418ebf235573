//! Names of a host are bytes. Those that are not UTF-8 go through texts unharmed: each byte that is
//! no text is one of 128 characters that Unicode leaves to private use, and becomes that byte again
//! on its way to the host.

/// The character that stands for byte 0 (which never comes): plane 16, private use.
const FIRST: u32 = 0x10_FE00;

/// The text of what a host said.
pub fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let stand_in = |byte: &u8| char::from_u32(FIRST + u32::from(*byte));
        text.extend(chunk.invalid().iter().filter_map(stand_in));
    }
    text
}

/// The bytes of a text for a host.
pub fn bytes_of(text: String) -> Vec<u8> {
    // All of them begin with this byte in UTF-8, which is rare.
    if !text.as_bytes().contains(&0xF4) {
        return text.into_bytes();
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u32::from(character).checked_sub(FIRST).map(u8::try_from) {
            Some(Ok(byte @ 0x80..)) => bytes.push(byte),
            _ => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
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
            "\u{e9}\u{10ffff}".as_bytes(),
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

//! The encodings of all of Unicode beside UTF-8: UTF-16, UTF-32, UTF-7 and UTF-8 with a mark, as
//! Python's codecs have them.

/// An encoding that has every letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unicode {
    /// Base 64 between `+` and `-` for what is not ASCII (RFC 2152).
    Utf7,
    /// UTF-8 with a mark at its beginning.
    Utf8Marked,
    /// Two bytes a unit.
    Utf16(Order),
    /// Four bytes a letter.
    Utf32(Order),
}

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The most significant one.
    Big,
    /// The least significant one.
    Little,
    /// A mark at the beginning says it; without one it is [`Little`](Order::Little).
    Marked,
}

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

impl Unicode {
    /// The encoding that Python calls `plain`: small letters, and `_` for what is none.
    pub(super) fn named(plain: &str) -> Option<Unicode> {
        Some(match plain {
            "utf_7" | "utf7" | "u7" | "unicode_1_1_utf_7" => Unicode::Utf7,
            "utf_8_sig" => Unicode::Utf8Marked,
            "utf_16" | "utf16" | "u16" => Unicode::Utf16(Order::Marked),
            "utf_16_be" | "utf_16be" | "unicodebigunmarked" => Unicode::Utf16(Order::Big),
            "utf_16_le" | "utf_16le" | "unicodelittleunmarked" => Unicode::Utf16(Order::Little),
            "utf_32" | "utf32" | "u32" => Unicode::Utf32(Order::Marked),
            "utf_32_be" | "utf_32be" => Unicode::Utf32(Order::Big),
            "utf_32_le" | "utf_32le" => Unicode::Utf32(Order::Little),
            _ => return None,
        })
    }

    /// The text of bytes; nothing where they are none.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Unicode::Utf7 => decode_utf7(bytes),
            Unicode::Utf8Marked => {
                let rest = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
                String::from_utf8(rest.to_vec()).ok()
            }
            Unicode::Utf16(order) => {
                let (order, rest) = order.read(bytes, &[0xff, 0xfe], &[0xfe, 0xff]);
                let units: Option<Vec<u16>> = rest
                    .chunks(2)
                    .map(|pair| {
                        let pair: [u8; 2] = pair.try_into().ok()?;
                        Some(match order {
                            Order::Big => u16::from_be_bytes(pair),
                            Order::Little | Order::Marked => u16::from_le_bytes(pair),
                        })
                    })
                    .collect();
                String::from_utf16(&units?).ok()
            }
            Unicode::Utf32(order) => {
                let (order, rest) = order.read(bytes, &[0xff, 0xfe, 0, 0], &[0, 0, 0xfe, 0xff]);
                rest.chunks(4)
                    .map(|four| {
                        let four: [u8; 4] = four.try_into().ok()?;
                        char::from_u32(match order {
                            Order::Big => u32::from_be_bytes(four),
                            Order::Little | Order::Marked => u32::from_le_bytes(four),
                        })
                    })
                    .collect()
            }
        }
    }

    /// The bytes of a text.
    pub(super) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Unicode::Utf7 => encode_utf7(text),
            Unicode::Utf8Marked => [UTF8_MARK, text.as_bytes()].concat(),
            Unicode::Utf16(order) => order
                .mark()
                .into_iter()
                .flat_map(|mark| mark.encode_utf16(&mut [0; 2]).to_vec())
                .chain(text.encode_utf16())
                .flat_map(|unit| match order {
                    Order::Big => unit.to_be_bytes(),
                    Order::Little | Order::Marked => unit.to_le_bytes(),
                })
                .collect(),
            Unicode::Utf32(order) => order
                .mark()
                .into_iter()
                .chain(text.chars())
                .flat_map(|letter| match order {
                    Order::Big => u32::from(letter).to_be_bytes(),
                    Order::Little | Order::Marked => u32::from(letter).to_le_bytes(),
                })
                .collect(),
        }
    }
}

impl Order {
    /// What stands at the beginning of a text that says its order.
    fn mark(self) -> Option<char> {
        (self == Order::Marked).then_some('\u{feff}')
    }

    /// The order of bytes that may begin with a mark, and what follows it.
    fn read<'a>(self, bytes: &'a [u8], little: &[u8], big: &[u8]) -> (Order, &'a [u8]) {
        if self != Order::Marked {
            return (self, bytes);
        }
        match (bytes.strip_prefix(little), bytes.strip_prefix(big)) {
            (Some(rest), _) => (Order::Little, rest),
            (_, Some(rest)) => (Order::Big, rest),
            _ => (Order::Little, bytes),
        }
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Whether a letter stands for itself in UTF-7.
fn is_direct(letter: char) -> bool {
    letter.is_ascii_graphic() && !matches!(letter, '+' | '\\' | '~')
        || matches!(letter, ' ' | '\t' | '\n' | '\r')
}

/// The digit of base 64 that the lowest six bits are.
fn digit(bits: u32) -> u8 {
    BASE64.get((bits & 63) as usize).copied().unwrap_or(b'A')
}

fn encode_utf7(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    // Bits that no digit was made of yet, and how many; nothing outside of base 64.
    let mut open: Option<(u32, u32)> = None;
    for letter in text.chars() {
        match open.take() {
            Some((bits, count)) if is_direct(letter) => {
                close(&mut out, bits, count);
                if letter.is_ascii_alphanumeric() || matches!(letter, '/' | '-') {
                    out.push(b'-');
                }
                out.extend(letter.to_string().bytes());
            }
            None if letter == '+' => out.extend(b"+-"),
            None if is_direct(letter) => out.extend(letter.to_string().bytes()),
            shifted => {
                let (mut bits, mut count) = shifted.unwrap_or_else(|| {
                    out.push(b'+');
                    (0, 0)
                });
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    bits = bits << 16 | u32::from(*unit);
                    count += 16;
                    while count >= 6 {
                        count -= 6;
                        out.push(digit(bits >> count));
                    }
                    bits &= (1 << count) - 1;
                }
                open = Some((bits, count));
            }
        }
    }
    if let Some((bits, count)) = open {
        close(&mut out, bits, count);
        out.push(b'-');
    }
    out
}

/// Puts out the bits that are left of base 64.
fn close(out: &mut Vec<u8>, bits: u32, count: u32) {
    if count > 0 {
        out.push(digit(bits << (6 - count)));
    }
}

fn decode_utf7(bytes: &[u8]) -> Option<String> {
    let mut units: Vec<u16> = Vec::with_capacity(bytes.len());
    let mut open: Option<(u32, u32)> = None;
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let value = BASE64.iter().position(|known| *known == byte);
        match (open.take(), value) {
            (Some((bits, count)), Some(value)) => {
                let (mut bits, mut count) = (bits << 6 | u32::try_from(value).ok()?, count + 6);
                if count >= 16 {
                    count -= 16;
                    units.push(u16::try_from(bits >> count).ok()?);
                    bits &= (1 << count) - 1;
                }
                open = Some((bits, count));
            }
            (Some((bits, count)), None) => {
                if count >= 6 || bits != 0 {
                    return None;
                }
                match byte {
                    b'-' => {}
                    _ if byte.is_ascii() => units.push(byte.into()),
                    _ => return None,
                }
            }
            (None, _) if byte == b'+' => match rest.peek() {
                Some(b'-') => {
                    rest.next();
                    units.push(b'+'.into());
                }
                Some(next) if !BASE64.contains(next) => return None,
                _ => open = Some((0, 0)),
            },
            (None, _) if byte.is_ascii() => units.push(byte.into()),
            (None, _) => return None,
        }
    }
    match open {
        Some((bits, count)) if count >= 6 || bits != 0 => None,
        _ => String::from_utf16(&units).ok(),
    }
}

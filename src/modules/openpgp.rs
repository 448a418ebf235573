//! Public keys of OpenPGP (RFC 9580), read without gpg: their fingerprints, and where each begins.

use data_encoding::BASE64;
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// A public key or one of its subkeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The fingerprint, in upper case.
    pub fingerprint: String,
    /// Whether it is another key's subkey.
    pub is_subkey: bool,
}

/// A key with all that belongs to it: names, signatures, subkeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The key itself, then its subkeys.
    pub keys: Vec<Key>,
    /// The bytes of the whole.
    pub bytes: Vec<u8>,
}

impl Key {
    /// The last 16 letters of the fingerprint; for version 6 the first.
    pub fn id(&self) -> &str {
        match self.fingerprint.len() {
            64 => &self.fingerprint[..16],
            length => &self.fingerprint[length.saturating_sub(16)..],
        }
    }

    /// Says whether `id` means this key: its fingerprint or the end of it, in any case.
    pub fn answers_to(&self, id: &str) -> bool {
        let id = id.to_ascii_uppercase();
        id.len() >= 8 && (self.fingerprint.ends_with(&id) || self.id() == id)
    }
}

/// The keys in a keyring, armoured or not.
///
/// # Errors
/// There are none in it.
pub fn blocks(bytes: &[u8]) -> Result<Vec<Block>, String> {
    let binary = match dearmoured(bytes) {
        Some(binary) => binary?,
        None => bytes.to_vec(),
    };
    let mut blocks: Vec<Block> = Vec::new();
    let mut rest = binary.as_slice();
    while !rest.is_empty() {
        let packet = Packet::read(rest).ok_or("no OpenPGP data was found")?;
        let key = packet.key();
        if packet.tag == PUBLIC_KEY {
            blocks.push(Block {
                keys: Vec::new(),
                bytes: Vec::new(),
            });
        }
        let block = blocks
            .last_mut()
            .ok_or("it does not begin with a public key")?;
        block.keys.extend(key);
        block.bytes.extend_from_slice(&rest[..packet.length]);
        rest = &rest[packet.length..];
    }
    match blocks.is_empty() {
        true => Err("there is no key in it".to_owned()),
        false => Ok(blocks),
    }
}

const PUBLIC_KEY: u8 = 6;
const PUBLIC_SUBKEY: u8 = 14;

struct Packet<'a> {
    tag: u8,
    body: &'a [u8],
    length: usize,
}

impl<'a> Packet<'a> {
    fn read(bytes: &'a [u8]) -> Option<Packet<'a>> {
        let first = *bytes.first()?;
        if first & 0x80 == 0 {
            return None;
        }
        let (tag, header, length) = if first & 0x40 != 0 {
            let (header, length) = new_length(bytes)?;
            (first & 0x3f, header, length)
        } else {
            let (header, length) = old_length(bytes, first & 3)?;
            ((first >> 2) & 0xf, header, length)
        };
        let length = header.checked_add(length)?;
        Some(Packet {
            tag,
            body: bytes.get(header..length)?,
            length,
        })
    }

    fn key(&self) -> Option<Key> {
        if !matches!(self.tag, PUBLIC_KEY | PUBLIC_SUBKEY) {
            return None;
        }
        let size = u32::try_from(self.body.len()).ok()?.to_be_bytes();
        let digest = match self.body.first()? {
            4 => Sha1::new()
                .chain_update([0x99])
                .chain_update(&size[2..])
                .chain_update(self.body)
                .finalize()
                .to_vec(),
            6 => Sha256::new()
                .chain_update([0x9b])
                .chain_update(size)
                .chain_update(self.body)
                .finalize()
                .to_vec(),
            _ => return None,
        };
        Some(Key {
            fingerprint: data_encoding::HEXUPPER.encode(&digest),
            is_subkey: self.tag == PUBLIC_SUBKEY,
        })
    }
}

/// The sizes of the header and of the body, in the new format. Partial bodies hold no keys.
fn new_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let byte = |at: usize| bytes.get(at).copied().map(usize::from);
    match byte(1)? {
        one @ 0..=191 => Some((2, one)),
        one @ 192..=223 => Some((3, ((one - 192) << 8) + byte(2)? + 192)),
        255 => Some((6, number(bytes.get(2..6)?))),
        _ => None,
    }
}

fn old_length(bytes: &[u8], kind: u8) -> Option<(usize, usize)> {
    let size = match kind {
        0 => 1,
        1 => 2,
        2 => 4,
        _ => return Some((1, bytes.len() - 1)),
    };
    Some((1 + size, number(bytes.get(1..=size)?)))
}

fn number(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// The bytes in an armour; nothing where there is none.
fn dearmoured(bytes: &[u8]) -> Option<Result<Vec<u8>, String>> {
    const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
    let text = String::from_utf8_lossy(bytes);
    let mut all = Vec::new();
    let mut parts = text.split(BEGIN);
    parts.next()?;
    let mut found = false;
    for part in parts {
        found = true;
        let body = part.split("-----END").next().unwrap_or_default();
        match BASE64.decode(letters(body).as_bytes()) {
            Ok(bytes) => all.extend(bytes),
            Err(error) => return Some(Err(format!("its armour is broken: {error}"))),
        }
    }
    found.then_some(Ok(all))
}

/// The letters between the headers and the checksum.
fn letters(body: &str) -> String {
    let body = body
        .trim_start_matches([' ', '\t'])
        .trim_start_matches('\r');
    let body = body.strip_prefix('\n').unwrap_or(body);
    let is_header = |line: &&str| line.contains(": ");
    let lines = body.lines().map(str::trim).skip_while(is_header);
    lines.filter(|line| !line.starts_with('=')).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::blocks;

    /// A key made for this test; its fingerprint is known from gpg.
    pub(crate) const KEY: &str = include_str!("openpgp.test.asc");
    pub(crate) const FINGERPRINT: &str = "20EA4F60884EF6C78007CBE56E5CB8E838983E1F";

    #[test]
    fn a_key_is_read_from_its_armour_and_without_it() {
        let armoured = blocks(KEY.as_bytes()).unwrap();
        assert_eq!(armoured.len(), 1);
        assert_eq!(armoured[0].keys[0].fingerprint, FINGERPRINT);
        assert_eq!(armoured[0].keys[0].id(), "6E5CB8E838983E1F");
        assert!(armoured[0].keys[0].answers_to("38983e1f"));
        let twice = [armoured[0].bytes.clone(), armoured[0].bytes.clone()].concat();
        assert_eq!(blocks(&twice).unwrap().len(), 2);
        assert!(blocks(b"garbage").is_err());
        assert!(blocks(b"").is_err());
    }
}

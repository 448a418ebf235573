//! Numbers that differ each time, for salts.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Bytes out of the hash function that the standard library seeds with the system's randomness: a
/// salt is written beside the hash and need not be secret, only different.
pub fn bytes<const COUNT: usize>() -> [u8; COUNT] {
    let mut bytes = [0; COUNT];
    for chunk in bytes.chunks_mut(8) {
        let number = RandomState::new().build_hasher().finish().to_le_bytes();
        for (byte, from) in chunk.iter_mut().zip(number) {
            *byte = from;
        }
    }
    bytes
}

/// Letters of `crypt(3)`'s alphabet.
pub fn salt(length: usize) -> String {
    const LETTERS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let bytes = bytes::<64>();
    let letter = |byte: &u8| char::from(LETTERS[usize::from(byte & 63)]);
    bytes.iter().take(length).map(letter).collect()
}

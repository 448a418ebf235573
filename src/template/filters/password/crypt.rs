//! The strings of `crypt(3)`: `$1$`, `$2b$`, `$5$`, `$6$`; and Apache's `$apr1$`.

use md5::{Digest, Md5};
use sha_crypt::Params;

use crate::error::{Error, Result};

/// crypt's own base64: the low bits first.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// bcrypt's, in the usual order of bits.
const BCRYPT_DIGITS: &[u8; 64] =
    b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Writes three bytes (the highest first) as `count` digits, the lowest bits first.
fn push_digits(out: &mut String, bytes: [u8; 3], count: usize) {
    let mut word = bytes
        .iter()
        .fold(0u32, |word, byte| word << 8 | u32::from(*byte));
    for _ in 0..count {
        out.push(char::from(DIGITS[(word & 63) as usize]));
        word >>= 6;
    }
}

/// `rounds=N$`, but for the number that an absent one means.
fn rounds_text(rounds: u32) -> String {
    match rounds {
        5000 => String::new(),
        other => format!("rounds={other}$"),
    }
}

/// The three bytes at these places of a digest.
fn at(digest: &[u8], places: [usize; 3]) -> [u8; 3] {
    places.map(|place| digest.get(place).copied().unwrap_or(0))
}

/// SHA-crypt with SHA-256: `$5$`. Empty where the number of rounds cannot be.
pub fn sha256(password: &[u8], salt: &str, rounds: u32) -> String {
    let digest = match Params::new(rounds) {
        Ok(params) => sha_crypt::sha256_crypt(password, salt.as_bytes(), params),
        Err(_) => return String::new(),
    };
    let mut out = format!("$5${}{salt}$", rounds_text(rounds));
    // Three columns of ten, each step the next column first.
    for step in 0..10 {
        let columns = [step, step + 10, step + 20];
        let shift = step % 3;
        let order = match shift {
            0 => columns,
            1 => [columns[2], columns[0], columns[1]],
            _ => [columns[1], columns[2], columns[0]],
        };
        push_digits(&mut out, at(&digest, order), 4);
    }
    push_digits(&mut out, [0, digest[31], digest[30]], 3);
    out
}

/// SHA-crypt with SHA-512: `$6$`. Empty where the number of rounds cannot be.
pub fn sha512(password: &[u8], salt: &str, rounds: u32) -> String {
    let digest = match Params::new(rounds) {
        Ok(params) => sha_crypt::sha512_crypt(password, salt.as_bytes(), params),
        Err(_) => return String::new(),
    };
    let mut out = format!("$6${}{salt}$", rounds_text(rounds));
    for step in 0..21 {
        let columns = [step, step + 21, step + 42];
        let order = match step % 3 {
            0 => columns,
            1 => [columns[1], columns[2], columns[0]],
            _ => [columns[2], columns[0], columns[1]],
        };
        push_digits(&mut out, at(&digest, order), 4);
    }
    push_digits(&mut out, [0, 0, digest[63]], 2);
    out
}

/// Poul-Henning Kamp's md5crypt: `magic` is `$1$`, or `$apr1$` for Apache's.
pub fn md5(password: &[u8], salt: &str, magic: &str) -> String {
    let salt = salt.as_bytes();
    let second = Md5::digest([password, salt, password].concat());
    let mut first = Md5::new();
    first.update(password);
    first.update(magic);
    first.update(salt);
    let repeated = second.iter().cycle().take(password.len());
    first.update(repeated.copied().collect::<Vec<u8>>());
    let mut length = password.len();
    while length > 0 {
        let byte = if length & 1 == 1 {
            0
        } else {
            password.first().copied().unwrap_or(0)
        };
        first.update([byte]);
        length >>= 1;
    }
    let mut digest = first.finalize().to_vec();
    for round in 0..1000 {
        let mut next = Md5::new();
        let odd = round % 2 == 1;
        next.update(if odd { password } else { &digest });
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        next.update(if odd { &digest } else { password });
        digest = next.finalize().to_vec();
    }
    let mut out = format!("{magic}{}$", String::from_utf8_lossy(salt));
    for places in [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]] {
        push_digits(&mut out, at(&digest, places), 4);
    }
    push_digits(&mut out, [0, 0, digest.get(11).copied().unwrap_or(0)], 2);
    out
}

/// Bcrypt: `$2b$` and its kin.
///
/// # Errors
/// There is no such `ident`, or the cost cannot be.
pub fn bcrypt(password: &[u8], salt: &str, cost: u32, ident: &str) -> Result<String> {
    let version = match ident {
        "2" | "2a" => ::bcrypt::Version::TwoA,
        "2x" => ::bcrypt::Version::TwoX,
        "2y" => ::bcrypt::Version::TwoY,
        "2b" => ::bcrypt::Version::TwoB,
        _ => {
            return Err(
                Error::template(format!("bcrypt has no ident `{ident}`")).hint("use 2a, 2b or 2y")
            );
        }
    };
    let parts = ::bcrypt::hash_with_salt(password, cost, salt_bytes(salt))
        .map_err(|error| Error::template(format!("failed to hash the password: {error}")))?;
    Ok(parts.format_for_version(version))
}

/// The 16 bytes that 22 digits stand for; the last digit's low bits mean nothing.
fn salt_bytes(salt: &str) -> [u8; 16] {
    let mut bits: u128 = 0;
    for (position, digit) in salt.bytes().take(22).enumerate() {
        let value = BCRYPT_DIGITS.iter().position(|known| *known == digit);
        let value = value.unwrap_or(0) as u128;
        bits = match position {
            21 => bits << 2 | value >> 4,
            _ => bits << 6 | value,
        };
    }
    bits.to_be_bytes()
}

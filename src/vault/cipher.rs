//! The inside of a vault text: salt, authentication code and ciphertext.
//!
//! Keys come from PBKDF2-HMAC-SHA256 with 10,000 rounds; the cipher is AES-256 in counter mode
//! over PKCS#7 padding, and an HMAC-SHA256 covers the ciphertext.

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::{Error, Result};

use super::armour;
use super::secret::Secret;

const ROUNDS: u32 = 10_000;
const BLOCK: usize = 16;

/// What a password and a salt make.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Keys {
    cipher: [u8; 32],
    authentication: [u8; 32],
    counter: [u8; BLOCK],
}

impl Keys {
    pub(super) fn derive(password: &Secret, salt: &[u8]) -> Self {
        let mut derived = Zeroizing::new([0; 80]);
        pbkdf2_hmac::<Sha256>(password.expose(), salt, ROUNDS, &mut *derived);
        let mut keys = Keys {
            cipher: [0; 32],
            authentication: [0; 32],
            counter: [0; BLOCK],
        };
        let (cipher, rest) = derived.split_at(32);
        let (authentication, counter) = rest.split_at(32);
        keys.cipher.copy_from_slice(cipher);
        keys.authentication.copy_from_slice(authentication);
        keys.counter.copy_from_slice(counter);
        keys
    }

    /// Encrypts or decrypts in place.
    fn apply(&self, bytes: &mut [u8]) {
        Ctr128BE::<Aes256>::new(&self.cipher.into(), &self.counter.into()).apply_keystream(bytes);
    }

    fn code(&self, ciphertext: &[u8]) -> Result<Hmac<Sha256>> {
        let mut code = Hmac::<Sha256>::new_from_slice(&self.authentication)
            .map_err(|_| Error::bug("HMAC refused a key of 32 bytes"))?;
        code.update(ciphertext);
        Ok(code)
    }
}

/// The three parts of a vault text.
pub(super) struct Parts {
    pub(super) salt: Vec<u8>,
    code: Vec<u8>,
    ciphertext: Vec<u8>,
}

impl Parts {
    /// Reads what stands below the header: hexadecimal digits of three lines, which are
    /// hexadecimal digits themselves.
    pub(super) fn read(text: &str) -> Result<Self> {
        let lines = unhex(armour::body(text).as_bytes())?;
        let mut lines = lines.splitn(3, |byte| *byte == b'\n');
        let (Some(salt), Some(code), Some(ciphertext)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(damaged("it holds fewer than three parts"));
        };
        Ok(Parts {
            salt: unhex(salt)?,
            code: unhex(code)?,
            ciphertext: unhex(ciphertext)?,
        })
    }

    /// The digits that stand below the header.
    pub(super) fn write(&self) -> String {
        let lines = [&self.salt, &self.code, &self.ciphertext].map(|part| HEXLOWER.encode(part));
        HEXLOWER.encode(lines.join("\n").as_bytes())
    }

    /// The plaintext, or nothing where the keys are not the right ones. The code is compared in
    /// constant time.
    pub(super) fn open(&self, keys: &Keys) -> Result<Option<Secret>> {
        if keys
            .code(&self.ciphertext)?
            .verify_slice(&self.code)
            .is_err()
        {
            return Ok(None);
        }
        let mut plaintext = Zeroizing::new(self.ciphertext.clone());
        keys.apply(&mut plaintext);
        let length =
            unpadded(&plaintext).ok_or_else(|| damaged("the padding of what it holds is wrong"))?;
        plaintext.truncate(length);
        Ok(Some(Secret::new(std::mem::take(&mut *plaintext))))
    }

    pub(super) fn seal(plaintext: &[u8], salt: Vec<u8>, keys: &Keys) -> Result<Self> {
        let padding = BLOCK - plaintext.len() % BLOCK;
        let mut bytes = Vec::with_capacity(plaintext.len() + padding);
        bytes.extend_from_slice(plaintext);
        bytes.resize(plaintext.len() + padding, padding as u8);
        keys.apply(&mut bytes);
        let code = keys.code(&bytes)?.finalize().into_bytes().to_vec();
        Ok(Parts {
            salt,
            code,
            ciphertext: bytes,
        })
    }
}

/// The length without PKCS#7 padding.
fn unpadded(bytes: &[u8]) -> Option<usize> {
    let count = usize::from(*bytes.last()?);
    let length = bytes.len().checked_sub(count)?;
    let is_padding = (1..=BLOCK).contains(&count)
        && bytes.len().is_multiple_of(BLOCK)
        && bytes
            .iter()
            .skip(length)
            .all(|byte| usize::from(*byte) == count);
    is_padding.then_some(length)
}

fn unhex(digits: &[u8]) -> Result<Vec<u8>> {
    HEXLOWER_PERMISSIVE
        .decode(digits)
        .map_err(|error| match error.kind {
            data_encoding::DecodeKind::Length => {
                Error::input("Vault format unhexlify error: Odd-length string")
                    .hint("the vault text is damaged: some of its digits are missing")
            }
            _ => Error::input("Vault format unhexlify error: Non-hexadecimal digit found")
                .hint("the vault text is damaged"),
        })
}

fn damaged(how: &str) -> Error {
    Error::input(format!("the vault text is damaged: {how}"))
}

//! `password_hash`: the hashes of `crypt(3)`.
//!
//! A salt that is given stands in the hash as it was written, as with passlib and with
//! ansible-core up to 2.20. ansible-core 2.21 over libxcrypt encodes it first, so that no other
//! program makes the same hash of it.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::super::{Args, Runtime};
use super::random::Source;
use super::{Table, strict, text};
use crate::error::{Error, Result};
use crate::value::Value;

pub mod crypt;

pub(super) const FILTERS: Table = &[("password_hash", strict!(password_hash))];

/// A way to hash passwords.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bcrypt,
    Md5,
    Sha256,
    Sha512,
}

/// The letters of a salt.
const SALT: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./";

/// What a password is hashed with.
#[derive(Clone, Default)]
pub(in crate::template) struct Scheme {
    pub(in crate::template) kind: String,
    pub(in crate::template) salt: Option<String>,
    pub(in crate::template) salt_size: Option<i64>,
    pub(in crate::template) rounds: Option<i64>,
    pub(in crate::template) ident: Option<String>,
}

fn password_hash(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let kind = args.text("hashtype", "sha512")?;
    let salt = args.take("salt")?.filter(Value::is_true);
    let salt_size = args.take("salt_size")?.filter(|size| !size.is_null());
    let rounds = args.take("rounds")?.filter(Value::is_true);
    let ident = args.take("ident")?.filter(Value::is_true);
    args.finish()?;
    let int = |name: &str, value: Option<Value>| match value {
        None => Ok(None),
        Some(value) => value
            .as_int()
            .map(Some)
            .ok_or_else(|| args.wrong(name, "an integer", &value)),
    };
    let scheme = Scheme {
        kind,
        salt: match salt {
            None => None,
            Some(Value::Str(salt)) => Some(salt.to_string()),
            Some(other) => return Err(args.wrong("salt", "a string", &other)),
        },
        salt_size: int("salt_size", salt_size)?,
        rounds: int("rounds", rounds)?,
        ident: ident.map(|ident| ident.to_text()),
    };
    hashed(&text(runtime, &value)?, &scheme).map(Value::str)
}

/// The hash of a password, as it stands in `/etc/shadow`.
pub(in crate::template) fn hashed(password: &str, scheme: &Scheme) -> Result<String> {
    let kind = Kind::new(&scheme.kind)?;
    let salt = kind.salt(scheme)?;
    let rounds = kind.rounds(scheme.rounds)?;
    let ident = match (kind, scheme.ident.as_deref()) {
        (Kind::Bcrypt, Some(ident)) => ident,
        _ => "2b",
    };
    if password.contains('\0') {
        return Err(Error::template("a password cannot hold a NUL character"));
    }
    kept(
        &[&scheme.kind, &salt, &rounds.to_string(), ident, password],
        || match kind {
            Kind::Md5 => Ok(crypt::md5(password.as_bytes(), &salt, "$1$")),
            Kind::Sha256 => Ok(crypt::sha256(password.as_bytes(), &salt, rounds)),
            Kind::Sha512 => Ok(crypt::sha512(password.as_bytes(), &salt, rounds)),
            Kind::Bcrypt => crypt::bcrypt(password.as_bytes(), &salt, rounds, ident),
        },
    )
}

/// Hashing is slow on purpose; a run asks for the same one once for each host.
fn kept(parts: &[&str], make: impl FnOnce() -> Result<String>) -> Result<String> {
    static KEPT: LazyLock<Mutex<HashMap<[u8; 32], String>>> = LazyLock::new(Mutex::default);
    const MOST: usize = 10_000;
    let mut key = Sha256::new();
    for part in parts {
        key.update((part.len() as u64).to_le_bytes());
        key.update(part.as_bytes());
    }
    let key: [u8; 32] = key.finalize().into();
    let found = |kept: &HashMap<[u8; 32], String>| kept.get(&key).cloned();
    if let Some(hash) = found(&KEPT.lock().unwrap_or_else(PoisonError::into_inner)) {
        return Ok(hash);
    }
    let hash = make()?;
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() < MOST {
        kept.insert(key, hash.clone());
    }
    Ok(hash)
}

/// The most rounds of SHA-crypt that are computed.
const MOST_SHA: i64 = 20_000_000;

/// The most rounds of bcrypt, as a power of two.
const MOST_BCRYPT: i64 = 20;

impl Kind {
    fn new(name: &str) -> Result<Self> {
        Ok(match name {
            "blowfish" | "bcrypt" => Kind::Bcrypt,
            "md5" | "md5_crypt" => Kind::Md5,
            "sha256" | "sha256_crypt" => Kind::Sha256,
            "sha512" | "sha512_crypt" => Kind::Sha512,
            _ => {
                return Err(Error::template(format!(
                    "{name} is not in the list of supported passlib algorithms: md5, blowfish, \
                     sha256, sha512"
                )));
            }
        })
    }

    fn salt_length(self) -> usize {
        match self {
            Kind::Bcrypt => 22,
            Kind::Md5 => 8,
            Kind::Sha256 | Kind::Sha512 => 16,
        }
    }

    /// The given salt, or one at random.
    fn salt(self, scheme: &Scheme) -> Result<String> {
        let fits = |length: usize| match self {
            Kind::Bcrypt => length == self.salt_length(),
            _ => length <= self.salt_length(),
        };
        let check = |length: usize| match fits(length) {
            true => Ok(()),
            false => Err(Error::template(format!(
                "invalid salt size {length}, expected {}{}",
                if self == Kind::Bcrypt { "" } else { "at most " },
                self.salt_length()
            ))),
        };
        let size = match scheme.salt_size.unwrap_or(0) {
            0 => self.salt_length(),
            size => usize::try_from(size).unwrap_or(usize::MAX),
        };
        check(size)?;
        let Some(salt) = &scheme.salt else {
            return random_text(&mut Source::system()?, size, SALT);
        };
        if !salt.chars().all(|c| SALT.contains(c)) {
            return Err(Error::template("invalid characters in salt")
                .hint("use letters, digits, `.` and `/`"));
        }
        check(salt.len())?;
        Ok(salt.clone())
    }

    fn rounds(self, given: Option<i64>) -> Result<u32> {
        let rounds = given.unwrap_or(match self {
            Kind::Bcrypt => 12,
            Kind::Md5 => 0,
            Kind::Sha256 => 535_000,
            Kind::Sha512 => 656_000,
        });
        let wrong = || Error::template(format!("invalid number of rounds {rounds}"));
        match self {
            Kind::Bcrypt if !(4..=31).contains(&rounds) => Err(wrong().hint("use 4 to 31")),
            // Each one more doubles the time: at these a rendering takes a minute or so.
            Kind::Bcrypt if rounds > MOST_BCRYPT => {
                Err(wrong().hint("more than 20 would take minutes to days"))
            }
            Kind::Sha256 | Kind::Sha512 if rounds > MOST_SHA => {
                Err(wrong().hint("more than 20000000 would take minutes to hours"))
            }
            Kind::Md5 if rounds != 0 => Err(wrong().hint("md5 knows no rounds")),
            Kind::Sha256 | Kind::Sha512 if rounds < 0 => Err(wrong()),
            Kind::Sha256 | Kind::Sha512 => {
                Ok(u32::try_from(rounds.clamp(1000, 999_999_999)).unwrap_or(1000))
            }
            _ => u32::try_from(rounds).map_err(|_| wrong()),
        }
    }
}

/// So many of the letters, by chance.
pub(in crate::template) fn random_text(
    source: &mut Source,
    length: usize,
    letters: &str,
) -> Result<String> {
    // Far above any password; the generator is asked for each letter.
    const LONGEST: usize = 1 << 20;
    if length > LONGEST {
        return Err(Error::template(format!(
            "a random text of {length} letters is longer than the {LONGEST} allowed"
        )));
    }
    let letters: Vec<char> = letters.chars().collect();
    let mut out = String::new();
    for _ in 0..length {
        let letter = source.choose(&letters)?;
        out.push(*letter.ok_or_else(|| Error::template("there are no characters to choose from"))?);
    }
    Ok(out)
}

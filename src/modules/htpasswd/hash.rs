//! The hashes of passwords that web servers know.

use data_encoding::BASE64;
use sha1::{Digest, Sha1};

use crate::error::{Error, Result};
use crate::modules::random::salt;
use crate::template::crypt;

/// The rounds that passlib, which the original uses, takes for SHA-256 and SHA-512.
const ROUNDS: (u32, u32) = (535_000, 656_000);

/// The names of the schemes.
const SCHEMES: &str = "apr_md5_crypt, bcrypt, des_crypt, ldap_sha1, md5_crypt, plaintext, \
                       sha256_crypt, sha512_crypt";

/// A new hash of a password.
///
/// # Errors
/// There is no such scheme.
pub fn hash(scheme: &str, password: &str) -> Result<String> {
    let bytes = password.as_bytes();
    Ok(match scheme {
        "apr_md5_crypt" => crypt::md5(bytes, &salt(8), "$apr1$"),
        "md5_crypt" => crypt::md5(bytes, &salt(8), "$1$"),
        "sha256_crypt" => crypt::sha256(bytes, &salt(16), ROUNDS.0),
        "sha512_crypt" => crypt::sha512(bytes, &salt(16), ROUNDS.1),
        "bcrypt" => crypt::bcrypt(bytes, &salt(22), 12, "2y")?,
        "des_crypt" => des(&salt(2), bytes)
            .ok_or_else(|| Error::input("`password` has a letter that `des_crypt` cannot take"))?,
        "ldap_sha1" => sha1(bytes),
        "plaintext" => password.to_owned(),
        other => {
            return Err(Error::input(format!("argument `hash_scheme`: `{other}` is not built"))
                .hint(format!("use one of {SCHEMES}")));
        }
    })
}

/// Says whether a scheme is known.
///
/// # Errors
/// As [`hash`].
pub fn check(scheme: &str) -> Result<()> {
    match SCHEMES.split(", ").any(|known| known == scheme) {
        true => Ok(()),
        false => hash(scheme, "").map(drop),
    }
}

/// Says whether a hash, of whatever scheme, is one of the password. One that cannot be read is not.
pub fn verify(hash: &str, password: &str) -> bool {
    let bytes = password.as_bytes();
    if hash.starts_with("{SHA}") {
        return sha1(bytes) == hash;
    }
    if hash.starts_with("$2") {
        return bcrypt::verify(password, hash).unwrap_or(false);
    }
    for magic in ["$apr1$", "$1$"] {
        if let Some((salt, _)) = hash.strip_prefix(magic).and_then(|rest| rest.split_once('$')) {
            return crypt::md5(bytes, salt, magic) == hash;
        }
    }
    match sha_parts(hash) {
        Some((512, rounds, salt)) => crypt::sha512(bytes, salt, rounds) == hash,
        Some((_, rounds, salt)) => crypt::sha256(bytes, salt, rounds) == hash,
        None => hash == password || des(hash, bytes).is_some_and(|known| known == hash),
    }
}

/// The old hash of DES: of eight letters, with the salt that the first two letters of `setting` are.
fn des(setting: &str, bytes: &[u8]) -> Option<String> {
    let salt = setting.get(..2).filter(|_| !bytes.contains(&0))?;
    #[allow(deprecated, reason = "who asks for it has servers that know no other")]
    let hash = crypt3_rs::crypt::unix::hash_with(salt, bytes).ok()?;
    Some(hash.to_string())
}

/// The bits, rounds and salt of `$5$` and `$6$`.
fn sha_parts(hash: &str) -> Option<(u32, u32, &str)> {
    let (bits, rest) = match hash.strip_prefix("$5$") {
        Some(rest) => (256, rest),
        None => (512, hash.strip_prefix("$6$")?),
    };
    let (rounds, rest) = match rest.strip_prefix("rounds=") {
        Some(rest) => rest.split_once('$')?,
        None => ("5000", rest),
    };
    let (salt, _) = rest.split_once('$')?;
    Some((bits, rounds.parse().ok()?, salt))
}

fn sha1(bytes: &[u8]) -> String {
    format!("{{SHA}}{}", BASE64.encode(&Sha1::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use super::{hash, verify};

    #[test]
    fn hashes_of_other_programs_are_verified() {
        for (known, password) in [
            ("$apr1$eTVl01UV$rPDeQ.9VrGwxOu3uFKm4m/", "neu"),
            ("$1$FGqgryRb$aQDPZC9rh/LJNvQ8MruQt0", "neu"),
            ("{SHA}tfcMpsvAWx0f2SdJ7Z6/oHGxzIA=", "neu"),
            ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
            (
                "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
                "Hello world!",
            ),
            ("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"),
            ("aZGJuE6EXrjEE", "test"),
            ("xOAFZqRz5RduI", "password"),
            ("plain", "plain"),
        ] {
            assert!(verify(known, password), "{known}");
            assert!(!verify(known, "other"), "{known}");
        }
        for scheme in ["apr_md5_crypt", "md5_crypt", "des_crypt", "ldap_sha1", "plaintext"] {
            assert!(verify(&hash(scheme, "a 'b'").unwrap(), "a 'b'"), "{scheme}");
        }
        // It looks at eight letters.
        assert!(verify("xOAFZqRz5RduI", "password and more"));
        assert!(hash("des_crypt", "a\0b").is_err());
        for scheme in ["bsdi_crypt", "portable_apache_24", "ldap_salted_sha1", "DES_CRYPT", ""] {
            assert!(hash(scheme, "x").is_err(), "{scheme}");
        }
    }
}

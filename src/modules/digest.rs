//! Checksums, here and on the host.

use data_encoding::HEXLOWER;
use md5::Md5;
use sha1::{Digest, Sha1};

use crate::shell::{Fragment, PRELUDE};

/// The functions that make checksums on the host.
pub static DIGEST: Fragment = Fragment {
    name: "digest",
    text: include_str!("digest.sh"),
    needs: &[&PRELUDE],
};

/// The SHA-1 in hexadecimal digits.
pub fn sha1(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha1::digest(bytes))
}

/// The MD5 in hexadecimal digits, which the reference still tells of new files.
pub fn md5(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Md5::digest(bytes))
}

/// The checksum on a line that `digest` printed.
pub fn of_line(line: &str) -> String {
    let word = line.split(' ').next().unwrap_or("");
    word.trim_start_matches('\\').to_owned()
}

//! Words that no output can guess.

use std::fs::File;
use std::io::Read;

use super::{Lost, LostKind};

/// A fresh random word of 128 bits, safe to stand unquoted in a shell program.
pub(super) fn random() -> Result<String, Lost> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|error| {
            Lost::new(
                LostKind::Unreachable,
                format!("cannot read /dev/urandom: {error}"),
            )
        })?;
    Ok(format!("play-{}", data_encoding::HEXLOWER.encode(&bytes)))
}

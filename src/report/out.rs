//! Standard output, and whether all of it could be written.

use std::io::{Error as IoError, ErrorKind, Result as IoResult, Write};
use std::sync::OnceLock;

use crate::error::Error;

static TROUBLE: OnceLock<String> = OnceLock::new();

/// Standard output. It never stops a run: what cannot be written is remembered by [`trouble`]. A
/// reader that has gone away, as `head` does, is no trouble.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> IoResult<usize> {
        noted(std::io::stdout().write(bytes))
    }

    fn flush(&mut self) -> IoResult<()> {
        noted(std::io::stdout().flush())
    }
}

fn noted<T>(result: IoResult<T>) -> IoResult<T> {
    if let Err(error) = &result {
        note(error);
    }
    result
}

/// Remembers that something could not be written.
pub fn note(error: &IoError) {
    if error.kind() != ErrorKind::BrokenPipe {
        let _ = TROUBLE.set(error.to_string());
    }
}

/// Why not all of standard output could be written, where that is so.
pub fn trouble() -> Option<Error> {
    let why = TROUBLE.get()?;
    Some(Error::input(format!(
        "not everything could be written to standard output: {why}"
    )))
}

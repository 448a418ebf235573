//! What a program writes while it runs, line by line.

use crate::shell::Stream;

/// Cuts live output into lines.
#[derive(Default)]
pub(super) struct Lines {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Lines {
    /// The longest line that is shown; more of it is not kept.
    const LONGEST: usize = 4096;

    /// Takes bytes of a stream, and tells each line that is whole.
    pub(super) fn hear(
        &mut self,
        stream: Stream,
        bytes: &[u8],
        mut tell: impl FnMut(Stream, String),
    ) {
        let pending = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        for byte in bytes {
            match byte {
                b'\n' | b'\r' if pending.is_empty() => (),
                b'\n' | b'\r' => {
                    tell(stream, String::from_utf8_lossy(pending).into_owned());
                    pending.clear();
                }
                _ if pending.len() < Self::LONGEST => pending.push(*byte),
                _ => (),
            }
        }
    }
}

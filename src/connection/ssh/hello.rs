//! What a server says before its version, within bounds. libssh2 would listen for ever to one that
//! never comes to it.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvFlags, recv};

use super::super::Lost;
use super::clock::Clock;

/// The most bytes before the version; OpenSSH's client reads 1024 lines of 8 KiB at most.
const MOST: usize = 256 * 1024;

/// How much of what was said is kept for the message.
const SHOWN: usize = 120;

/// How the version begins.
const VERSION: &[u8] = b"SSH-";

/// Why there is no version.
#[derive(Debug)]
pub(super) enum Silence {
    /// The time is over.
    Late(Lost),
    /// The server closed the connection after these words.
    Closed(String),
    /// The server talks without end.
    Endless,
}

/// Waits until the server's version is the next thing on the socket.
///
/// # Errors
/// It does not come: in time, at all, or within a sane number of bytes.
pub(super) fn wait(socket: &OwnedFd, clock: &Clock<'_>) -> Result<(), Silence> {
    let mut hello = Hello::default();
    let mut piece = [0; 4096];
    loop {
        let left = clock.left().map_err(Silence::Late)?;
        if !is_readable(socket, left) {
            continue;
        }
        let peek = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        let count = match recv(socket, &mut piece[..], peek) {
            Ok((count, _)) => count,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => continue,
            Err(_) => return Err(Silence::Closed(hello.said())),
        };
        match hello.look(&piece[..count]) {
            Look::Version => return Ok(()),
            Look::End => return Err(Silence::Closed(hello.said())),
            Look::Endless => return Err(Silence::Endless),
            // The rest of the first letters is on its way.
            Look::Wait => std::thread::sleep(Duration::from_millis(5).min(left)),
            Look::Take(count) => {
                let _ = recv(socket, &mut piece[..count], RecvFlags::DONTWAIT);
            }
        }
    }
}

fn is_readable(socket: &OwnedFd, left: Duration) -> bool {
    let mut ends = [PollFd::new(socket, PollFlags::IN)];
    let left = Timespec::try_from(left).ok();
    poll(&mut ends, left.as_ref()).is_ok_and(|ready| ready > 0)
}

/// What a server has said so far, before its version.
#[derive(Debug, Default)]
pub struct Hello {
    taken: usize,
    in_line: bool,
    said: Vec<u8>,
}

/// What to do about the next bytes of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// They are the version.
    Version,
    /// There are none.
    End,
    /// There were too many.
    Endless,
    /// They may become the version.
    Wait,
    /// So many of them are no version.
    Take(usize),
}

impl Hello {
    /// Judges the bytes that are next; all of them are the server's.
    pub fn look(&mut self, next: &[u8]) -> Look {
        if next.is_empty() {
            return Look::End;
        }
        if !self.in_line {
            if next.starts_with(VERSION) {
                return Look::Version;
            }
            if VERSION.starts_with(next) {
                return Look::Wait;
            }
        }
        let line = next.iter().position(|byte| *byte == b'\n');
        let count = line.map_or(next.len(), |at| at + 1);
        self.in_line = line.is_none();
        self.taken += count;
        let room = SHOWN.saturating_sub(self.said.len()).min(count);
        self.said.extend_from_slice(&next[..room]);
        match self.taken > MOST {
            true => Look::Endless,
            false => Look::Take(count),
        }
    }

    /// The first words, on one line and without control characters.
    fn said(&self) -> String {
        let text = String::from_utf8_lossy(&self.said);
        let words = text.split(|c: char| c.is_control() || c.is_whitespace());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::{Hello, Look, MOST};

    #[test]
    fn the_version_is_found_behind_other_lines() {
        let mut hello = Hello::default();
        for (next, look) in [
            (&b"hello\r\nSSH-2.0-x\r\n"[..], Look::Take(7)),
            (b"S", Look::Wait),
            (b"SSH", Look::Wait),
            (b"SSX-", Look::Take(4)),
            (b"SSH-\n", Look::Take(5)),
            (b"SSH-2.0-OpenSSH_9\r\n", Look::Version),
            (b"", Look::End),
        ] {
            assert_eq!(hello.look(next), look, "{next:?}");
        }
        assert_eq!(hello.said(), "hello SSX-SSH-");
    }

    #[test]
    fn talk_without_end_has_one() {
        for piece in [&[b'x'; 4096][..], &b"hello\r\n".repeat(500)] {
            let mut hello = Hello::default();
            let mut taken = 0;
            while let Look::Take(count) = hello.look(piece) {
                taken += count;
                assert!(taken <= MOST);
            }
            assert_eq!(hello.look(piece), Look::Endless);
        }
    }
}

//! A channel and the socket at our end of it.

use std::io::ErrorKind;
use std::io::Read;
use std::io::Write;
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags};
use ssh2::Channel;

/// The ends that are handed out: a shell's stdin and stdout, and its stderr.
pub(super) struct Near {
    pub(super) talk: UnixStream,
    pub(super) errors: UnixStream,
}

/// What libssh2 is to do for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Send what came from our side.
    Write,
    /// Say that no more will come.
    Eof,
    /// Fetch what came from the host: 0 is stdout, 1 stderr.
    Read(usize),
    /// End the channel.
    Close,
}

/// One channel in use.
pub(super) struct Line {
    pub(super) id: u64,
    pub(super) channel: Channel,
    ends: [Option<End>; 2],
    /// On its way to the host.
    up: Bytes,
    /// Our side will send no more.
    up_over: bool,
    eof_sent: bool,
    /// The host will send no more, and all it sent was handed on.
    down_over: bool,
    closed: bool,
}

/// Our end of one stream, and what it has not taken yet.
struct End {
    socket: UnixStream,
    down: Bytes,
}

/// Bytes that leave from the front.
#[derive(Default)]
struct Bytes {
    all: Vec<u8>,
    gone: usize,
}

impl Line {
    /// A line whose far end is `channel`; a tunnel has no stderr.
    pub(super) fn new(
        id: u64,
        channel: Channel,
        talk: UnixStream,
        errors: Option<UnixStream>,
    ) -> std::io::Result<Line> {
        talk.set_nonblocking(true)?;
        if let Some(errors) = &errors {
            errors.set_nonblocking(true)?;
        }
        let end = |socket| End {
            socket,
            down: Bytes::default(),
        };
        Ok(Line {
            id,
            channel,
            ends: [Some(end(talk)), errors.map(end)],
            up: Bytes::default(),
            up_over: false,
            eof_sent: false,
            down_over: false,
            closed: false,
        })
    }

    /// Does what needs no libssh2, and says what needs it.
    pub(super) fn wants(&mut self, scratch: &mut [u8]) -> Vec<Want> {
        self.take_in(scratch);
        self.hand_on();
        let mut wants = Vec::new();
        if self.down_over {
            if !self.closed {
                wants.push(Want::Close);
            }
            return wants;
        }
        if !self.up.is_empty() {
            wants.push(Want::Write);
        } else if self.up_over && !self.eof_sent {
            wants.push(Want::Eof);
        }
        for (number, _) in (0..2).zip(&self.ends) {
            if self.can_read(number) {
                wants.push(Want::Read(number));
            }
        }
        wants
    }

    /// A stream is read while our end has taken all that came before. Without an end, what comes is
    /// thrown away: a host that cannot write would never end.
    fn can_read(&self, number: usize) -> bool {
        !matches!(&self.ends[number], Some(end) if !end.down.is_empty())
    }

    /// Reads from our side when all that came before has been sent.
    fn take_in(&mut self, scratch: &mut [u8]) {
        if self.up_over || !self.up.is_empty() {
            return;
        }
        let Some(end) = &mut self.ends[0] else {
            self.up_over = true;
            return;
        };
        match end.socket.read(scratch) {
            Ok(0) => self.up_over = true,
            Ok(count) => self.up.put(&scratch[..count]),
            Err(error) if is_later(&error) => {}
            Err(_) => self.up_over = true,
        }
    }

    /// Writes to our side what came from the host; sees when that was all.
    fn hand_on(&mut self) {
        for end in &mut self.ends {
            if end.as_mut().is_some_and(|end| end.write().is_err()) {
                // Nobody listens any more.
                *end = None;
            }
        }
        let waiting = self.ends.iter().flatten().any(|end| !end.down.is_empty());
        if !waiting && self.channel.eof() {
            self.down_over = true;
            for end in self.ends.iter().flatten() {
                let _ = end.socket.shutdown(Shutdown::Both);
            }
        }
    }

    /// Takes in what the host sent on a stream.
    pub(super) fn heard(&mut self, number: usize, bytes: &[u8]) {
        if let Some(end) = &mut self.ends[number] {
            end.down.put(bytes);
        }
    }

    /// What is to be sent next.
    pub(super) fn unsent(&self) -> &[u8] {
        self.up.rest()
    }

    /// Takes note that so much was sent.
    pub(super) fn sent(&mut self, count: usize) {
        self.up.take(count);
    }

    /// Takes note that nothing can be sent any more.
    pub(super) fn stop_sending(&mut self) {
        self.up = Bytes::default();
        self.up_over = true;
        self.eof_sent = true;
    }

    pub(super) fn set_closed(&mut self) {
        self.closed = true;
    }

    /// Says whether the line is done with, and the channel may be dropped.
    pub(super) fn is_over(&self) -> bool {
        self.closed
    }

    /// Says whether something from the host would be taken in.
    pub(super) fn listens(&self) -> bool {
        self.down_over || (0..2).any(|number| self.can_read(number))
    }

    /// Says whether libssh2 holds something that would be taken in now: bytes, or the end.
    pub(super) fn has_more(&self) -> bool {
        let all_read = (0..2).all(|number| self.can_read(number));
        let held = || self.channel.read_window().available > 0 || self.channel.eof();
        all_read && !self.down_over && held()
    }

    /// What to wait for at our end.
    pub(super) fn watch<'a>(&'a self, into: &mut Vec<PollFd<'a>>) {
        for (number, end) in self.ends.iter().enumerate() {
            let Some(end) = end else { continue };
            let mut flags = PollFlags::empty();
            if number == 0 && self.up.is_empty() && !self.up_over {
                flags |= PollFlags::IN;
            }
            if !end.down.is_empty() {
                flags |= PollFlags::OUT;
            }
            // An end that nothing is wanted of would report its hanging up for ever.
            if !flags.is_empty() {
                into.push(PollFd::from_borrowed_fd(end.socket.as_fd(), flags));
            }
        }
    }
}

impl End {
    fn write(&mut self) -> std::io::Result<()> {
        while !self.down.is_empty() {
            match self.socket.write(self.down.rest()) {
                Ok(count) => self.down.take(count),
                Err(error) if is_later(&error) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Bytes {
    fn put(&mut self, bytes: &[u8]) {
        self.all.extend_from_slice(bytes);
    }

    fn rest(&self) -> &[u8] {
        &self.all[self.gone..]
    }

    fn is_empty(&self) -> bool {
        self.gone == self.all.len()
    }

    fn take(&mut self, count: usize) {
        self.gone += count;
        if self.is_empty() {
            self.all.clear();
            self.gone = 0;
        }
    }
}

fn is_later(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

//! The one thread that drives a connection, from the inside.

use std::collections::VecDeque;
use std::io::Read;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::BlockDirections;
use ssh2::ErrorCode;
use ssh2::Session;

use super::line::{Line, Near, Want};
use super::order::{Opening, Order, Refusal, What};

/// `LIBSSH2_ERROR_EAGAIN`
const AGAIN: i32 = -37;

const SCRATCH: usize = 64 * 1024;

/// The connection, from the inside.
pub(super) struct Drive {
    name: String,
    lines: Vec<Line>,
    session: Session,
    socket: OwnedFd,
    inbox: mpsc::Receiver<Order>,
    ear: UnixStream,
    openings: VecDeque<Opening>,
    /// What libssh2 has sent the half of. Only this may be tried until it is whole.
    blocked: Option<Op>,
    scratch: Vec<u8>,
    next_id: u64,
    /// How long silence may be, and how often it may be asked into.
    alive: (Duration, u32),
    heard: Instant,
    asked: Instant,
    stop: Option<Option<tokio::sync::oneshot::Sender<()>>>,
}

/// One thing for libssh2 to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Open,
    Line(u64, Want),
}

/// How far that came.
enum Progress {
    Done,
    Nothing,
    Later,
}

impl Drive {
    pub(super) fn new(
        name: String,
        session: Session,
        socket: OwnedFd,
        (inbox, ear): (mpsc::Receiver<Order>, UnixStream),
        alive: (Duration, u32),
    ) -> Self {
        session.set_blocking(false);
        // We decide when one is sent; libssh2 must only think it is time.
        session.set_keepalive(true, 1);
        Drive {
            name,
            lines: Vec::new(),
            session,
            socket,
            inbox,
            ear,
            openings: VecDeque::new(),
            blocked: None,
            scratch: vec![0; SCRATCH],
            next_id: 0,
            alive,
            heard: Instant::now(),
            asked: Instant::now(),
            stop: None,
        }
    }

    /// Drives until it is told to stop.
    ///
    /// # Errors
    /// The connection broke; why.
    pub(super) fn run(&mut self) -> Result<(), String> {
        loop {
            self.take_orders();
            if self.stop.is_some() {
                return Ok(());
            }
            if self.pass()? {
                self.heard = Instant::now();
                continue;
            }
            if self.blocked.is_none() && self.lines.iter().any(Line::has_more) {
                continue;
            }
            self.keep_alive()?;
            self.wait()?;
        }
    }

    fn take_orders(&mut self) {
        loop {
            match self.inbox.try_recv() {
                Ok(Order::Open(opening)) => self.openings.push_back(opening),
                Ok(Order::Stop(done)) => self.stop = Some(done),
                Err(mpsc::TryRecvError::Empty) => return,
                Err(mpsc::TryRecvError::Disconnected) => {
                    self.stop.get_or_insert(None);
                    return;
                }
            }
        }
    }

    /// Tries everything that is to be done once; says whether anything came of it.
    fn pass(&mut self) -> Result<bool, String> {
        let mut moved = false;
        if let Some(op) = self.blocked {
            moved |= self.attempt(op)?;
            if self.blocked.is_some() {
                return Ok(moved);
            }
        }
        for op in self.wants() {
            moved |= self.attempt(op)?;
            if self.blocked.is_some() {
                break;
            }
        }
        self.lines.retain(|line| !line.is_over());
        Ok(moved)
    }

    fn wants(&mut self) -> Vec<Op> {
        let mut ops = Vec::new();
        for line in &mut self.lines {
            let id = line.id;
            let wants = line.wants(&mut self.scratch);
            ops.extend(wants.into_iter().map(|want| Op::Line(id, want)));
        }
        if !self.openings.is_empty() {
            ops.push(Op::Open);
        }
        ops
    }

    fn attempt(&mut self, op: Op) -> Result<bool, String> {
        let progress = match op {
            Op::Open => self.open(),
            Op::Line(id, want) => match self.lines.iter().position(|line| line.id == id) {
                Some(index) => self.serve(index, want)?,
                None => Progress::Nothing,
            },
        };
        let half = matches!(progress, Progress::Later) && self.is_half_sent();
        self.blocked = half.then_some(op);
        Ok(matches!(progress, Progress::Done))
    }

    fn is_half_sent(&self) -> bool {
        matches!(
            self.session.block_directions(),
            BlockDirections::Outbound | BlockDirections::Both
        )
    }

    /// Does one thing for a line.
    ///
    /// # Errors
    /// Reading fails: the connection is broken. (Where only sending fails, the channel may be.)
    fn serve(&mut self, index: usize, want: Want) -> Result<Progress, String> {
        let Some(line) = self.lines.get_mut(index) else {
            return Ok(Progress::Nothing);
        };
        match want {
            Want::Write => {
                let mut channel = line.channel.clone();
                match channel.write(line.unsent()) {
                    Ok(count) => line.sent(count),
                    Err(error) if is_later(&error) => return Ok(Progress::Later),
                    Err(_) => line.stop_sending(),
                }
            }
            Want::Eof => match line.channel.send_eof() {
                Err(error) if is_again(&error) => return Ok(Progress::Later),
                _ => line.stop_sending(),
            },
            Want::Read(number) => {
                let mut stream = line.channel.stream(i32::from(number == 1));
                match stream.read(&mut self.scratch) {
                    Ok(0) => return Ok(Progress::Nothing),
                    Ok(count) => line.heard(number, &self.scratch[..count]),
                    Err(error) if is_later(&error) => return Ok(Progress::Later),
                    Err(_) => return Err(self.broken()),
                }
            }
            Want::Close => match line.channel.close() {
                Err(error) if is_again(&error) => return Ok(Progress::Later),
                _ => line.set_closed(),
            },
        }
        Ok(Progress::Done)
    }

    /// Takes the first channel that is wanted one step further: one at a time, as libssh2 wants it.
    fn open(&mut self) -> Progress {
        let Some(mut opening) = self.openings.pop_front() else {
            return Progress::Nothing;
        };
        match self.step(&mut opening) {
            Ok(true) => match self.connect_ends(opening) {
                Ok(()) => Progress::Done,
                Err(_) => Progress::Nothing,
            },
            Ok(false) => {
                self.openings.push_front(opening);
                Progress::Done
            }
            Err(error) if is_again(&error) => {
                self.openings.push_front(opening);
                Progress::Later
            }
            Err(error) => {
                if let Some(reply) = opening.reply.take() {
                    reply(Err(Refusal::of(&error)));
                }
                Progress::Done
            }
        }
    }

    /// One step; says whether it was the last.
    fn step(&self, opening: &mut Opening) -> Result<bool, ssh2::Error> {
        if let (What::Shell { command, terminal }, Some(channel)) =
            (&opening.what, &mut opening.channel)
        {
            if *terminal && !opening.has_terminal {
                channel.request_pty("dumb", None, None)?;
                opening.has_terminal = true;
                return Ok(false);
            }
            return channel.exec(command).map(|()| true);
        }
        let channel = match &opening.what {
            What::Shell { .. } => self.session.channel_session()?,
            What::Tunnel { host, port } => self.session.channel_direct_tcpip(host, *port, None)?,
        };
        opening.channel = Some(channel);
        Ok(matches!(opening.what, What::Tunnel { .. }))
    }

    /// Hands out the near ends of a channel that is open.
    fn connect_ends(&mut self, opening: Opening) -> std::io::Result<()> {
        let (Some(channel), Some(reply)) = (opening.channel, opening.reply) else {
            return Ok(());
        };
        let pairs = || Ok((UnixStream::pair()?, UnixStream::pair()?));
        let ((talk, near), (errors, near_errors)) = match pairs() {
            Ok(pairs) => pairs,
            Err(error) => {
                let error: std::io::Error = error;
                reply(Err(Refusal::Other(error.to_string())));
                return Err(error);
            }
        };
        let is_shell = matches!(opening.what, What::Shell { .. });
        let line = Line::new(self.next_id, channel, talk, is_shell.then_some(errors))?;
        self.lines.push(line);
        self.next_id += 1;
        // Only a shell's ends are read by async code; libssh2 sets its own socket's mode.
        near.set_nonblocking(is_shell)?;
        near_errors.set_nonblocking(true)?;
        reply(Ok(Near {
            talk: near,
            errors: near_errors,
        }));
        Ok(())
    }

    /// Asks into a long silence.
    ///
    /// # Errors
    /// Nothing came, however often we asked.
    fn keep_alive(&mut self) -> Result<(), String> {
        let (interval, count) = self.alive;
        if !self.listens() {
            self.heard = Instant::now();
            return Ok(());
        }
        let silence = self.heard.elapsed();
        if silence > interval * count {
            return Err(format!(
                "{}, after {} s without an answer,",
                self.broken(),
                silence.as_secs()
            ));
        }
        if silence >= interval && self.asked.elapsed() >= interval && self.blocked.is_none() {
            self.asked = Instant::now();
            let _ = self.session.keepalive_send();
        }
        Ok(())
    }

    /// Says whether anything would be read from the connection.
    fn listens(&self) -> bool {
        !self.openings.is_empty() || self.lines.iter().any(Line::listens)
    }

    /// Waits until something can be done.
    fn wait(&mut self) -> Result<(), String> {
        let mut wanted = PollFlags::empty();
        match (self.blocked, self.session.block_directions()) {
            (Some(_), BlockDirections::Both) => wanted = PollFlags::IN | PollFlags::OUT,
            (Some(_), _) => wanted = PollFlags::OUT,
            (None, _) if self.listens() => wanted = PollFlags::IN,
            (None, _) => {}
        }
        let mut ends = vec![PollFd::from_borrowed_fd(self.ear.as_fd(), PollFlags::IN)];
        if !wanted.is_empty() {
            ends.push(PollFd::from_borrowed_fd(self.socket.as_fd(), wanted));
        }
        let sockets = ends.len();
        if self.blocked.is_none() {
            for line in &self.lines {
                line.watch(&mut ends);
            }
        }
        let pause = self.alive.0.max(Duration::from_secs(1));
        let pause = Timespec::try_from(pause).ok();
        match poll(&mut ends, pause.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return Err(self.broken()),
        }
        let rung = !ends[0].revents().is_empty();
        let heard = sockets == 2 && ends[1].revents().contains(PollFlags::IN);
        drop(ends);
        if rung {
            let _ = self.ear.read(&mut [0; 64]);
        }
        if heard {
            self.heard = Instant::now();
        }
        Ok(())
    }

    fn broken(&self) -> String {
        format!("the connection to {} broke", self.name)
    }

    /// Says farewell, and frees everything in this thread.
    pub(super) fn end(mut self, why: &str) {
        for opening in self.openings.drain(..) {
            if let Some(reply) = opening.reply {
                reply(Err(Refusal::Other(why.to_owned())));
            }
        }
        if self.blocked.is_none() {
            let _ = self.session.disconnect(None, "", None);
        }
        // libssh2 frees nothing while it thinks it could still send.
        let _ = rustix::net::shutdown(&self.socket, rustix::net::Shutdown::Both);
        self.lines.clear();
        let stop = self.stop.take();
        drop(self);
        drop(stop);
    }
}

fn is_later(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::WouldBlock
}

fn is_again(error: &ssh2::Error) -> bool {
    error.code() == ErrorCode::Session(AGAIN)
}

//! The one thread that drives a connection. All of libssh2's objects live and die in it; everyone
//! else asks it for a channel and gets a socket.

use std::collections::VecDeque;
use std::io::Read;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::BlockDirections;
use ssh2::Channel;
use ssh2::ErrorCode;
use ssh2::Session;

use super::line::{Line, Near, Want};
use super::way::Way;

/// `LIBSSH2_ERROR_EAGAIN`
const AGAIN: i32 = -37;

const SCRATCH: usize = 64 * 1024;

/// Enough for libssh2 and OpenSSL; there may be thousands of these threads.
const STACK: usize = 512 * 1024;

/// A connection that is logged in, from the outside.
pub(crate) struct Owner {
    orders: mpsc::Sender<Order>,
    bell: UnixStream,
    cause: Arc<OnceLock<String>>,
}

/// What the thread is asked for.
enum Order {
    Open(Opening),
    /// End; the sender is dropped when that is done.
    Stop(Option<tokio::sync::oneshot::Sender<()>>),
}

/// A channel that is wanted.
struct Opening {
    what: What,
    /// The channel, once the server has opened it and while the command is being started.
    channel: Option<Channel>,
    reply: Option<Reply>,
}

enum What {
    Shell { command: String },
    Tunnel { host: String, port: u16 },
}

type Reply = Box<dyn FnOnce(Result<Near, String>) + Send>;

impl Owner {
    /// Starts the thread.
    pub(super) fn start(
        name: String,
        session: Session,
        way: Way,
        alive: (Duration, u32),
    ) -> std::io::Result<Owner> {
        let (orders, inbox) = mpsc::channel();
        let (bell, ear) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        ear.set_nonblocking(true)?;
        let cause = Arc::new(OnceLock::new());
        let mut drive = Drive::new(name, session, way, inbox, ear, alive);
        let fate = Arc::clone(&cause);
        let run = move || {
            if let Err(why) = drive.run() {
                let _ = fate.set(why);
            }
            drive.end(fate.get().map_or("it was closed", String::as_str));
        };
        let builder = std::thread::Builder::new().name("ssh".to_owned());
        builder.stack_size(STACK).spawn(run)?;
        Ok(Owner {
            orders,
            bell,
            cause,
        })
    }

    /// Opens a channel that runs `command`.
    pub(super) async fn shell(&self, command: String) -> Result<Near, String> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let reply = move |near| drop(sender.send(near));
        self.order(What::Shell { command }, Box::new(reply));
        receiver.await.unwrap_or_else(|_| Err(self.why()))
    }

    /// Opens a TCP connection from the host to another one; blocks until the host answers.
    pub(super) fn tunnel(
        &self,
        host: &str,
        port: u16,
        timeout: Duration,
    ) -> Result<UnixStream, String> {
        let (sender, receiver) = mpsc::channel();
        let reply = move |near| drop(sender.send(near));
        let host = host.to_owned();
        self.order(What::Tunnel { host, port }, Box::new(reply));
        match receiver.recv_timeout(timeout) {
            Ok(near) => near.map(|near| near.talk),
            Err(mpsc::RecvTimeoutError::Timeout) => Err("no answer".to_owned()),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(self.why()),
        }
    }

    /// Why the connection ended, once it did.
    pub(super) fn cause(&self) -> Arc<OnceLock<String>> {
        Arc::clone(&self.cause)
    }

    /// Says whether the connection still stands, as far as is known.
    pub(crate) fn is_alive(&self) -> bool {
        self.cause.get().is_none()
    }

    /// Ends the connection and waits for that.
    pub(crate) async fn close(&self) {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.send(Order::Stop(Some(sender)));
        let _ = receiver.await;
    }

    fn order(&self, what: What, reply: Reply) {
        self.send(Order::Open(Opening {
            what,
            channel: None,
            reply: Some(reply),
        }));
    }

    /// An order that cannot be sent is dropped, and its reply with it.
    fn send(&self, order: Order) {
        if self.orders.send(order).is_ok() {
            let _ = (&self.bell).write(&[1]);
        }
    }

    fn why(&self) -> String {
        let why = self.cause.get().cloned();
        why.unwrap_or_else(|| "the connection was closed".to_owned())
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.send(Order::Stop(None));
    }
}

/// The connection, from the inside.
struct Drive {
    name: String,
    lines: Vec<Line>,
    session: Session,
    way: Way,
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
    fn new(
        name: String,
        session: Session,
        way: Way,
        inbox: mpsc::Receiver<Order>,
        ear: UnixStream,
        alive: (Duration, u32),
    ) -> Self {
        session.set_blocking(false);
        // We decide when one is sent; libssh2 must only think it is time.
        session.set_keepalive(true, 1);
        Drive {
            name,
            lines: Vec::new(),
            session,
            way,
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
    fn run(&mut self) -> Result<(), String> {
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
                    reply(Err(refusal(&error)));
                }
                Progress::Done
            }
        }
    }

    /// One step; says whether it was the last.
    fn step(&self, opening: &mut Opening) -> Result<bool, ssh2::Error> {
        if let (What::Shell { command }, Some(channel)) = (&opening.what, &mut opening.channel) {
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
                reply(Err(error.to_string()));
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
            ends.push(PollFd::from_borrowed_fd(self.way.socket.as_fd(), wanted));
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
    fn end(mut self, why: &str) {
        for opening in self.openings.drain(..) {
            if let Some(reply) = opening.reply {
                reply(Err(why.to_owned()));
            }
        }
        if self.blocked.is_none() {
            let _ = self.session.disconnect(None, "", None);
        }
        // libssh2 frees nothing while it thinks it could still send.
        let _ = rustix::net::shutdown(&self.way.socket, rustix::net::Shutdown::Both);
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

/// Why no channel was opened, in words.
fn refusal(error: &ssh2::Error) -> String {
    match error.message() {
        text if text.contains("prohibited") => {
            "the server allows no more sessions (MaxSessions in its sshd_config) or no forwarding"
                .to_owned()
        }
        text if text.contains("connect failed") => {
            "the last host on the way cannot connect to it".to_owned()
        }
        text => text.to_owned(),
    }
}

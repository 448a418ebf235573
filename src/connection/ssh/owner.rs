//! The one thread that drives a connection, from the outside. All of libssh2's objects live and die
//! in it; everyone else asks it for a channel and gets a socket.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::Duration;

use ssh2::Session;

use super::drive::Drive;
use super::line::Near;
use super::order::{Opening, Order, Reply, What};

pub(super) use super::order::Refusal;

/// Enough for libssh2 and OpenSSL; there may be thousands of these threads.
const STACK: usize = 512 * 1024;

/// What has to live as long as a connection: a program, or the connection it runs through.
pub(super) type Kept = Box<dyn Send>;

/// A connection that is logged in, from the outside.
pub(crate) struct Owner {
    orders: mpsc::Sender<Order>,
    bell: UnixStream,
    cause: Arc<OnceLock<String>>,
    /// How it came about: the way, the host's key, what was tried to log in.
    pub(super) story: Vec<String>,
    /// Options of OpenSSH that ask for something that is not done.
    pub(super) not_done: Vec<&'static str>,
}

impl Owner {
    /// Starts the thread.
    pub(super) fn start(
        name: String,
        session: Session,
        (socket, kept): (OwnedFd, Kept),
        alive: (Duration, u32),
    ) -> std::io::Result<Owner> {
        let (orders, inbox) = mpsc::channel();
        let (bell, ear) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        ear.set_nonblocking(true)?;
        let cause = Arc::new(OnceLock::new());
        let mut drive = Drive::new(name, session, socket, (inbox, ear), alive);
        let fate = Arc::clone(&cause);
        let run = move || {
            if let Err(why) = drive.run() {
                let _ = fate.set(why);
            }
            drive.end(fate.get().map_or("it was closed", String::as_str));
            drop(kept);
        };
        let builder = std::thread::Builder::new().name("ssh".to_owned());
        builder.stack_size(STACK).spawn(run)?;
        Ok(Owner {
            orders,
            bell,
            cause,
            story: Vec::new(),
            not_done: Vec::new(),
        })
    }

    /// Opens a channel that runs `command`, on a terminal where that is wanted.
    pub(super) async fn shell(&self, command: String, terminal: bool) -> Result<Near, Refusal> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let reply = move |near| drop(sender.send(near));
        self.order(What::Shell { command, terminal }, Box::new(reply));
        receiver
            .await
            .unwrap_or_else(|_| Err(Refusal::Other(self.why())))
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
            Ok(near) => near.map(|near| near.talk).map_err(Refusal::of_tunnel),
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
            has_terminal: false,
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

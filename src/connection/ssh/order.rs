//! What the thread of a connection is asked for, and why it may refuse.

use ssh2::Channel;

use super::line::Near;

/// What the thread is asked for.
pub(super) enum Order {
    /// A channel.
    Open(Opening),
    /// End; the sender is dropped when that is done.
    Stop(Option<tokio::sync::oneshot::Sender<()>>),
}

/// A channel that is wanted.
pub(super) struct Opening {
    pub(super) what: What,
    /// The channel, once the server has opened it and while the command is being started.
    pub(super) channel: Option<Channel>,
    /// Whether the channel has got its terminal.
    pub(super) has_terminal: bool,
    pub(super) reply: Option<Reply>,
}

/// What a channel is for.
pub(super) enum What {
    /// A command on the host, with a terminal of its own or without.
    Shell { command: String, terminal: bool },
    /// A TCP connection from the host.
    Tunnel { host: String, port: u16 },
}

/// Who hears how it went.
pub(super) type Reply = Box<dyn FnOnce(Result<Near, Refusal>) + Send>;

/// Why there is no channel.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// The server opens no more of them on this connection.
    Full,
    /// Any other reason.
    Other(String),
}

impl Refusal {
    /// Why a server opened no channel.
    pub(super) fn of(error: &ssh2::Error) -> Refusal {
        match error.message() {
            // sshd says the first of both when `MaxSessions` are open.
            text if text.contains("connect failed") || text.contains("prohibited") => Refusal::Full,
            text if text.contains("resource shortage") => Refusal::Full,
            text => Refusal::Other(text.to_owned()),
        }
    }

    /// The words for a tunnel that there is not.
    pub(super) fn of_tunnel(self) -> String {
        match self {
            Refusal::Full => {
                "the last host on the way cannot connect to it, or allows no forwarding".to_owned()
            }
            Refusal::Other(why) => why,
        }
    }
}

//! ssh, by libssh2: one connection a host, one thread that drives it, one channel a shell.

mod clock;
mod connect;
mod drive;
mod gate;
mod hello;
mod host_key;
mod jump;
mod keys;
mod known_hosts;
mod line;
mod login;
mod options;
mod order;
mod owner;
mod pool;
mod question;
mod settings;
mod way;

use std::sync::Once;
use std::time::Duration;

use tokio::net::UnixStream;

use super::pipes::{Life, Pipes};
use super::{Lost, LostKind, Target};
use clock::{Ender, Watch, late};
use connect::Failure;
use gate::Gate;
use owner::{Owner, Refusal};

pub use hello::{Hello, Look};
pub use options::SSH_OPTIONS;
pub(super) use pool::Pool;

/// The first pause before another try; each further one is twice as long.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The first pause after a server dropped us.
const DROPPED_PAUSE: Duration = Duration::from_millis(300);

/// How often a server may drop us before it counts as unreachable.
const DROPS: u32 = 6;

/// Connects and logs in. What could not be reached is tried again, as often as the target says; a
/// server that hung up before it said anything is tried more gently.
///
/// # Errors
/// It could not be reached, is not the host it should be, or does not let us in.
async fn open(target: &Target) -> Result<Owner, Lost> {
    static ROOM_FOR_SOCKETS: Once = Once::new();
    ROOM_FOR_SOCKETS.call_once(raise_file_limit);
    let gate = Gate::of(target);
    let mut pause = PAUSE;
    let mut retries = target.retries;
    let mut drops = 0;
    loop {
        let place = gate.enter().await;
        let tried = once(target).await;
        drop(place);
        match tried {
            Err(Failure::Asks(question)) => asked(question).await?,
            Err(Failure::Dropped(_)) if drops < DROPS => {
                gate.narrow();
                tokio::time::sleep(jittered(DROPPED_PAUSE * 2_u32.pow(drops))).await;
                drops += 1;
            }
            Err(failure) => {
                let lost = failure.lost();
                if lost.kind != LostKind::Unreachable || retries == 0 {
                    return Err(lost);
                }
                retries -= 1;
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Ok(owner) => return Ok(owner),
        }
    }
}

/// Has the question about a host key answered; the next try finds the answer.
///
/// # Errors
/// The answer is no.
async fn asked(question: Box<question::Question>) -> Result<(), Lost> {
    let name = question.name.clone();
    let asking = tokio::task::spawn_blocking(move || question.ask());
    asking.await.unwrap_or_else(|error| {
        let message = format!("cannot connect to {name}: {error}");
        Err(Lost::new(LostKind::HostKey, message))
    })
}

/// Between half of a time and one and a half of it: those who were dropped together come apart.
fn jittered(time: Duration) -> Duration {
    use std::hash::{BuildHasher, Hasher};
    let random = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    time / 2 + time.mul_f64((random % 1024) as f64 / 1024.0)
}

async fn once(target: &Target) -> Result<Owner, Failure> {
    let own = target.clone();
    let watch = Watch::default();
    // However this ends, the thread finds its socket closed then.
    let _ender = Ender(watch.clone());
    let work = tokio::task::spawn_blocking(move || connect::connect(&own, &watch));
    // Names are looked up without a timeout; the thread may go on, we do not wait for it.
    let patience = target.timeout + Duration::from_millis(500);
    match tokio::time::timeout(patience, work).await {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => Err(Failure::Lost(Lost::new(
            LostKind::Unreachable,
            format!("cannot connect to {}: {error}", target.name),
        ))),
        Err(_) => Err(Failure::Lost(late(target))),
    }
}

/// What a channel runs.
pub(super) struct Command<'a> {
    /// The line for the login shell.
    pub(super) line: &'a str,
    /// What its relay says on stdout when the shell has ended.
    pub(super) gone: &'a str,
    /// Whether it gets a terminal.
    pub(super) terminal: bool,
}

/// Opens a shell in a channel of its own.
///
/// # Errors
/// The connection is gone, or the server opens no more channels.
async fn shell(owner: &Owner, target: &Target, command: &Command<'_>) -> Result<Pipes, Refusal> {
    let opening = owner.shell(command.line.to_owned(), command.terminal);
    let opened = tokio::time::timeout(target.timeout, opening).await;
    let late = |_| Err(Refusal::Other("the server did not answer".to_owned()));
    let near = opened.unwrap_or_else(late)?;
    let wrap = || -> std::io::Result<Pipes> {
        let (stdout, stdin) = UnixStream::from_std(near.talk)?.into_split();
        let errors = UnixStream::from_std(near.errors)?;
        Ok(Pipes::new(
            (Box::new(stdin), Box::new(stdout), Box::new(errors)),
            Life::Connection(owner.cause()),
            command.gone.to_owned(),
        ))
    };
    wrap().map_err(|error| Refusal::Other(error.to_string()))
}

/// A connection takes a handful of files, and many systems allow 1024 unless asked for more.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(65_536).min(65_536);
    if limit.current.is_some_and(|current| current < wanted) {
        let raised = Rlimit {
            current: Some(wanted),
            maximum: limit.maximum,
        };
        // Where this fails, fewer hosts are reached at once, and each says why.
        let _ = setrlimit(Resource::Nofile, raised);
    }
}

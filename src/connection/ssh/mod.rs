//! ssh, by libssh2: one connection a host, one thread that drives it, one channel a shell.

mod clock;
mod connect;
mod host_key;
mod jump;
mod keys;
mod known_hosts;
mod line;
mod login;
mod options;
mod owner;
mod settings;
mod way;

use std::sync::Arc;
use std::sync::Once;
use std::time::Duration;

use tokio::net::UnixStream;

use super::pipes::{Life, Pipes};
use super::{Lost, LostKind, Target};

pub(super) use owner::Owner;

/// The first pause before another try; each further one is twice as long.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Connects and logs in. What could not be reached is tried again, as often as the target says.
///
/// # Errors
/// It could not be reached, is not the host it should be, or does not let us in.
pub(super) async fn open(target: &Target) -> Result<Arc<Owner>, Lost> {
    static ROOM_FOR_SOCKETS: Once = Once::new();
    ROOM_FOR_SOCKETS.call_once(raise_file_limit);
    let mut pause = PAUSE;
    for _ in 0..target.retries {
        match once(target).await {
            Err(lost) if lost.kind == LostKind::Unreachable => {}
            result => return result,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    once(target).await
}

async fn once(target: &Target) -> Result<Arc<Owner>, Lost> {
    let own = target.clone();
    let work = tokio::task::spawn_blocking(move || connect::connect(&own, 0));
    // Names are looked up without a timeout; the thread may go on, we do not wait for it.
    let patience = target.timeout + Duration::from_secs(2);
    match tokio::time::timeout(patience, work).await {
        Ok(Ok(result)) => result.map(Arc::new),
        Ok(Err(error)) => Err(Lost::new(
            LostKind::Unreachable,
            format!("cannot connect to {}: {error}", target.name),
        )),
        Err(_) => Err(clock::Clock::start(target).over()),
    }
}

/// Opens a shell in a channel of its own.
///
/// # Errors
/// The connection is gone, or the server opens no more channels.
pub(super) async fn shell(owner: &Owner, target: &Target, command: String) -> Result<Pipes, Lost> {
    let opened = tokio::time::timeout(target.timeout, owner.shell(command)).await;
    let opened = opened.unwrap_or_else(|_| Err("the server did not answer".to_owned()));
    let pipes = opened.and_then(|near| {
        let wrap = || -> std::io::Result<Pipes> {
            let (stdout, stdin) = UnixStream::from_std(near.talk)?.into_split();
            Ok(Pipes::new(
                Box::new(stdin),
                Box::new(stdout),
                Box::new(UnixStream::from_std(near.errors)?),
                Life::Connection(owner.cause()),
            ))
        };
        wrap().map_err(|error| error.to_string())
    });
    pipes.map_err(|why| {
        let message = format!("cannot open a shell on {}: {why}", target.name);
        Lost::new(LostKind::Unreachable, message)
    })
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

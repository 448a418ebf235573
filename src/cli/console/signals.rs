//! Ctrl-C, TERM and HUP while a task of the console runs: what runs on the hosts is ended. After
//! Ctrl-C the console goes on.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::executor::Run;

/// How long ending what runs on the hosts may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a task came to.
pub enum Ended<T> {
    /// It is done.
    Done(T),
    /// It was interrupted, and the console goes on.
    Interrupted,
    /// The console is to leave with this exit code.
    Leave(u8),
}

/// Runs work of a run, and heeds signals meanwhile.
pub async fn heeding<T>(run: &Run, work: impl Future<Output = T>) -> Ended<T> {
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let [mut interrupt, mut terminate, mut hangup] = kinds.map(|kind| signal(kind).ok());
    let mut work = std::pin::pin!(work);
    let code = tokio::select! {
        done = &mut work => return Ended::Done(done),
        () = received(&mut interrupt) => 99,
        () = received(&mut terminate) => 143,
        () = received(&mut hangup) => 129,
    };
    run.stopping.cut(code);
    // A second Ctrl-C does not wait.
    tokio::select! {
        _ = tokio::time::timeout(PATIENCE, &mut work) => (),
        () = received(&mut interrupt) => (),
    }
    match code {
        99 => Ended::Interrupted,
        code => Ended::Leave(code),
    }
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

//! Ctrl-C, TERM and HUP.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::terminal;
use crate::connection::is_ignored;
use crate::error::Error;
use crate::executor::{Means, Run};

/// How long ending what runs on the hosts may take; then the process ends, whoever still waits.
const PATIENCE: Duration = Duration::from_secs(15);

/// The exit codes: Ctrl-C as the reference's, the others as a shell tells them.
const INTERRUPT: u8 = 99;
const HANGUP: u8 = 129;
const TERMINATE: u8 = 143;

/// Listens from now on. Ctrl-C once: running tasks are finished. Ctrl-C twice, TERM, HUP: they are
/// stopped on the hosts. Once more: the end, whatever is still to be done.
///
/// It has a thread of its own: those of the run may all wait for somebody who hangs.
pub fn listen(means: &Arc<Means>, began: Instant) {
    let means = Arc::clone(means);
    let (ready, listens) = std::sync::mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().name("signals".to_owned());
    let started = thread.spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else {
            return;
        };
        runtime.block_on(async {
            let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
            let [Ok(interrupt), Ok(terminate)] = kinds.map(signal) else {
                return;
            };
            // `nohup` says that HUP is to be ignored: it stays so.
            let hangup = match is_ignored(1) {
                true => None,
                false => signal(SignalKind::hangup()).ok(),
            };
            let _ = ready.send(());
            obey((interrupt, terminate, hangup), &means, began).await;
        });
    });
    if started.is_ok() {
        let _ = listens.recv();
    }
}

async fn obey(signals: (Signal, Signal, Option<Signal>), means: &Arc<Means>, began: Instant) {
    let (mut interrupt, mut terminate, mut hangup) = signals;
    let run = &means.run;
    let mut asked = false;
    let code = loop {
        tokio::select! {
            _ = interrupt.recv() => {
                if asked {
                    break INTERRUPT;
                }
                if run.person.interrupt() {
                    continue;
                }
                asked = true;
                announce(run);
            }
            _ = terminate.recv() => break TERMINATE,
            () = received(&mut hangup) => break HANGUP,
        }
    };
    run.stopping.cut(code);
    run.house.python.stop(true);
    run.person.abandon();
    let said = async {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
            () = received(&mut hangup) => (),
        }
    };
    let _ = tokio::time::timeout(PATIENCE, said).await;
    means.tell_recap(began);
    std::process::exit(i32::from(code));
}

fn announce(run: &Run) {
    run.stopping.finish();
    run.house.python.stop(false);
    terminal::print_warning(&Error::input(
        "interrupted: waiting for running tasks to finish (press Ctrl-C again to stop them)",
    ));
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

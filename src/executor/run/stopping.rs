//! How a run is asked to end before it is done.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::report::Cut;

/// The exit code of a run that was interrupted by Ctrl-C.
const INTERRUPTED: u8 = 99;

/// How far a run was asked to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Not at all.
    #[default]
    No,
    /// What runs is finished, nothing new begins.
    Finish,
    /// What runs is ended on the hosts; the run leaves with this exit code.
    Cut(u8),
}

/// Whether a run goes on.
pub struct Stopping {
    stage: watch::Sender<Stage>,
    cuts: Mutex<Vec<Cut>>,
}

impl Default for Stopping {
    fn default() -> Self {
        Stopping {
            stage: watch::Sender::new(Stage::No),
            cuts: Mutex::default(),
        }
    }
}

impl Stopping {
    /// Asks the run to end: what runs is finished, nothing new begins.
    pub fn finish(&self) {
        self.raise(Stage::Finish);
    }

    /// Asks the run to end at once, and to leave with an exit code: what runs is ended on the hosts.
    pub fn cut(&self, code: u8) {
        self.raise(Stage::Cut(code));
    }

    fn raise(&self, to: Stage) {
        self.stage.send_if_modified(|stage| {
            // The first reason to stop at once stands.
            let raises = *stage < to && !matches!(stage, Stage::Cut(_));
            if raises {
                *stage = to;
            }
            raises
        });
    }

    /// Says whether the run was asked to end.
    pub fn is_asked(&self) -> bool {
        *self.stage.borrow() != Stage::No
    }

    /// The exit code of a run that was asked to end.
    pub fn code(&self) -> u8 {
        match *self.stage.borrow() {
            Stage::Cut(code) => code,
            Stage::No | Stage::Finish => INTERRUPTED,
        }
    }

    /// Waits until what runs is to be ended.
    pub async fn until_cut(&self) {
        self.until(|stage| matches!(stage, Stage::Cut(_))).await;
    }

    /// Waits so long, but not longer than the run goes on.
    pub async fn sleep(&self, time: Duration) {
        let asked = self.until(|stage| *stage != Stage::No);
        let _ = tokio::time::timeout(time, asked).await;
    }

    async fn until(&self, reached: impl FnMut(&Stage) -> bool) {
        let mut stage = self.stage.subscribe();
        // The sender is our own: it is not gone.
        let _ = stage.wait_for(reached).await;
    }

    /// Notes a task that was ended on a host before it was done.
    pub fn note(&self, host: &Arc<str>, task: &str, ended: bool) {
        let cut = Cut {
            host: Arc::clone(host),
            task: task.to_owned(),
            ended,
        };
        let mut cuts = self.lock();
        if !cuts.contains(&cut) {
            cuts.push(cut);
        }
    }

    /// The tasks that were ended before they were done, by host.
    pub fn cuts(&self) -> Vec<Cut> {
        let mut cuts = self.lock().clone();
        cuts.sort_by(|one, other| one.host.cmp(&other.host));
        cuts
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Cut>> {
        self.cuts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Stopping;

    #[tokio::test]
    async fn the_first_reason_to_stop_at_once_stands() {
        let stopping = Stopping::default();
        assert!(!stopping.is_asked());
        stopping.finish();
        assert!(stopping.is_asked());
        assert_eq!(stopping.code(), 99);
        let began = Instant::now();
        stopping.sleep(Duration::from_secs(60)).await;
        stopping.cut(143);
        stopping.cut(129);
        stopping.finish();
        stopping.until_cut().await;
        assert_eq!(stopping.code(), 143);
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

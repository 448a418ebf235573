//! How long a question to Python is waited for: not beyond the end of the run, nor beyond the time
//! of the task that asks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::error::Error;

/// How often somebody who waits looks up.
const TURN: Duration = Duration::from_millis(50);

/// How long a question may take after the run was asked to end: what is under way may be finished.
const GRACE: Duration = Duration::from_secs(5);

/// The same where what runs is to be stopped at once.
const CUT_GRACE: Duration = Duration::from_millis(500);

/// Whether the run goes on, as those know who wait for Python.
#[derive(Debug, Default)]
pub struct Halt {
    asked: OnceLock<Instant>,
    cut: AtomicBool,
}

/// Why nothing was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Whoever would answer is gone.
    Gone,
    /// The run is to end.
    Stopped,
    /// It took longer than this.
    Late(Duration),
}

impl Halt {
    /// The run is to end; with `cut`, at once.
    pub fn stop(&self, cut: bool) {
        self.asked.get_or_init(Instant::now);
        self.cut.fetch_or(cut, Ordering::AcqRel);
    }

    /// Waits for what comes, no longer than `limit`.
    ///
    /// # Errors
    /// Nothing came.
    pub fn wait<T>(&self, heard: &Receiver<T>, limit: Option<Duration>) -> Result<T, Silence> {
        let began = Instant::now();
        let until = UNTIL.try_with(Arc::clone).ok();
        loop {
            match heard.recv_timeout(TURN) {
                Ok(came) => return Ok(came),
                Err(RecvTimeoutError::Disconnected) => return Err(Silence::Gone),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.is_over(began) {
                return Err(Silence::Stopped);
            }
            if let Some(late) = until.as_ref().and_then(|until| until.passed()) {
                return Err(Silence::Late(late));
            }
            if let Some(limit) = limit.filter(|limit| began.elapsed() >= *limit) {
                return Err(Silence::Late(limit));
            }
        }
    }

    /// Whether a question that was asked then is to be given up.
    fn is_over(&self, began: Instant) -> bool {
        let Some(asked) = self.asked.get() else {
            return false;
        };
        match self.cut.load(Ordering::Acquire) {
            true => began.elapsed() >= CUT_GRACE,
            false => began.max(*asked).elapsed() >= GRACE,
        }
    }
}

impl Silence {
    /// The error that says so of `what`; `gone` is the one for a process that ended.
    pub fn error(self, what: &str, gone: impl FnOnce() -> Error) -> Error {
        match self {
            Silence::Gone => gone(),
            Silence::Stopped => Error::template(format!("interrupted: {what} was stopped")),
            Silence::Late(limit) => Error::template(format!(
                "{what} did not answer within {} s: it was stopped",
                limit.as_secs_f64()
            )),
        }
    }
}

tokio::task_local! {
    static UNTIL: Arc<Until>;
}

/// The end of a task's time.
struct Until {
    at: Instant,
    limit: Duration,
    passed: AtomicBool,
}

impl Until {
    fn passed(&self) -> Option<Duration> {
        let passed = Instant::now() >= self.at;
        self.passed.fetch_or(passed, Ordering::AcqRel);
        passed.then_some(self.limit)
    }
}

/// Does `work`, whose questions to Python end with a task's time (`timeout`). Gives what came of it,
/// and whether a question was given up for that.
pub async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> (T, bool) {
    let at = limit.and_then(|limit| Instant::now().checked_add(limit));
    let (Some(limit), Some(at)) = (limit, at) else {
        return (work.await, false);
    };
    let passed = AtomicBool::new(false);
    let until = Arc::new(Until { at, limit, passed });
    let done = UNTIL.scope(Arc::clone(&until), work).await;
    (done, until.passed.load(Ordering::Acquire))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::{Halt, Silence, within};

    #[test]
    fn what_comes_is_heard_and_a_silence_ends_with_the_limit() {
        let (sender, heard) = mpsc::channel();
        sender.send(1).unwrap();
        let halt = Halt::default();
        assert_eq!(halt.wait(&heard, None), Ok(1));
        let limit = Duration::from_millis(60);
        assert_eq!(halt.wait(&heard, Some(limit)), Err(Silence::Late(limit)));
        drop(sender);
        assert_eq!(halt.wait(&heard, None), Err(Silence::Gone));
    }

    #[test]
    fn a_run_that_is_cut_waits_for_nobody() {
        let (_sender, heard) = mpsc::channel::<()>();
        let halt = Halt::default();
        halt.stop(false);
        halt.stop(true);
        let began = Instant::now();
        assert_eq!(halt.wait(&heard, None), Err(Silence::Stopped));
        assert!(began.elapsed() < Duration::from_secs(3));
    }

    #[tokio::test]
    async fn a_question_ends_with_the_time_of_its_task() {
        let (_sender, heard) = mpsc::channel::<()>();
        let halt = Halt::default();
        let limit = Duration::from_millis(80);
        let (said, late) = within(Some(limit), async { halt.wait(&heard, None) }).await;
        assert_eq!((said, late), (Err(Silence::Late(limit)), true));
        let (_, late) = within(Some(limit), async {}).await;
        assert!(!late);
    }
}

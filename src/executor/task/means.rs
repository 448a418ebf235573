//! What tasks are done with.

use std::sync::Arc;
use std::time::Instant;

use super::jobs::Jobs;
use crate::executor::run::Run;
use crate::executor::wire::Links;
use crate::report::{Event, Recap};
use std::sync::atomic::{AtomicBool, Ordering};

/// A run with its connections and the tasks that go on in the background.
pub struct Means {
    /// The run.
    pub run: Arc<Run>,
    /// The connections.
    pub links: Arc<Links>,
    /// The tasks that run in the background, by their job ids.
    pub jobs: Jobs,
    told: AtomicBool,
}

impl Means {
    /// The means of a run that is about to begin.
    pub fn new(run: &Arc<Run>) -> Arc<Self> {
        Arc::new(Means {
            run: Arc::clone(run),
            links: Arc::default(),
            jobs: Jobs::default(),
            told: AtomicBool::new(false),
        })
    }

    /// The means of another run over the same connections.
    pub fn again(&self, run: Run) -> Arc<Self> {
        Arc::new(Means {
            run: Arc::new(run),
            links: Arc::clone(&self.links),
            jobs: Jobs::default(),
            told: AtomicBool::new(false),
        })
    }

    /// Waits for what runs in the background, tells the recap and closes every connection.
    pub async fn finish(&self, began: Instant) {
        self.jobs.wait().await;
        self.tell_recap(began);
        self.close().await;
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.run.house.python.close().await;
        self.links.close().await;
    }

    /// Tells the recap, once.
    pub fn tell_recap(&self, began: Instant) {
        if self.told.swap(true, Ordering::SeqCst) {
            return;
        }
        self.run.tell(Event::Finished(Arc::new(self.recap(began))));
    }

    /// Tells the numbers of the playbooks so far, after one that another follows.
    pub fn tell_playbook_done(&self, began: Instant) {
        self.run
            .tell(Event::PlaybookDone(Arc::new(self.recap(began))));
    }

    fn recap(&self, began: Instant) -> Recap {
        Recap {
            hosts: self.run.counts(),
            stats: self.run.stats().to_map(),
            duration: began.elapsed(),
            interrupted: self.run.is_interrupted() && self.run.aborted().is_none(),
            cut: self.run.stopping.cuts(),
        }
    }
}

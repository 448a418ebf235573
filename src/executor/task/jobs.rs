//! Tasks that go on from here in the background.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;

use crate::connection::Lost;
use crate::error::Result;
use crate::executor::wire::Walk;
use crate::modules::{Step, async_status};
use crate::outcome::Outcome;

/// The tasks that go on from here.
#[derive(Default)]
pub struct Jobs {
    running: Mutex<HashMap<String, Option<JoinHandle<()>>>>,
    done: Arc<Mutex<HashMap<String, Outcome>>>,
}

impl Jobs {
    /// Waits for every task that goes on from here.
    pub async fn wait(&self) {
        let handles: Vec<JoinHandle<()>> = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.values_mut().filter_map(Option::take).collect()
        };
        for handle in handles {
            let _ = handle.await;
        }
    }

    /// Begins to take a task's steps.
    pub fn start(&self, job: &str, walk: Walk, first: Result<Step>) {
        let done = Arc::clone(&self.done);
        let name = job.to_owned();
        let handle = tokio::spawn(async move {
            let outcome = walk.take(first).await.unwrap_or_else(|lost| of_lost(&lost));
            done.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(name, outcome);
        });
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(job.to_owned(), Some(handle));
    }

    /// The state of a task that goes on from here; nothing for one that does not.
    pub fn state(&self, job: &str) -> Option<Outcome> {
        let known = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(job);
        if !known {
            return None;
        }
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match done.get(job) {
            Some(outcome) => async_status::said(marked(outcome.clone(), job, true)),
            None => async_status::said(marked(Outcome::ok(), job, false)),
        })
    }
}

fn of_lost(lost: &Lost) -> Outcome {
    match lost.is_unreachable() {
        true => Outcome::unreachable(lost.to_string()),
        false => Outcome::failed(lost.to_string()),
    }
}

/// An outcome with what is said of a job.
pub fn marked(outcome: Outcome, job: &str, finished: bool) -> Outcome {
    outcome
        .with("ansible_job_id", job)
        .with("started", true)
        .with("finished", finished)
        .with("results_file", format!("~/.ansible_async/{job}"))
}

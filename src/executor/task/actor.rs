//! A host as its tasks know it.

use std::sync::Arc;

use super::means::Means;
use crate::executor::run::Run;
use crate::playbook::Task;
use crate::report::Event;
use crate::vars::{Frame, Here, HostState, PlayState, TaskScope};

/// A host that does tasks of a play, and what it does them with.
pub struct Actor {
    /// The run, its connections and background jobs.
    pub means: Arc<Means>,
    /// The play.
    pub play: Arc<PlayState>,
    /// What the host has gathered.
    pub host: Arc<HostState>,
    /// How many hosts its batch began with.
    pub batch_size: usize,
}

impl Actor {
    /// The run.
    pub fn run(&self) -> &Arc<Run> {
        &self.means.run
    }

    /// Tells an event.
    pub fn tell(&self, event: Event) {
        self.run().tell(event);
    }

    /// The names as a task under `frame` sees them.
    pub fn names(&self, frame: &Arc<Frame>, task: Option<&Task>) -> TaskScope {
        TaskScope {
            store: Arc::clone(&self.run().store),
            play: Some(Arc::clone(&self.play)),
            host: Arc::clone(&self.host),
            frame: Some(Arc::clone(frame)),
            locals: Arc::default(),
            here: Here {
                file: task.map(|task| task.place.path().to_owned()),
                action: task.map(|task| task.action.name.clone()),
            },
        }
    }
}

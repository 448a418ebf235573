//! Results that an earlier run has kept, and results that are kept for a later one.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::job::{Attempted, Job};
use super::perform::Done;
use crate::memory::{Kept, Part};
use crate::value::Value;

impl From<Attempted> for Part {
    fn from(attempted: Attempted) -> Part {
        Part {
            outcome: attempted.outcome,
            ignored: attempted.ignored,
            exhausted: attempted.exhausted,
            hidden: attempted.hidden,
            facts_for: attempted.facts_for,
        }
    }
}

impl From<Part> for Attempted {
    fn from(part: Part) -> Attempted {
        Attempted {
            outcome: part.outcome,
            ignored: part.ignored,
            delegated: None,
            facts_for: part.facts_for,
            hidden: part.hidden,
            exhausted: part.exhausted,
        }
    }
}

impl Job<'_> {
    /// What an earlier run keeps of an item of the loop.
    pub(super) fn recalled_item(&self, number: usize, item: &Value) -> Option<Attempted> {
        let kept = self
            .actor
            .run()
            .memory()?
            .recall(&self.key?.item(number, item))?;
        kept.parts.into_iter().next().map(Attempted::from)
    }

    /// Keeps what came out of an item: the loop may be ended half done. One that failed is done
    /// again.
    pub(super) fn keep_item(
        &self,
        number: usize,
        item: &Value,
        attempted: &Attempted,
        reads: BTreeSet<PathBuf>,
    ) {
        let (Some(memory), Some(key)) = (self.actor.run().memory(), self.key) else {
            return;
        };
        let outcome = &attempted.outcome;
        if (outcome.failed || outcome.unreachable) && !attempted.ignored {
            return;
        }
        let key = key.item(number, item);
        if attempted.hidden || self.info.no_log {
            return memory.hide(&key);
        }
        let kept = Kept {
            status: attempted.status(),
            looped: false,
            parts: vec![attempted.as_part()],
            reads,
        };
        memory.keep(&key, &kept);
    }
}

impl Attempted {
    fn as_part(&self) -> Part {
        Part {
            outcome: self.outcome.clone(),
            ignored: self.ignored,
            exhausted: self.exhausted,
            hidden: self.hidden,
            facts_for: self.facts_for.clone(),
        }
    }
}

impl Done {
    /// What is kept of it.
    pub fn to_kept(&self, reads: BTreeSet<PathBuf>) -> Kept {
        Kept {
            status: self.status,
            looped: self.looped,
            parts: self.parts.clone(),
            reads,
        }
    }

    /// A task that an earlier run has done.
    pub fn of_kept(kept: Kept) -> Option<Done> {
        let status = kept.status;
        let mut all: Vec<Attempted> = kept.parts.into_iter().map(Attempted::from).collect();
        if kept.looped {
            let results = all.iter().map(Attempted::value).collect();
            let (done, _) = Done::of_loop(results, all);
            return Some(Done { status, ..done });
        }
        let attempted = all.pop()?;
        Some(Done {
            value: attempted.value(),
            outcome: attempted.outcome.clone(),
            status,
            parts: vec![Part::from(attempted)],
            looped: false,
            whole: true,
        })
    }
}

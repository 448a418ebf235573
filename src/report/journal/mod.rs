//! The journal: what every run leaves behind, in a folder of its own below the state directory.
//!
//! [`Journal`] listens to a run and writes, [`Runs`] is the folder of all of them, [`Record`] is one
//! that is read. A journal must never cost the run: where it cannot be written, there is one warning.

mod id;
mod record;
mod runs;
#[cfg(test)]
mod tests;
mod writer;

pub use id::new_id;
pub use record::{End, Record, Summary};
pub use runs::{Limits, Pruned, Runs, Spares};
pub use writer::Journal;

/// The name of the file with the events in a run's folder.
const FILE: &str = "events.jsonl";

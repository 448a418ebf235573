//! A run as lines of JSON, and lines of JSON as a run.
//!
//! [`Recorder`] makes a [`Line`] of every event, [`Replay`] makes events of lines again, so that
//! whoever listens to a run can listen to one of last week. `--output json` and the journal are
//! both this.

mod json;
mod line;
mod recorder;
mod replay;
mod result_line;
#[cfg(test)]
mod tests;

pub(super) use json::cut as shortened;
pub use line::{
    AsyncPolled, Body, ErrorLine, Finished, HostStarted, IncludedLine, Line, Note, Nothing,
    Notified, Output, PlaceLine, PlayLine, PlaybookLine, RunEnded, RunLine, SCHEMA, TaskLine,
    TaskStarted,
};
pub use recorder::{Detail, Recorder};
pub use replay::Replay;
pub use result_line::{DiffLine, ResultLine};

//! The line of a result: what came out of a task on a host.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::report::event::Status;

/// What came out of a task, or of one item, on a host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResultLine {
    /// The task.
    pub task: u32,
    /// Its name, for those who read line by line.
    pub name: String,
    /// The host.
    pub host: String,
    /// The host it was done on instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegated: Option<String>,
    /// How the item is shown, for one item of a loop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// How it ended.
    pub status: Status,
    /// Something is different now, or would be.
    #[serde(default, skip_serializing_if = "is_false")]
    pub changed: bool,
    /// The task did not do what it was asked to.
    #[serde(default, skip_serializing_if = "is_false")]
    pub failed: bool,
    /// Nothing was done on purpose.
    #[serde(default, skip_serializing_if = "is_false")]
    pub skipped: bool,
    /// The host could not be reached.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unreachable: bool,
    /// Whether the results of the items were told before: this is the whole of a loop.
    #[serde(default, skip_serializing_if = "is_false", rename = "loop")]
    pub of_loop: bool,
    /// Whether the result is hidden.
    #[serde(default, skip_serializing_if = "is_false")]
    pub no_log: bool,
    /// Whether the result is shown without `-v`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shown: bool,
    /// How long it took, in seconds: connecting, waiting for a free place and work.
    pub seconds: f64,
    /// How long the host waited before it began: for other hosts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait: f64,
    /// How much of `seconds` was connecting.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub connect: f64,
    /// How many tries are left, where the task is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
    /// Why it failed, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What to do about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The module's keys: `rc`, `stdout`, `msg`, …
    pub data: Box<RawValue>,
    /// The facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Box<RawValue>>,
    /// What differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diff: Vec<DiffLine>,
    /// What the user should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

fn is_zero(seconds: &f64) -> bool {
    *seconds == 0.0
}

/// One difference.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffLine {
    /// Two texts.
    Text {
        /// The text before.
        before: String,
        /// The text after.
        after: String,
        /// The name over the text before.
        before_header: String,
        /// The name over the text after.
        after_header: String,
    },
    /// A text that is a diff already.
    Prepared(String),
    /// Why no diff is shown.
    Omitted(String),
}

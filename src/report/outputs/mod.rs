//! What `--output` chooses, and the files beside it.

mod dense;
mod github;
mod gitlab;
mod junit;
mod lines;
mod log;
mod metrics;
mod plan;
mod quiet;
#[cfg(test)]
mod tests;
mod xml;

pub use dense::Dense;
pub use github::Github;
pub use gitlab::Gitlab;
pub use junit::Junit;
pub use lines::Lines;
pub use log::{Log, Logged, Loudness};
pub use metrics::Metrics;
pub use plan::Plan;
pub use quiet::Quiet;

pub(super) use xml::{attribute, text as xml_text};

//! Plays: which hosts, in which batches, with which variables; and what can be seen of them without
//! a run.

mod argspec;
mod batches;
pub mod check;
pub mod doubts;
mod files;
mod host;
mod hosts;
mod inside;
mod listing;
pub mod missing;
mod names;
mod opening;
pub mod plugins;
mod prompt;
mod scope_of;
mod serial;
mod strategy;

pub use batches::{End, run};
pub use hosts::match_hosts;
pub use inside::{Inside, definitions_inside};
pub use listing::Listing;
pub use names::folder_of;
pub use scope_of::scope_in_play;

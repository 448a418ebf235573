//! One host on its way through a play: plain recursion over the tree of tasks, in step with the
//! other hosts of its batch.

mod batch;
pub mod check;
mod debugger;
mod ending;
pub mod glob;
mod handlers;
mod include;
mod meta;
pub mod notify;
mod ordinary;
mod own_task;
mod position;
mod recall;
mod roles;
mod shared;
mod start;
mod tree;
mod turnstile;
mod walker;

pub use batch::Batch;
pub use meta::ACTIONS as META_ACTIONS;
pub use own_task::own_task;
pub use position::Position;
pub use turnstile::Stop;
pub use walker::{Flow, Walker, Way};

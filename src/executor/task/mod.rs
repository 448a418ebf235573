//! One task on one host: its loop, its conditions, its arguments, its module, what is thought of the
//! result, what it leaves behind and what is told of it.

mod actor;
mod argument_spec;
mod arguments;
mod assertion;
mod attempt;
mod background;
mod broken;
mod conditions;
mod defaults;
mod explain;
mod fact_modules;
mod include_vars;
mod invocation;
mod job;
mod jobs;
mod judge;
mod keep;
mod language;
pub mod loops;
mod means;
mod module;
mod name;
mod perform;
mod place;
mod planned;
mod projection;
mod recall;
mod retry;
mod telling;

pub use actor::Actor;
pub use defaults::check as check_defaults;
pub use job::{Attempted, Job};
pub use loops::not_a_list;
pub use means::Means;
pub use name::listed_name;
pub use perform::Done;

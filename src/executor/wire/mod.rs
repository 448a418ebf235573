//! A module's steps, taken over shells: where a host is, who the shell belongs to, what is sent.

mod aftermath;
pub mod custom;
mod doctor;
mod files;
mod lines;
mod links;
mod prompt;
mod python;
mod steps;
mod target;
mod template_file;
mod way;

pub use aftermath::Question;
pub use doctor::{Found, examine};
pub use links::Links;
pub use steps::{Background, Taken, Walk};
pub use target::{VARIABLES, become_user, is_connection, no_connection, target};

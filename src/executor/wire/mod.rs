//! A module's steps, taken over shells: where a host is, who the shell belongs to, what is sent.

pub mod custom;
mod files;
mod links;
mod python;
mod steps;
mod target;
mod template_file;

pub use links::Links;
pub use steps::{Taken, Walk};
pub use target::{VARIABLES, become_user, target};

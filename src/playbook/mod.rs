//! The language as data with places: play, block, task, role, handler.
//!
//! The [`Loader`] reads files into [`Play`]s, imports included. Nothing here runs, renders or
//! knows a module; what a name is and what a file holds comes through [`World`].

mod action;
mod block;
mod find;
mod import;
pub mod keyword;
mod keywords;
mod loader;
pub mod loop_control;
pub mod names;
mod play;
mod role;
mod role_loader;
mod split;
mod task;

pub use action::{Action, FREE_TEXT, Form, form_of, is_whole_template, short_name};
pub use block::{Block, Node, Origin};
pub use find::{Paths, Standpoint, similar_file, tidy};
pub use import::is_import as imports_playbook;
pub use keywords::{
    Entry, Keywords, bad_throttle, kind_name, misfit, number, tag_parts, throttle, truth,
    unconvertible,
};
pub use loader::{Gathered, Loader, World, names_nothing};
pub use names::is_variable_name;
pub use play::{Around, Play};
pub use role::{From, Role, RoleUse};
pub use role_loader::{UseOptions, role_block};
pub use split::{Line, parse as parse_line, unquote, words as split_words};
pub use task::{Repeat, Task, read_vars};

#[cfg(test)]
mod tests;

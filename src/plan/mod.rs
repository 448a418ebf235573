//! What a plan says: for each task of each host what was seen there and what would change, and what
//! cannot be known before other tasks are done. A plan is made in check mode, kept in a file, and
//! applied: a host that is not as the plan saw it is left alone.

mod book;
mod entry;
mod file;
#[cfg(test)]
mod tests;

pub use book::Book;
pub use entry::Entry;
pub use file::Command;

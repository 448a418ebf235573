//! How a value becomes shell text and a reply becomes values.
//!
//! The text of a program is constant ([`Fragment`]); values reach it as quoted assignments
//! ([`Script`]); nothing is pasted into code. What the host prints comes back as a [`Reply`]: raw
//! output, and named answers set off by a mark that no output can guess.

mod bytes;
mod quote;
mod reply;
mod script;

pub use bytes::{bytes_of, text_of};
pub use quote::{Word, quote, quote_path};
pub use reply::{Reply, ReplyReader, Stream};
pub use script::{Fragment, PRELUDE, Script};

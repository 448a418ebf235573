//! The tests that look at the whole from outside: one binary, a module a subject.

mod api;
mod called;
mod cli;
mod completions;
mod console;
mod docs;
mod facts;
mod faults;
mod galaxy;
mod layers;
mod live;
mod mistakes;
mod names;
mod parity;
mod pull;
mod record;
mod scratch;
mod security;
mod strangers;
mod vault;

//! The tests that look at the whole from outside: one binary, a module a subject.

mod cli;
mod docs;
mod facts;
mod layers;
mod parity;
mod record;
mod security;
mod strangers;
mod vault;

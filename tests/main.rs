//! The tests that look at the whole from outside: one binary, a module a subject.

mod docs;
mod layers;

//! The lookups: what a template may ask of the world outside of it.

use super::Lookup;

/// The lookup called `name`, short or with its collection.
pub fn find(_name: &str) -> Option<Lookup> {
    None
}

/// The names of all lookups, those of collections in full.
pub fn names() -> impl Iterator<Item = &'static str> {
    std::iter::empty()
}

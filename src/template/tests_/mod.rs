//! The tests: `is defined`, `is version(…)`, `is changed` and their kin.
//!
//! As with filters, an undefined subject is refused with its own error, but for the tests that
//! look at it.

mod addresses;
mod compare;
mod files;
mod general;
mod results;
mod text;
mod types;
mod version;

pub(super) use version::loose;
pub use version::pep440;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::filters::short;
use super::{Runtime, Test};
use crate::error::Result;
use crate::value::Value;

/// One room's tests by their names.
type Table = &'static [(&'static str, Test)];

const TABLES: &[Table] = &[
    addresses::TESTS,
    compare::TESTS,
    files::TESTS,
    general::TESTS,
    results::TESTS,
    text::TESTS,
    types::TESTS,
    version::TESTS,
];

static TESTS: LazyLock<HashMap<&'static str, Test>> = LazyLock::new(|| {
    TABLES
        .iter()
        .flat_map(|table| table.iter().copied())
        .collect()
});

/// The test called `name`, short or with its collection.
pub fn find(name: &str) -> Option<Test> {
    TESTS.get(short(name)).copied()
}

/// The names of all tests, those of collections in full.
pub fn names() -> impl Iterator<Item = &'static str> {
    TESTS.keys().copied()
}

/// What a loop over the value gives, with nothing lazy or undefined in it.
fn plain_items(runtime: &dyn Runtime, value: &Value) -> Result<Vec<Value>> {
    let items = runtime.items(value)?;
    items.iter().map(|item| runtime.plain(item)).collect()
}

/// The truth of an item, which must be defined.
fn truth(item: &Value) -> Result<bool> {
    match item {
        Value::Undefined(undefined) => Err(undefined.error.clone()),
        item => Ok(item.is_true()),
    }
}

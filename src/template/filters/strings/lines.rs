//! Lines of a text that a template holds.

use super::super::super::bounds;
use crate::error::Result;
use crate::value;

/// The lines without their ends, as Python's `str.splitlines` finds them.
///
/// # Errors
/// There are too many.
pub(in crate::template) fn split_lines(text: &str) -> Result<Vec<&str>> {
    bounds::collected(value::lines(text))
}

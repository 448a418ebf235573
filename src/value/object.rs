//! Values that live only while a template runs, and the mark of the undefined.

use std::any::Any;
use std::fmt;

use super::Value;
use crate::error::Error;

/// Something a template can hold that is not data: a macro, a loop, a lazy value.
///
/// The template room makes and reads these; a value that leaves a template has none left.
pub trait Object: Any + Send + Sync + fmt::Debug {
    /// The name Python's `type()` would give.
    fn type_name(&self) -> &'static str;

    /// The way back to the concrete type.
    fn as_any(&self) -> &dyn Any;

    /// Takes out the values that it holds, because it is being dropped: deep towers are taken
    /// down one container after the other.
    fn empty_into(&mut self, _waiting: &mut Vec<Value>) {}
}

/// Why a value is undefined: the error that its use raises.
#[derive(Clone, Debug)]
pub struct Undefined {
    /// The error; its kind is [`crate::error::Kind::Undefined`] for what nobody defined, and
    /// another where a nested template failed.
    pub error: Error,
}

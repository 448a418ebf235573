//! What a filter, a test or a lookup may ask of the template that calls it.

use std::sync::Arc;

use super::{Args, FileOptions, Scope};
use crate::error::{Result, Source};
use crate::value::{Map, Value};

/// A filter: the subject is the first positional argument.
pub type Filter = fn(&dyn Runtime, Args) -> Result<Value>;

/// A test: the subject is the first positional argument.
pub type Test = fn(&dyn Runtime, Args) -> Result<bool>;

/// A lookup: its terms, and its options by name; it gives the list of its answers.
pub type Lookup = fn(&dyn Runtime, Vec<Value>, Map) -> Result<Vec<Value>>;

/// The running template, as filters, tests, lookups and functions see it.
///
/// Values may be lazy (rendered when first looked at). Arguments arrive resolved at the top;
/// what lies inside a container is reached through [`items`](Runtime::items),
/// [`item`](Runtime::item) and [`attribute`](Runtime::attribute), which resolve it, or all at once
/// through [`plain`](Runtime::plain).
pub trait Runtime {
    /// What the names mean here.
    fn scope(&self) -> &Arc<dyn Scope>;

    /// The value with its outermost laziness gone. An undefined value stays one.
    fn resolve(&self, value: &Value) -> Result<Value>;

    /// The value with no laziness at any depth.
    ///
    /// # Errors
    /// Something in it is undefined or cannot be rendered.
    fn plain(&self, value: &Value) -> Result<Value>;

    /// What Python's `for x in value` gives: items, characters, a dictionary's keys; each resolved.
    ///
    /// # Errors
    /// The value is undefined or cannot be iterated.
    fn items(&self, value: &Value) -> Result<Vec<Value>>;

    /// Jinja's `value.name`: an attribute, else an item, else undefined; resolved.
    fn attribute(&self, value: &Value, name: &str) -> Result<Value>;

    /// Jinja's `value[key]`: an item, else an attribute, else undefined; resolved.
    fn item(&self, value: &Value, key: &Value) -> Result<Value>;

    /// `str(value)` as a template prints it. An undefined value is an error.
    fn text(&self, value: &Value) -> Result<String>;

    /// Calls a filter by its name, short or with its collection.
    fn filter(&self, name: &str, args: Args) -> Result<Value>;

    /// Calls a test by its name, short or with its collection.
    fn test(&self, name: &str, args: Args) -> Result<bool>;

    /// Calls a lookup by its name and gives the list of its answers.
    fn lookup(&self, name: &str, terms: Vec<Value>, options: Map) -> Result<Vec<Value>>;

    /// Renders a template text of the user's in this scope, with `extra` names on top.
    fn render(&self, text: &crate::value::Str, extra: &Map) -> Result<Value>;

    /// Renders a template file in this scope, with `extra` names on top. The first line may hold
    /// options; what it includes is looked for on the search path and beside it.
    fn render_file(
        &self,
        source: &Arc<Source>,
        options: &FileOptions,
        extra: &Map,
    ) -> Result<Value>;

    /// A variable's value, rendered; nothing where nobody defined it.
    fn variable(&self, name: &str) -> Result<Option<Value>>;

    /// Counts bytes that a filter or a lookup takes; refuses them where the whole template has had
    /// its share of memory.
    fn charge(&self, bytes: u64) -> Result<()>;

    /// Says something the user should know, once.
    fn warn(&self, message: String);
}

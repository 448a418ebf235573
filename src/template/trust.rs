//! Text that looks like a template and is none, because it is not of the user's files.

use super::engine::{Engine, at_place};
use super::scope::Scope;
use crate::error::{Error, Result};
use crate::value::{Str, Value};

/// The reference's words.
pub(super) const UNTRUSTED: &str = "Encountered untrusted template or expression.";

/// What becomes of such a text (`_TEMPLAR_UNTRUSTED_TEMPLATE_BEHAVIOR` of the reference).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Untrusted {
    /// It is an error where it is used.
    Error,
    /// It is text.
    #[default]
    Ignore,
    /// It is text, and a warning says so.
    Warning,
}

impl Engine {
    /// Says of such a text in a value what the settings want said.
    ///
    /// # Errors
    /// There is one, and the settings refuse it.
    pub(super) fn check_trust(&self, value: &Value, scope: &dyn Scope) -> Result<()> {
        if self.settings.untrusted == Untrusted::Ignore {
            return Ok(());
        }
        let Some(text) = unrendered(value) else {
            return Ok(());
        };
        if self.settings.untrusted == Untrusted::Error {
            return Err(Error::template(UNTRUSTED)
                .at(text.place().cloned())
                .hint("templates are text of playbooks, roles and files of variables, not results of modules"));
        }
        scope.warn(format!("{UNTRUSTED}{}", at_place(text)));
        Ok(())
    }
}

/// The first such text in a value.
fn unrendered(value: &Value) -> Option<&Str> {
    match value {
        Value::Str(text) if !text.is_trusted() && text.trusted().is_template() => Some(text),
        Value::List(items) | Value::Tuple(items) => items.iter().find_map(unrendered),
        Value::Map(map) | Value::Set(map) => map.values().find_map(unrendered),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::unrendered;
    use crate::value::{Str, Value};

    #[test]
    fn only_text_that_would_be_a_template_is_found() {
        let list = |text: Str| Value::list(vec![Value::Int(1), Value::Str(text)]);
        assert!(unrendered(&list(Str::placed("{{ x }}", None))).is_some());
        assert!(unrendered(&list(Str::placed("x", None))).is_none());
        assert!(unrendered(&list(Str::template("{{ x }}", None))).is_none());
    }
}

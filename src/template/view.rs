//! Dictionaries that are asked and not copied: `hostvars`, `vars`, `groups`.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::Scope;
use crate::error::Result;
use crate::value::Object;
use crate::value::Value;

/// A dictionary whose values are made when somebody asks.
pub trait View: Send + Sync {
    /// The raw value of a key, and where templates in it are rendered (nothing: where the asking
    /// template is).
    fn get(&self, key: &str) -> Option<(Value, Option<Arc<dyn Scope>>)>;

    /// Whether the value can be had at all.
    ///
    /// # Errors
    /// What it is made of cannot be read; a template that asks for anything of it fails.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// The keys in order.
    fn keys(&self) -> Vec<String>;

    /// The name Python's `type()` gives.
    fn type_name(&self) -> &'static str {
        "dict"
    }

    /// The message where a key is missing; nothing for the usual one.
    fn missing(&self, _key: &str) -> Option<String> {
        None
    }
}

/// The value that a template sees for `view`.
pub fn view(view: Arc<dyn View>) -> Value {
    Value::Object(Arc::new(Viewed(view)))
}

pub(super) struct Viewed(pub Arc<dyn View>);

impl fmt::Debug for Viewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("View")
    }
}

impl Object for Viewed {
    fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The view that a value is.
pub(super) fn viewed(value: &Value) -> Option<&Arc<dyn View>> {
    match value {
        Value::Object(object) => object
            .as_any()
            .downcast_ref::<Viewed>()
            .map(|viewed| &viewed.0),
        _ => None,
    }
}

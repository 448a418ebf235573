//! Scopes laid over other scopes.

use std::path::PathBuf;
use std::sync::Arc;

use super::Outside;
use super::Scope;
use crate::error::Result;
use crate::value::Map;
use crate::value::Sealed;
use crate::value::Value;

/// A scope with some more names on top.
pub struct Overlaid {
    below: Arc<dyn Scope>,
    names: Map,
}

impl Overlaid {
    /// `below` with `names` on top; templates in those are rendered in the whole.
    pub fn new(below: Arc<dyn Scope>, names: Map) -> Self {
        Overlaid { below, names }
    }
}

/// A scope without variables, in which a template imported without context runs.
pub(super) struct Blind(pub Arc<dyn Scope>);

macro_rules! delegate {
    ($below:tt) => {
        fn unseal(&self, sealed: &Sealed) -> Result<Value> {
            self.$below.unseal(sealed)
        }

        fn find(&self, kind: &str, name: &str) -> Result<PathBuf> {
            self.$below.find(kind, name)
        }

        fn search_path(&self, kind: &str) -> Vec<PathBuf> {
            self.$below.search_path(kind)
        }

        fn outside(&self) -> &dyn Outside {
            self.$below.outside()
        }

        fn warn(&self, message: String) {
            self.$below.warn(message);
        }

        fn deprecate(&self, message: String) {
            self.$below.deprecate(message);
        }

        fn deprecate_as(&self, told: Map) {
            self.$below.deprecate_as(told);
        }
    };
}

impl Scope for Overlaid {
    fn variable(&self, name: &str) -> Option<Value> {
        match self.names.get(name) {
            Some(value) => Some(value.clone()),
            None => self.below.variable(name),
        }
    }

    fn names(&self) -> Vec<String> {
        let mut names = self.below.names();
        for key in self.names.keys().filter_map(Value::as_str) {
            if !names.iter().any(|name| name == key) {
                names.push(key.to_owned());
            }
        }
        names
    }

    delegate!(below);
}

impl Scope for Blind {
    fn variable(&self, _name: &str) -> Option<Value> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    delegate!(0);
}

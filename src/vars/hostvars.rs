//! `hostvars`: every host's variables, rendered where that host stands.

use std::sync::Arc;

use super::scope::TaskScope;
use super::store::Store;
use crate::error::Result;
use crate::template::{Scope, View, view};
use crate::value::Value;

/// The hosts of the inventory by name.
struct HostVars(Arc<Store>);

/// The variables of one host.
struct OneHost {
    scope: Arc<TaskScope>,
    /// What Python would call its type: `hostvars` has another one than `vars`.
    type_name: &'static str,
}

/// The value of `hostvars`.
pub(super) fn hostvars(store: &Arc<Store>) -> Value {
    view(Arc::new(HostVars(Arc::clone(store))))
}

/// The value of `ansible_delegated_vars`: the variables of the one host a task is delegated to.
pub fn delegated_vars(store: &Arc<Store>, host: &str) -> Value {
    let scope = TaskScope::of_host(store, host);
    Value::map(crate::entries! { host => all_of(Arc::new(scope)) })
}

/// The value of `vars`.
pub(super) fn all_of(scope: Arc<TaskScope>) -> Value {
    view(Arc::new(OneHost {
        scope,
        type_name: "dict",
    }))
}

impl View for HostVars {
    fn get(&self, key: &str) -> Option<(Value, Option<Arc<dyn Scope>>)> {
        let known = self.0.inventory().host(key).is_some() || is_localhost(key);
        known.then(|| {
            let scope = TaskScope::of_host(&self.0, key);
            let one = OneHost {
                scope: Arc::new(scope),
                type_name: "HostVarsVars",
            };
            (view(Arc::new(one)), None)
        })
    }

    fn keys(&self) -> Vec<String> {
        self.0
            .inventory()
            .hosts()
            .map(|host| host.name.to_string())
            .collect()
    }

    fn missing(&self, key: &str) -> Option<String> {
        Some(format!(
            "hostvars['{key}'] is undefined: the inventory has no such host"
        ))
    }
}

impl View for OneHost {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn check(&self) -> Result<()> {
        self.scope
            .store
            .read_layers(&[Arc::clone(&self.scope.host.name)])
    }

    fn get(&self, key: &str) -> Option<(Value, Option<Arc<dyn Scope>>)> {
        let value = self.scope.variable(key)?;
        let scope: Arc<dyn Scope> = Arc::clone(&self.scope) as Arc<dyn Scope>;
        Some((value, Some(scope)))
    }

    fn keys(&self) -> Vec<String> {
        // Two of these hold all variables of all hosts again, the third is no value.
        let mut names = self.scope.names();
        names.retain(|name| !matches!(name.as_str(), "hostvars" | "omit" | "vars"));
        names
    }
}

fn is_localhost(name: &str) -> bool {
    matches!(name, "localhost" | "127.0.0.1" | "::1")
}

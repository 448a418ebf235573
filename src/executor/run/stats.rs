//! The figures of `set_stats`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::{Map, Value};

/// Figures of the run, and of each host.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Of the run.
    pub run: Map,
    /// Of each host.
    pub hosts: BTreeMap<Arc<str>, Map>,
}

impl Stats {
    /// Adds figures: with `aggregate` numbers, texts and lists are added, dictionaries merged;
    /// anything else replaces.
    pub fn add(&mut self, host: Option<&Arc<str>>, data: &Map, aggregate: bool) {
        let into = match host {
            Some(host) => self.hosts.entry(Arc::clone(host)).or_default(),
            None => &mut self.run,
        };
        for (key, value) in data {
            let value = match into.get_value(key) {
                Some(old) if aggregate => sum(old, value),
                _ => value.clone(),
            };
            into.insert(key.clone(), value);
        }
    }

    /// All of it as one dictionary: the hosts' by name, and the run's as `_run`.
    pub fn to_map(&self) -> Map {
        let mut all = Map::new();
        for (host, data) in &self.hosts {
            all.set(host, data.clone());
        }
        if !self.run.is_empty() {
            all.set("_run", self.run.clone());
        }
        all
    }
}

fn sum(old: &Value, new: &Value) -> Value {
    match (old, new) {
        (Value::Int(a), Value::Int(b)) => Value::Int(a.saturating_add(*b)),
        (Value::Float(_) | Value::Int(_), Value::Float(_) | Value::Int(_)) => {
            Value::Float(old.as_float().unwrap_or(0.0) + new.as_float().unwrap_or(0.0))
        }
        (Value::Str(a), Value::Str(b)) => Value::str(format!("{a}{b}")),
        (Value::List(a), Value::List(b)) => Value::list([a.as_slice(), b.as_slice()].concat()),
        (Value::Map(a), Value::Map(b)) => {
            let mut merged = (**a).clone();
            merged.extend_from(b);
            Value::map(merged)
        }
        _ => new.clone(),
    }
}

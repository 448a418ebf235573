//! Handlers that were notified and have not run.

use std::collections::{BTreeMap, BTreeSet};

/// The handlers that hosts owe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debts(BTreeMap<String, BTreeSet<String>>);

impl Debts {
    /// A host is notified; gives whether that is news.
    pub fn owe(&mut self, host: &str, handler: &str) -> bool {
        let owed = self.0.entry(host.to_owned()).or_default();
        owed.insert(handler.to_owned())
    }

    /// A handler has run on a host; gives whether it was owed.
    pub fn pay(&mut self, host: &str, handler: &str) -> bool {
        let Some(owed) = self.0.get_mut(host) else {
            return false;
        };
        let paid = owed.remove(handler);
        if owed.is_empty() {
            self.0.remove(host);
        }
        paid
    }

    /// What a host owes.
    pub fn of(&self, host: &str) -> BTreeSet<String> {
        self.0.get(host).cloned().unwrap_or_default()
    }

    /// Each host with each handler that it owes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let each = self.0.iter();
        each.flat_map(|(host, owed)| owed.iter().map(|handler| (host.as_str(), handler.as_str())))
    }

    /// Says whether nobody owes anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The handlers, each with the hosts that owe it.
    pub fn by_handler(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (host, handler) in self.iter() {
            all.entry(handler).or_default().push(host);
        }
        all
    }
}

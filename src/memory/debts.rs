//! Handlers that were notified and have not run.

use std::collections::{BTreeMap, BTreeSet};

/// The handlers that hosts owe. Each belongs to its play, by the play's word: another play's handler of
/// the same name is another one. A debt of an older record has no play, and may be any play's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debts(BTreeMap<String, BTreeSet<Debt>>);

/// A handler of a play.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Debt {
    handler: String,
    play: String,
}

impl Debts {
    /// A host is notified; gives whether that is news.
    pub fn owe(&mut self, host: &str, play: &str, handler: &str) -> bool {
        let owed = self.0.entry(host.to_owned()).or_default();
        owed.insert(Debt {
            handler: handler.to_owned(),
            play: play.to_owned(),
        })
    }

    /// A handler has run on a host; gives whether it was owed.
    pub fn pay(&mut self, host: &str, play: &str, handler: &str) -> bool {
        let Some(owed) = self.0.get_mut(host) else {
            return false;
        };
        let before = owed.len();
        owed.retain(|debt| debt.handler != handler || !debt.is_of(play));
        let paid = owed.len() < before;
        if owed.is_empty() {
            self.0.remove(host);
        }
        paid
    }

    /// What a host owes in a play.
    pub fn of(&self, host: &str, play: &str) -> BTreeSet<String> {
        let owed = self.0.get(host).into_iter().flatten();
        let owed = owed.filter(|debt| debt.is_of(play));
        owed.map(|debt| debt.handler.clone()).collect()
    }

    /// Each host with each handler that it owes, the play's word between them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let each = self.0.iter();
        each.flat_map(|(host, owed)| {
            let owed = owed.iter();
            owed.map(|debt| (host.as_str(), debt.play.as_str(), debt.handler.as_str()))
        })
    }

    /// Says whether nobody owes anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what others owe.
    pub fn extend_from(&mut self, others: &Debts) {
        for (host, play, handler) in others.iter() {
            self.owe(host, play, handler);
        }
    }

    /// Those of them that `others` have, too.
    #[must_use]
    pub fn also_in(&self, others: &Debts) -> Debts {
        let mut both = self.clone();
        for (host, owed) in &mut both.0 {
            let known = others.0.get(host);
            owed.retain(|debt| known.is_some_and(|known| known.contains(debt)));
        }
        both.0.retain(|_, owed| !owed.is_empty());
        both
    }

    /// The handlers, each with the hosts that owe it.
    pub fn by_handler(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (host, _, handler) in self.iter() {
            all.entry(handler).or_default().insert(host);
        }
        all
    }
}

impl Debt {
    fn is_of(&self, play: &str) -> bool {
        self.play == play || self.play.is_empty()
    }
}

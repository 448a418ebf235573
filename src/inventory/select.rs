//! Which hosts a pattern means.

use std::collections::HashSet;
use std::sync::Arc;

use super::HostId;
use super::Inventory;
use super::Pattern;
use super::data::host_id;
use super::host::LOCALHOST;
use super::pattern::Effect;
use super::pattern::Matcher;
use super::pattern::Subscript;
use super::pattern::Term;
use super::walk::Seen;
use crate::error::Error;
use crate::error::Result;

/// What a pattern means in an inventory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// The hosts, each once, in inventory order within each term.
    pub hosts: Vec<Arc<str>>,
    /// The terms that meant no host and no group.
    pub unmatched: Vec<String>,
}

impl Selected {
    /// Keeps the hosts that `limit` has too; what the limit did not find is noted here.
    pub fn limit_to(&mut self, limit: &Selected) {
        let allowed: HashSet<&str> = limit.hosts.iter().map(|host| &**host).collect();
        self.hosts.retain(|host| allowed.contains(&**host));
        self.unmatched.extend_from_slice(&limit.unmatched);
    }
}

/// A host of the inventory, or a localhost that is not in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Implicit(u32),
    Listed(HostId),
}

impl Inventory {
    /// The hosts that a pattern means: first everything that is added, then what it is narrowed
    /// to with `&`, then what is taken away with `!`, in whatever order these are written.
    ///
    /// # Errors
    /// A subscript that is beyond the hosts found, or a regular expression that takes too long.
    pub fn select(&self, pattern: &Pattern) -> Result<Selected> {
        if pattern.is_empty() {
            return self.select(&Pattern::parse("all")?);
        }
        let mut found: Vec<Found> = Vec::new();
        let mut selected = Selected::default();
        for term in &pattern.terms {
            let hosts = self.find(term, &mut selected.unmatched)?;
            match term.effect {
                Effect::Add => found.extend(hosts),
                Effect::Narrow => keep(&mut found, &hosts, true),
                Effect::TakeAway => keep(&mut found, &hosts, false),
            }
        }
        let mut seen = Seen::default();
        found.retain(|host| seen.first(host.number()));
        let names = found.iter().filter_map(|host| self.name_of(*host));
        selected.hosts = names.collect();
        Ok(selected)
    }

    fn name_of(&self, found: Found) -> Option<Arc<str>> {
        match found {
            Found::Listed(id) => self.host_at(id).map(|host| host.name.clone()),
            Found::Implicit(local) => LOCALHOST.get(local as usize).map(|name| (*name).into()),
        }
    }

    fn find(&self, term: &Term, unmatched: &mut Vec<String>) -> Result<Vec<Found>> {
        if term.effect == Effect::Add
            && let Some(host) = self.host_id(&term.text)
        {
            return Ok(vec![Found::Listed(host)]);
        }
        let (mut found, any_group) = self.enumerate(term)?;
        if found.is_empty()
            && let Some(local) = LOCALHOST.iter().position(|name| *name == term.name)
        {
            found.push(self.local(local));
        }
        if found.is_empty() && !any_group && term.name != "all" {
            unmatched.push(term.name.clone());
        }
        apply(term, found)
    }

    fn local(&self, position: usize) -> Found {
        let name = LOCALHOST.get(position).copied().unwrap_or_default();
        let listed = self.host(name).filter(|host| !host.implicit);
        match listed.and_then(|host| self.host_id(&host.name)) {
            Some(id) => Found::Listed(id),
            None => Found::Implicit(position as u32),
        }
    }

    /// The hosts of the groups and the hosts that the term matches, and whether a group did. A
    /// host may be there more than once, and a subscript counts it so.
    fn enumerate(&self, term: &Term) -> Result<(Vec<Found>, bool)> {
        let mut found = Vec::new();
        let mut any_group = false;
        for group in self.matching(term, &self.groups)? {
            any_group = true;
            let members = self.members(super::data::group_id(group));
            found.extend(members.into_iter().map(Found::Listed));
        }
        if !any_group || term.means_hosts_too() {
            let hosts = self.matching(term, &self.hosts)?;
            let listed = hosts.into_iter().map(host_id);
            found.extend(listed.filter(|id| self.is_listed(*id)).map(Found::Listed));
        }
        Ok((found, any_group))
    }

    fn is_listed(&self, id: HostId) -> bool {
        self.host_at(id).is_some_and(|host| !host.implicit)
    }

    /// The positions of the names that the term matches.
    fn matching<T>(
        &self,
        term: &Term,
        names: &indexmap::IndexMap<Arc<str>, T>,
    ) -> Result<Vec<usize>> {
        let mut found = Vec::new();
        match &term.matcher {
            Matcher::Name => found.extend(names.get_index_of(&*term.name)),
            Matcher::Glob(glob) => {
                let all = names.keys().enumerate();
                found.extend(
                    all.filter(|(_, name)| glob.is_match(name))
                        .map(|(at, _)| at),
                );
            }
            Matcher::Regex(regex) => {
                for (position, name) in names.keys().enumerate() {
                    let fits = regex.match_start(name);
                    if fits.map_err(|error| too_slow(term, error))?.is_some() {
                        found.push(position);
                    }
                }
            }
        }
        Ok(found)
    }
}

impl Found {
    /// A number that no other host has.
    fn number(self) -> u32 {
        match self {
            Found::Implicit(local) => local,
            Found::Listed(id) => id.0.saturating_add(LOCALHOST.len() as u32),
        }
    }
}

fn keep(found: &mut Vec<Found>, hosts: &[Found], wanted: bool) {
    let mut set = Seen::default();
    for host in hosts {
        set.first(host.number());
    }
    found.retain(|host| set.has(host.number()) == wanted);
}

/// The hosts that the term's subscript picks.
fn apply(term: &Term, found: Vec<Found>) -> Result<Vec<Found>> {
    let (Some(subscript), false) = (term.subscript, found.is_empty()) else {
        return Ok(found);
    };
    let count = found.len();
    let slice = |begin: usize, end: usize| {
        let end = end.min(count);
        found.get(begin.min(end)..end).unwrap_or_default().to_vec()
    };
    match subscript {
        Subscript::From(begin) => Ok(slice(begin, count)),
        Subscript::Range(begin, end) => Ok(slice(begin, end.saturating_add(1))),
        Subscript::One(index) => {
            let from_end = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
            let position = match index < 0 {
                true => count.checked_sub(from_end),
                false => Some(from_end),
            };
            match position.and_then(|position| found.get(position)) {
                Some(host) => Ok(vec![*host]),
                None => Err(beyond(term, count)),
            }
        }
    }
}

fn beyond(term: &Term, count: usize) -> Error {
    let hosts = if count == 1 { "host" } else { "hosts" };
    let text = format!(
        "the subscript of `{}` is beyond what `{}` matches: {count} {hosts}",
        term.text, term.name
    );
    Error::input(text).hint("subscripts count from 0")
}

fn too_slow(term: &Term, error: Error) -> Error {
    Error::input(format!(
        "the host pattern `{}` cannot be matched",
        term.text
    ))
    .because(error)
}

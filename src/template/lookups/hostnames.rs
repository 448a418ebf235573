//! `inventory_hostnames`: the hosts that a pattern names, as the variable `groups` knows them.
//!
//! The inventory stands above this room; its groups come through the variable, as in the
//! reference, so that a host which is in no group of `groups` is not found.

use super::super::Runtime;
use super::super::filters::shell_pattern;
use super::super::regex::{Flags, Pattern, compile};
use super::Table;
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("inventory_hostnames", hostnames)];

fn hostnames(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    let groups = runtime
        .variable("groups")?
        .ok_or_else(|| Error::undefined("'groups' is undefined"))?;
    let groups = Groups::new(&runtime.plain(&groups)?);
    let mut parts = Vec::new();
    for term in &terms {
        for text in super::flat(runtime, std::slice::from_ref(term))? {
            parts.extend(split(super::text("inventory_hostnames", &text)?));
        }
    }
    Ok(Value::strings(groups.evaluate(&parts)?)
        .as_list()
        .map(|items| items.to_vec())
        .unwrap_or_default())
}

/// The parts of a pattern: split at commas, else at colons outside of brackets.
fn split(pattern: &str) -> Vec<String> {
    let trimmed = |part: &str| part.trim().to_owned();
    if pattern.contains(',') {
        return pattern
            .split(',')
            .map(trimmed)
            .filter(|part| !part.is_empty())
            .collect();
    }
    // An IPv6 address is one part, as it is without brackets.
    if pattern.parse::<std::net::Ipv6Addr>().is_ok() || pattern.starts_with('~') {
        return vec![trimmed(pattern)];
    }
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut depth = 0usize;
    for c in pattern.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c == ':' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    parts
        .iter()
        .map(|part| trimmed(part))
        .filter(|part| !part.is_empty())
        .collect()
}

struct Groups {
    /// The groups in order, each with its hosts.
    groups: Vec<(String, Vec<String>)>,
    /// All hosts in the order of their first naming.
    hosts: Vec<String>,
}

impl Groups {
    fn new(value: &Value) -> Self {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        let mut hosts: Vec<String> = Vec::new();
        for (name, members) in value.as_map().into_iter().flat_map(|map| map.iter()) {
            let members: Vec<String> = members
                .as_list()
                .map(|items| items.iter().map(Value::to_text).collect())
                .unwrap_or_default();
            for host in &members {
                if !hosts.contains(host) {
                    hosts.push(host.clone());
                }
            }
            groups.push((name.to_text(), members));
        }
        Groups { groups, hosts }
    }

    /// The hosts of the plain parts, those of all `&` parts, without those of the `!` parts.
    fn evaluate(&self, parts: &[String]) -> Result<Vec<String>> {
        let with = |mark: char| parts.iter().filter_map(move |part| part.strip_prefix(mark));
        let is_plain = |part: &&String| !part.starts_with(['!', '&']);
        let mut chosen: Vec<String> = Vec::new();
        let plain: Vec<&str> = parts.iter().filter(is_plain).map(String::as_str).collect();
        let plain = if plain.is_empty() { vec!["all"] } else { plain };
        for part in plain {
            for host in self.hosts_of(part)? {
                if !chosen.contains(&host) {
                    chosen.push(host);
                }
            }
        }
        for part in with('&') {
            let also = self.hosts_of(part)?;
            chosen.retain(|host| also.contains(host));
        }
        for part in with('!') {
            let not = self.hosts_of(part)?;
            chosen.retain(|host| !not.contains(host));
        }
        Ok(chosen)
    }

    /// The hosts of one part: groups first, then hosts by name; perhaps a slice of them.
    fn hosts_of(&self, part: &str) -> Result<Vec<String>> {
        let (name, slice) = slice_of(part)?;
        let fits = Fits::new(name)?;
        let mut found: Vec<String> = Vec::new();
        let mut is_group = false;
        let mut add = |host: &String| {
            if !found.contains(host) {
                found.push(host.clone());
            }
        };
        if name == "all" || name == "*" {
            is_group = true;
            self.hosts.iter().for_each(&mut add);
        }
        for (group, hosts) in &self.groups {
            if fits.matches(group)? {
                is_group = true;
                hosts.iter().for_each(&mut add);
            }
        }
        if !is_group || name.starts_with('~') || name.contains(['*', '?', '[', '.']) {
            for host in &self.hosts {
                if fits.matches(host)? {
                    add(host);
                }
            }
        }
        Ok(match slice {
            Some(slice) => slice.of(&found),
            None => found,
        })
    }
}

/// A name, a shell pattern, or after `~` a regular expression.
struct Fits(std::sync::Arc<Pattern>, bool);

impl Fits {
    fn new(name: &str) -> Result<Self> {
        Ok(match name.strip_prefix('~') {
            Some(pattern) => Fits(compile(pattern, Flags::default())?, false),
            None => Fits(compile(&shell_pattern(name), Flags::default())?, true),
        })
    }

    fn matches(&self, name: &str) -> Result<bool> {
        Ok(match self.1 {
            true => self.0.full_match(name)?.is_some(),
            false => self.0.match_start(name)?.is_some(),
        })
    }
}

/// `[2]`, `[-1]`, `[1:3]`, `[1-3]`: places in a list, the last one included.
struct Slice {
    start: i64,
    end: Option<i64>,
    single: bool,
}

/// The part without its slice, and the slice.
fn slice_of(part: &str) -> Result<(&str, Option<Slice>)> {
    const SLICE: &str = r"^(.+)\[(?:(-?[0-9]+)|([0-9]+)([:-])([0-9]*))\]$";
    if part.starts_with('~') {
        return Ok((part, None));
    }
    let Some(found) = compile(SLICE, Flags::default())?.match_start(part)? else {
        return Ok((part, None));
    };
    let number = |group: usize| found.group(part, group).and_then(|text| text.parse().ok());
    let name = found.group(part, 1).unwrap_or(part);
    Ok((
        name,
        Some(match number(2) {
            Some(start) => Slice {
                start,
                end: None,
                single: true,
            },
            None => Slice {
                start: number(3).unwrap_or(0),
                end: number(5),
                single: false,
            },
        }),
    ))
}

impl Slice {
    fn of(&self, hosts: &[String]) -> Vec<String> {
        let count = hosts.len() as i64;
        let start = if self.start < 0 {
            count + self.start
        } else {
            self.start
        };
        let end = match (self.single, self.end) {
            (true, _) => start,
            (false, Some(end)) => end,
            (false, None) => count - 1,
        };
        let inside = |at: &i64| (0..count).contains(at);
        (start..=end.min(count - 1))
            .filter(inside)
            .filter_map(|at| hosts.get(usize::try_from(at).ok()?).cloned())
            .collect()
    }
}

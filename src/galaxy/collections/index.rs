//! The collections of all servers, asked once each, several at a time.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::galaxy::api::{Detail, Listed};
use crate::galaxy::resolve::Index;
use crate::galaxy::version::{Range, Version};
use crate::galaxy::{Galaxy, Server, parallel};

/// The version of the reference, which collections say they are for.
pub(super) const ANSIBLE: &str = "2.21.5";

type Versions = Result<Arc<Vec<(Version, usize)>>>;

/// Servers, and what they said.
pub struct Online<'a> {
    galaxy: &'a Galaxy,
    servers: Vec<&'a Server>,
    /// The server that a name is to come from, where the requirements say one.
    sources: BTreeMap<String, usize>,
    versions: Mutex<HashMap<String, Versions>>,
    details: Mutex<HashMap<(String, Version), Detail>>,
}

impl<'a> Online<'a> {
    /// The servers of a run, and those that requirements name beside.
    pub fn new(galaxy: &'a Galaxy, others: &'a [Server], sources: &[(String, String)]) -> Self {
        let servers: Vec<&Server> = galaxy.servers.iter().chain(others).collect();
        let at = |wanted: &str| {
            let mut all = servers.iter();
            all.position(|server| server.name == wanted || server.url == wanted)
        };
        let sources = sources.iter().filter_map(|(name, wanted)| {
            let at = at(wanted)?;
            Some((name.clone(), at))
        });
        Online {
            sources: sources.collect(),
            galaxy,
            servers,
            versions: Mutex::default(),
            details: Mutex::default(),
        }
    }

    /// What a server says of a version.
    ///
    /// # Errors
    /// It does not have it.
    pub fn detail(&self, name: &str, version: &Version) -> Result<(Detail, &'a Server)> {
        let all = self.listed(name)?;
        let server = all.iter().find(|(known, _)| known == version);
        let server =
            server.map_or_else(|| self.of_name(name).first().copied(), |(_, at)| Some(*at));
        let server = server.and_then(|at| self.servers.get(at)).copied();
        let server = server.ok_or_else(|| Error::input("there is no server to ask"))?;
        let key = (name.to_owned(), version.clone());
        let known = || {
            let details = self.details.lock().unwrap_or_else(PoisonError::into_inner);
            details.get(&key).cloned()
        };
        if let Some(detail) = known() {
            return Ok((detail, server));
        }
        let detail = server.detail(self.galaxy, name, version)?;
        let mut details = self.details.lock().unwrap_or_else(PoisonError::into_inner);
        details.insert(key, detail.clone());
        Ok((detail, server))
    }

    /// The servers that may have a name.
    fn of_name(&self, name: &str) -> Vec<usize> {
        match self.sources.get(name) {
            Some(at) => vec![*at],
            None => (0..self.galaxy.servers.len()).collect(),
        }
    }

    /// The versions of a name, each with the first server that has it.
    fn listed(&self, name: &str) -> Versions {
        {
            let known = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = known.get(name) {
                return found.clone();
            }
        }
        let found = self.ask(name).map(Arc::new);
        let mut known = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(name.to_owned()).or_insert(found).clone()
    }

    fn ask(&self, name: &str) -> Result<Vec<(Version, usize)>> {
        let mut all: Vec<(Version, usize)> = Vec::new();
        let mut failure = None;
        let mut answered = false;
        for at in self.of_name(name) {
            match self.servers[at].versions(self.galaxy, name) {
                Ok(found) => {
                    answered = true;
                    for listed in found {
                        let is_new = all.iter().all(|(known, _)| *known != listed.version);
                        if is_new && self.is_for_us(name, &listed) {
                            all.push((listed.version, at));
                        }
                    }
                }
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(error) if !answered => {
                Err(Error::input(format!("no server could be asked for `{name}`")).because(error))
            }
            Some(error) => {
                let text = format!("not every server could be asked for `{name}`");
                self.galaxy.warn(Error::input(text).because(error));
                Ok(all)
            }
            None => Ok(all),
        }
    }

    /// Says whether a version is for this Ansible, as far as it says so.
    fn is_for_us(&self, name: &str, listed: &Listed) -> bool {
        let Some(wanted) = listed
            .requires_ansible
            .as_deref()
            .filter(|_| self.galaxy.mind_ansible)
        else {
            return true;
        };
        let (Ok(range), Ok(own)) = (Range::parse(wanted), Version::parse(ANSIBLE)) else {
            return true;
        };
        let fits = range.contains(&own);
        if !fits {
            let text = format!(
                "{name} {} is passed over: it wants ansible-core {wanted}",
                listed.version
            );
            self.galaxy.detail(1, text);
        }
        fits
    }
}

impl Index for Online<'_> {
    fn versions(&self, name: &str) -> Result<Vec<Version>> {
        let all = self.listed(name)?;
        Ok(all.iter().map(|(version, _)| version.clone()).collect())
    }

    fn needs(&self, name: &str, version: &Version) -> Result<BTreeMap<String, String>> {
        self.detail(name, version)
            .map(|(detail, _)| detail.dependencies)
    }

    fn expect(&self, names: &[String]) {
        let unknown: Vec<&String> = {
            let known = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
            names
                .iter()
                .filter(|name| !known.contains_key(*name))
                .collect()
        };
        if unknown.len() > 1 {
            // Errors are kept, and told when the name is really needed.
            parallel::map(&unknown, |name| self.listed(name).is_ok());
        }
    }
}

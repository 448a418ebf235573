//! Collections: what is wanted becomes a plan, the plan is fetched, and each is put in its place.

mod artifact;
mod build;
mod given;
mod index;
mod installed;
mod manifest;
mod placing;
mod plan;
mod source;
mod verify;

pub use build::build;
pub(super) use given::fetch as fetch_url;
pub use installed::{Installed, in_folder, root_of};
pub(super) use manifest::Control;
pub use verify::verify;

use std::collections::BTreeMap;
use std::path::PathBuf;

use given::{Given, Where};
use index::Online;
use placing::{fetch, place};
use plan::{check_locked, plan, remember};

use super::api::Detail;
use super::lock::{Lock, LockedCollection};
use super::requirement::{CollectionWish, Origin};
use super::resolve::Present;
use super::version::{Range, Version};
use super::{Galaxy, Server};
use crate::error::{Error, Result};

/// How collections are installed.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder `ansible_collections` that they come into.
    pub target: PathBuf,
    /// More folders `ansible_collections` whose collections count as installed.
    pub others: Vec<PathBuf>,
    /// What is wanted is installed again.
    pub force: bool,
    /// What is needed is installed again too.
    pub force_needs: bool,
    /// What is needed is not installed.
    pub no_needs: bool,
    /// Newer versions are taken where they fit.
    pub upgrade: bool,
    /// Versions before a release are taken too.
    pub pre_releases: bool,
    /// What fails is told and passed over.
    pub ignore_errors: bool,
    /// What was decided on before.
    pub lock: Option<Lock>,
    /// Nothing but what the lock says will do.
    pub locked: bool,
}

/// One collection that is to be installed.
struct Pick {
    name: String,
    version: Version,
    what: What,
}

enum What {
    /// It is installed in this version.
    Here,
    /// A server has it.
    Online(Detail),
    /// It came as an archive, a folder or a repository.
    Given(Where),
}

/// Installs what is wanted; gives what a lock is to remember.
///
/// # Errors
/// No versions go together, or something cannot be had or is not what it should be.
pub fn install(
    galaxy: &Galaxy,
    wishes: &[CollectionWish],
    options: &Options,
) -> Result<Vec<LockedCollection>> {
    let wishes = given::take(galaxy, wishes, options.lock.as_ref())?;
    let installed = installed(galaxy, options);
    if !options.upgrade && options.lock.is_none() && nothing_to_do(&wishes, &installed, options) {
        galaxy.say(
            "Nothing to do. All requested collections are already installed. If you want to \
             reinstall them, consider using `--force`.",
        );
        return Ok(Vec::new());
    }
    galaxy.say("Process install dependency map");
    let others = other_servers(galaxy, &wishes.named);
    let sources = sources(&wishes.named);
    let online = Online::new(galaxy, &others, &sources);
    let picks = plan(&wishes, &installed, options, &online)?;
    let locked = remember(galaxy, &picks, &wishes, &online, options.lock.as_ref());
    if options.locked {
        check_locked(options.lock.as_ref(), &locked)?;
    }
    galaxy.say("Starting collection install process");
    let archives = fetch(galaxy, &picks, &online, options)?;
    for (pick, archive) in picks.iter().zip(archives) {
        let done = archive.and_then(|archive| place(galaxy, pick, archive.as_deref(), options));
        match done {
            Ok(()) => (),
            Err(error) if options.ignore_errors => {
                let text = format!(
                    "failed to install collection {}:{}",
                    pick.name, pick.version
                );
                galaxy.warn(Error::input(text).because(error));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(locked)
}

/// What is installed, the first folder first.
fn installed(galaxy: &Galaxy, options: &Options) -> BTreeMap<String, Present> {
    let mut all = BTreeMap::new();
    for root in std::iter::once(&options.target).chain(&options.others) {
        let (found, warnings) = in_folder(root);
        warnings
            .into_iter()
            .for_each(|warning| galaxy.detail(1, warning.message()));
        for one in found {
            if let Some(metadata) = one.metadata {
                all.entry(one.name).or_insert(Present {
                    version: metadata.version,
                    needs: metadata.dependencies,
                });
            }
        }
    }
    all
}

fn nothing_to_do(given: &Given, installed: &BTreeMap<String, Present>, options: &Options) -> bool {
    let is_here = |(name, range): &(String, Range)| {
        installed
            .get(name)
            .is_some_and(|present| range.contains(&present.version))
    };
    !options.force && !options.force_needs && given.wishes().iter().all(is_here)
}

/// Servers that the requirements name by their address alone.
fn other_servers(galaxy: &Galaxy, named: &[(CollectionWish, Range)]) -> Vec<Server> {
    let mut servers: Vec<Server> = Vec::new();
    for (wish, _) in named {
        let Origin::Galaxy(Some(source)) = &wish.origin else {
            continue;
        };
        let mut known = galaxy.servers.iter().chain(&servers);
        if !known.any(|server| server.name == *source || server.url == *source) {
            let name = wish.name.as_deref().unwrap_or_default();
            let name = format!("explicit_requirement_{name}");
            servers.push(Server::at(&name, source, galaxy.verify, galaxy.timeout));
        }
    }
    servers
}

fn sources(named: &[(CollectionWish, Range)]) -> Vec<(String, String)> {
    let pairs = named.iter().filter_map(|(wish, _)| match &wish.origin {
        Origin::Galaxy(Some(source)) => Some((wish.name.clone()?, source.clone())),
        _ => None,
    });
    pairs.collect()
}

//! What is to be installed, and what a lock knows and remembers of it.

use std::collections::BTreeMap;

use super::given::Given;
use super::index::Online;
use super::{Options, Pick, What};
use crate::error::{Error, Result};
use crate::galaxy::Galaxy;
use crate::galaxy::lock::{Lock, LockedCollection};
use crate::galaxy::resolve::{Present, Question, resolve};

/// What is to be installed, in which versions and from where.
///
/// # Errors
/// No versions go together.
pub(super) fn plan(
    given: &Given,
    installed: &BTreeMap<String, Present>,
    options: &Options,
    online: &Online<'_>,
) -> Result<Vec<Pick>> {
    let wishes = given.wishes();
    let is_wanted = |name: &str| wishes.iter().any(|(wanted, _)| wanted == name);
    let mut kept = installed.clone();
    kept.retain(|name, _| !options.force_needs && (!options.force || !is_wanted(name)));
    let locked = options.lock.iter().flat_map(|lock| &lock.collections);
    let locked = locked.map(|locked| (locked.name.clone(), locked.version.clone()));
    let question = Question {
        given: given.present(),
        // A lock says what it says, whatever is installed.
        installed: kept.clone(),
        locked: locked.collect(),
        upgrade: options.upgrade,
        pre_releases: options.pre_releases,
        no_needs: options.no_needs,
        wishes,
    };
    let found = resolve(&question, online)?;
    let mut picks = Vec::new();
    for (name, version) in found {
        let is_here = kept
            .get(&name)
            .is_some_and(|present| present.version == version);
        let what = match given
            .found
            .iter()
            .find(|found| found.metadata.full_name() == name)
        {
            // The same version of a folder or a repository may be other files.
            Some(_) if is_here && options.lock.is_none() => What::Here,
            Some(found) => What::Given(found.place.clone()),
            None if is_here => What::Here,
            None => {
                let (detail, _) = online.detail(&name, &version)?;
                What::Online(detail)
            }
        };
        picks.push(Pick {
            name,
            version,
            what,
        });
    }
    Ok(picks)
}

/// What a lock remembers of the picks.
pub(super) fn remember(
    galaxy: &Galaxy,
    picks: &[Pick],
    given: &Given,
    online: &Online<'_>,
    lock: Option<&Lock>,
) -> Vec<LockedCollection> {
    let mut all = Vec::new();
    for pick in picks {
        let known = lock.and_then(|lock| lock.collection(&pick.name));
        let known = known.filter(|known| known.version == pick.version);
        if let (What::Here, Some(known)) = (&pick.what, known) {
            all.push(known.clone());
            continue;
        }
        let found = given
            .found
            .iter()
            .find(|found| found.metadata.full_name() == pick.name);
        let mut locked = LockedCollection {
            name: pick.name.clone(),
            version: pick.version.clone(),
            kind: "galaxy".to_owned(),
            source: String::new(),
            commit: None,
            sha256: None,
        };
        match (found, &pick.what) {
            (Some(found), _) => {
                found.place.kind().clone_into(&mut locked.kind);
                locked.source = found.place.source();
                locked.commit = found.place.commit();
                locked.sha256 = found.place.sha256();
            }
            (None, What::Online(detail)) => {
                locked.source.clone_from(&detail.server);
                locked.sha256 = Some(detail.sha256.clone());
            }
            (None, _) => match online.detail(&pick.name, &pick.version) {
                Ok((detail, _)) => {
                    locked.source = detail.server;
                    locked.sha256 = Some(detail.sha256);
                }
                Err(error) => {
                    let text = format!("nobody knows where `{}` comes from", pick.name);
                    galaxy.detail(1, format!("{text}: {}", error.chain()));
                    "installed".clone_into(&mut locked.kind);
                }
            },
        }
        all.push(locked);
    }
    all
}

/// With `--locked` nothing may be decided anew.
pub(super) fn check_locked(lock: Option<&Lock>, now: &[LockedCollection]) -> Result<()> {
    let update = "`play galaxy update` makes the lock anew";
    let lock = lock.ok_or_else(|| Error::input("there is no requirements.lock").hint(update))?;
    for locked in now {
        match lock.collection(&locked.name) {
            Some(known) if known.version == locked.version && known.commit == locked.commit => {
                check_hash(known, locked.sha256.as_deref())?;
            }
            _ => {
                let text = format!(
                    "the lock does not fit the requirements: {} {} is not in it",
                    locked.name, locked.version
                );
                return Err(Error::input(text).hint(update));
            }
        }
    }
    Ok(())
}

/// A version that is locked must be the same bytes for ever.
pub(super) fn check_hash(known: &LockedCollection, found: Option<&str>) -> Result<()> {
    let (Some(known_hash), Some(found)) = (known.sha256.as_deref(), found) else {
        return Ok(());
    };
    if known_hash == found {
        return Ok(());
    }
    Err(Error::input(format!(
        "{} {} is not what the lock knows: its hash is {found}, and was {known_hash}",
        known.name, known.version
    ))
    .hint("somebody published other files under the same version: look at them before you update"))
}

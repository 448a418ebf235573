//! Collections: what is wanted becomes a plan, the plan is fetched, and each is put in its place.

mod artifact;
mod build;
mod given;
mod index;
mod installed;
mod source;
mod verify;

pub use build::build;
pub(super) use given::fetch as fetch_url;
pub use installed::{Installed, in_folder, root_of};
pub use verify::verify;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use given::{Given, Where};
use index::Online;

use super::api::Detail;
use super::archive::Building;
use super::cache::sha256;
use super::lock::{Lock, LockedCollection};
use super::requirement::{CollectionWish, Origin};
use super::resolve::{Present, Question, resolve};
use super::version::{Range, Version};
use super::{Galaxy, Server, parallel};
use crate::error::{Error, Result};
use crate::value::{Value, from_json};
use crate::yaml;

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

fn plan(
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
fn remember(
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
fn check_locked(lock: Option<&Lock>, now: &[LockedCollection]) -> Result<()> {
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
fn check_hash(known: &LockedCollection, found: Option<&str>) -> Result<()> {
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

/// Fetches what servers have, several at a time; nothing for what needs no archive.
fn fetch(
    galaxy: &Galaxy,
    picks: &[Pick],
    online: &Online<'_>,
    options: &Options,
) -> Result<Vec<Result<Option<PathBuf>>>> {
    let all = picks
        .iter()
        .filter(|pick| matches!(pick.what, What::Online(..)))
        .count();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let results = parallel::map(picks, |pick| -> Result<Option<PathBuf>> {
        let What::Online(detail) = &pick.what else {
            return Ok(None);
        };
        let known = options
            .lock
            .as_ref()
            .and_then(|lock| lock.collection(&pick.name));
        if let Some(known) = known.filter(|known| known.version == pick.version) {
            check_hash(known, Some(&detail.sha256))?;
        }
        let archive = archive(galaxy, pick, detail, online)?;
        let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        (galaxy.tell)(super::Note::Fetched {
            done,
            all,
            what: format!("{} {}", pick.name, pick.version),
        });
        Ok(Some(archive))
    });
    if !options.ignore_errors
        && let Some(at) = results.iter().position(Result::is_err)
    {
        let mut results = results;
        return Err(results
            .swap_remove(at)
            .err()
            .unwrap_or_else(|| Error::bug("no error")));
    }
    Ok(results)
}

/// The archive of a version, whose hash must be what the server says.
fn archive(galaxy: &Galaxy, pick: &Pick, detail: &Detail, online: &Online<'_>) -> Result<PathBuf> {
    if let Some(path) = galaxy.cache.archive(&detail.sha256) {
        return Ok(path);
    }
    if galaxy.offline {
        let text = format!(
            "{} {} was never fetched before, and this is offline",
            pick.name, pick.version
        );
        return Err(Error::input(text));
    }
    let (_, server) = online.detail(&pick.name, &pick.version)?;
    galaxy.detail(1, format!("Downloading {}", detail.download_url));
    let failed = |error| {
        let text = format!("failed to download collection tar from '{}'", server.name);
        Error::input(text).because(error)
    };
    let bytes = server
        .download(galaxy, &detail.download_url)
        .map_err(failed)?;
    let found = sha256(&bytes);
    if found != detail.sha256 {
        return Err(failed(Error::input(format!(
            "mismatch artifact hash with downloaded file: `{}` has {found}, and the server said {}",
            detail.download_url, detail.sha256
        ))));
    }
    galaxy.cache.keep_archive(&found, &bytes)
}

/// Puts one collection in its place.
fn place(galaxy: &Galaxy, pick: &Pick, archive: Option<&Path>, options: &Options) -> Result<()> {
    let label = format!("{}:{}", pick.name, pick.version);
    if let What::Here = pick.what {
        galaxy.say(format!("'{label}' is already installed, skipping."));
        return Ok(());
    }
    let (namespace, name) = pick.name.split_once('.').unwrap_or(("", &pick.name));
    let folder = options.target.join(namespace).join(name);
    galaxy.say(format!("Installing '{label}' to '{}'", folder.display()));
    let mut building = Building::beside(&folder)?;
    match &pick.what {
        What::Here => (),
        What::Online(..) => {
            let archive = archive.ok_or_else(|| Error::bug("an archive was not fetched"))?;
            check_name(&artifact::unpack(archive, &mut building)?, pick)?;
        }
        What::Given(Where::Archive { path, .. }) => {
            check_name(&artifact::unpack(path, &mut building)?, pick)?;
        }
        What::Given(Where::Folder { path, .. }) => {
            let source = source::Source::read(galaxy, path)?;
            check_name(&source.metadata, pick)?;
            source.install(&mut building)?;
            galaxy.say(format!(
                "Created collection for {label} at {}",
                folder.display()
            ));
        }
    }
    building.put()?;
    forget_origin(&options.target, &pick.name);
    if let What::Online(detail) = &pick.what {
        write_origin(&options.target, pick, detail)?;
    }
    galaxy.say(format!("{label} was installed successfully"));
    Ok(())
}

/// An archive must hold what it was fetched for.
fn check_name(metadata: &super::Metadata, pick: &Pick) -> Result<()> {
    if metadata.full_name() == pick.name && metadata.version == pick.version {
        return Ok(());
    }
    Err(Error::input(format!(
        "the archive of {} {} holds {} {}",
        pick.name,
        pick.version,
        metadata.full_name(),
        metadata.version
    )))
}

/// Removes what earlier installations noted beside the namespace.
fn forget_origin(root: &Path, name: &str) {
    let prefix = format!("{name}-");
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let file = file.to_string_lossy();
        if file.starts_with(&prefix) && file.ends_with(".info") {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// `namespace.name-version.info/GALAXY.yml`: where a collection came from, as the reference notes it.
fn write_origin(root: &Path, pick: &Pick, detail: &Detail) -> Result<()> {
    let folder = root.join(format!("{}-{}.info", pick.name, pick.version));
    let (namespace, name) = pick.name.split_once('.').unwrap_or(("", &pick.name));
    let signatures = from_json(&detail.signatures.to_string()).unwrap_or(Value::Null);
    let signatures = match signatures {
        Value::Null => Value::list(Vec::new()),
        some => some,
    };
    let notes = crate::entries! {
        "download_url" => detail.download_url.as_str(),
        "format_version" => "1.0.0",
        "name" => name,
        "namespace" => namespace,
        "server" => detail.server.as_str(),
        "signatures" => signatures,
        "version" => pick.version.to_string(),
        "version_url" => detail.href.as_str(),
    };
    let options = yaml::DumpOptions {
        indent: 2,
        ..yaml::DumpOptions::nice()
    };
    std::fs::create_dir_all(&folder)?;
    std::fs::write(
        folder.join("GALAXY.yml"),
        yaml::dump(&Value::map(notes), &options)?,
    )?;
    Ok(())
}

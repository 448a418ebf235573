//! Collections that come as archives, folders or repositories: they are looked into first, since only
//! they know what they are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::connection;
use crate::error::{Error, Result};
use crate::galaxy::cache::sha256;
use crate::galaxy::requirement::{CollectionWish, Origin, file_of, is_collection};
use crate::galaxy::resolve::Present;
use crate::galaxy::version::{Range, Version};
use crate::galaxy::{Galaxy, Lock, Metadata, git, parallel};
use crate::template::Fetch;
use crate::yaml;

use super::artifact;
use super::index::ANSIBLE;

/// Where the files of a collection are.
#[derive(Clone, Debug)]
pub enum Where {
    /// An artifact.
    Archive {
        path: PathBuf,
        sha256: String,
        /// The address that it came from, or the file.
        source: String,
        is_url: bool,
    },
    /// A folder; that of a repository's commit is gone with the last who holds `keeper`.
    Folder {
        path: PathBuf,
        source: String,
        commit: Option<String>,
        #[allow(dead_code, reason = "it is held, and never read")]
        keeper: Option<Arc<tempfile::TempDir>>,
    },
}

impl Where {
    /// What a lock calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Where::Archive { is_url: true, .. } => "url",
            Where::Archive { .. } => "file",
            Where::Folder {
                commit: Some(_), ..
            } => "git",
            Where::Folder { .. } => "dir",
        }
    }

    /// The address or path as it was asked for.
    pub fn source(&self) -> String {
        match self {
            Where::Archive { source, .. } | Where::Folder { source, .. } => source.clone(),
        }
    }

    /// The commit of a repository.
    pub fn commit(&self) -> Option<String> {
        match self {
            Where::Folder { commit, .. } => commit.clone(),
            Where::Archive { .. } => None,
        }
    }

    /// The hash of an archive.
    pub fn sha256(&self) -> Option<String> {
        match self {
            Where::Archive { sha256, .. } => Some(sha256.clone()),
            Where::Folder { .. } => None,
        }
    }
}

/// A collection that was looked into.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it says of itself.
    pub metadata: Metadata,
    /// Where its files are.
    pub place: Where,
}

/// All wishes: those that name a version on a server, and those that brought the collection.
pub struct Given {
    /// The collections that are here.
    pub found: Vec<Found>,
    /// The wishes for a server.
    pub named: Vec<(CollectionWish, Range)>,
}

impl Given {
    /// Every name with the versions that will do.
    pub fn wishes(&self) -> Vec<(String, Range)> {
        let own = self.found.iter().map(|found| {
            let version = found.metadata.version.to_string();
            (
                found.metadata.full_name(),
                Range::parse(&version).unwrap_or_else(|_| Range::any()),
            )
        });
        let named = self.named.iter().filter_map(|(wish, range)| {
            let name = wish.name.clone()?;
            Some((name, range.clone()))
        });
        own.chain(named).collect()
    }

    /// What is here, as the resolver takes it.
    pub fn present(&self) -> BTreeMap<String, Present> {
        let pairs = self.found.iter().map(|found| {
            let present = Present {
                version: found.metadata.version.clone(),
                needs: found.metadata.dependencies.clone(),
            };
            (found.metadata.full_name(), present)
        });
        pairs.collect()
    }
}

/// Looks into every wish; what comes from elsewhere is fetched, several at a time.
///
/// # Errors
/// Something cannot be had, or is no collection.
pub fn take(galaxy: &Galaxy, wishes: &[CollectionWish], lock: Option<&Lock>) -> Result<Given> {
    let mut given = Given {
        found: Vec::new(),
        named: Vec::new(),
    };
    let looked = parallel::map(wishes, |wish| match wish.origin {
        Origin::Galaxy(_) => Ok(Vec::new()),
        _ => look(galaxy, wish, lock),
    });
    for (wish, found) in wishes.iter().zip(looked) {
        if let Origin::Galaxy(_) = wish.origin {
            let range = Range::parse(&wish.version).map_err(|error| {
                let name = wish.name.as_deref().unwrap_or_default();
                Error::input(format!("the version of `{name}`")).because(error)
            })?;
            given.named.push((wish.clone(), range));
            continue;
        }
        for found in found? {
            check(wish, &found.metadata)?;
            check_ansible(galaxy, &found)?;
            given.found.push(found);
        }
    }
    Ok(given)
}

/// A wish that names the collection means this one.
fn check(wish: &CollectionWish, metadata: &Metadata) -> Result<()> {
    let name = metadata.full_name();
    if let Some(wanted) = wish.name.as_deref().filter(|wanted| **wanted != name) {
        return Err(Error::input(format!(
            "`{wanted}` is wanted, and its source is `{name}`"
        )));
    }
    // The version of a repository is a revision.
    let is_revision = matches!(wish.origin, Origin::Git { .. });
    if !is_revision && !Range::parse(&wish.version)?.contains(&metadata.version) {
        return Err(Error::input(format!(
            "`{name}` is wanted in the version `{}`, and its source is {}",
            wish.version, metadata.version
        )));
    }
    Ok(())
}

/// A collection says for which ansible-core it is (`requires_ansible` of `meta/runtime.yml`).
fn check_ansible(galaxy: &Galaxy, found: &Found) -> Result<()> {
    const RUNTIME: &str = "meta/runtime.yml";
    if !galaxy.mind_ansible {
        return Ok(());
    }
    let text = match &found.place {
        Where::Archive { path, .. } => artifact::text(path, RUNTIME)?,
        Where::Folder { path, .. } => fs::read_to_string(path.join(RUNTIME)).ok(),
    };
    let Some(text) = text else { return Ok(()) };
    let source = crate::error::Source::new(RUNTIME, text);
    let document = yaml::load(&source, &yaml::Options::data())?;
    let Some(wanted) = document
        .root
        .get("requires_ansible")
        .and_then(yaml::Node::as_str)
    else {
        return Ok(());
    };
    let (Ok(range), Ok(own)) = (Range::parse(wanted), Version::parse(ANSIBLE)) else {
        return Ok(());
    };
    if range.contains(&own) {
        return Ok(());
    }
    let Metadata { version, .. } = &found.metadata;
    let name = found.metadata.full_name();
    let text = format!("{name} {version} wants ansible-core {wanted}, and this is as {ANSIBLE}");
    let hint = "COLLECTIONS_ON_ANSIBLE_VERSION_MISMATCH=ignore installs it all the same";
    Err(Error::input(text).hint(hint))
}

fn look(galaxy: &Galaxy, wish: &CollectionWish, lock: Option<&Lock>) -> Result<Vec<Found>> {
    match &wish.origin {
        Origin::Galaxy(_) => Ok(Vec::new()),
        Origin::Url(url) => Ok(vec![of_url(galaxy, url, lock)?]),
        Origin::File(path) => {
            let bytes = fs::read(path).map_err(|error| {
                Error::input(format!("failed to read `{}`", path.display())).because(error)
            })?;
            let source = path.display().to_string();
            Ok(vec![of_archive(
                path.clone(),
                sha256(&bytes),
                source,
                false,
            )?])
        }
        Origin::Folder(path) => Ok(vec![of_folder(path, None, None, None)?]),
        Origin::Folders(path) => folders(path)?
            .iter()
            .map(|path| of_folder(path, None, None, None))
            .collect(),
        Origin::Git { url, folder } => of_git(galaxy, wish, url, folder.as_deref(), lock),
    }
}

fn of_archive(path: PathBuf, sha256: String, source: String, is_url: bool) -> Result<Found> {
    Ok(Found {
        metadata: Metadata::of_artifact(&path)?,
        place: Where::Archive {
            path,
            sha256,
            source,
            is_url,
        },
    })
}

fn of_url(galaxy: &Galaxy, url: &str, lock: Option<&Lock>) -> Result<Found> {
    let locked = lock.into_iter().flat_map(|lock| &lock.collections);
    let locked = locked
        .filter(|known| known.source == url)
        .find_map(|known| known.sha256.clone());
    if let Some(hash) = &locked
        && let Some(path) = galaxy.cache.archive(hash)
    {
        return of_archive(path, hash.clone(), url.to_owned(), true);
    }
    let bytes = fetch(galaxy, url)?;
    let hash = sha256(&bytes);
    if let Some(known) = locked.filter(|known| *known != hash) {
        let text =
            format!("`{url}` is not what the lock knows: its hash is {hash}, and was {known}");
        return Err(Error::input(text));
    }
    let path = galaxy.cache.keep_archive(&hash, &bytes)?;
    of_archive(path, hash, url.to_owned(), true).map_err(|error| {
        let text = format!("`{}` holds no collection", git::shown(url));
        Error::input(text).because(error)
    })
}

/// The bytes at an address; offline, those of the last time.
///
/// # Errors
/// There is no proper answer.
pub fn fetch(galaxy: &Galaxy, url: &str) -> Result<Vec<u8>> {
    if let Some(path) = file_of(url) {
        return fs::read(&path)
            .map_err(|error| Error::input(format!("failed to read `{url}`")).because(error));
    }
    if galaxy.offline {
        return galaxy.cache.answer(url).ok_or_else(|| {
            Error::input(format!(
                "`{url}` was never fetched before, and this is offline"
            ))
        });
    }
    let failed = |error: Error| {
        Error::input(format!("failed to download `{}`", git::shown(url))).because(error)
    };
    let answer = connection::fetch(&Fetch {
        url: url.to_owned(),
        verify: galaxy.verify,
        timeout: galaxy.timeout,
        follow: true,
        ..Fetch::default()
    })
    .map_err(failed)?;
    if answer.status != 200 {
        return Err(failed(Error::input(format!(
            "the server answers with {}",
            answer.status
        ))));
    }
    galaxy.cache.keep_answer(url, &answer.body)?;
    Ok(answer.body)
}

fn of_folder(
    path: &Path,
    source: Option<&str>,
    commit: Option<&str>,
    keeper: Option<&Arc<tempfile::TempDir>>,
) -> Result<Found> {
    Ok(Found {
        metadata: Metadata::of_folder(path)?,
        place: Where::Folder {
            path: path.to_owned(),
            source: source.map_or_else(|| path.display().to_string(), str::to_owned),
            commit: commit.map(str::to_owned),
            keeper: keeper.cloned(),
        },
    })
}

/// The collections in a folder.
fn folders(path: &Path) -> Result<Vec<PathBuf>> {
    let failed =
        |error| Error::input(format!("failed to read `{}`", path.display())).because(error);
    let mut all = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let inner = entry?.path();
        if is_collection(&inner) {
            all.push(inner);
        }
    }
    all.sort();
    match all.is_empty() {
        true => Err(Error::input(format!(
            "neither `{}` nor a folder in it is a collection",
            path.display()
        ))
        .hint("a collection has a galaxy.yml; name the folder in a repository behind `#`")),
        false => Ok(all),
    }
}

fn of_git(
    galaxy: &Galaxy,
    wish: &CollectionWish,
    url: &str,
    folder: Option<&str>,
    lock: Option<&Lock>,
) -> Result<Vec<Found>> {
    let source = match folder {
        Some(folder) => format!("{url}#{folder}"),
        None => url.to_owned(),
    };
    let locked = lock.into_iter().flat_map(|lock| &lock.collections);
    let locked = locked
        .filter(|known| known.source == source)
        .find_map(|known| known.commit.clone());
    let wanted = Some(wish.version.as_str()).filter(|version| *version != "*");
    let commit = git::commit(galaxy, url, locked.as_deref().or(wanted))?;
    let keeper = Arc::new(tempfile::tempdir()?);
    commit.check_out(galaxy, keeper.path())?;
    let root = match folder {
        Some(folder) => {
            let inside = crate::galaxy::archive::inside(Path::new(folder));
            let inside = inside.ok_or_else(|| {
                Error::input(format!("`{folder}` leads out of the repository `{url}`"))
            })?;
            keeper.path().join(inside)
        }
        None => keeper.path().to_owned(),
    };
    let paths = match is_collection(&root) {
        true => vec![root],
        false => folders(&root)?,
    };
    let take = |path: &PathBuf| of_folder(path, Some(&source), Some(&commit.id), Some(&keeper));
    paths.iter().map(take).collect()
}

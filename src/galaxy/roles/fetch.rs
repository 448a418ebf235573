//! How the archive of a role is had.

use std::path::PathBuf;
use std::sync::Arc;

use super::loose::newest;
use crate::error::{Error, Result};
use crate::galaxy::api::Role;
use crate::galaxy::collections::fetch_url;
use crate::galaxy::lock::LockedRole;
use crate::galaxy::requirement::RoleWish;
use crate::galaxy::{Galaxy, git};

/// An archive, and what it is.
pub struct Fetched {
    /// The archive; what was written only for this run is gone with `_keeper`.
    pub archive: PathBuf,
    /// The version, as it was asked for or found.
    pub version: Option<String>,
    /// The commit of a repository.
    pub commit: Option<String>,
    _keeper: Option<Arc<tempfile::TempDir>>,
}

/// Fetches a role: a repository's, a file, an address, or a name of Galaxy.
///
/// # Errors
/// It cannot be had.
pub fn fetch(galaxy: &Galaxy, wish: &RoleWish, known: Option<&LockedRole>) -> Result<Fetched> {
    let version = known
        .and_then(|known| known.version.clone())
        .or_else(|| wish.version.clone());
    match wish.scm.as_deref() {
        Some("git") => return of_git(galaxy, wish, version, known),
        Some(other) => {
            let text = format!("repositories of the kind `{other}` are not built: only git is");
            return Err(Error::input(text));
        }
        None => (),
    }
    let file = PathBuf::from(&wish.source);
    if file.is_file() {
        return Ok(Fetched {
            archive: file,
            version,
            commit: None,
            _keeper: None,
        });
    }
    if wish.source.contains("://") {
        galaxy.say(format!(
            "- downloading role from {}",
            git::shown(&wish.source)
        ));
        return kept(fetch_url(galaxy, &wish.source)?, version);
    }
    of_galaxy(galaxy, wish, version)
}

/// Writes bytes where they are a file for this run.
fn kept(bytes: Vec<u8>, version: Option<String>) -> Result<Fetched> {
    let keeper = tempfile::tempdir()?;
    let archive = keeper.path().join("role.tar.gz");
    std::fs::write(&archive, bytes)?;
    Ok(Fetched {
        archive,
        version,
        commit: None,
        _keeper: Some(Arc::new(keeper)),
    })
}

fn of_git(
    galaxy: &Galaxy,
    wish: &RoleWish,
    version: Option<String>,
    known: Option<&LockedRole>,
) -> Result<Fetched> {
    let commit = known
        .and_then(|known| known.commit.as_deref())
        .or(version.as_deref());
    let commit = git::commit(galaxy, &wish.source, commit)?;
    let keeper = tempfile::tempdir()?;
    let archive = keeper.path().join("role.tar");
    commit.archive(galaxy, "role", &archive)?;
    Ok(Fetched {
        archive,
        version,
        commit: Some(commit.id),
        _keeper: Some(Arc::new(keeper)),
    })
}

fn of_galaxy(galaxy: &Galaxy, wish: &RoleWish, version: Option<String>) -> Result<Fetched> {
    let (owner, name) = wish.source.rsplit_once('.').unwrap_or(("", &wish.source));
    galaxy.say(format!("- downloading role '{name}', owned by {owner}"));
    let mut failure = None;
    for server in &galaxy.servers {
        match server.role(galaxy, &wish.source) {
            Ok(Some(role)) => {
                let version = version_of(wish, &role, version)?;
                let url = address_of(&role, &version)?;
                galaxy.say(format!("- downloading role from {url}"));
                return kept(fetch_url(galaxy, &url)?, Some(version));
            }
            Ok(None) => (),
            Err(error) => failure = Some(error),
        }
    }
    let servers: Vec<&str> = galaxy
        .servers
        .iter()
        .map(|server| server.url.as_str())
        .collect();
    let text = format!(
        "- sorry, {} was not found on {}.",
        wish.source,
        servers.join(", ")
    );
    let error = Error::input(text);
    Err(match failure {
        Some(cause) => error.because(cause),
        None => error,
    })
}

/// The version that is asked for, or the newest; a branch where there are none.
fn version_of(wish: &RoleWish, role: &Role, wanted: Option<String>) -> Result<String> {
    let names: Vec<&str> = role
        .versions
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    match wanted.filter(|version| !version.is_empty()) {
        Some(version) if version == "master" || names.is_empty() => Ok(version),
        Some(version) if names.contains(&version.as_str()) => Ok(version),
        Some(version) => Err(Error::input(format!(
            "- the specified version ({version}) of {} was not found in the list of available versions ({})",
            wish.name,
            names.join(", ")
        ))
        .hint_if(crate::error::nearest(&version, names.iter().copied()))),
        None if names.is_empty() => {
            let branch = role.whole.get("github_branch").and_then(|branch| branch.as_str());
            Ok(branch.filter(|branch| !branch.is_empty()).unwrap_or("master").to_owned())
        }
        None => newest(&names).map(str::to_owned),
    }
}

/// Where the archive of a version is.
fn address_of(role: &Role, version: &str) -> Result<String> {
    let own = role.versions.iter().find(|(name, _)| name == version);
    if let Some(url) = own.and_then(|(_, url)| url.clone()) {
        return Ok(url);
    }
    let part = |key: &str| role.whole.get(key).and_then(|text| text.as_str());
    match (part("github_user"), part("github_repo")) {
        (Some(user), Some(repository)) => Ok(format!(
            "https://github.com/{user}/{repository}/archive/{version}.tar.gz"
        )),
        _ => Err(Error::input(
            "the server does not say where the role's archive is",
        )),
    }
}

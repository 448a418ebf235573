//! Repositories: one bare copy each in the cache, from which commits are taken.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use super::cache::locked;
use super::{Galaxy, archive};
use crate::connection;
use crate::error::{Error, Result};

/// How long git may take.
const LONGEST: Duration = Duration::from_secs(1800);

/// A commit of a repository.
#[derive(Clone, Debug)]
pub struct Commit {
    copy: PathBuf,
    /// Its whole name.
    pub id: String,
}

/// The commit that a branch, a tag or a name of a commit means; `HEAD` without one.
///
/// # Errors
/// git is missing, the repository cannot be had, or there is no such commit.
pub fn commit(galaxy: &Galaxy, url: &str, revision: Option<&str>) -> Result<Commit> {
    let copy = copy(galaxy, url)?;
    let revision = revision.filter(|text| !text.is_empty()).unwrap_or("HEAD");
    let wanted = format!("{revision}^{{commit}}");
    let done = run(
        galaxy,
        &copy,
        &[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &wanted,
        ],
    );
    let id = match done {
        Ok(text) => text.trim().to_owned(),
        Err(error) => {
            let text = format!("`{url}` has no branch, tag or commit `{revision}`");
            return Err(Error::input(text).because(error));
        }
    };
    Ok(Commit { copy, id })
}

impl Commit {
    /// Writes its files into an empty folder, as a checkout has them.
    ///
    /// # Errors
    /// git fails.
    pub fn check_out(&self, galaxy: &Galaxy, folder: &Path) -> Result<()> {
        let index = tempfile::tempdir()?;
        let tree = format!("--work-tree={}", folder.display());
        let index = index.path().join("index").to_string_lossy().into_owned();
        let words = [tree.as_str(), "checkout", "--force", &self.id, "--", "."];
        let environment = [("GIT_INDEX_FILE", index.as_str())];
        run_in(galaxy, Some(&self.copy), folder, &words, &environment).map(|_| ())
    }

    /// Its files as an archive, below a folder of the name.
    ///
    /// # Errors
    /// git fails.
    pub fn archive(&self, galaxy: &Galaxy, name: &str, to: &Path) -> Result<()> {
        let prefix = format!("--prefix={name}/");
        let output = format!("--output={}", to.display());
        let words = ["archive", "--format=tar", &prefix, &output, &self.id];
        run(galaxy, &self.copy, &words).map(|_| ())
    }
}

/// The copy of a repository, brought up to date once a run.
fn copy(galaxy: &Galaxy, url: &str) -> Result<PathBuf> {
    static FRESH: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);
    if url.starts_with('-') {
        return Err(Error::input(format!(
            "`{url}` is not the address of a repository"
        )));
    }
    let folder = galaxy.cache.repository(url);
    galaxy.cache.make(folder.parent().unwrap_or(&folder))?;
    let _lock = locked(&folder)?;
    let is_fresh = || {
        let fresh = FRESH.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.contains(&folder)
    };
    if folder.join("HEAD").is_file() {
        if !galaxy.offline && !is_fresh() {
            let words = [
                "fetch",
                "--quiet",
                "--prune",
                "--force",
                "--tags",
                "origin",
                "+refs/*:refs/*",
            ];
            let fetched = run(galaxy, &folder, &words);
            fetched.map_err(|error| {
                Error::input(format!("failed to fetch the repository `{}`", shown(url)))
                    .because(error)
            })?;
        }
    } else if galaxy.offline {
        let text = format!(
            "`{}` was never fetched before, and this is offline",
            shown(url)
        );
        return Err(Error::input(text));
    } else {
        clone(galaxy, url, &folder)?;
    }
    let mut fresh = FRESH.lock().unwrap_or_else(PoisonError::into_inner);
    fresh.insert(folder.clone());
    Ok(folder)
}

fn clone(galaxy: &Galaxy, url: &str, folder: &Path) -> Result<()> {
    let beside = tempfile::tempdir_in(folder.parent().unwrap_or(folder))?;
    let target = beside.path().join("copy");
    let target_text = target.to_string_lossy();
    let words = ["clone", "--quiet", "--mirror", "--", url, &target_text];
    run(galaxy, beside.path(), &words).map_err(|error| {
        let text = format!("Failed to clone a Git repository from `{}`.", shown(url));
        Error::input(text).because(error)
    })?;
    std::fs::rename(&target, folder)?;
    Ok(())
}

/// Runs git on a copy, or, where there is none yet, beside its place.
fn run(galaxy: &Galaxy, folder: &Path, words: &[&str]) -> Result<String> {
    let copy = folder.join("HEAD").is_file().then_some(folder);
    run_in(galaxy, copy, folder, words, &[])
}

/// Runs git; gives what it prints.
fn run_in(
    galaxy: &Galaxy,
    copy: Option<&Path>,
    folder: &Path,
    words: &[&str],
    environment: &[(&str, &str)],
) -> Result<String> {
    let mut command = vec!["git".to_owned()];
    command.extend(copy.map(|copy| format!("--git-dir={}", copy.display())));
    if !galaxy.verify {
        command.extend(["-c", "http.sslVerify=false"].map(str::to_owned));
    }
    command.extend(["-c", "advice.detachedHead=false"].map(str::to_owned));
    command.extend(words.iter().map(|word| (*word).to_owned()));
    let own = [("LC_ALL", "C"), ("GIT_LFS_SKIP_SMUDGE", "1")];
    let environment = own.iter().chain(environment);
    let environment: Vec<(String, String)> = environment
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let done =
        connection::run_program_blocking(&command, &[], Some(folder), &environment, Some(LONGEST))
            .map_err(|error| {
                error.hint("install git: roles and collections of repositories are fetched with it")
            })?;
    if done.status != 0 {
        let told = String::from_utf8_lossy(&done.stderr);
        let told = archive::short(told.trim());
        return Err(Error::input(match told.is_empty() {
            true => format!("git ends with status {}", done.status),
            false => format!("git says: {told}"),
        }));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// An address without the password in it.
pub fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) if rest[..at].contains(':') => format!("{scheme}://{}", &rest[at + 1..]),
        _ => url.to_owned(),
    }
}

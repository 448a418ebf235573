//! `collection verify`: are the installed files still those that were published?

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::artifact;
use super::index::Online;
use super::installed::Installed;
use crate::error::{Error, Result};
use crate::galaxy::cache::sha256;
use crate::galaxy::collections::placing::archive;
use crate::galaxy::collections::{Pick, What};
use crate::galaxy::version::Version;
use crate::galaxy::{Galaxy, Metadata};

/// Compares an installed collection with what the server has, or (`locally`) with its own manifest;
/// tells what differs, and says whether nothing does.
///
/// # Errors
/// The server does not have it, or a manifest is no proper one.
pub fn verify(galaxy: &Galaxy, installed: &Installed, locally: bool) -> Result<bool> {
    let name = &installed.name;
    let metadata = installed.metadata.as_ref().ok_or_else(|| {
        let text = format!("collection {name} does not contain a MANIFEST.json");
        Error::input(text).hint("only what was installed from an artifact can be verified")
    })?;
    galaxy.say(format!("Verifying '{name}:{}'.", metadata.version));
    galaxy.say(format!(
        "Installed collection found at '{}'",
        installed.folder.display()
    ));
    let manifest_path = installed.folder.join("MANIFEST.json");
    let own = fs::read_to_string(&manifest_path).map_err(|error| {
        Error::input(format!("failed to read `{}`", manifest_path.display())).because(error)
    })?;
    let mut differing: Vec<PathBuf> = Vec::new();
    let (manifest, files) = match locally {
        true => {
            let files = fs::read_to_string(installed.folder.join("FILES.json")).unwrap_or_default();
            (own.clone(), files)
        }
        false => artifact::manifests(&published(galaxy, name, &metadata.version)?)?,
    };
    if sha256(own.as_bytes()) != sha256(manifest.as_bytes()) {
        differing.push(PathBuf::from("MANIFEST.json"));
    }
    galaxy.say(format!(
        "MANIFEST.json hash: {}",
        sha256(manifest.as_bytes())
    ));
    Metadata::of_manifest(&manifest, &manifest_path)?;
    let here = fs::read(installed.folder.join("FILES.json")).unwrap_or_default();
    if artifact::check_files_hash(
        &installed.folder,
        &manifest,
        &String::from_utf8_lossy(&here),
    )
    .is_err()
    {
        differing.push(PathBuf::from("FILES.json"));
    }
    differing.extend(compare(&installed.folder, &files)?);
    if differing.is_empty() {
        let with = match locally {
            true => "are internally consistent with its manifest",
            false => "match the remote collection",
        };
        let what = format!("'{name}:{}'", metadata.version);
        galaxy.say(format!(
            "Successfully verified that checksums for {what} {with}."
        ));
        return Ok(true);
    }
    galaxy.say(format!(
        "Collection {name} contains modified content in the following files:"
    ));
    for path in differing {
        galaxy.say(format!("    {}", path.display()));
    }
    Ok(false)
}

fn published(galaxy: &Galaxy, name: &str, version: &Version) -> Result<PathBuf> {
    let online = Online::new(galaxy, &[], &[]);
    let (detail, _) = online.detail(name, version)?;
    let pick = Pick {
        name: name.to_owned(),
        version: version.clone(),
        what: What::Here,
    };
    archive(galaxy, &pick, &detail, &online)
}

/// Paths that are missing, changed or nobody's.
fn compare(folder: &Path, files: &str) -> Result<Vec<PathBuf>> {
    let named = artifact::named(files, folder)?;
    let mut wrong = Vec::new();
    let mut known: BTreeSet<PathBuf> = ["MANIFEST.json", "FILES.json"].map(PathBuf::from).into();
    for one in &named {
        known.insert(one.path.clone());
        let full = folder.join(&one.path);
        let is_right = match &one.sha256 {
            Some(hash) => fs::read(&full).is_ok_and(|bytes| sha256(&bytes) == *hash),
            None => full.is_dir(),
        };
        if !is_right {
            wrong.push(one.path.clone());
        }
    }
    let mut here = Vec::new();
    walk(folder, Path::new(""), &mut here)?;
    wrong.extend(here.into_iter().filter(|path| !known.contains(path)));
    Ok(wrong)
}

fn walk(root: &Path, inside: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    let mut entries: Vec<_> = fs::read_dir(root.join(inside))?.collect::<std::io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = inside.join(entry.file_name());
        let is_folder = entry.file_type()?.is_dir();
        into.push(path.clone());
        if is_folder {
            walk(root, &path, into)?;
        }
    }
    Ok(())
}

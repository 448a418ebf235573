//! Artifacts: archives with a manifest that names every file and its hash.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::galaxy::archive::{self, Building, Kind, Limits};
use crate::galaxy::cache::sha256;
use crate::galaxy::metadata::{self, Metadata};
use crate::value::{Value, from_json};

/// The most bytes of a text that is looked into.
const LONGEST_TEXT: u64 = 1024 * 1024;

/// What `FILES.json` says of one path.
#[derive(Clone, Debug)]
pub struct Named {
    /// The path inside.
    pub path: PathBuf,
    /// The hash of a file; nothing for a folder.
    pub sha256: Option<String>,
}

/// Unpacks an artifact into a folder that is being built; every file must be what the manifest says.
///
/// # Errors
/// A file is missing, is another one, or leaves the folder.
pub fn unpack(path: &Path, building: &mut Building) -> Result<Metadata> {
    let (manifest, files) = manifests(path)?;
    let metadata = Metadata::of_manifest(&manifest, path)?;
    check_files_hash(path, &manifest, &files)?;
    let named = named(&files, path)?;
    for (name, text) in [("MANIFEST.json", &manifest), ("FILES.json", &files)] {
        building.file(Path::new(name), &mut text.as_bytes(), 0o644)?;
    }
    let mut wanted: BTreeMap<&Path, Option<&String>> = BTreeMap::new();
    for one in &named {
        wanted.insert(&one.path, one.sha256.as_ref());
    }
    let mut links: Vec<(PathBuf, String)> = Vec::new();
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    archive::each(path, Limits::default(), &mut |entry| {
        let Some(hash) = wanted.get(entry.path.as_path()) else {
            return Ok(());
        };
        if !seen.insert(entry.path.clone()) {
            return Err(wrong(path, &entry.path, "stands twice in it"));
        }
        match (entry.kind, hash) {
            (Kind::Folder, None) => building.folder(&entry.path),
            (Kind::Link(target), hash) => {
                building.link(&entry.path, &target)?;
                links.extend(hash.map(|hash| (entry.path.clone(), hash.clone())));
                Ok(())
            }
            (Kind::File, Some(hash)) => {
                let mode = if entry.mode & 0o100 == 0 {
                    0o644
                } else {
                    0o755
                };
                let found = building.file(&entry.path, entry.content, mode)?;
                match found == **hash {
                    true => Ok(()),
                    false => Err(mismatch(path, &entry.path)),
                }
            }
            _ => Err(wrong(path, &entry.path, "is not what the manifest says")),
        }
    })?;
    for one in &named {
        if !seen.contains(&one.path) {
            return Err(wrong(
                path,
                &one.path,
                "is named by the manifest and is not there",
            ));
        }
    }
    building.make_links()?;
    for (link, hash) in links {
        let bytes = fs::read(building.path().join(&link)).unwrap_or_default();
        if sha256(&bytes) != hash {
            return Err(mismatch(path, &link));
        }
    }
    Ok(metadata)
}

fn wrong(archive: &Path, entry: &Path, what: &str) -> Error {
    let entry = archive::short(&entry.to_string_lossy());
    Error::input(format!(
        "`{}` is not installed: `{entry}` {what}",
        archive.display()
    ))
}

fn mismatch(archive: &Path, entry: &Path) -> Error {
    let entry = archive::short(&entry.to_string_lossy());
    Error::input(format!(
        "checksum mismatch for '{entry}' inside collection at '{}'",
        archive.display()
    ))
}

/// The text of one file of an archive, where it is there.
///
/// # Errors
/// The archive cannot be read.
pub fn text(path: &Path, name: &str) -> Result<Option<String>> {
    let mut found = None;
    archive::each(path, Limits::default(), &mut |entry| {
        if entry.path == Path::new(name) && found.is_none() {
            let mut bytes = Vec::new();
            entry.content.take(LONGEST_TEXT).read_to_end(&mut bytes)?;
            found = Some(String::from_utf8_lossy(&bytes).into_owned());
        }
        Ok(())
    })?;
    Ok(found)
}

/// The texts of `MANIFEST.json` and `FILES.json`.
///
/// # Errors
/// One is missing.
pub fn manifests(path: &Path) -> Result<(String, String)> {
    let mut texts: [Option<String>; 2] = [None, None];
    archive::each(path, Limits::default(), &mut |entry| {
        let at = match entry.path.to_str() {
            Some("MANIFEST.json") => 0,
            Some("FILES.json") => 1,
            _ => return Ok(()),
        };
        if texts[at].is_some() {
            return Err(wrong(path, &entry.path, "stands twice in it"));
        }
        let content: &mut dyn Read = entry.content;
        texts[at] = Some(metadata::read(content, path)?);
        Ok(())
    })?;
    let missing = |name: &str| {
        Error::input(format!(
            "collection at '{}' does not contain the expected file '{name}'",
            path.display()
        ))
    };
    let [manifest, files] = texts;
    Ok((
        manifest.ok_or_else(|| missing("MANIFEST.json"))?,
        files.ok_or_else(|| missing("FILES.json"))?,
    ))
}

/// `FILES.json` must be the file that the manifest means.
///
/// # Errors
/// It is another one.
pub fn check_files_hash(path: &Path, manifest: &str, files: &str) -> Result<()> {
    let manifest = from_json(manifest)?;
    let entry = manifest
        .as_map()
        .and_then(|map| map.get("file_manifest_file"))
        .cloned();
    let hash = entry
        .as_ref()
        .and_then(Value::as_map)
        .and_then(|map| map.get("chksum_sha256").cloned());
    match hash.map(|hash| hash.to_text()) {
        Some(hash) if hash == sha256(files.as_bytes()) => Ok(()),
        _ => Err(mismatch(path, Path::new("FILES.json"))),
    }
}

/// Everything that `FILES.json` names, but for the folder itself.
///
/// # Errors
/// It is no proper manifest, or names a path that leaves the folder.
pub fn named(files: &str, path: &Path) -> Result<Vec<Named>> {
    let broken = |what: &str| {
        Error::input(format!(
            "`{}` has no proper FILES.json: {what}",
            path.display()
        ))
    };
    let json = from_json(files).map_err(|error| broken("it is not JSON").because(error))?;
    let rows = json.as_map().and_then(|map| map.get("files")).cloned();
    let rows = rows.as_ref().and_then(Value::as_list);
    let rows = rows.ok_or_else(|| broken("`files` is missing"))?;
    let mut all = Vec::new();
    for row in rows.iter() {
        let text = |key: &str| {
            let value = row.as_map().and_then(|map| map.get(key)).cloned();
            value
                .filter(|value| !value.is_null())
                .map(|value| value.to_text())
        };
        let name = text("name").ok_or_else(|| broken("an entry has no name"))?;
        if name == "." {
            continue;
        }
        let inside = archive::inside(Path::new(&name)).filter(|path| !path.as_os_str().is_empty());
        let Some(inside) = inside else {
            return Err(wrong(path, Path::new(&name), "leaves the folder"));
        };
        let is_file = text("ftype").as_deref() == Some("file");
        let sha256 = text("chksum_sha256");
        if is_file && sha256.is_none() {
            return Err(broken(&format!("`{}` has no hash", archive::short(&name))));
        }
        all.push(Named {
            path: inside,
            sha256: sha256.filter(|_| is_file),
        });
    }
    Ok(all)
}

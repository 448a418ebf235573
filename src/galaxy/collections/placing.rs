//! What was planned is fetched, looked at, and put in its place.

use std::path::{Path, PathBuf};

use super::given::Where;
use super::index::Online;
use super::plan::check_hash;
use super::{Options, Pick, What, artifact, source};
use crate::error::{Error, Result};
use crate::galaxy::api::Detail;
use crate::galaxy::archive::Building;
use crate::galaxy::cache::sha256;
use crate::galaxy::{Galaxy, parallel};
use crate::value::{Value, from_json};
use crate::yaml;

/// Fetches what servers have, several at a time; nothing for what needs no archive.
pub(super) fn fetch(
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
        (galaxy.tell)(crate::galaxy::Note::Fetched {
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
pub(super) fn archive(
    galaxy: &Galaxy,
    pick: &Pick,
    detail: &Detail,
    online: &Online<'_>,
) -> Result<PathBuf> {
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
pub(super) fn place(
    galaxy: &Galaxy,
    pick: &Pick,
    archive: Option<&Path>,
    options: &Options,
) -> Result<()> {
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
fn check_name(metadata: &crate::galaxy::Metadata, pick: &Pick) -> Result<()> {
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

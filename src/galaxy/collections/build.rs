//! `collection build`: a source becomes an artifact.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::source::Source;
use crate::error::{Error, Result};
use crate::galaxy::Galaxy;

/// Builds the artifact of a source into a folder; gives its path.
///
/// # Errors
/// The source is no collection, or the artifact is there already and `force` is not said.
pub fn build(galaxy: &Galaxy, folder: &Path, output: &Path, force: bool) -> Result<PathBuf> {
    if !folder.join("galaxy.yml").is_file() {
        return Err(Error::input(format!(
            "the collection galaxy.yml path '{}' does not exist",
            folder.join("galaxy.yml").display()
        ))
        .hint("name the collection's folder, or begin one: `play galaxy collection init NAMESPACE.NAME`"));
    }
    let source = Source::read(galaxy, folder)?;
    let metadata = &source.metadata;
    let name = format!(
        "{}-{}-{}.tar.gz",
        metadata.namespace, metadata.name, metadata.version
    );
    let path = output.join(name);
    if path.is_dir() {
        return Err(Error::input(format!(
            "the output collection artifact '{}' already exists, but is a directory",
            path.display()
        )));
    }
    if path.exists() && !force {
        return Err(
            Error::input(format!("the file '{}' already exists", path.display()))
                .hint("--force builds the artifact again"),
        );
    }
    let failed = |error: std::io::Error| {
        Error::input(format!("failed to write `{}`", path.display())).because(error)
    };
    fs::create_dir_all(output).map_err(failed)?;
    let mut file = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(output)
        .map_err(failed)?;
    source.pack(&mut file)?;
    file.flush().map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    galaxy.say(format!(
        "Created collection for {} at {}",
        metadata.full_name(),
        path.display()
    ));
    Ok(path)
}

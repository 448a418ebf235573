//! `play links`: the names of the reference's commands, as links to this binary.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;

use super::names::NAMES;
use super::terminal;
use crate::error::{Error, Result};

/// What `play links` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The folder that the names are put into; it should stand in your PATH
    folder: PathBuf,
    /// Replace files of these names that are not ours
    #[arg(long, conflicts_with = "remove")]
    force: bool,
    /// Take the names away again, as far as they are ours
    #[arg(long)]
    remove: bool,
}

/// What stands in the place of a name.
enum There {
    Nothing,
    /// A link to this binary.
    Ours,
    /// A file or a link of somebody else.
    Foreign,
    Folder,
}

/// Makes the names, or takes them away; gives the exit code.
///
/// # Errors
/// A name is somebody else's, or the folder cannot be written.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let exe = std::env::current_exe()?;
    if arguments.remove {
        return remove(&arguments.folder, &exe);
    }
    fs::create_dir_all(&arguments.folder).map_err(|error| {
        Error::input(format!(
            "failed to make the folder `{}`",
            arguments.folder.display()
        ))
        .because(error)
    })?;
    // Everything is looked at before anything is changed.
    let mut foreign = Vec::new();
    for name in &NAMES {
        let path = arguments.folder.join(name.file);
        match there(&path, &exe)? {
            There::Foreign if !arguments.force => foreign.push(name.file),
            There::Folder => {
                return Err(Error::input(format!("`{}` is a folder", path.display())));
            }
            _ => (),
        }
    }
    if !foreign.is_empty() {
        let text = format!(
            "`{}` has files of these names that are not play's: {}",
            arguments.folder.display(),
            foreign.join(", ")
        );
        return Err(Error::input(text)
            .hint("--force replaces them; another folder, earlier in PATH, leaves them alone"));
    }
    let target = target(&arguments.folder, &exe)?;
    for name in &NAMES {
        make(&arguments.folder.join(name.file), &target, &exe)?;
    }
    Ok(0)
}

/// What the links hold: the bare name where the binary stands in the same folder.
fn target(folder: &Path, exe: &Path) -> Result<PathBuf> {
    let folder = fs::canonicalize(folder)?;
    match (exe.parent(), exe.file_name()) {
        (Some(parent), Some(file)) if parent == folder => Ok(PathBuf::from(file)),
        _ => Ok(exe.to_owned()),
    }
}

fn there(path: &Path, exe: &Path) -> Result<There> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(There::Nothing),
        Err(error) => {
            return Err(
                Error::input(format!("failed to look at `{}`", path.display())).because(error),
            );
        }
    };
    if metadata.is_dir() {
        return Ok(There::Folder);
    }
    let resolved = fs::canonicalize(path).ok();
    match metadata.is_symlink() && resolved.as_deref() == Some(exe) {
        true => Ok(There::Ours),
        false => Ok(There::Foreign),
    }
}

/// Makes one link, beside its place and then renamed, so that the name is never missing.
fn make(path: &Path, target: &Path, exe: &Path) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::input(format!("failed to make the link `{}`", path.display())).because(error)
    };
    if let There::Ours = there(path, exe)? {
        return say(&format!("{} is there already", path.display()));
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    std::os::unix::fs::symlink(target, &beside).map_err(failed)?;
    if let Err(error) = fs::rename(&beside, path) {
        let _ = fs::remove_file(&beside);
        return Err(failed(error));
    }
    say(&format!("{} -> {}", path.display(), target.display()))
}

fn remove(folder: &Path, exe: &Path) -> Result<u8> {
    for name in &NAMES {
        let path = folder.join(name.file);
        match there(&path, exe)? {
            There::Nothing => (),
            There::Ours => {
                fs::remove_file(&path).map_err(|error| {
                    Error::input(format!("failed to remove `{}`", path.display())).because(error)
                })?;
                say(&format!("{} is removed", path.display()))?;
            }
            There::Foreign | There::Folder => {
                say(&format!("{} is not play's: it stays", path.display()))?;
            }
        }
    }
    Ok(0)
}

fn say(text: &str) -> Result<()> {
    terminal::print(&format!("{text}\n"))
}

//! Files of the controller: `exists`, `file`, `directory`, `link`, `mount`, `same_file`, `abs`.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::super::filters::strict;
use super::super::{Args, Runtime};
use super::Table;
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const TESTS: Table = &[
    ("abs", strict!(absolute)),
    ("directory", strict!(directory)),
    ("exists", strict!(exists)),
    ("file", strict!(file)),
    ("is_abs", strict!(absolute)),
    ("is_dir", strict!(directory)),
    ("is_file", strict!(file)),
    ("is_link", strict!(link)),
    ("is_mount", strict!(mount)),
    ("is_same_file", strict!(same_file)),
    ("link", strict!(link)),
    ("link_exists", strict!(link_exists)),
    ("mount", strict!(mount)),
    ("same_file", strict!(same_file)),
    ("vaulted_file", strict!(vaulted_file)),
];

fn path(args: &Args, value: &Value) -> Result<PathBuf> {
    match value {
        Value::Str(text) => Ok(PathBuf::from(text.as_str())),
        other => Err(args.wrong("path", "a string", other)),
    }
}

fn subject(args: &mut Args) -> Result<PathBuf> {
    let value = args.subject()?;
    args.finish()?;
    path(args, &value)
}

/// What the path leads to, links followed.
fn followed(args: &mut Args) -> Result<Option<Metadata>> {
    Ok(fs::metadata(subject(args)?).ok())
}

fn exists(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    Ok(followed(&mut args)?.is_some())
}

fn file(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    Ok(followed(&mut args)?.is_some_and(|metadata| metadata.is_file()))
}

fn directory(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    Ok(followed(&mut args)?.is_some_and(|metadata| metadata.is_dir()))
}

fn link_exists(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    Ok(fs::symlink_metadata(subject(&mut args)?).is_ok())
}

fn link(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let metadata = fs::symlink_metadata(subject(&mut args)?);
    Ok(metadata.is_ok_and(|metadata| metadata.is_symlink()))
}

fn absolute(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    Ok(subject(&mut args)?.is_absolute())
}

/// A folder whose parent is on another device, or which is its own parent.
fn mount(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let path = subject(&mut args)?;
    let Ok(own) = fs::symlink_metadata(&path) else {
        return Ok(false);
    };
    let Ok(parent) = fs::metadata(path.join("..")) else {
        return Ok(false);
    };
    Ok(!own.is_symlink() && (own.dev() != parent.dev() || own.ino() == parent.ino()))
}

fn same_file(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let first = args.subject()?;
    let second = args.require("other")?;
    args.finish()?;
    let identity = |value: &Value| -> Result<(u64, u64)> {
        let path = path(&args, value)?;
        let metadata = fs::metadata(&path).map_err(|error| {
            Error::template(format!("failed to look at `{}`", path.display())).because(error)
        })?;
        Ok((metadata.dev(), metadata.ino()))
    };
    Ok(identity(&first)? == identity(&second)?)
}

fn vaulted_file(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let path = subject(&mut args)?;
    let bytes = fs::read(&path).map_err(|error| {
        Error::template(format!(
            "Cannot test if the file '{}' is a vault",
            path.display()
        ))
        .because(error)
    })?;
    Ok(bytes.starts_with(b"$ANSIBLE_VAULT"))
}

//! Paths of the controller and of Windows.

use std::path::{Path, PathBuf};

use super::super::{Args, Runtime};
use super::{Table, items, strict, tuple};
use crate::error::{Error, Result};
use crate::value::Value;

mod expand;
mod posix;
mod windows;

pub(in crate::template) mod glob;

pub(in crate::template) use expand::{expand_user, expand_variables};
pub(in crate::template) use posix::{base_name, join, normalised};

pub(super) const FILTERS: Table = &[
    ("basename", strict!(base)),
    ("commonpath", strict!(common)),
    ("dirname", strict!(directory)),
    ("expanduser", strict!(expanded_user)),
    ("expandvars", strict!(expanded_variables)),
    ("fileglob", strict!(fileglob)),
    ("normpath", strict!(normal)),
    ("path_join", strict!(joined)),
    ("realpath", strict!(real)),
    ("relpath", strict!(relative)),
    ("splitext", strict!(split_extension)),
    ("win_basename", strict!(windows::base)),
    ("win_dirname", strict!(windows::directory)),
    ("win_splitdrive", strict!(windows::split_drive)),
];

/// The subject, which must be text.
fn path(args: &mut Args) -> Result<String> {
    match args.subject()? {
        Value::Str(text) => Ok(text.to_string()),
        other => Err(args.wrong("path", "a string", &other)),
    }
}

fn base(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let path = path(&mut args)?;
    args.finish()?;
    Ok(Value::str(base_name(&path)))
}

fn directory(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let path = path(&mut args)?;
    args.finish()?;
    Ok(Value::str(posix::directory(&path)))
}

fn normal(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let path = path(&mut args)?;
    args.finish()?;
    Ok(Value::str(normalised(&path)))
}

fn split_extension(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let path = path(&mut args)?;
    args.finish()?;
    let (root, extension) = posix::split_extension(&path);
    Ok(tuple(vec![Value::str(root), Value::str(extension)]))
}

fn expanded_user(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let path = path(&mut args)?;
    args.finish()?;
    Ok(Value::str(expand_user(runtime, &path)))
}

fn expanded_variables(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let path = path(&mut args)?;
    args.finish()?;
    Ok(Value::str(expand_variables(runtime, &path)))
}

fn joined(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    match &value {
        Value::Str(_) => Ok(value),
        Value::List(_) | Value::Tuple(_) => {
            let parts = texts(runtime, &args, &value)?;
            if parts.is_empty() {
                return Err(Error::template("`path_join` got an empty list"));
            }
            Ok(Value::str(join(&parts)))
        }
        other => Err(Error::template(format!(
            "|path_join expects string or sequence, got <class '{}'> instead.",
            other.type_name()
        ))),
    }
}

fn texts(runtime: &dyn Runtime, args: &Args, value: &Value) -> Result<Vec<String>> {
    let items = items(runtime, value)?;
    let text = |item: &Value| match item {
        Value::Str(text) => Ok(text.to_string()),
        other => Err(args.wrong("paths", "strings", other)),
    };
    items.iter().map(text).collect()
}

fn common(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    if value.as_list().is_none() {
        return Err(Error::template(format!(
            "|commonpath expects sequence, got <class '{}'> instead.",
            value.type_name()
        )));
    }
    posix::common(&texts(runtime, &args, &value)?).map(Value::str)
}

/// The folder that relative paths begin in.
fn here() -> Result<String> {
    let here = std::env::current_dir()?;
    Ok(here.to_string_lossy().into_owned())
}

/// The path without symbolic links, as far as it exists.
fn real(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let path = path(&mut args)?;
    let strict = args.take_named("strict").is_some_and(|flag| flag.is_true());
    args.finish()?;
    let whole = join(&[here()?, path.clone()]);
    let real = resolved(Path::new(&whole), 0);
    if strict && std::fs::symlink_metadata(&real).is_err() {
        return Err(Error::template(format!(
            "no such file or directory: `{path}`"
        )));
    }
    Ok(Value::str(real.to_string_lossy().into_owned()))
}

fn resolved(path: &Path, depth: usize) -> PathBuf {
    const MOST_LINKS: usize = 40;
    let mut done = PathBuf::from("/");
    let mut parts = path.components();
    while let Some(part) = parts.next() {
        match part {
            std::path::Component::ParentDir => {
                done.pop();
            }
            std::path::Component::Normal(name) => {
                let next = done.join(name);
                match std::fs::read_link(&next) {
                    Ok(target) if depth < MOST_LINKS => {
                        let whole = done.join(target).join(parts.as_path());
                        return resolved(&whole, depth + 1);
                    }
                    _ => done = next,
                }
            }
            _ => {}
        }
    }
    done
}

fn relative(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let path = path(&mut args)?;
    let start = args.text("start", ".")?;
    args.finish()?;
    if path.is_empty() {
        return Err(Error::template("`relpath` got no path"));
    }
    let here = here()?;
    let absolute = |path: &str| normalised(&join(&[here.clone(), path.to_owned()]));
    Ok(Value::str(posix::relative(
        &absolute(&path),
        &absolute(&start),
    )))
}

fn fileglob(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let pattern = path(&mut args)?;
    args.finish()?;
    let found = glob::glob(&pattern)?;
    Ok(Value::strings(
        found.into_iter().filter(|path| Path::new(path).is_file()),
    ))
}

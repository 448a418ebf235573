//! Python's `ntpath`, as far as filters show it.

use super::super::super::{Args, Runtime};
use super::super::tuple;
use crate::error::Result;
use crate::value::Value;

pub(super) fn base(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let path = super::path(&mut args)?;
    args.finish()?;
    Ok(Value::str(split(&path).1))
}

pub(super) fn directory(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let path = super::path(&mut args)?;
    args.finish()?;
    Ok(Value::str(split(&path).0))
}

pub(super) fn split_drive(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let path = super::path(&mut args)?;
    args.finish()?;
    let (drive, rest) = path.split_at(drive_length(&path));
    Ok(tuple(vec![Value::str(drive), Value::str(rest)]))
}

fn is_slash(c: char) -> bool {
    c == '\\' || c == '/'
}

/// The length of `C:`, `\\host\share` or `\\?\UNC\host\share`.
fn drive_length(path: &str) -> usize {
    let normal = path.replace('/', "\\");
    if let Some(share) = normal.strip_prefix("\\\\") {
        let begin = match normal.get(..8).map(str::to_uppercase).as_deref() {
            Some("\\\\?\\UNC\\") => 8,
            _ => normal.len() - share.len(),
        };
        let next = |from: usize| {
            let rest = normal.get(from..)?;
            rest.find('\\').map(|at| from + at)
        };
        return next(begin)
            .and_then(|host_end| next(host_end + 1))
            .unwrap_or(path.len());
    }
    match normal.char_indices().nth(1) {
        Some((at, ':')) => at + 1,
        _ => 0,
    }
}

/// The folder, without slashes at its end, and the name.
fn split(path: &str) -> (String, String) {
    let (drive, rest) = path.split_at(drive_length(path));
    let root_length = rest
        .chars()
        .next()
        .filter(|c| is_slash(*c))
        .map_or(0, char::len_utf8);
    let (root, rest) = rest.split_at(root_length);
    let at = rest.rfind(is_slash).map_or(0, |at| at + 1);
    let (head, tail) = rest.split_at(at);
    let head = head.trim_end_matches(is_slash);
    (format!("{drive}{root}{head}"), tail.to_owned())
}

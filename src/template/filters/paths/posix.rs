//! Python's `posixpath`.

use crate::error::{Error, Result};

/// What stands after the last slash.
pub(in crate::template) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What stands before the last slash, without the slashes at its end.
pub(super) fn directory(path: &str) -> &str {
    let Some(at) = path.rfind('/') else {
        return "";
    };
    let head = path.get(..=at).unwrap_or_default();
    let trimmed = head.trim_end_matches('/');
    if trimmed.is_empty() { head } else { trimmed }
}

/// The parts put together; an absolute one begins anew.
pub(in crate::template) fn join(parts: &[String]) -> String {
    let mut parts = parts.iter();
    let mut path = parts.next().cloned().unwrap_or_default();
    for part in parts {
        if part.starts_with('/') {
            path.clone_from(part);
            continue;
        }
        if !path.is_empty() && !path.ends_with('/') {
            path.push('/');
        }
        path.push_str(part);
    }
    path
}

/// The path without `.`, `..` and double slashes, by its text alone.
pub(in crate::template) fn normalised(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    // Two slashes at the start, and not three, mean something of their own in POSIX.
    let root = match path.bytes().take_while(|b| *b == b'/').count() {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        let is_up = part == "..";
        let at_top = parts.last().is_none_or(|last| *last == "..");
        if !is_up || (at_top && root.is_empty()) {
            parts.push(part);
        } else if !at_top {
            parts.pop();
        }
    }
    let path = format!("{root}{}", parts.join("/"));
    if path.is_empty() {
        ".".to_owned()
    } else {
        path
    }
}

/// The path without its last extension, and the extension with its dot.
pub(super) fn split_extension(path: &str) -> (&str, &str) {
    let name_start = path.rfind('/').map_or(0, |at| at + 1);
    let name = path.get(name_start..).unwrap_or_default();
    let leading = name.bytes().take_while(|b| *b == b'.').count();
    match name.rfind('.') {
        Some(at) if at >= leading && leading < name.len() => path.split_at(name_start + at),
        _ => (path, ""),
    }
}

/// The longest path that all begin with.
pub(super) fn common(paths: &[String]) -> Result<String> {
    let first = paths
        .first()
        .ok_or_else(|| Error::template("commonpath() arg is an empty sequence"))?;
    let is_absolute = first.starts_with('/');
    if paths
        .iter()
        .any(|path| path.starts_with('/') != is_absolute)
    {
        return Err(Error::template("cannot mix absolute and relative paths"));
    }
    let split = |path: &'_ String| -> Vec<String> {
        path.split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .map(str::to_owned)
            .collect()
    };
    let mut shared = split(first);
    for path in paths {
        let parts = split(path);
        let same = shared.iter().zip(&parts).take_while(|(a, b)| a == b);
        let length = same.count();
        shared.truncate(length);
    }
    let root = if is_absolute { "/" } else { "" };
    Ok(format!("{root}{}", shared.join("/")))
}

/// The way from `start` to `path`, both absolute and normal.
pub(super) fn relative(path: &str, start: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (path, start) = (parts(path), parts(start));
    let shared = path.iter().zip(&start).take_while(|(a, b)| a == b).count();
    let mut way = vec!["..".to_owned(); start.len() - shared];
    way.extend(path.into_iter().skip(shared));
    if way.is_empty() {
        ".".to_owned()
    } else {
        way.join("/")
    }
}

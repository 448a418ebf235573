//! Python's `glob.glob`: `*`, `?`, `[…]` in the parts of a path; `**` is `*`.

use std::path::Path;

use super::super::super::regex::{Flags, compile};
use super::posix::directory;
use crate::error::Result;

/// The paths that fit the pattern, in the order of the folders' entries by name.
///
/// Python gives the order of the disk; a sorted one is one of those it may give.
pub(in crate::template) fn glob(pattern: &str) -> Result<Vec<String>> {
    if !has_magic(pattern) {
        let exists = if pattern.ends_with('/') {
            Path::new(pattern).is_dir()
        } else {
            std::fs::symlink_metadata(pattern).is_ok()
        };
        return Ok(exists.then(|| pattern.to_owned()).into_iter().collect());
    }
    let name = super::base_name(pattern);
    let folder = directory(pattern);
    let folders = match folder {
        "" => vec![String::new()],
        folder if has_magic(folder) && folder != pattern => glob(folder)?,
        folder => vec![folder.to_owned()],
    };
    let mut found = Vec::new();
    for folder in folders {
        for entry in entries(&folder, name)? {
            found.push(match folder.as_str() {
                "" => entry,
                folder if folder.ends_with('/') => format!("{folder}{entry}"),
                folder => format!("{folder}/{entry}"),
            });
        }
    }
    Ok(found)
}

fn has_magic(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

/// The names in a folder that fit a pattern; hidden ones only where the pattern begins with a dot.
fn entries(folder: &str, pattern: &str) -> Result<Vec<String>> {
    if !has_magic(pattern) {
        let whole = format!("{folder}/{pattern}");
        let exists = match pattern {
            "" => Path::new(folder).is_dir(),
            _ => std::fs::symlink_metadata(whole).is_ok(),
        };
        return Ok(exists.then(|| pattern.to_owned()).into_iter().collect());
    }
    let folder = if folder.is_empty() { "." } else { folder };
    let Ok(listing) = std::fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let fits = compile(&translated(pattern), Flags::default())?;
    let mut names = Vec::new();
    for entry in listing.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let hidden = name.starts_with('.') && !pattern.starts_with('.');
        if !hidden && fits.full_match(&name)?.is_some() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// A shell pattern as a regular expression of Python, as `fnmatch.translate` makes it.
pub(in crate::template) fn translated(pattern: &str) -> String {
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::from("(?s:");
    let mut position = 0;
    while let Some(c) = chars.get(position) {
        position += 1;
        match c {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            '[' => position = set(&chars, position, &mut out),
            c => out.push_str(&super::super::super::regex::escape(&c.to_string())),
        }
    }
    out.push(')');
    out
}

/// Writes the set whose bracket stood before `start`; gives the position after it.
fn set(chars: &[char], start: usize, out: &mut String) -> usize {
    let mut end = start;
    if chars.get(end) == Some(&'!') {
        end += 1;
    }
    if chars.get(end) == Some(&']') {
        end += 1;
    }
    while chars.get(end).is_some_and(|c| *c != ']') {
        end += 1;
    }
    if end >= chars.len() {
        out.push_str("\\[");
        return start;
    }
    let mut inside: String = chars[start..end].iter().collect();
    inside = inside.replace('\\', "\\\\").replace('[', "\\[");
    if let Some(rest) = inside.strip_prefix('!') {
        inside = format!("^{rest}");
    } else if inside.starts_with('^') {
        inside.insert(0, '\\');
    }
    out.push('[');
    out.push_str(&inside);
    out.push(']');
    end + 1
}

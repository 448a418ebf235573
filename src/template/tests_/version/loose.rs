//! Versions as Python's old `distutils` compared them.

use std::cmp::Ordering;

/// Numbers as numbers, runs of small letters and whatever stands between as text.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Number(u128),
    Text(String),
}

/// Compares part by part.
///
/// # Errors
/// A number meets a text.
pub(in crate::template) fn loose(a: &str, b: &str) -> Result<Ordering, String> {
    let (a, b) = (parts(a), parts(b));
    for (x, y) in a.iter().zip(&b) {
        if x == y {
            continue;
        }
        return match (x, y) {
            (Part::Number(x), Part::Number(y)) => Ok(x.cmp(y)),
            (Part::Text(x), Part::Text(y)) => Ok(x.cmp(y)),
            (x, y) => Err(format!("{} cannot be compared with {}", shown(x), shown(y))),
        };
    }
    Ok(a.len().cmp(&b.len()))
}

fn shown(part: &Part) -> String {
    match part {
        Part::Number(number) => format!("the number {number}"),
        Part::Text(text) => format!("the text `{text}`"),
    }
}

fn parts(version: &str) -> Vec<Part> {
    /// 0 digits, 1 small letters, 2 a dot, 3 anything else.
    fn class(c: char) -> u8 {
        match c {
            c if c.is_numeric() => 0,
            'a'..='z' => 1,
            '.' => 2,
            _ => 3,
        }
    }
    let mut parts = Vec::new();
    let mut rest = version;
    while let Some(first) = rest.chars().next() {
        let kind = class(first);
        let end = match kind {
            2 => 1,
            _ => rest.find(|c| class(c) != kind).unwrap_or(rest.len()),
        };
        let (part, after) = rest.split_at(end);
        match kind {
            0 => parts.push(
                part.parse()
                    .map_or_else(|_| Part::Text(part.to_owned()), Part::Number),
            ),
            2 => {}
            _ => parts.push(Part::Text(part.to_owned())),
        }
        rest = after;
    }
    parts
}

/// `1.2`, `1.2.3`, `1.2a1`, `1.2.3b2` and nothing else.
pub(super) fn strict(a: &str, b: &str) -> Result<Ordering, String> {
    Ok(read(a)?.cmp(&read(b)?))
}

/// The three numbers, and what comes before the release: a release itself is above.
type Strict = ([u64; 3], Release);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Release {
    Before(char, u64),
    Final,
}

fn read(version: &str) -> Result<Strict, String> {
    read_strict(version).ok_or_else(|| format!("invalid version number '{version}'"))
}

fn read_strict(version: &str) -> Option<Strict> {
    let (numbers, release) = match version.find(['a', 'b']) {
        None => (version, Release::Final),
        Some(at) => {
            let (numbers, before) = version.split_at(at);
            let letter = before.chars().next()?;
            (numbers, Release::Before(letter, digits(before.get(1..)?)?))
        }
    };
    let numbers: Option<Vec<u64>> = numbers.split('.').map(digits).collect();
    match numbers?.as_slice() {
        [major, minor] => Some(([*major, *minor, 0], release)),
        [major, minor, patch] => Some(([*major, *minor, *patch], release)),
        _ => None,
    }
}

fn digits(text: &str) -> Option<u64> {
    let all = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

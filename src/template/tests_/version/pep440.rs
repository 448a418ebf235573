//! Versions of Python packages: `1!2.3rc1.post2.dev3+local.4`.

use std::cmp::Ordering;

use super::super::super::regex::{Flags, Match, compile};

/// The parts that have an order; the local part last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    epoch: u64,
    release: Vec<u64>,
    before: Before,
    /// Nothing is below `post0`.
    post: Option<u64>,
    dev: Dev,
    local: Vec<Local>,
}

/// What comes before a release: a lone `.dev` is below `a1`, a release above `rc9`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Before {
    Dev,
    Pre(char, u64),
    Release,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Dev {
    Number(u64),
    None,
}

/// A text is below a number here.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Text(String),
    Number(u64),
}

/// Epoch, release, pre-release, post-release (two spellings), development release, local version.
const PATTERN: &str = concat!(
    r"\s*v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)",
    r"([-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]+)?)?",
    r"((?:-([0-9]+))|(?:[-_.]?(post|rev|r)[-_.]?([0-9]+)?))?",
    r"([-_.]?dev[-_.]?([0-9]+)?)?",
    r"(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*",
);

/// The order of two versions.
///
/// # Errors
/// One of them is no version of a Python package.
pub fn pep440(a: &str, b: &str) -> Result<Ordering, String> {
    Ok(read(a)?.cmp(&read(b)?))
}

fn read(text: &str) -> Result<Version, String> {
    let bad = || format!("Invalid version: '{text}'");
    let pattern = compile(PATTERN, Flags::of(true, false)).map_err(|error| error.to_string())?;
    let found = pattern
        .full_match(text)
        .map_err(|error| error.to_string())?
        .ok_or_else(bad)?;
    version(&found, text).ok_or_else(bad)
}

fn version(found: &Match, text: &str) -> Option<Version> {
    let group = |number| found.group(text, number);
    let count = |number| group(number).map_or(Some(0), |digits| digits.parse().ok());
    let mut release: Vec<u64> = group(2)?
        .split('.')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    while release.len() > 1 && release.last() == Some(&0) {
        release.pop();
    }
    let post = match group(6) {
        None => None,
        Some(_) if group(7).is_some() => Some(count(7)?),
        Some(_) => Some(count(9)?),
    };
    let dev = match group(10) {
        None => Dev::None,
        Some(_) => Dev::Number(count(11)?),
    };
    let before = match group(4) {
        Some(word) => Before::Pre(letter(word), count(5)?),
        None if post.is_none() && dev != Dev::None => Before::Dev,
        None => Before::Release,
    };
    let local = group(12).map_or_else(Vec::new, |local| {
        local.split(['-', '_', '.']).map(local_part).collect()
    });
    Some(Version {
        epoch: count(1)?,
        release,
        before,
        post,
        dev,
        local,
    })
}

/// `a`, `b` or `r`, in this order.
fn letter(word: &str) -> char {
    match word.to_lowercase().as_str() {
        "alpha" | "a" => 'a',
        "beta" | "b" => 'b',
        _ => 'r',
    }
}

fn local_part(part: &str) -> Local {
    part.parse()
        .map_or_else(|_| Local::Text(part.to_lowercase()), Local::Number)
}

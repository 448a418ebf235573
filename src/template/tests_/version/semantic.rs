//! Semantic versions: `1.2.3-rc.1+build`.

use std::cmp::Ordering;

/// A part of what stands after the hyphen; a number is below a text.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Text(String),
}

pub(super) fn semantic(a: &str, b: &str) -> Result<Ordering, String> {
    let bad = |text: &str| format!("invalid semantic version '{text}'");
    let (core_a, pre_a) = read(a).ok_or_else(|| bad(a))?;
    let (core_b, pre_b) = read(b).ok_or_else(|| bad(b))?;
    Ok(core_a
        .cmp(&core_b)
        .then_with(|| match (pre_a.is_empty(), pre_b.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => pre_a.cmp(&pre_b),
        }))
}

/// The three numbers and the parts of the pre-release; the build means nothing.
fn read(version: &str) -> Option<([u64; 3], Vec<Part>)> {
    let (version, build) = match version.split_once('+') {
        Some((version, build)) => (version, Some(build)),
        None => (version, None),
    };
    if build.is_some_and(|build| !build.split('.').all(is_word)) {
        return None;
    }
    let (core, pre) = match version.split_once('-') {
        Some((core, pre)) => (core, Some(pre)),
        None => (version, None),
    };
    let numbers: Option<Vec<u64>> = core.split('.').map(number).collect();
    let core = <[u64; 3]>::try_from(numbers?).ok()?;
    let parts: Option<Vec<Part>> =
        pre.map_or(Some(Vec::new()), |pre| pre.split('.').map(part).collect());
    Some((core, parts?))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Digits without a leading zero.
fn number(text: &str) -> Option<u64> {
    let fits = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    fits.then(|| text.parse().ok()).flatten()
}

fn part(text: &str) -> Option<Part> {
    if !is_word(text) {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return number(text).map(Part::Number);
    }
    Some(Part::Text(text.to_owned()))
}

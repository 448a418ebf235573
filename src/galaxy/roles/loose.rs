//! Versions of roles, which are tags of any form: ordered as Python's `LooseVersion` orders them.

use std::cmp::Ordering;

use crate::error::{Error, Result};

#[derive(Debug, PartialEq)]
enum Part<'a> {
    Number(u64),
    Word(&'a str),
}

/// The newest of several versions.
///
/// # Errors
/// Numbers and words would have to be compared.
pub fn newest<'a>(names: &[&'a str]) -> Result<&'a str> {
    let mut best: Option<&'a str> = None;
    for name in names {
        let is_newer = match best {
            None => true,
            Some(best) => {
                let order = compare(name, best).ok_or_else(|| {
                    Error::input(format!(
                        "unable to compare role versions ({}) to determine the most recent version \
                         due to incompatible version formats",
                        names.join(", ")
                    ))
                    .hint("name the version that you want")
                })?;
                order == Ordering::Greater
            }
        };
        if is_newer {
            best = Some(name);
        }
    }
    best.ok_or_else(|| Error::input("there is no version"))
}

fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parts(a), parts(b));
    for (a, b) in a.iter().zip(&b) {
        let order = match (a, b) {
            (Part::Number(a), Part::Number(b)) => a.cmp(b),
            (Part::Word(a), Part::Word(b)) => a.cmp(b),
            _ => return None,
        };
        if order != Ordering::Equal {
            return Some(order);
        }
    }
    Some(a.len().cmp(&b.len()))
}

/// Numbers, runs of small letters, and what stands between them; dots only separate.
fn parts(text: &str) -> Vec<Part<'_>> {
    let class = |letter: char| match letter {
        '0'..='9' => 0,
        'a'..='z' => 1,
        '.' => 2,
        _ => 3,
    };
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = class(first);
        let end = match kind {
            2 => 1,
            _ => rest.find(|c| class(c) != kind).unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(end);
        match word.parse() {
            Ok(number) if kind == 0 => all.push(Part::Number(number)),
            _ if kind == 2 => (),
            _ => all.push(Part::Word(word)),
        }
        rest = after;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::newest;

    #[test]
    fn the_newest_is_found_as_the_reference_finds_it() {
        assert_eq!(newest(&["1.9.0", "1.10.0", "1.2"]).unwrap(), "1.10.0");
        assert_eq!(newest(&["v1.0", "v1.0.1", "v0.9"]).unwrap(), "v1.0.1");
        assert_eq!(newest(&["1.0", "1.0b"]).unwrap(), "1.0b");
        assert!(newest(&["v1.0", "1.1"]).is_err());
        assert!(newest(&[]).is_err());
    }
}

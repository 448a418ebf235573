//! Versions of collections (SemVer 2) and the ranges that requirements write.

use std::cmp::Ordering;
use std::fmt;

use pubgrub::Ranges;

use crate::error::{Error, Result};

/// A version; build metadata does not order.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Version(semver::Version);

impl Version {
    /// The version that `text` writes.
    ///
    /// # Errors
    /// It is not `MAJOR.MINOR.PATCH` with what SemVer allows behind it.
    pub fn parse(text: &str) -> Result<Version> {
        semver::Version::parse(text)
            .map(Version)
            .map_err(|error| Error::input(format!("`{text}` is not a version as `1.2.3`: {error}")))
    }

    /// The version that a requirement writes: `1` and `1.2` mean `1.0.0` and `1.2.0`.
    ///
    /// # Errors
    /// It is no version either way.
    pub fn loose(text: &str) -> Result<Version> {
        let (core, rest) = match text.find(['-', '+']) {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let mut parts: Vec<&str> = core.split('.').collect();
        while parts.len() < 3 {
            parts.push("0");
        }
        Version::parse(&format!("{}{rest}", parts.join(".")))
    }

    /// Says whether it comes before a release.
    pub fn is_pre_release(&self) -> bool {
        !self.0.pre.is_empty()
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp_precedence(&other.0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Versions that a requirement takes, as it writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    text: String,
    versions: Ranges<Version>,
}

impl Range {
    /// Every version.
    pub fn any() -> Range {
        Range {
            text: "*".to_owned(),
            versions: Ranges::full(),
        }
    }

    /// The versions of `>=1.0.0,<2`, `1.2.3`, `!=1.1.0` or `*`.
    ///
    /// # Errors
    /// A part is no version.
    pub fn parse(text: &str) -> Result<Range> {
        let mut versions = Ranges::full();
        for part in text.split(',').map(str::trim) {
            versions = versions.intersection(&part_of(part).map_err(|error| {
                Error::input(format!("`{text}` is not a range of versions")).because(error)
            })?);
        }
        Ok(Range {
            text: text.to_owned(),
            versions,
        })
    }

    /// Says whether it takes a version.
    pub fn contains(&self, version: &Version) -> bool {
        self.versions.contains(version)
    }

    /// The range as the resolver takes it.
    pub fn ranges(&self) -> &Ranges<Version> {
        &self.versions
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn part_of(part: &str) -> Result<Ranges<Version>> {
    const SIGNS: [&str; 7] = ["!=", "==", ">=", "<=", "=", ">", "<"];
    let found = SIGNS
        .iter()
        .find_map(|sign| Some((*sign, part.strip_prefix(sign)?.trim())));
    let (sign, text) = found.unwrap_or(("=", part));
    if text == "*" {
        return Ok(Ranges::full());
    }
    let version = Version::loose(text)?;
    Ok(match sign {
        "!=" => Ranges::singleton(version).complement(),
        ">=" => Ranges::higher_than(version),
        "<=" => Ranges::lower_than(version),
        ">" => Ranges::strictly_higher_than(version),
        "<" => Ranges::strictly_lower_than(version),
        _ => Ranges::singleton(version),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(range: &str, version: &str) -> bool {
        let range = Range::parse(range).unwrap();
        range.contains(&Version::parse(version).unwrap())
    }

    #[test]
    fn ranges_are_read_as_the_reference_reads_them() {
        for (range, inside, outside) in [
            ("*", "1.0.0-beta", ""),
            ("1.0.0", "1.0.0", "1.0.1"),
            ("==1", "1.0.0", "1.0.1"),
            (">=1.0,<2", "1.9.9", "2.0.0"),
            (">=1.0,<2", "2.0.0-a", "1.0.0-a"),
            ("!=1.1.0", "1.1.1", "1.1.0"),
            (">1.0.0, <=1.2.0", "1.2.0", "1.0.0"),
            ("=1.2.3-alpha.4", "1.2.3-alpha.4", "1.2.3"),
        ] {
            assert!(takes(range, inside), "{range} {inside}");
            assert!(outside.is_empty() || !takes(range, outside), "{range}");
        }
        for wrong in ["1.x", ">=", "a", "", ">1.2.3.4"] {
            assert!(Range::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn versions_order_as_semver_orders_them() {
        let sorted = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0",
        ];
        for pair in sorted.windows(2) {
            assert!(Version::parse(pair[0]).unwrap() < Version::parse(pair[1]).unwrap());
        }
        assert!(Version::parse("1.0").is_err());
    }
}

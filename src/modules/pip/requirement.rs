//! What a task names: `django>=4,<5`, an address, a folder.

use std::cmp::Ordering;

use crate::template::pep440;

/// A package as the task names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The words as they stand.
    pub text: String,
    /// The name and the bounds, where check mode can compare them with what is installed.
    pub known: Option<(String, Vec<(String, String)>)>,
}

/// The operators, longer ones first.
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// What a list argument split at commas, put together again: `a>1`, `<2` is one package.
pub fn join(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let bound = OPERATORS.iter().any(|operator| name.starts_with(operator));
        match all.last_mut().filter(|_| bound) {
            Some(last) => *last = format!("{last},{name}"),
            None => all.push(name.to_owned()),
        }
    }
    all
}

impl Requirement {
    pub fn read(text: &str) -> Requirement {
        Requirement {
            known: parse(text),
            text: text.to_owned(),
        }
    }

    /// Says whether the package comes from a repository of sources.
    pub fn is_vcs(&self) -> bool {
        ["git+", "hg+", "svn+", "bzr+"].iter().any(|begin| self.text.contains(begin))
    }

    /// The same with a version: `1.2`, or `>=1.2`.
    pub fn with_version(&self, version: &str) -> Requirement {
        let exact = version.starts_with(|c: char| c.is_ascii_digit());
        let between = if exact { "==" } else { "" };
        Requirement::read(&format!("{}{between}{version}", self.text))
    }

    /// Says whether the bounds name a version.
    pub fn has_bounds(&self) -> bool {
        self.known.as_ref().is_some_and(|(_, bounds)| !bounds.is_empty())
    }

    /// The installed version out of `name==version` lines.
    pub fn installed<'a>(&self, listed: &'a str) -> Option<&'a str> {
        let (name, _) = self.known.as_ref()?;
        let mut lines = listed.lines().filter_map(|line| line.split_once("=="));
        lines.find(|(known, _)| normal(known) == *name).map(|(_, version)| version.trim())
    }

    /// Says whether what is installed is what is wanted.
    pub fn is_satisfied(&self, listed: &str) -> bool {
        let bounds = self.known.as_ref().map(|(_, bounds)| bounds.as_slice());
        let Some(version) = self.installed(listed) else {
            return false;
        };
        bounds.unwrap_or_default().iter().all(|(operator, bound)| accepts(operator, version, bound))
    }
}

fn parse(text: &str) -> Option<(String, Vec<(String, String)>)> {
    if text.contains(['/', ';', '@']) {
        return None;
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)));
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    let mut rest = rest.trim();
    if let Some(extras) = rest.strip_prefix('[') {
        rest = extras.split_once(']')?.1.trim();
    }
    let rest = rest.trim_start_matches('(').trim_end_matches(')');
    let mut bounds = Vec::new();
    for bound in rest.split(',').map(str::trim).filter(|bound| !bound.is_empty()) {
        let operator = OPERATORS.iter().find(|operator| bound.starts_with(**operator))?;
        let version = bound.get(operator.len()..)?.trim();
        bounds.push(((*operator).to_owned(), version.to_owned()));
    }
    let plain = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    plain.then(|| (normal(name), bounds))
}

/// The one spelling of a package's name.
fn normal(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    let parts = lower.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// Says whether a version is within a bound; one that cannot be read is not.
fn accepts(operator: &str, version: &str, bound: &str) -> bool {
    if operator == "===" {
        return version == bound;
    }
    if let Some(prefix) = bound.strip_suffix(".*") {
        return begins(version, prefix) == (operator == "==");
    }
    // A local version is no part of the order, unless the bound has one too.
    let public = version.split('+').next().unwrap_or(version);
    let version = if bound.contains('+') { version } else { public };
    let Ok(order) = pep440(version, bound) else {
        return false;
    };
    match operator {
        "==" => order == Ordering::Equal,
        "!=" => order != Ordering::Equal,
        "<=" => order != Ordering::Greater,
        ">=" => order != Ordering::Less,
        "<" => order == Ordering::Less,
        ">" => order == Ordering::Greater,
        _ => {
            let prefix = bound.rsplit_once('.').map_or(bound, |(prefix, _)| prefix);
            order != Ordering::Less && begins(version, prefix)
        }
    }
}

/// Says whether the numbers of a version begin with those of another.
fn begins(version: &str, prefix: &str) -> bool {
    let numbers = version.split(['+', 'a', 'b', 'r', 'd', 'p']).next().unwrap_or("");
    let mut numbers = numbers.trim_end_matches('.').split('.');
    prefix.split('.').all(|part| part == numbers.next().unwrap_or("0"))
}

#[cfg(test)]
mod tests {
    use super::{Requirement, join};

    #[test]
    fn bounds_are_minded() {
        let listed = "Django==4.2.1\nzope.interface==5.0\npip==23.2.1+local\n";
        for (text, satisfied) in [
            ("django", true),
            ("Django>=4,<5", true),
            ("django[argon2]>=4", true),
            ("django==4.2.*", true),
            ("django!=4.2.*", false),
            ("django~=4.1", true),
            ("django~=4.1.0", false),
            ("django==4.2.1", true),
            ("django===4.2", false),
            ("django>4.2.1", false),
            ("zope_interface (==5.0.0)", true),
            ("pip==23.2.1", true),
            ("absent", false),
        ] {
            assert_eq!(Requirement::read(text).is_satisfied(listed), satisfied, "{text}");
        }
    }

    #[test]
    fn names_are_put_together() {
        let names = ["a>1", "<2", " b ", "git+https://x/y"].map(str::to_owned);
        assert_eq!(join(&names), ["a>1,<2", "b", "git+https://x/y"]);
        assert!(Requirement::read("git+https://x/y").known.is_none());
        assert!(Requirement::read("./folder").known.is_none());
        assert_eq!(Requirement::read("a").with_version("1.0").text, "a==1.0");
        assert_eq!(Requirement::read("a").with_version(">1").text, "a>1");
    }
}

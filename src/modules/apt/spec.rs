//! What a user writes as a package's name, and what dpkg and apt know of it.

use std::collections::HashMap;

use super::version::compare;
use crate::modules::fnmatch;
use crate::shell::Reply;

/// One entry of `name`: `curl`, `curl=7.*`, `curl>=7`, `curl/bookworm-backports`, `lib*-dev`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The name or pattern.
    pub name: String,
    /// The version that is wanted: `=` or `>=`, and the version, which may be a pattern after `=`.
    pub version: Option<(&'static str, String)>,
    /// The release it is to come from.
    pub release: Option<String>,
}

impl Spec {
    /// Reads one entry.
    pub fn read(text: &str) -> Spec {
        let text = text.trim();
        for relation in [">=", "="] {
            if let Some((name, version)) = text.split_once(relation) {
                return Spec {
                    name: name.trim().to_owned(),
                    version: Some((relation, version.trim().to_owned())),
                    release: None,
                };
            }
        }
        let (name, release) = match text.split_once('/') {
            Some((name, release)) => (name, Some(release.to_owned())),
            None => (text, None),
        };
        Spec {
            name: name.to_owned(),
            version: None,
            release,
        }
    }

    fn fits(&self, version: &str) -> bool {
        match &self.version {
            None => true,
            Some((">=", least)) => compare(version, least).is_ge(),
            Some((_, pattern)) => fnmatch::matches(pattern, version),
        }
    }
}

/// What is known of the packages that were asked about.
#[derive(Debug, Default)]
pub struct Known {
    names: Vec<String>,
    states: HashMap<String, Package>,
    provided: HashMap<String, String>,
    automatic: Vec<String>,
    candidates: HashMap<String, String>,
}

/// A package as dpkg knows it.
#[derive(Debug)]
struct Package {
    installed: bool,
    configured_only: bool,
    version: String,
}

/// What has to be done with packages.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Todo {
    /// Words for `apt-get install`.
    pub names: Vec<String>,
    /// Names, relations and versions that have to be resolved on the host, three words each.
    pub specs: Vec<String>,
    /// Packages that are here by chance and are asked for now.
    pub manual: Vec<String>,
    /// Patterns that no package matches.
    pub unmatched: Vec<String>,
}

impl Todo {
    /// Says whether apt-get has nothing to do.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.specs.is_empty()
    }
}

impl Known {
    /// Reads the answers of `apt_probe`.
    pub fn of(reply: &Reply) -> Known {
        let text = |name: &str| reply.text(name).unwrap_or_default();
        Known {
            names: text("names").split_whitespace().map(str::to_owned).collect(),
            states: states(&text("installed")),
            provided: provided(&text("providers")),
            automatic: automatic(&text("automatic")),
            candidates: candidates(&text("policy")),
        }
    }

    /// What has to be installed; `latest` also where another version than the candidate is here.
    pub fn to_install(&self, specs: &[Spec], latest: bool, only_upgrade: bool) -> Todo {
        let mut todo = Todo::default();
        for spec in specs {
            let names = self.matching(spec);
            if names.is_empty() {
                todo.unmatched.push(spec.name.clone());
            }
            for name in names {
                self.judge(spec, name, latest, only_upgrade, &mut todo);
            }
        }
        todo
    }

    fn judge(&self, spec: &Spec, name: &str, latest: bool, only_upgrade: bool, todo: &mut Todo) {
        match self.states.get(name).filter(|package| package.installed) {
            Some(package) if self.satisfies(spec, name, package, latest) => {
                if self.automatic.iter().any(|known| known == bare(name)) {
                    todo.manual.push(name.to_owned());
                }
            }
            None if only_upgrade => {}
            None if spec.version.is_none() && self.provided.contains_key(name) => {}
            _ => todo.add(spec, name),
        }
    }

    fn satisfies(&self, spec: &Spec, name: &str, package: &Package, latest: bool) -> bool {
        if spec.version.is_some() {
            return spec.fits(&package.version);
        }
        if let Some(release) = &spec.release {
            return self.candidates.get(&format!("{name}/{release}")) == Some(&package.version);
        }
        if !latest {
            return true;
        }
        match self.candidates.get(name) {
            Some(candidate) => compare(candidate, &package.version).is_le(),
            None => true,
        }
    }

    /// The packages that have to go; `purge` also where only their configuration is left.
    pub fn to_remove(&self, specs: &[Spec], purge: bool) -> Vec<String> {
        let here = |name: &str| {
            self.states
                .get(name)
                .is_some_and(|package| package.installed || purge && package.configured_only)
        };
        let names = specs.iter().flat_map(|spec| self.matching(spec));
        names.filter(|name| here(name)).map(str::to_owned).collect()
    }

    /// The names that an entry means.
    fn matching<'a>(&'a self, spec: &'a Spec) -> Vec<&'a str> {
        if !fnmatch::is_pattern(&spec.name) {
            return vec![&spec.name];
        }
        let names = self.names.iter().map(String::as_str);
        names.filter(|name| fnmatch::matches(&spec.name, name)).collect()
    }
}

impl Todo {
    fn add(&mut self, spec: &Spec, name: &str) {
        match (&spec.version, &spec.release) {
            (Some((relation, version)), _) => {
                let words = [name, relation, version.as_str()];
                self.specs.extend(words.map(str::to_owned));
            }
            (None, Some(release)) => self.names.push(format!("{name}/{release}")),
            (None, None) => self.names.push(name.to_owned()),
        }
    }
}

/// The name without its architecture.
fn bare(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

/// `ii \tcurl\tamd64\t7.88` lines: by name, and by name and architecture.
fn states(text: &str) -> HashMap<String, Package> {
    let mut map = HashMap::new();
    for line in text.lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default().to_owned();
        let (status, name, architecture, version) = (next(), next(), next(), next());
        let state = status.chars().nth(1);
        let package = |version: &str| Package {
            installed: state == Some('i'),
            configured_only: state == Some('c'),
            version: version.to_owned(),
        };
        map.insert(format!("{name}:{architecture}"), package(&version));
        let known: Option<&Package> = map.get(&name);
        if !known.is_some_and(|known| known.installed) {
            map.insert(name, package(&version));
        }
    }
    map
}

/// What installed packages provide: the virtual name, and who provides it.
fn provided(text: &str) -> HashMap<String, String> {
    let mut map = HashMap::new();
    for line in text.lines().filter(|line| line.chars().nth(1) == Some('i')) {
        let mut fields = line.split('\t').skip(1);
        let (Some(name), Some(provides)) = (fields.next(), fields.next()) else {
            continue;
        };
        for word in provides.split(',') {
            if let Some(virtual_name) = word.split_whitespace().next() {
                map.insert(virtual_name.to_owned(), name.to_owned());
            }
        }
    }
    map
}

/// The packages of `extended_states` that are marked as automatic.
fn automatic(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut name = "";
    for line in text.lines() {
        if let Some(package) = line.strip_prefix("Package: ") {
            name = package;
        } else if line == "Auto-Installed: 1" {
            names.push(name.to_owned());
        }
    }
    names
}

/// The candidates of `apt-cache policy`, and for each release the version it has: `curl/stable`.
fn candidates(text: &str) -> HashMap<String, String> {
    let mut map: HashMap<String, String> = HashMap::new();
    let (mut name, mut version) = (String::new(), String::new());
    for line in text.lines() {
        if let Some(package) = line.strip_suffix(':').filter(|line| !line.starts_with(' ')) {
            name = package.to_owned();
        } else if let Some(candidate) = line.strip_prefix("  Candidate: ") {
            if candidate != "(none)" {
                map.insert(name.clone(), candidate.to_owned());
            }
        } else if let Some(source) = line.strip_prefix("        ") {
            for release in releases(source) {
                map.entry(format!("{name}/{release}")).or_insert_with(|| version.clone());
            }
        } else if let Some(row) = line.get(5..).filter(|_| line.starts_with([' ', '*'])) {
            version = row.split_whitespace().next().unwrap_or_default().to_owned();
        }
    }
    map
}

/// `500 http://deb.debian.org/debian bookworm/main amd64 Packages`: the release's name.
fn releases(source: &str) -> impl Iterator<Item = &str> {
    let mut words = source.split_whitespace().skip(2);
    words.next().and_then(|word| word.split('/').next()).into_iter()
}

#[cfg(test)]
mod tests {
    use super::{Spec, automatic, candidates};

    #[test]
    fn automatic_packages_are_read() {
        let text = "Package: a\nArchitecture: all\nAuto-Installed: 1\n--\nPackage: b\nArchitecture: all\nAuto-Installed: 0\n";
        assert_eq!(automatic(text), ["a"]);
    }

    #[test]
    fn specs_are_read() {
        for (text, name, version, release) in [
            ("curl", "curl", None, None),
            ("curl=7.*", "curl", Some(("=", "7.*")), None),
            ("curl >= 7", "curl", Some((">=", "7")), None),
            ("curl/stable", "curl", None, Some("stable")),
            ("libc6:i386", "libc6:i386", None, None),
        ] {
            let spec = Spec::read(text);
            assert_eq!(spec.name, name);
            assert_eq!(spec.version.as_ref().map(|(a, b)| (*a, b.as_str())), version);
            assert_eq!(spec.release.as_deref(), release);
        }
    }

    #[test]
    fn candidates_are_read_from_policy() {
        let text = "tree:\n  Installed: (none)\n  Candidate: 2.1.0-1\n  Version table:\n     2.2.1-1~bpo12+1 100\n        100 http://deb.debian.org/debian bookworm-backports/main amd64 Packages\n     2.1.0-1 500\n        500 http://deb.debian.org/debian bookworm/main amd64 Packages\nnope:\n  Candidate: (none)\n";
        let map = candidates(text);
        assert_eq!(map.get("tree").map(String::as_str), Some("2.1.0-1"));
        assert_eq!(map.get("tree/bookworm-backports").map(String::as_str), Some("2.2.1-1~bpo12+1"));
        assert_eq!(map.get("nope"), None);
    }
}

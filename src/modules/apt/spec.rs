//! What a user writes as a package's name, and what dpkg and apt know of it.

use std::collections::HashMap;

use super::version::compare;
use crate::modules::fnmatch;
use crate::shell::Reply;

/// One entry of `name`: `curl`, `curl=7.*`, `curl>=7`, `lib*-dev`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The entry as the user wrote it.
    pub text: String,
    /// The name or pattern.
    pub name: String,
    /// The version that is wanted: `=` or `>=`, and the version, which may be a pattern after `=`.
    pub version: Option<(&'static str, String)>,
}

impl Spec {
    /// Reads one entry.
    pub fn read(text: &str) -> Spec {
        let text = text.trim();
        let version = [">=", "="].into_iter().find_map(|relation| {
            let (name, version) = text.split_once(relation)?;
            Some((name, (relation, version.trim().to_owned())))
        });
        Spec {
            text: text.to_owned(),
            name: version.as_ref().map_or(text, |(name, _)| name.trim()).to_owned(),
            version: version.map(|(_, version)| version),
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
    automatic: Vec<String>,
    offers: HashMap<String, Offer>,
    providers: HashMap<String, Vec<String>>,
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
    pub words: Vec<String>,
    /// Packages that are here by chance and are asked for now.
    pub manual: Vec<String>,
}

impl Known {
    /// Reads the answers of `apt_probe`.
    pub fn of(reply: &Reply) -> Known {
        let text = |name: &str| reply.text(name).unwrap_or_default();
        Known {
            // A name may be empty, or be no name at all.
            names: text("names").split('\n').map(str::to_owned).collect(),
            states: states(&text("installed")),
            automatic: automatic(&text("automatic")),
            offers: offers(&text("policy")),
            providers: providers(&reply.all("providers").join("\n")),
        }
    }

    /// What has to be installed; `latest` also where another version than the candidate is here.
    ///
    /// # Errors
    /// The reference's words for the first entry that cannot be had.
    pub fn to_install(&self, specs: &[Spec], latest: bool, only_upgrade: bool) -> Result<Todo, String> {
        let mut todo = Todo::default();
        for spec in specs {
            for name in self.matching(spec)? {
                self.judge(spec, name, latest, only_upgrade, &mut todo)?;
            }
        }
        Ok(todo)
    }

    fn judge(&self, spec: &Spec, name: &str, latest: bool, only_upgrade: bool, todo: &mut Todo) -> Result<(), String> {
        let package = self.states.get(name).filter(|package| package.installed);
        let offer = self.offers.get(name).filter(|offer| !offer.versions.is_empty());
        if package.is_none() && offer.is_none() {
            return self.judge_virtual(spec, name, only_upgrade, todo);
        }
        if package.is_none() && only_upgrade {
            return Ok(());
        }
        let satisfied = package.is_some_and(|package| spec.fits(&package.version));
        let best = offer.and_then(|offer| offer.best(spec));
        let installable = best.filter(|best| package.is_none_or(|package| package.version != **best));
        match (installable, &spec.version) {
            (None, _) if !satisfied => {
                return Err(format!("no available installation candidate for {}", spec.text));
            }
            (Some(version), _) if latest || !satisfied => todo.words.push(format!("{name}={version}")),
            // A pattern of versions that a newer one matches too.
            (Some(_), Some(("=", pattern))) => todo.words.push(format!("{name}={pattern}")),
            _ => {
                if self.automatic.iter().any(|known| known == bare(name)) {
                    todo.manual.push(name.to_owned());
                }
            }
        }
        Ok(())
    }

    /// A name without any version: others may provide it.
    fn judge_virtual(&self, spec: &Spec, name: &str, only_upgrade: bool, todo: &mut Todo) -> Result<(), String> {
        match self.providers.get(name).map(Vec::as_slice) {
            None | Some([]) => return Err(format!("No package matching '{name}' is available")),
            Some([one]) if one.ends_with("=i") => (),
            Some(_) if only_upgrade => (),
            Some(_) => todo.words.push(match &spec.version {
                Some((_, version)) => format!("{name}={version}"),
                None => name.to_owned(),
            }),
        }
        Ok(())
    }

    /// The packages that have to go; `purge` also where only their configuration is left.
    ///
    /// # Errors
    /// The reference's words for a pattern that no package matches.
    pub fn to_remove(&self, specs: &[Spec], purge: bool) -> Result<Vec<String>, String> {
        let mut names = Vec::new();
        for spec in specs {
            for name in self.matching(spec)? {
                let goes = self.states.get(name).is_some_and(|package| {
                    package.installed && spec.fits(&package.version) || purge && package.configured_only
                });
                if goes {
                    let version = spec.version.as_ref().map(|(relation, version)| format!("{relation}{version}"));
                    names.push(format!("{name}{}", version.unwrap_or_default()));
                }
            }
        }
        Ok(names)
    }

    /// The names that an entry means.
    fn matching<'a>(&'a self, spec: &'a Spec) -> Result<Vec<&'a str>, String> {
        if !fnmatch::is_pattern(&spec.name) {
            return Ok(vec![&spec.name]);
        }
        let names = self.names.iter().map(String::as_str);
        let names: Vec<&str> = names.filter(|name| fnmatch::matches(&spec.name, name)).collect();
        match names.is_empty() {
            true => Err(format!("No package(s) matching '{}' available", spec.name)),
            false => Ok(names),
        }
    }
}

/// What the sources offer of a package.
#[derive(Debug, Default, PartialEq, Eq)]
struct Offer {
    candidate: Option<String>,
    /// The newest first.
    versions: Vec<String>,
}

impl Offer {
    /// The version that would be installed: a pattern finds the newest that matches, anything else
    /// looks at the candidate alone.
    fn best(&self, spec: &Spec) -> Option<&String> {
        match &spec.version {
            Some(("=", _)) => self.versions.iter().find(|version| spec.fits(version)),
            _ => self.candidate.as_ref().filter(|version| spec.fits(version)),
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

/// `awk mawk=i gawk` lines: a virtual name, and who provides it; `=i` where that is installed.
fn providers(text: &str) -> HashMap<String, Vec<String>> {
    let mut map = HashMap::new();
    for line in text.lines() {
        let mut words = line.split_whitespace().map(str::to_owned);
        if let Some(name) = words.next() {
            let mut providers: Vec<String> = words.collect();
            providers.sort();
            providers.dedup();
            map.insert(name, providers);
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

/// What `apt-cache policy` says of each package.
fn offers(text: &str) -> HashMap<String, Offer> {
    let mut map: HashMap<String, Offer> = HashMap::new();
    let mut offer = None;
    for line in text.lines() {
        if let Some(name) = line.strip_suffix(':').filter(|line| !line.starts_with(' ')) {
            offer = Some(map.entry(name.to_owned()).or_default());
        } else if let Some(offer) = &mut offer {
            offer.read(line);
        }
    }
    map
}

impl Offer {
    /// `  Candidate: 2.1`, or a row of the table: ` *** 2.1.0-1 500`, `     2.1.0-1 500`.
    fn read(&mut self, line: &str) {
        if let Some(candidate) = line.strip_prefix("  Candidate: ") {
            self.candidate = Some(candidate).filter(|candidate| *candidate != "(none)").map(str::to_owned);
        } else if let Some(row) = line.strip_prefix("     ").or_else(|| line.strip_prefix(" *** "))
            && !row.starts_with(' ')
        {
            self.versions.extend(row.split_whitespace().next().map(str::to_owned));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Offer, Spec, automatic, offers, providers};

    #[test]
    fn automatic_packages_are_read() {
        let text = "Package: a\nArchitecture: all\nAuto-Installed: 1\n--\nPackage: b\nArchitecture: all\nAuto-Installed: 0\n";
        assert_eq!(automatic(text), ["a"]);
    }

    #[test]
    fn specs_are_read() {
        for (text, name, version) in [
            ("curl", "curl", None),
            ("curl=7.*", "curl", Some(("=", "7.*"))),
            ("curl >= 7", "curl", Some((">=", "7"))),
            ("curl/stable", "curl/stable", None),
            ("libc6:i386", "libc6:i386", None),
        ] {
            let spec = Spec::read(text);
            assert_eq!(spec.name, name);
            assert_eq!(spec.version.as_ref().map(|(a, b)| (*a, b.as_str())), version);
        }
    }

    #[test]
    fn offers_are_read_from_policy() {
        let text = "tree:\n  Installed: 2.1.0-1\n  Candidate: 2.1.0-1\n  Version table:\n     2.2.1-1~bpo12+1 100\n        100 http://deb.debian.org/debian bookworm-backports/main amd64 Packages\n *** 2.1.0-1 500\n        500 http://deb.debian.org/debian bookworm/main amd64 Packages\n        100 /var/lib/dpkg/status\nawk:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n";
        let map = offers(text);
        let tree = Offer {
            candidate: Some("2.1.0-1".to_owned()),
            versions: vec!["2.2.1-1~bpo12+1".to_owned(), "2.1.0-1".to_owned()],
        };
        assert_eq!(tree.best(&Spec::read("tree=2.2*")).map(String::as_str), Some("2.2.1-1~bpo12+1"));
        assert_eq!(tree.best(&Spec::read("tree>=2.2")), None);
        assert_eq!(map.get("tree"), Some(&tree));
        assert_eq!(map.get("awk"), Some(&Offer::default()));
    }

    #[test]
    fn providers_are_told_once() {
        let map = providers("awk mawk=i gawk mawk=i\nnothing\n");
        assert_eq!(map["awk"], ["gawk", "mawk=i"]);
        assert!(map["nothing"].is_empty());
    }
}

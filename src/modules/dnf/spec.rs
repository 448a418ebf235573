//! What rpm knows of what a user wrote as a package's name.

use super::version::compare;
use crate::shell::Reply;

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its epoch; 0 where it has none.
    pub epoch: String,
    /// Its version.
    pub version: String,
    /// Its release.
    pub release: String,
    /// Its architecture.
    pub architecture: String,
}

/// One entry of `name`, and what is there of it.
#[derive(Clone, Debug)]
pub struct Spec {
    /// As the user wrote it.
    pub text: String,
    /// The packages that it names and that are installed.
    pub here: Vec<Package>,
    /// Packages of the same name in another version.
    pub other: Vec<Package>,
}

impl Package {
    /// Reads `name|epoch|version|release|architecture`.
    pub fn read(line: &str) -> Option<Package> {
        let mut fields = line.split('|').map(str::to_owned);
        Some(Package {
            name: fields.next()?,
            epoch: fields.next()?,
            version: fields.next()?,
            release: fields.next()?,
            architecture: fields.next()?,
        })
    }
}

impl Spec {
    /// The specs in the answers of `dnf_probe`, in their order.
    pub fn all(reply: &Reply) -> Vec<Spec> {
        let mut specs: Vec<Spec> = Vec::new();
        for (name, bytes) in &reply.answers {
            let text = String::from_utf8_lossy(bytes);
            let packages = || text.lines().filter_map(Package::read).collect();
            match (name.as_str(), specs.last_mut()) {
                ("spec", _) => specs.push(Spec {
                    text: text.into_owned(),
                    here: Vec::new(),
                    other: Vec::new(),
                }),
                ("here", Some(spec)) => spec.here = packages(),
                ("other", Some(spec)) => spec.other = packages(),
                _ => {}
            }
        }
        specs
    }

    /// Says whether it is a file or an address.
    pub fn is_file(&self) -> bool {
        self.text.contains("://") || self.text.ends_with(".rpm")
    }

    /// Says whether it names one package: no group, file or pattern.
    pub fn is_plain(&self) -> bool {
        !self.is_file() && !self.text.starts_with('@') && !self.text.contains(['*', '?', '['])
    }

    /// Says whether a package of a newer version than the one that is asked for is installed.
    pub fn is_older_than_installed(&self) -> bool {
        self.other.iter().any(|package| {
            let Some(rest) = self.text.strip_prefix(&format!("{}-", package.name)) else {
                return false;
            };
            let rest = rest.strip_suffix(&format!(".{}", package.architecture)).unwrap_or(rest);
            let rest = rest.split_once(':').map_or(rest, |(_, version)| version);
            let (version, release) = rest.split_once('-').unwrap_or((rest, ""));
            let by_release = || match release {
                "" => std::cmp::Ordering::Equal,
                release => compare(&package.release, release),
            };
            compare(&package.version, version).then_with(by_release).is_gt()
        })
    }
}

/// The names in `check-update`'s answer, without their architectures; what only replaces other
/// packages is left out.
pub fn updates(text: &str) -> Vec<String> {
    text.lines()
        .take_while(|line| !line.starts_with("Obsoleting"))
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let name = words.next()?;
            words.nth(1)?;
            let (name, _) = name.rsplit_once('.')?;
            Some(name.to_owned())
        })
        .collect()
}

/// Says whether a group's name or id stands in the list of groups that are installed.
pub fn has_group(list: &str, group: &str) -> bool {
    let wanted = group.trim_start_matches(['@', '^']).to_lowercase();
    list.lines().any(|line| {
        let line = line.trim().to_lowercase();
        let (name, id) = match line.rsplit_once(" (") {
            Some((name, id)) => (name, id.trim_end_matches(')')),
            None => (line.as_str(), line.split_whitespace().next().unwrap_or_default()),
        };
        name == wanted || id == wanted
    })
}

#[cfg(test)]
mod tests {
    use super::{Package, Spec, has_group, updates};

    #[test]
    fn updates_are_names() {
        let text = "\nkernel.x86_64   5.14.0-1   baseos\nlibstdc++.i686 11-2 appstream\nObsoleting Packages\nnew.noarch 1 x\n";
        assert_eq!(updates(text), ["kernel", "libstdc++"]);
    }

    #[test]
    fn an_older_version_is_known_as_such() {
        let package = Package::read("tree|0|1.8.0|10.el9|x86_64").unwrap();
        for (text, older) in [
            ("tree-1.7", true),
            ("tree-1.8.0-9.el9", true),
            ("tree-1.8.0-9.el9.x86_64", true),
            ("tree-1.9", false),
            ("tree-1.8.0-11.el9", false),
        ] {
            let spec = Spec { text: text.to_owned(), here: Vec::new(), other: vec![package.clone()] };
            assert_eq!(spec.is_older_than_installed(), older, "{text}");
        }
    }

    #[test]
    fn groups_are_found_by_name_and_id() {
        let list = "Installed Groups:\n   Development Tools (development)\n";
        assert!(has_group(list, "@Development tools"));
        assert!(has_group(list, "@development"));
        assert!(!has_group(list, "@web-server"));
    }
}

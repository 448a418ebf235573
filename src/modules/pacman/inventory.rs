//! What pacman tells of the packages that are installed, and of those that are asked for.

use crate::modules::commands::{Ran, command};
use crate::outcome::Outcome;

/// A package that is asked for.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// What pacman is told: the name, `repository/name`, a file, an address.
    pub source: String,
    /// Whether it is a file or an address.
    pub is_file: bool,
}

/// What is installed.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    installed: Vec<(String, String)>,
    explicit: Vec<String>,
    /// Names with their versions, now and after an upgrade.
    pub upgrades: Vec<(String, String, String)>,
}

impl Inventory {
    /// Reads the answers to `--query`, `--query --upgrades`, `--query --explicit`.
    pub fn read(ran: &[Ran]) -> Inventory {
        let text = |position: usize| ran.get(position).map_or("", |ran| ran.stdout.as_str());
        let pair = |line: &str| {
            let (name, version) = line.trim().split_once(' ')?;
            Some((name.to_owned(), version.trim().to_owned()))
        };
        Inventory {
            installed: text(0).lines().filter_map(pair).collect(),
            upgrades: text(1).lines().filter_map(upgrade).collect(),
            explicit: text(2).lines().filter_map(pair).map(|(name, _)| name).collect(),
        }
    }

    /// Says whether a package is installed.
    pub fn has(&self, name: &str) -> bool {
        self.version(name).is_some()
    }

    /// The version that is installed.
    pub fn version(&self, name: &str) -> Option<&str> {
        let known = self.installed.iter().find(|(known, _)| known == name);
        known.map(|(_, version)| version.as_str())
    }

    /// Says whether there is a newer one.
    pub fn is_old(&self, name: &str) -> bool {
        self.upgrades.iter().any(|(known, _, _)| known == name)
    }

    /// Says whether somebody asked for it.
    pub fn is_explicit(&self, name: &str) -> bool {
        self.explicit.iter().any(|known| known == name)
    }

    /// Why it is installed.
    pub fn reason(&self, name: &str) -> Option<&'static str> {
        self.has(name).then(|| if self.is_explicit(name) { "explicit" } else { "dependency" })
    }

    /// The packages that are meant: groups are all of theirs. After the three answers of the inventory
    /// come two for each name: the members of the group, and the name of the package in a file.
    pub fn packages(&self, names: &[String], ran: &[Ran], absent: bool) -> Result<Vec<Package>, Box<Outcome>> {
        let mut packages = Vec::new();
        for (name, about) in names.iter().zip(ran.get(3..).unwrap_or_default().chunks(2)) {
            let [group, file] = about else { continue };
            let member = |line: &str| line.trim().split_once(' ').map(|(_, member)| member.to_owned());
            let members: Vec<String> = group.stdout.lines().filter_map(member).collect();
            if group.is_ok() && !members.is_empty() {
                packages.extend(members.into_iter().map(|name| Package { source: name.clone(), name, is_file: false }));
                continue;
            }
            if !is_file(name) {
                let short = name.rsplit('/').next().unwrap_or(name).to_owned();
                packages.push(Package { name: short, source: name.clone(), is_file: false });
                continue;
            }
            match file.stdout.lines().last().filter(|_| file.is_ok()) {
                Some(found) => packages.push(Package { name: found.trim().to_owned(), source: name.clone(), is_file: true }),
                None if absent => {}
                None => {
                    let message = format!("Failed to list package {name}");
                    let words = command(&["pacman", "--upgrade", "--print-format", "%n", name]);
                    return Err(Box::new(file.failure_with(&message, &words)));
                }
            }
        }
        Ok(packages)
    }
}

/// Says whether a name is that of a file, or an address.
pub fn is_file(name: &str) -> bool {
    name.contains("://") || name.contains(".pkg.tar") || name.starts_with(['/', '.'])
}

/// `strace 5.14-1 -> 5.15-1`; what is ignored is not upgraded.
fn upgrade(line: &str) -> Option<(String, String, String)> {
    if line.contains("[ignored]") {
        return None;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        [name, now, "->", then, ..] => Some((name.to_owned(), now.to_owned(), then.to_owned())),
        _ => None,
    }
}

/// The names and versions that `--print-format '%n %v'` prints, without what pacman says beside.
pub fn printed(stdout: &str) -> Vec<(String, String)> {
    let talk = ["loading packages", "there is nothing to do", "Avoid running"];
    let lines = stdout.lines().filter(|line| !talk.iter().any(|talk| line.contains(talk)));
    lines
        .filter_map(|line| line.trim().split_once(' '))
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect()
}

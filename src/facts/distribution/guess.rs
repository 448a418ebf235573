//! What `/etc/os-release` and the older files say by themselves, before any file's own rules.
//!
//! The reference asks the `distro` library here; these are its rules for a version and a code
//! name where they can be seen.

use crate::facts::sections::Sections;
use crate::value::Map;

/// The fields of an os-release file: `KEY="value"` lines, read as a shell reads them.
#[derive(Debug, Default)]
pub(super) struct OsRelease(Vec<(String, String)>);

impl OsRelease {
    pub(super) fn of(sections: &Sections) -> Self {
        let text = sections
            .file("/etc/os-release")
            .or(sections.file("/usr/lib/os-release"));
        let words = shell_words::split(text.unwrap_or_default()).unwrap_or_default();
        let fields = words.iter().filter_map(|word| word.split_once('='));
        OsRelease(
            fields
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter().rev();
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The distribution's own short name: `debian`, `rhel`, `opensuse-leap`.
    pub(super) fn id(&self) -> &str {
        self.get("id").unwrap_or_default()
    }
}

/// Sets `distribution` to the name that the host gives itself, and version and release with it.
pub(super) fn read(sections: &Sections, release: &OsRelease, found: &mut Map) {
    let version = version(sections, release);
    let major = version.split('.').next().unwrap_or_default();
    found.set("distribution", name(release.id()));
    found.set("distribution_version", or_unknown(&version));
    found.set(
        "distribution_release",
        codename(sections, release).unwrap_or_else(|| "NA".to_owned()),
    );
    found.set("distribution_major_version", or_unknown(major));
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "NA" } else { text }
}

fn name(id: &str) -> String {
    match id {
        "" => "OtherLinux".to_owned(),
        "amzn" => "Amazon".to_owned(),
        "rhel" => "Redhat".to_owned(),
        "ol" => "Oracle".to_owned(),
        "opensuse-leap" => "Opensuse-Leap".to_owned(),
        id => capitalized(id),
    }
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars.flat_map(char::to_lowercase)).collect()
}

/// The first version that a source gives; for Debian and CentOS the most precise one, since their
/// os-release has no minor version.
fn version(sections: &Sections, release: &OsRelease) -> String {
    let debian = sections.file("/etc/debian_version");
    let like = release.get("id_like").unwrap_or_default();
    let is_debian = release.id() == "debian" || like.split_whitespace().any(|id| id == "debian");
    let sources = [
        release.get("version_id").map(str::to_owned),
        lsb(sections, "Release", "DISTRIB_RELEASE").map(str::to_owned),
        release_file(sections).and_then(first_version),
        release.get("pretty_name").and_then(first_version),
        is_debian.then_some(debian).flatten().map(str::to_owned),
    ];
    let sources = || {
        sources
            .iter()
            .flatten()
            .filter(|version| !version.is_empty())
    };
    let first = sources().next().cloned().unwrap_or_default();
    let best = sources().fold(first.clone(), |best, version| {
        let dots = |text: &str| text.matches('.').count();
        if dots(version) > dots(&best) {
            version.clone()
        } else {
            best
        }
    });
    match release.id() {
        "debian" => best,
        "centos" => best.split('.').take(2).collect::<Vec<_>>().join("."),
        _ => first,
    }
}

/// What `lsb_release` says under a label, or `/etc/lsb-release` under a name.
fn lsb<'a>(sections: &'a Sections, label: &str, name: &str) -> Option<&'a str> {
    let value = match sections.word("lsb") {
        Some(text) => field(text, ':', label),
        None => field(sections.file("/etc/lsb-release")?, '=', name),
    };
    value.filter(|value| !value.is_empty())
}

fn field<'a>(text: &'a str, mark: char, name: &str) -> Option<&'a str> {
    let mut fields = text.lines().filter_map(|line| line.split_once(mark));
    let (_, value) = fields.find(|(known, _)| known.trim() == name)?;
    Some(value.trim().trim_matches(['"', '\'']))
}

/// The line by which older systems tell their name, version and code name.
fn release_file(sections: &Sections) -> Option<&str> {
    let names = [
        "SuSE-release",
        "centos-release",
        "oracle-release",
        "redhat-release",
    ];
    names
        .iter()
        .find_map(|name| sections.file(&format!("/etc/{name}")))
}

/// The first word of digits and dots in a line such as `CentOS Linux release 7.9.2009 (Core)`.
fn first_version(text: &str) -> Option<String> {
    let line = text.lines().next()?;
    let mut words = line.split_whitespace();
    let numeric = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_digit())
            && word.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    words.find(numeric).map(str::to_owned)
}

/// The code name: a field of its own, what stands in the brackets of `VERSION`, or what the older
/// sources say.
fn codename(sections: &Sections, release: &OsRelease) -> Option<String> {
    let own = release
        .get("version_codename")
        .or(release.get("ubuntu_codename"));
    let lsb = || lsb(sections, "Codename", "DISTRIB_CODENAME");
    let ubuntu = || (release.id() == "ubuntu").then(lsb).flatten();
    if let Some(codename) = own.or_else(ubuntu) {
        return Some(codename.to_owned());
    }
    let version = release.get("version").unwrap_or_default();
    let named = bracketed(version).or_else(|| version.split_once(',').map(|(_, name)| name));
    let named = named.map(str::trim).filter(|name| is_codename(name));
    let older = || {
        release_file(sections)
            .and_then(bracketed)
            .filter(|name| is_codename(name))
    };
    named.or_else(lsb).or_else(older).map(str::to_owned)
}

fn is_codename(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_ascii_digit())
}

fn bracketed(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('(')?;
    rest.split_once(')').map(|(name, _)| name)
}

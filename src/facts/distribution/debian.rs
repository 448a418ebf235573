//! Debian and those that come from it.

use super::files::Source;
use crate::entries;
use crate::value::Map;

/// What the file says of a distribution of Debian's kin, or nothing where it is none.
pub(super) fn read(source: &Source, _found: &Map) -> Option<Map> {
    let text = source.text;
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["Debian", "Raspbian"]) {
        return Some(debian(source));
    }
    if has(&["Ubuntu"]) {
        return Some(entries! { "distribution" => "Ubuntu" });
    }
    if has(&["SteamOS"]) {
        return Some(entries! { "distribution" => "SteamOS" });
    }
    if has(&["Kali", "Parrot"]) {
        let mut said =
            entries! { "distribution" => if has(&["Kali"]) { "Kali" } else { "Parrot" } };
        said.set_some("distribution_release", field(text, "DISTRIB_RELEASE"));
        return Some(said);
    }
    if has(&["Devuan"]) {
        return Some(devuan(source));
    }
    if has(&["Cumulus"]) {
        return Some(cumulus(source));
    }
    if has(&["Mint"]) {
        return Some(versioned("Linux Mint", source));
    }
    if has(&["UOS", "Uos", "uos"]) {
        return Some(with_codename(versioned("Uos", source), source));
    }
    if has(&["Deepin", "deepin"]) {
        return Some(with_codename(versioned("Deepin", source), source));
    }
    has(&["LMDE"]).then(|| entries! { "distribution" => "Linux Mint Debian Edition" })
}

/// Debian's minor version stands in `/etc/debian_version` alone.
fn debian(source: &Source) -> Map {
    let mut said = entries! { "distribution" => "Debian" };
    said.set_some("distribution_release", pretty_codename(source.text));
    let version = source.sections.file("/etc/debian_version");
    let minor = version.and_then(|text| {
        let (_, minor) = text.split_once('.')?;
        let end = minor
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(minor.len());
        Some(&minor[..end]).filter(|digits| !digits.is_empty())
    });
    said.set_some("distribution_minor_version", minor);
    said
}

fn devuan(source: &Source) -> Map {
    let mut said = entries! { "distribution" => "Devuan" };
    let name = field(source.text, "PRETTY_NAME").unwrap_or_default();
    let last = name.trim_matches('"').split_whitespace().nth(2);
    let codename = last.map(|word| word.trim_matches(['(', ')']));
    said.set_some("distribution_release", codename);
    if let Some(version) = source.quoted("VERSION_ID") {
        said.set("distribution_version", version);
        said.set("distribution_major_version", version);
    }
    said
}

fn cumulus(source: &Source) -> Map {
    let mut said = entries! { "distribution" => "Cumulus Linux" };
    if let Some(version) = field(source.text, "VERSION_ID") {
        said.set("distribution_version", version);
        said.set(
            "distribution_major_version",
            version.split('.').next().unwrap_or_default(),
        );
    }
    said.set_some("distribution_release", source.quoted("VERSION"));
    said
}

fn versioned(name: &str, source: &Source) -> Map {
    let mut said = entries! { "distribution" => name };
    if let Some(version) = source.quoted("VERSION_ID") {
        said.set("distribution_version", version);
        said.set(
            "distribution_major_version",
            version.split('.').next().unwrap_or_default(),
        );
    }
    said
}

fn with_codename(mut said: Map, source: &Source) -> Map {
    let codename = field(source.text, "VERSION_CODENAME").map(|text| text.trim_matches('"'));
    said.set_some("distribution_release", codename);
    said
}

/// What stands in the brackets of `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"`.
fn pretty_codename(text: &str) -> Option<&str> {
    let name = field(text, "PRETTY_NAME")?;
    let (_, rest) = name.split_once('(')?;
    rest.split_once(')').map(|(codename, _)| codename)
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .find_map(|line| line.split_once('=').filter(|(known, _)| *known == name))
        .map(|(_, value)| value)
}

trait SetSome {
    fn set_some(&mut self, name: &str, value: Option<&str>);
}

impl SetSome for Map {
    fn set_some(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }
}

//! What each package manager prints of the packages that are installed.

use std::collections::HashMap;

use crate::entries;
use crate::shell::Reply;
use crate::value::{Map, Value, from_json};

/// The packages of a manager's list. A line that is not understood is left out.
pub fn packages(manager: &str, list: &str, reply: &Reply) -> Vec<Map> {
    match manager {
        "apk" => apk(list),
        "apt" => apt(list, reply),
        "pacman" => list.split("\n\n").filter_map(pacman).collect(),
        "pkg" => list.lines().filter_map(pkg).collect(),
        "pkg_info" => list.lines().map(pkg_info).collect(),
        "portage" => list.lines().map(portage).collect(),
        _ => list.lines().filter_map(rpm).collect(),
    }
}

fn rpm(line: &str) -> Option<Map> {
    let fields: Vec<&str> = line.split('|').collect();
    let [name, version, release, epoch, arch] = fields[..] else {
        return None;
    };
    let none = |text: &str| if text == "(none)" { "None".to_owned() } else { text.to_owned() };
    Some(entries! {
        "name" => none(name),
        "version" => none(version),
        "release" => none(release),
        "epoch" => none(epoch),
        "arch" => none(arch),
    })
}

fn apt(list: &str, reply: &Reply) -> Vec<Map> {
    let text = |name: &str| reply.text(name).unwrap_or_default();
    let native = text("native");
    let (policy, releases) = (text("policy"), text("releases"));
    let origins = origins(&policy, &releases);
    list.lines().filter_map(|line| dpkg(line, native.trim(), &origins)).collect()
}

/// A line of dpkg: status, name, version, architecture, section.
fn dpkg(line: &str, native: &str, origins: &HashMap<&str, &str>) -> Option<Map> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [status, name, version, arch, section] = fields[..] else {
        return None;
    };
    if matches!(status.as_bytes().get(1), Some(b'n' | b'c') | None) {
        return None;
    }
    let name = match arch == native || arch == "all" || native.is_empty() {
        true => name.to_owned(),
        false => format!("{name}:{arch}"),
    };
    let origin = origins.get(name.as_str()).copied().unwrap_or_default();
    Some(entries! {
        "name" => name.as_str(),
        "version" => version,
        "arch" => arch,
        "category" => section,
        "origin" => origin,
    })
}

/// Where each installed version comes from, of what `apt-cache policy` says of the packages and of
/// its own files: the first place that has the version counts.
fn origins<'a>(policy: &'a str, releases: &'a str) -> HashMap<&'a str, &'a str> {
    let known = release_origins(releases);
    let mut origins = HashMap::new();
    let mut name = "";
    let mut next = false;
    for line in policy.lines() {
        if !line.starts_with(' ') {
            name = line.trim_end_matches(':');
        } else if line.starts_with(" *** ") {
            next = true;
        } else if next {
            next = false;
            let origin = place(line).and_then(|place| known.get(place).copied());
            origins.insert(name, origin.unwrap_or_default());
        }
    }
    origins
}

fn release_origins(releases: &str) -> HashMap<&str, &str> {
    let mut known = HashMap::new();
    let mut at = None;
    for line in releases.lines() {
        if let Some(release) = line.trim().strip_prefix("release ") {
            let origin = release.split(',').find_map(|part| part.strip_prefix("o="));
            if let (Some(at), Some(origin)) = (at, origin) {
                known.insert(at, origin);
            }
        } else if line.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            at = place(line);
        }
    }
    known
}

/// The file of ` 500 http://… bookworm/main amd64 Packages`.
fn place(line: &str) -> Option<&str> {
    line.trim().split_once(' ').map(|(_, place)| place)
}

/// A block of `pacman -Qi`. What a name has more than one line of is joined by two blanks.
fn pacman(block: &str) -> Option<Map> {
    let mut details: Vec<(&str, String)> = Vec::new();
    for line in block.lines().filter(|line| !line.is_empty()) {
        match line.split_once(" : ") {
            Some((name, value)) if !line.starts_with(' ') => {
                details.push((name.trim_end(), value.to_owned()));
            }
            _ => {
                let (_, value) = details.last_mut()?;
                value.push_str("  ");
                value.push_str(line.trim_start());
            }
        }
    }
    let detail = |wanted: &str| details.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str());
    let provides = match detail("Provides")? {
        "None" => Value::Null,
        names => Value::strings(names.split("  ").map(|name| name.split('=').next().unwrap_or(name))),
    };
    Some(entries! {
        "name" => detail("Name")?,
        "version" => detail("Version")?,
        "arch" => detail("Architecture")?,
        "provides" => provides,
    })
}

/// A line of FreeBSD's `pkg query`.
fn pkg(line: &str) -> Option<Map> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [name, version, origin, installed, automatic, arch, category, prefix, vital] = fields[..] else {
        return None;
    };
    let (version, epoch) = match version.split_once(',') {
        Some((version, epoch)) => (version, Value::str(epoch)),
        None => (version, Value::Int(0)),
    };
    let (version, revision) = version.split_once('_').unwrap_or((version, "0"));
    Some(entries! {
        "name" => name,
        "version" => version,
        "origin" => origin,
        "installed" => installed,
        "automatic" => automatic == "1",
        "arch" => arch.split(':').nth(2).unwrap_or(arch),
        "category" => category.split('/').next().unwrap_or(category),
        "prefix" => prefix,
        "vital" => vital == "1",
        "port_epoch" => epoch,
        "revision" => revision,
    })
}

fn portage(line: &str) -> Map {
    const NAMES: &[&str] = &["category", "name", "version", "ebuild_revision", "slots", "prefixes", "sufixes"];
    let mut map = Map::new();
    for (name, value) in NAMES.iter().zip(line.split_whitespace()) {
        map.set(name, value);
    }
    map
}

/// JSON of apk 3, or lines of `apk info -v`: `musl-1.2.4-r2`.
fn apk(list: &str) -> Vec<Map> {
    if !list.trim_start().starts_with('[') {
        let split = |line: &str| {
            let (rest, release) = line.trim().rsplit_once('-')?;
            let (name, version) = rest.rsplit_once('-')?;
            Some(entries! { "name" => name, "version" => version, "release" => release })
        };
        return list.lines().filter_map(split).collect();
    }
    let parsed = from_json(list).unwrap_or(Value::Null);
    let packages = parsed.as_list().map(|list| list.to_vec()).unwrap_or_default();
    let read = |package: &Value| {
        let text = |name: &str| package.get(name).and_then(Value::as_str);
        let (version, release) = text("version")?.rsplit_once('-')?;
        Some(entries! { "name" => text("name")?, "version" => version, "release" => release })
    };
    packages.iter().filter_map(read).collect()
}

/// A line of OpenBSD's `pkg_info -a`: `curl-8.5.0  transfer files`.
fn pkg_info(line: &str) -> Map {
    let first = line.split_whitespace().next().unwrap_or_default();
    match first.rsplit_once('-') {
        Some((name, version)) => entries! { "name" => name, "version" => version },
        None => entries! { "name" => line, "version" => "" },
    }
}

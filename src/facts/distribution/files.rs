//! The release files, each with its own rules, in the reference's order.

use super::guess::{self, OsRelease};
use super::{debian, suse};
use crate::facts::sections::Sections;
use crate::value::{Map, Value};

/// A file and the distribution that it may tell of.
struct File {
    path: &'static str,
    name: &'static str,
    /// Being there is enough, even empty.
    may_be_empty: bool,
}

const fn file(path: &'static str, name: &'static str) -> File {
    File {
        path,
        name,
        may_be_empty: false,
    }
}

const fn marker(path: &'static str, name: &'static str) -> File {
    File {
        path,
        name,
        may_be_empty: true,
    }
}

static FILES: &[File] = &[
    file("/etc/altlinux-release", "Altlinux"),
    file("/etc/oracle-release", "OracleLinux"),
    file("/etc/slackware-version", "Slackware"),
    file("/etc/centos-release", "CentOS"),
    file("/etc/redhat-release", "RedHat"),
    marker("/etc/vmware-release", "VMwareESX"),
    file("/etc/openwrt_release", "OpenWrt"),
    file("/etc/os-release", "Amazon"),
    file("/etc/system-release", "Amazon"),
    file("/etc/alpine-release", "Alpine"),
    marker("/etc/arch-release", "Archlinux"),
    file("/etc/os-release", "Archlinux"),
    file("/etc/os-release", "SUSE"),
    file("/etc/SuSE-release", "SUSE"),
    file("/etc/gentoo-release", "Gentoo"),
    file("/etc/os-release", "Debian"),
    file("/etc/lsb-release", "Debian"),
    file("/etc/lsb-release", "Mandriva"),
    file("/etc/sourcemage-release", "SMGL"),
    file("/usr/lib/os-release", "ClearLinux"),
    file("/etc/coreos/update.conf", "Coreos"),
    file("/etc/os-release", "Flatcar"),
    file("/etc/os-release", "NA"),
];

/// What a file's rules need beside its text.
pub(super) struct Source<'a> {
    pub(super) sections: &'a Sections,
    pub(super) release: &'a OsRelease,
    pub(super) path: &'static str,
    pub(super) text: &'a str,
}

/// Finds the first file that tells of its distribution.
pub(super) fn read(sections: &Sections, found: &mut Map) {
    let release = OsRelease::of(sections);
    guess::read(sections, &release, found);
    for File {
        path,
        name,
        may_be_empty,
    } in FILES
    {
        if *may_be_empty && sections.exists(path) {
            found.set("distribution", *name);
            return sign(path, name, found);
        }
        let Some(text) = sections.file(path) else {
            continue;
        };
        let text = text.trim_matches(['\'', '"', '\\']);
        let source = Source {
            sections,
            release: &release,
            path,
            text,
        };
        if let Some(said) = source.read(name, found) {
            found.set("distribution", *name);
            sign(path, name, found);
            found.set("distribution_file_parsed", true);
            found.extend_from(&said);
            return;
        }
    }
}

fn sign(path: &str, name: &str, found: &mut Map) {
    found.set("distribution_file_path", path);
    found.set("distribution_file_variety", name);
}

impl Source<'_> {
    /// What the file says, or nothing where it is not about that distribution.
    fn read(&self, name: &str, found: &Map) -> Option<Map> {
        match name {
            "Alpine" => Some(
                crate::entries! { "distribution" => "Alpine", "distribution_version" => self.text },
            ),
            "Altlinux" => self.named(name, "ALT"),
            "Amazon" => self.amazon(),
            "Archlinux" => self.text.contains("Arch Linux").then(Map::new),
            "CentOS" => self.centos(),
            "ClearLinux" => self.clear(),
            "Coreos" => self.coreos(),
            "Debian" => debian::read(self, found),
            "Flatcar" => self.flatcar(),
            "Mandriva" => self.text.contains("Mandriva").then(|| self.lsb_fields()),
            "NA" => Some(self.other(found)),
            "OpenWrt" => self.text.contains("OpenWrt").then(|| self.lsb_fields()),
            "OracleLinux" => self.named(name, "Oracle Linux"),
            "RedHat" => self.named(name, "Red Hat"),
            "SMGL" => self.named(name, "Source Mage GNU/Linux"),
            "SUSE" => suse::read(self, found),
            "Slackware" => self.slackware(),
            // The reference has no rules for Gentoo's file; os-release speaks at the end.
            _ => None,
        }
    }

    /// The distribution of the file's name, where its own words stand in it; else its first word.
    fn named(&self, name: &str, words: &str) -> Option<Map> {
        let mut said = Map::new();
        if self.text.contains(words) {
            said.set("distribution", name);
            said.set("distribution_file_search_string", words);
        } else {
            said.set("distribution", self.text.split_whitespace().next()?);
        }
        Some(said)
    }

    fn amazon(&self) -> Option<Map> {
        if !self.text.contains("Amazon") {
            return None;
        }
        let mut said = crate::entries! { "distribution" => "Amazon" };
        if self.path == "/etc/os-release" {
            if let Some(version) = self.quoted("VERSION_ID") {
                let (major, minor) = version.split_once('.').unwrap_or((version, "NA"));
                said.set("distribution_version", version);
                said.set("distribution_major_version", major);
                said.set("distribution_minor_version", minor);
            }
            return Some(said);
        }
        let mut words = self.text.split_whitespace();
        let version = words.find(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        said.set("distribution_version", version.unwrap_or("NA"));
        Some(said)
    }

    fn centos(&self) -> Option<Map> {
        if self.text.contains("CentOS Stream") {
            return Some(crate::entries! { "distribution_release" => "Stream" });
        }
        let tencent = self.text.contains("TencentOS Server");
        tencent.then(|| crate::entries! { "distribution" => "TencentOS" })
    }

    fn clear(&self) -> Option<Map> {
        let name = self
            .quoted("NAME")
            .filter(|name| name.contains("Clear Linux"))?;
        let mut said = crate::entries! { "distribution" => name };
        if let Some(version) = self.release.get("version_id") {
            said.set("distribution_major_version", version);
            said.set("distribution_version", version);
        }
        said.set("distribution_release", self.release.id());
        Some(said)
    }

    fn coreos(&self) -> Option<Map> {
        if self.release.id() != "coreos" {
            return None;
        }
        let mut said = Map::new();
        if let Some(group) = self
            .text
            .lines()
            .find_map(|line| line.strip_prefix("GROUP="))
        {
            said.set("distribution_release", group.trim_matches('"'));
        }
        Some(said)
    }

    fn flatcar(&self) -> Option<Map> {
        if self.release.id() != "flatcar" {
            return None;
        }
        let mut said = Map::new();
        if let Some(version) = self.release.get("version") {
            said.set(
                "distribution_major_version",
                version.split('.').next().unwrap_or_default(),
            );
            said.set("distribution_version", version);
        }
        Some(said)
    }

    fn slackware(&self) -> Option<Map> {
        if !self.text.contains("Slackware") {
            return None;
        }
        let mut said = Map::new();
        let version = self.text.split_whitespace().find(|word| word.contains('.'));
        if let Some(version) = version {
            said.set("distribution_version", version);
        }
        Some(said)
    }

    /// The fields that OpenWrt and Mandriva share; only quoted ones count there.
    fn lsb_fields(&self) -> Map {
        let mut said = Map::new();
        if let Some(version) = self.quoted("DISTRIB_RELEASE") {
            said.set("distribution_version", version);
        }
        if let Some(release) = self.quoted("DISTRIB_CODENAME") {
            said.set("distribution_release", release);
        }
        said
    }

    fn other(&self, found: &Map) -> Map {
        let mut said = Map::new();
        let unknown = found.get("distribution_version").and_then(Value::as_str) == Some("NA");
        for line in self.text.lines() {
            let bare = |text: &str| text.trim_matches(['\'', '"', '\\']).to_owned();
            if let Some(name) = line.strip_prefix("NAME=") {
                said.set("distribution", bare(name));
            }
            if let (Some(version), true) = (line.strip_prefix("VERSION="), unknown) {
                said.set("distribution_version", bare(version));
            }
        }
        said
    }

    /// The value of `NAME="value"`, wherever in a line it stands; only where it is quoted.
    pub(super) fn quoted(&self, name: &str) -> Option<&str> {
        let start = format!("{name}=\"");
        self.text.lines().find_map(|line| {
            let (_, rest) = line.split_once(&start)?;
            rest.rfind('"').map(|end| &rest[..end])
        })
    }
}

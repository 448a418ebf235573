//! Which distribution it is, and of which family.
//!
//! The order of the files and what each of them says follow the reference, since playbooks have
//! been written to its words (`CentOS`, `Suse`, `Archlinux`).

mod debian;
mod files;
mod guess;
mod suse;

use super::platform::Uname;
use super::sections::Sections;
use crate::value::{Map, Value};

/// The families by the distributions in them; others are families of their own.
static FAMILIES: &[(&str, &[&str])] = &[
    (
        "RedHat",
        &[
            "RedHat",
            "RHEL",
            "Fedora",
            "CentOS",
            "Scientific",
            "SLC",
            "Ascendos",
            "CloudLinux",
            "PSBM",
            "OracleLinux",
            "OVS",
            "OEL",
            "Amazon",
            "Amzn",
            "Virtuozzo",
            "XenServer",
            "Alibaba",
            "EulerOS",
            "openEuler",
            "AlmaLinux",
            "Rocky",
            "TencentOS",
            "EuroLinux",
            "Kylin Linux Advanced Server",
            "MIRACLE",
        ],
    ),
    (
        "Debian",
        &[
            "Debian",
            "Ubuntu",
            "Raspbian",
            "Neon",
            "KDE neon",
            "Linux Mint",
            "SteamOS",
            "Devuan",
            "Kali",
            "Cumulus Linux",
            "Pop!_OS",
            "Parrot",
            "Pardus GNU/Linux",
            "Uos",
            "Deepin",
            "OSMC",
            "Linux Mint Debian Edition",
            "Univention Corporate Server",
        ],
    ),
    (
        "Suse",
        &[
            "SuSE",
            "SLES",
            "SLED",
            "openSUSE",
            "openSUSE Tumbleweed",
            "SLES_SAP",
            "SUSE_LINUX",
            "openSUSE Leap",
            "ALP-Dolomite",
            "SL-Micro",
            "openSUSE MicroOS",
        ],
    ),
    ("Archlinux", &["Archlinux", "Antergos", "Manjaro"]),
    ("Mandrake", &["Mandrake", "Mandriva"]),
    (
        "Solaris",
        &["Solaris", "Nexenta", "OmniOS", "OpenIndiana", "SmartOS"],
    ),
    ("Gentoo", &["Gentoo", "Funtoo"]),
    ("HP-UX", &["HPUX"]),
    ("Darwin", &["MacOSX"]),
    ("FreeBSD", &["FreeBSD", "TrueOS"]),
    ("ClearLinux", &["Clear Linux OS", "Clear Linux Mix"]),
    (
        "DragonFly",
        &[
            "DragonflyBSD",
            "DragonFlyBSD",
            "Gentoo/DragonflyBSD",
            "Gentoo/DragonFlyBSD",
        ],
    ),
];

/// `distribution`, its version, release and files, and `os_family`.
pub(super) fn read(sections: &Sections, facts: &mut Map) {
    let Some(uname) = Uname::of(sections) else {
        return;
    };
    let mut found = Map::new();
    found.set("distribution", uname.system);
    found.set("distribution_release", uname.release);
    found.set("distribution_version", uname.version);
    match uname.system {
        "Linux" => files::read(sections, &mut found),
        "FreeBSD" => freebsd(&uname, &mut found),
        "Darwin" => darwin(sections, &mut found),
        "OpenBSD" => openbsd(&uname, &mut found),
        "NetBSD" => netbsd(&uname, &mut found),
        _ => {}
    }
    let name = found
        .get("distribution")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let family = family(name).to_owned();
    found.set("os_family", family);
    facts.extend_from(&found);
}

fn family(distribution: &str) -> &str {
    let mut families = FAMILIES.iter();
    families
        .find(|(_, names)| names.contains(&distribution))
        .map_or(distribution, |(name, _)| name)
}

/// `14.1-RELEASE-p3`: major and minor.
fn freebsd(uname: &Uname, found: &mut Map) {
    if uname.version.contains("trueos") {
        found.set("distribution", "TrueOS");
    }
    let Some((version, kind)) = uname.release.split_once('-') else {
        return;
    };
    let known = ["RELEASE", "STABLE", "CURRENT", "RC", "PRERELEASE"];
    if let (Some((major, _)), true) = (
        version.split_once('.'),
        known.iter().any(|k| kind.starts_with(k)),
    ) {
        found.set("distribution_major_version", major);
        found.set("distribution_version", version);
    }
}

fn darwin(sections: &Sections, found: &mut Map) {
    found.set("distribution", "MacOSX");
    if let Some(version) = sections.word("sw_vers") {
        found.set(
            "distribution_major_version",
            version.split('.').next().unwrap_or_default(),
        );
        found.set("distribution_version", version);
    }
}

fn openbsd(uname: &Uname, found: &mut Map) {
    found.set("distribution_version", uname.release);
    found.set("distribution_release", "release");
}

fn netbsd(uname: &Uname, found: &mut Map) {
    let major = uname.release.split('.').next().unwrap_or_default();
    found.set("distribution_major_version", major);
    found.set("distribution_version", uname.release);
}

//! The package manager.

use super::sections::{Sections, base};
use crate::value::{Map, Value};

/// The programs that tell of a package manager; the last one that is there wins.
static PROGRAMS: &[(&str, &str)] = &[
    ("/usr/bin/rpm-ostree", "atomic_container"),
    ("/usr/bin/yum", "dnf"),
    ("/usr/bin/dnf-3", "dnf"),
    ("/usr/bin/dnf5", "dnf5"),
    ("/usr/bin/apt-get", "apt"),
    ("/usr/bin/zypper", "zypper"),
    ("/usr/sbin/urpmi", "urpmi"),
    ("/usr/bin/pacman", "pacman"),
    ("/bin/opkg", "opkg"),
    ("/usr/pkg/bin/pkgin", "pkgin"),
    ("/opt/local/bin/pkgin", "pkgin"),
    ("/opt/tools/bin/pkgin", "pkgin"),
    ("/opt/local/bin/port", "macports"),
    ("/usr/local/bin/brew", "homebrew"),
    ("/opt/homebrew/bin/brew", "homebrew"),
    ("/sbin/apk", "apk"),
    ("/usr/sbin/pkg", "pkgng"),
    ("/usr/sbin/swlist", "swdepot"),
    ("/usr/bin/emerge", "portage"),
    ("/usr/sbin/pkgadd", "svr4pkg"),
    ("/usr/bin/pkg", "pkg5"),
    ("/usr/bin/xbps-install", "xbps"),
    ("/usr/local/sbin/pkg", "pkgng"),
    ("/usr/bin/swupd", "swupd"),
    ("/usr/sbin/sorcery", "sorcery"),
    ("/usr/bin/installp", "installp"),
];

/// `pkg_mgr`: the family's own where it has one, else by the programs that are there.
pub(super) fn read(sections: &Sections, facts: &mut Map) {
    let system = facts.get("system").and_then(Value::as_str);
    let family = facts
        .get("os_family")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let manager = match family {
        _ if system == Some("OpenBSD") => "openbsd_pkg",
        "RedHat" => red_hat(sections),
        "Debian" => "apt",
        _ => by_program(sections, family),
    };
    let by_rpm = manager == "apt" && (family == "Altlinux" || sections.word("apt_rpm").is_some());
    facts.set("pkg_mgr", if by_rpm { "apt_rpm" } else { manager });
}

fn by_program(sections: &Sections, family: &str) -> &'static str {
    // On ALT, /usr/bin/pkg is a Perl program.
    let counts = |path: &str| !(family == "Altlinux" && path == "/usr/bin/pkg");
    let mut there = PROGRAMS
        .iter()
        .filter(|(path, _)| counts(path) && sections.exists(path));
    there.next_back().map_or("unknown", |(_, name)| name)
}

fn red_hat(sections: &Sections) -> &'static str {
    if sections.exists("/run/ostree-booted") {
        return "atomic_container";
    }
    for path in ["/usr/bin/dnf", "/usr/bin/microdnf"] {
        if sections.exists(path) {
            let five = sections.link(path).map(base) == Some("dnf5");
            return if five { "dnf5" } else { "dnf" };
        }
    }
    "unknown"
}

//! What guards the host: SELinux, AppArmor, FIPS, capabilities, a changed root.

use super::sections::Sections;
use super::system::variable;
use crate::entries;
use crate::value::{Map, Value};

/// `selinux`, read where libselinux reads it.
pub(super) fn selinux(sections: &Sections, facts: &mut Map) {
    facts.set("selinux_python_present", true);
    let enabled =
        sections.exists("/sys/fs/selinux/enforce") && sections.exists("/etc/selinux/config");
    if !enabled {
        facts.set("selinux", entries! { "status" => "disabled" });
        return;
    }
    let mode = match sections.file("/sys/fs/selinux/enforce") {
        Some("1") => "enforcing",
        Some("0") => "permissive",
        _ => "unknown",
    };
    let configured = setting(sections, "SELINUX").map(|word| word.to_ascii_lowercase());
    let configured =
        configured.filter(|word| ["enforcing", "permissive", "disabled"].contains(&word.as_str()));
    facts.set(
        "selinux",
        entries! {
            "status" => "enabled",
            "policyvers" => policy_version(sections),
            "config_mode" => configured.unwrap_or_else(|| "unknown".to_owned()),
            "mode" => mode,
            "type" => setting(sections, "SELINUXTYPE").unwrap_or("unknown"),
        },
    );
}

fn policy_version(sections: &Sections) -> Value {
    let version = sections.file("/sys/fs/selinux/policyvers");
    version
        .and_then(|text| text.parse().ok())
        .map_or(Value::str("unknown"), Value::Int)
}

/// A setting of `/etc/selinux/config`.
fn setting<'a>(sections: &'a Sections, name: &str) -> Option<&'a str> {
    let lines = sections.file("/etc/selinux/config")?.lines();
    let mut settings = lines.filter_map(|line| line.trim().split_once('='));
    settings
        .find(|(known, _)| known.trim() == name)
        .map(|(_, value)| value.trim())
}

/// `apparmor`.
pub(super) fn apparmor(sections: &Sections, facts: &mut Map) {
    let enabled = sections.exists("/sys/kernel/security/apparmor");
    let status = if enabled { "enabled" } else { "disabled" };
    facts.set("apparmor", entries! { "status" => status });
}

/// `fips`.
pub(super) fn fips(sections: &Sections, facts: &mut Map) {
    facts.set(
        "fips",
        sections.file("/proc/sys/crypto/fips_enabled") == Some("1"),
    );
}

/// `system_capabilities`: of the process that asks, as `capsh` prints them.
pub(super) fn capabilities(sections: &Sections, facts: &mut Map) {
    let Some(text) = sections.word("capsh") else {
        facts.set("system_capabilities_enforced", "N/A");
        facts.set("system_capabilities", "N/A");
        return;
    };
    let current = text
        .lines()
        .filter_map(|line| line.strip_prefix("Current:"))
        .next_back();
    let (enforced, names) = match current.map(str::trim) {
        None => ("NA", Vec::new()),
        Some("=ep") => ("False", Vec::new()),
        // The reference takes what stands after the first `=`, whatever it is.
        Some(line) => ("True", line.split('=').nth(1).map_or_else(Vec::new, listed)),
    };
    facts.set("system_capabilities_enforced", enforced);
    facts.set("system_capabilities", names);
}

fn listed(names: &str) -> Vec<Value> {
    names
        .split(',')
        .map(|name| Value::str(name.trim()))
        .collect()
}

/// `is_chroot`: the root is not that of process 1, or, where nobody may see that one, not the
/// first inode of its file system.
pub(super) fn chroot(sections: &Sections, facts: &mut Map) {
    let named = variable(sections, "debian_chroot").is_some_and(|name| !name.is_empty());
    facts.set("is_chroot", named || has_other_root(sections));
}

fn has_other_root(sections: &Sections) -> bool {
    let mut roots = sections.output("roots").unwrap_or_default().lines();
    if let (Some(mine), Some(first)) = (roots.next(), roots.next()) {
        return mine != first;
    }
    let first = match sections.word("root_type") {
        Some(kind) if kind.contains("btrfs") => "256",
        Some(kind) if kind.contains("xfs") => "128",
        _ => "2",
    };
    let inode = sections
        .word("root_inode")
        .and_then(|line| line.split_whitespace().next());
    inode.is_some_and(|inode| inode != first)
}

//! What starts services: `service_mgr`, `systemd`.

use super::sections::{Sections, base};
use crate::entries;
use crate::value::{Map, Value};

/// `service_mgr`: the name of process 1 where it tells, else what is installed.
pub(super) fn manager(sections: &Sections, facts: &mut Map) {
    let manager = first_process(sections).unwrap_or_else(|| installed(sections, facts));
    facts.set("service_mgr", manager.to_owned());
}

/// Process 1 by its name. `init` says nothing, and what ends in `sh` is a shell in a container.
fn first_process(sections: &Sections) -> Option<&str> {
    let comm = sections
        .file("/proc/1/comm")
        .or(sections.word("first_process"));
    let name = base(comm.or(sections.link("/sbin/init"))?.trim());
    match name {
        "" | "COMMAND" | "init" => None,
        "procd" => Some("openwrt_init"),
        "runit-init" => Some("runit"),
        "svscan" => Some("svc"),
        "openrc-init" => Some("openrc"),
        shell if shell.ends_with("sh") => None,
        name => Some(name),
    }
}

fn installed<'a>(sections: &Sections, facts: &Map) -> &'a str {
    let text = |name: &str| facts.get(name).and_then(Value::as_str).unwrap_or_default();
    match (text("system"), text("distribution")) {
        (_, "MacOSX") => "launchd",
        (system, _) if system.contains("BSD") || system == "DragonFly" => "bsdinit",
        ("AIX", _) => "src",
        ("SunOS", _) => "smf",
        (_, "OpenWrt") => "openwrt_init",
        (_, "SMGL") => "simpleinit_msb",
        ("Linux", _) => on_linux(sections),
        _ => "service",
    }
}

fn on_linux(sections: &Sections) -> &'static str {
    let systemctl = sections.has_command("systemctl");
    if systemctl && is_systemd_booted(sections) {
        "systemd"
    } else if sections.has_command("initctl") && sections.exists("/etc/init") {
        "upstart"
    } else if sections.exists("/sbin/openrc") {
        "openrc"
    } else if systemctl && sections.link("/sbin/init").map(base) == Some("systemd") {
        "systemd"
    } else if sections.exists("/etc/init.d") {
        "sysvinit"
    } else if sections.exists("/etc/dinit.d") {
        "dinit"
    } else {
        "service"
    }
}

/// What sd_booted(3) looks at, and its predecessors.
fn is_systemd_booted(sections: &Sections) -> bool {
    let canaries = ["/run/systemd/system", "/dev/.run/systemd", "/dev/.systemd"];
    canaries.iter().any(|path| sections.exists(path))
}

/// `systemd`: its version and what it was built with.
pub(super) fn systemd(sections: &Sections, facts: &mut Map) {
    let mut lines = sections.word("systemd").unwrap_or_default().lines();
    let version = lines
        .next()
        .and_then(|line| line.split_whitespace().nth(1)?.parse::<i64>().ok());
    if let (Some(version), Some(features)) = (version, lines.next()) {
        facts.set(
            "systemd",
            entries! { "features" => features, "version" => version },
        );
    }
}

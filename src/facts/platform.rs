//! The kernel, the machine and its names.

use super::sections::Sections;
use crate::value::Map;

/// `system`, `kernel`, `architecture`, `hostname`, `fqdn` and their kin.
pub(super) fn read(sections: &Sections, facts: &mut Map) {
    let Some(uname) = Uname::of(sections) else {
        return;
    };
    facts.set("system", uname.system);
    facts.set("kernel", uname.release);
    facts.set("kernel_version", uname.version);
    facts.set("machine", uname.machine);
    if let Some(version) = super::python::version(sections) {
        facts.set("python_version", version);
    }
    names(sections, uname.node, facts);
    architecture(sections, &uname, facts);
    let id = ["/var/lib/dbus/machine-id", "/etc/machine-id"];
    if let Some(id) = id.into_iter().find_map(|path| sections.file(path)) {
        facts.set("machine_id", id.lines().next().unwrap_or_default());
    }
}

/// The parts of `uname -snrvm`: all but the version are one word each.
pub(super) struct Uname<'a> {
    pub(super) system: &'a str,
    pub(super) node: &'a str,
    pub(super) release: &'a str,
    pub(super) version: &'a str,
    pub(super) machine: &'a str,
}

impl<'a> Uname<'a> {
    pub(super) fn of(sections: &'a Sections) -> Option<Self> {
        let line = sections.word("uname")?;
        let (system, rest) = line.split_once(' ')?;
        let (node, rest) = rest.split_once(' ')?;
        let (release, rest) = rest.split_once(' ')?;
        let (version, machine) = rest.rsplit_once(' ')?;
        let version = version.trim();
        Some(Uname {
            system,
            node,
            release,
            version,
            machine,
        })
    }
}

fn names(sections: &Sections, node: &str, facts: &mut Map) {
    let full = full_name(sections, node);
    facts.set("fqdn", full);
    facts.set("hostname", node.split('.').next().unwrap_or_default());
    facts.set("nodename", node);
    facts.set(
        "domain",
        full.split_once('.').map_or("", |(_, domain)| domain),
    );
}

/// The first name with a dot among the host's own and those its address has, as Python's
/// `socket.getfqdn` takes it; else the first name of its address.
fn full_name<'a>(sections: &'a Sections, node: &'a str) -> &'a str {
    if node.contains('.') {
        return node;
    }
    if let Some(name) = sections.word("hostname_f") {
        return name;
    }
    let Some(line) = sections.word("hosts").and_then(|text| text.lines().next()) else {
        return node;
    };
    let mut names = line.split_whitespace().skip(1);
    let canonical = names.next().unwrap_or(node);
    // The aliases come before the canonical name there, which is the last resort.
    names.find(|name| name.contains('.')).unwrap_or(canonical)
}

fn architecture(sections: &Sections, uname: &Uname, facts: &mut Map) {
    let bits = userspace_bits(sections);
    facts.set("userspace_bits", bits);
    let machine = uname.machine;
    let solaris_intel = machine.contains("86pc")
        || ["i386", "i486", "i586", "i686"]
            .iter()
            .any(|name| machine.contains(name));
    if machine != "x86_64" && !solaris_intel {
        facts.set("architecture", machine);
        return;
    }
    facts.set(
        "architecture",
        if machine == "x86_64" { machine } else { "i386" },
    );
    facts.set(
        "userspace_architecture",
        if bits == "64" { "x86_64" } else { "i386" },
    );
}

/// The class byte of the shell's own ELF header, or what `getconf` says.
fn userspace_bits(sections: &Sections) -> &'static str {
    let thirty_two = match sections.output("elf").map(str::as_bytes) {
        Some([0x7f, b'E', b'L', b'F', class, ..]) => *class == 1,
        _ => sections.word("bits") == Some("32"),
    };
    if thirty_two { "32" } else { "64" }
}

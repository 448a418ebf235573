//! Who runs this system, and what it could run itself.

use super::hardware::sysctl;
use super::sections::Sections;
use crate::value::{Map, Value};

/// `virtualization_type`, `_role`, `_tech_guest` and `_tech_host`.
pub(super) fn read(sections: &Sections, facts: &mut Map) {
    let mut found = Found::default();
    match facts.get("system").and_then(Value::as_str) {
        Some("Linux") => {
            containers(sections, &mut found);
            xen(sections, &mut found);
            firmware(sections, &mut found);
            kernel(sections, &mut found);
            modules(sections, &mut found);
            found.settle("NA");
        }
        _ => {
            bsd(sections, &mut found);
            found.settle("");
        }
    }
    found.tell(facts);
}

/// What was found so far: the first find is the type, all of them are technologies.
#[derive(Default)]
struct Found {
    kind: Option<(String, String)>,
    guest: Vec<String>,
    host: Vec<String>,
}

impl Found {
    fn guest(&mut self, name: &str) {
        add(&mut self.guest, name);
        self.first(name, "guest");
    }

    fn host(&mut self, name: &str) {
        add(&mut self.host, name);
        self.first(name, "host");
    }

    fn first(&mut self, kind: &str, role: &str) {
        self.kind
            .get_or_insert_with(|| (kind.to_owned(), role.to_owned()));
    }

    fn settle(&mut self, unknown: &str) {
        self.first(unknown, unknown);
    }

    fn tell(self, facts: &mut Map) {
        let (kind, role) = self.kind.unwrap_or_default();
        facts.set("virtualization_type", kind);
        facts.set("virtualization_role", role);
        facts.set("virtualization_tech_guest", Value::strings(self.guest));
        facts.set("virtualization_tech_host", Value::strings(self.host));
    }
}

fn add(list: &mut Vec<String>, name: &str) {
    if !list.iter().any(|known| known == name) {
        list.push(name.to_owned());
    }
}

fn containers(sections: &Sections, found: &mut Found) {
    for line in sections.file("/proc/1/cgroup").unwrap_or_default().lines() {
        if in_docker(line) {
            found.guest("docker");
        }
        if line.contains("/lxc/") || line.contains("/machine.slice/machine-lxc") {
            found.guest("lxc");
        }
        if line.contains("/system.slice/containerd.service") {
            found.guest("containerd");
        }
    }
    for entry in sections.output("first_env").unwrap_or_default().split('\0') {
        if entry.contains("container=lxc") {
            found.guest("lxc");
        }
        if entry.contains("container=podman") {
            found.guest("podman");
        }
        if entry
            .strip_prefix("container=")
            .is_some_and(|name| !name.is_empty())
        {
            found.guest("container");
        }
    }
    if sections.exists("/proc/vz") && !sections.exists("/proc/lve") {
        if sections.exists("/proc/bc") {
            found.host("openvz");
        } else {
            found.guest("openvz");
        }
    }
    let manager = sections.file("/run/systemd/container");
    if let Some(manager) = manager {
        found.guest(manager);
    }
    if sections.exists("/.dockerenv") || sections.exists("/.dockerinit") {
        found.guest("docker");
    }
    let kinds = ["docker", "lxc", "podman", "openvz", "containerd"];
    if manager.is_some()
        || found
            .guest
            .iter()
            .any(|name| kinds.contains(&name.as_str()))
    {
        add(&mut found.guest, "container");
    }
}

/// `/docker/` or `/docker-<digits of its id>.scope` in a line of cgroups.
fn in_docker(line: &str) -> bool {
    let mut rests = line
        .match_indices("/docker")
        .map(|(at, word)| &line[at + word.len()..]);
    rests.any(|rest| {
        let scope = |rest: &str| {
            let hex = rest.trim_start_matches(|c: char| c.is_ascii_hexdigit());
            hex.len() < rest.len() && hex.starts_with(".scope")
        };
        rest.starts_with('/') || rest.strip_prefix('-').is_some_and(scope)
    })
}

fn xen(sections: &Sections, found: &mut Found) {
    if !sections.exists("/proc/xen") {
        return;
    }
    let capabilities = sections.file("/proc/xen/capabilities").unwrap_or_default();
    if capabilities.contains("control_d") {
        found.host("xen");
    } else {
        found.first("xen", "guest");
    }
}

/// What a product's or a maker's name gives away; `*` at its end stands for any rest.
static PRODUCTS: &[(&str, &str)] = &[
    ("KVM", "kvm"),
    ("KVM Server", "kvm"),
    ("Bochs", "kvm"),
    ("AHV", "kvm"),
    ("CloudStack KVM Hypervisor", "kvm"),
    ("VMware*", "VMware"),
    ("OpenStack Compute", "openstack"),
    ("OpenStack Nova", "openstack"),
    ("BHYVE", "bhyve"),
];

static BIOSES: &[(&str, &str)] = &[
    ("Xen", "xen"),
    ("innotek GmbH", "virtualbox"),
    ("Amazon EC2", "kvm"),
    ("DigitalOcean", "kvm"),
    ("Hetzner", "kvm"),
    ("Linode", "kvm"),
];

static VENDORS: &[(&str, &str)] = &[
    ("QEMU", "kvm"),
    ("Amazon EC2", "kvm"),
    ("DigitalOcean", "kvm"),
    ("Google", "kvm"),
    ("Scaleway", "kvm"),
    ("Nutanix", "kvm"),
    ("KubeVirt", "KubeVirt"),
    ("Microsoft Corporation", "VirtualPC"),
    ("Parallels Software International Inc.", "parallels"),
    ("OpenStack Foundation", "openstack"),
];

fn firmware(sections: &Sections, found: &mut Found) {
    let said = |name: &str| {
        sections
            .file(&format!("/sys/devices/virtual/dmi/id/{name}"))
            .unwrap_or_default()
    };
    let vendor = said("sys_vendor");
    let products = matching(PRODUCTS, said("product_name"));
    products
        .iter()
        .filter(|name| **name == "kvm")
        .for_each(|name| found.guest(name));
    if vendor == "oVirt" {
        found.guest("oVirt");
    }
    if vendor == "Red Hat" && said("product_family") == "RHV" {
        found.guest("RHV");
    } else if vendor == "Red Hat" && said("product_name") == "RHEV Hypervisor" {
        found.guest("RHEV");
    }
    products.iter().for_each(|name| found.guest(name));
    matching(BIOSES, said("bios_vendor"))
        .iter()
        .for_each(|name| found.guest(name));
    matching(VENDORS, vendor)
        .iter()
        .for_each(|name| found.guest(name));
}

fn matching(table: &[(&str, &'static str)], said: &str) -> Vec<&'static str> {
    let fits = |name: &str| match name.strip_suffix('*') {
        Some(start) => said.starts_with(start),
        None => said == name,
    };
    table
        .iter()
        .filter(|(name, _)| fits(name))
        .map(|(_, kind)| *kind)
        .collect()
}

/// What the kernel says of itself and of its processors.
fn kernel(sections: &Sections, found: &mut Found) {
    let status = sections.file("/proc/self/status").unwrap_or_default();
    match status
        .lines()
        .find_map(|line| line.strip_prefix("VxID:"))
        .map(str::trim)
    {
        Some(id) if id.starts_with('0') => found.host("linux_vserver"),
        Some(_) => found.guest("linux_vserver"),
        None => {}
    }
    for line in sections.file("/proc/cpuinfo").unwrap_or_default().lines() {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        match name.trim() {
            "model name" if value.contains("QEMU Virtual CPU") => found.guest("kvm"),
            "model name" if value.contains("UML") => found.guest("uml"),
            "vendor_id" if value.contains("User Mode Linux") => found.guest("uml"),
            "machine" if value.contains("CHRP IBM pSeries (emulated by qemu)") => {
                found.guest("kvm")
            }
            "vendor_id" if value.contains("PowerVM Lx86") => found.guest("powervm_lx86"),
            "vendor_id" if value.contains("IBM/S390") => mainframe(sections, found),
            _ => {}
        }
    }
}

fn mainframe(sections: &Sections, found: &mut Found) {
    add(&mut found.guest, "PR/SM");
    let lines = sections.output("lscpu").map(|text| text.lines());
    let Some(mut lines) = lines else {
        found.first("PR/SM", "LPAR");
        return add(&mut found.guest, "ibm_systemz");
    };
    let hypervisor = lines
        .find_map(|line| line.strip_prefix("Hypervisor:"))
        .map(str::trim);
    match hypervisor {
        Some(name) => found.guest(name),
        None => found.first("PR/SM", "LPAR"),
    }
}

/// Loaded modules, the firmware's strings, and the device that runs guests.
fn modules(sections: &Sections, found: &mut Found) {
    let loaded = sections.output("modules").unwrap_or_default();
    let has = |name: &str| {
        loaded
            .lines()
            .any(|line| line.split(' ').next() == Some(name))
    };
    if has("kvm") {
        if sections.word("vdsm").is_some() {
            found.first("RHEV", "host");
        }
        found.host("kvm");
        if sections.word("vdsm").is_some() {
            add(&mut found.host, "RHEV");
        }
    }
    if has("vboxdrv") {
        found.host("virtualbox");
    }
    if has("virtio") {
        add(&mut found.host, "kvm");
        found.first("kvm", "guest");
    }
    let product = sections
        .output("dmi system-product-name")
        .unwrap_or_default();
    if product.lines().any(|line| line.starts_with("VMware")) {
        found.guest("VMware");
    }
    if product.contains("BHYVE") {
        found.guest("bhyve");
    }
    if sections.exists("/dev/kvm") {
        found.host("kvm");
    }
}

/// FreeBSD and its kin, by sysctl.
fn bsd(sections: &Sections, found: &mut Found) {
    if sections.output("xenstore").is_some() {
        found.guest("xen");
    }
    let sysctl = sysctl(sections);
    for name in ["kern.vm_guest", "hw.hv_vendor", "hw.product"] {
        if let Some(kind) = sysctl.get(name).and_then(|said| hypervisor(said)) {
            found.guest(kind);
        }
    }
    if sysctl.get("security.jail.jailed") == Some(&"1") {
        found.guest("jails");
    }
    if sysctl.get("hw.model") == Some(&"QEMU") || sysctl.get("hw.vendor") == Some(&"QEMU") {
        found.guest("kvm");
    }
    if sections.output("vmm").is_some() {
        add(&mut found.host, "bhyve");
        found.kind = Some(("bhyve".to_owned(), "host".to_owned()));
    }
}

fn hypervisor(said: &str) -> Option<&'static str> {
    let starts = |words: &[&str]| words.iter().any(|word| said.starts_with(word));
    match said {
        "VirtualBox" => Some("virtualbox"),
        "Hyper-V" => Some("Hyper-V"),
        "Parallels" => Some("parallels"),
        "RHEV Hypervisor" => Some("RHEV"),
        "bhyve" => Some("bhyve"),
        _ if starts(&["KVM", "kvm", "Bochs", "SmartDC"]) => Some("kvm"),
        _ if said.contains("VMware") => Some("VMware"),
        _ if starts(&["HVM domU", "XenPV"]) => Some("xen"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::in_docker;

    #[test]
    fn docker_shows_in_a_control_group() {
        assert!(in_docker("1:name=systemd:/docker/4c1e"));
        assert!(in_docker("0::/system.slice/docker-4c1e0a.scope"));
        assert!(!in_docker("0::/system.slice/docker.service"));
        assert!(!in_docker("0::/"));
    }
}

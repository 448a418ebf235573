//! FreeBSD, its kin, and macOS: what `sysctl` and the old programs say.

use std::collections::HashMap;

use super::{dmi, mounts};
use crate::entries;
use crate::facts::sections::Sections;
use crate::value::{Map, Value};

const MIB: i64 = 1024 * 1024;

/// Values of sysctl by name.
pub(in crate::facts) fn sysctl(sections: &Sections) -> HashMap<&str, &str> {
    let lines = sections.output("sysctl").unwrap_or_default().lines();
    let pairs = lines.filter_map(|line| {
        let end = line.find([':', '='])?;
        Some((line[..end].trim(), line[end + 1..].trim()))
    });
    pairs.collect()
}

/// FreeBSD and DragonFly.
pub(super) fn freebsd(sections: &Sections, facts: &mut Map) {
    let sysctl = sysctl(sections);
    let lines = sections.output("dmesg").unwrap_or_default().lines();
    let names = lines
        .clone()
        .filter_map(|line| line.split_once("CPU:").map(|(_, name)| name.trim()));
    facts.set("processor", Value::strings(names));
    if let Some(count) = sysctl.get("hw.ncpu") {
        facts.set("processor_count", *count);
    }
    let cores = lines.filter(|line| line.contains("Logical CPUs per core"));
    if let Some(cores) = cores
        .filter_map(|line| line.split_whitespace().nth(4))
        .next_back()
    {
        facts.set("processor_cores", cores);
    }
    let pages = |name: &str| {
        let name = format!("vm.stats.vm.{name}");
        Some(number(&sysctl, &name)? * number(&sysctl, "vm.stats.vm.v_page_size")? / MIB)
    };
    if let (Some(total), Some(free)) = (pages("v_page_count"), pages("v_free_count")) {
        facts.set("memtotal_mb", total);
        facts.set("memfree_mb", free);
    }
    swap(sections, facts);
    uptime(sections, &sysctl, facts);
    dmi::read(sections, facts);
    devices(sections, facts);
    fstab(sections, facts);
}

/// macOS, by the reference's few facts of it.
pub(super) fn macos(sections: &Sections, facts: &mut Map) {
    let sysctl = sysctl(sections);
    let said = |name: &str| sysctl.get(name).copied();
    if let Some(model) = said("hw.model") {
        facts.set("model", model);
        facts.set("product_name", model);
    }
    facts.set("osversion", said("kern.osversion"));
    facts.set("osrevision", said("kern.osrevision"));
    facts.set("processor", said("machdep.cpu.brand_string"));
    facts.set(
        "processor_cores",
        said("machdep.cpu.core_count").or(said("hw.physicalcpu")),
    );
    let cpus = said("hw.logicalcpu").or(said("hw.ncpu"));
    facts.set("processor_vcpus", cpus.unwrap_or_default());
    if let Some(total) = number(&sysctl, "hw.memsize") {
        let used = used_pages(sections) * number(&sysctl, "hw.pagesize").unwrap_or(4096);
        facts.set("memtotal_mb", total / MIB);
        facts.set("memfree_mb", total / MIB - used / MIB);
    }
    uptime(sections, &sysctl, facts);
}

/// The pages that `vm_stat` counts as used.
fn used_pages(sections: &Sections) -> i64 {
    let lines = sections.output("vm_stat").unwrap_or_default().lines();
    let used = ["Pages wired down", "Pages active", "Pages inactive"];
    let counts = lines.filter_map(|line| {
        let (name, count) = line.split_once(':')?;
        used.contains(&name)
            .then(|| count.trim().trim_end_matches('.').parse::<i64>().ok())?
    });
    counts.sum()
}

/// OpenBSD and NetBSD: processors, memory, uptime, the maker and file systems.
pub(super) fn others(sections: &Sections, facts: &mut Map) {
    let sysctl = sysctl(sections);
    for (fact, name) in [
        ("processor_count", "hw.ncpu"),
        ("system_vendor", "hw.vendor"),
        ("product_name", "hw.product"),
        ("product_version", "hw.version"),
        ("product_uuid", "hw.uuid"),
        ("product_serial", "hw.serialno"),
    ] {
        if let Some(value) = sysctl.get(name) {
            facts.set(fact, *value);
        }
    }
    if let Some(model) = sysctl.get("hw.model") {
        facts.set("processor", vec![Value::str(*model)]);
    }
    if let Some(total) = number(&sysctl, "hw.physmem") {
        facts.set("memtotal_mb", total / MIB);
    }
    uptime(sections, &sysctl, facts);
    fstab(sections, facts);
}

fn number(sysctl: &HashMap<&str, &str>, name: &str) -> Option<i64> {
    sysctl.get(name)?.parse().ok()
}

/// The last line of `swapinfo -k`, which is the sum where there is more than one.
fn swap(sections: &Sections, facts: &mut Map) {
    let last = sections
        .word("swapinfo")
        .and_then(|text| text.lines().last());
    let row: Vec<&str> = last.unwrap_or_default().split_whitespace().collect();
    let size = |position: usize| row.get(position).and_then(|text| text.parse::<i64>().ok());
    if let (Some(total), Some(free)) = (size(1), size(3)) {
        facts.set("swaptotal_mb", total / 1024);
        facts.set("swapfree_mb", free / 1024);
    }
}

/// `{ sec = 1718000000, usec = 0 } …` or a plain number: when the system started.
fn uptime(sections: &Sections, sysctl: &HashMap<&str, &str>, facts: &mut Map) {
    let digits = |text: &str| {
        let text = text.trim_start_matches(|c: char| !c.is_ascii_digit());
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        text[..end].parse::<i64>().ok()
    };
    let started = sysctl.get("kern.boottime").copied().and_then(digits);
    let now = sections
        .word("date")
        .or(sections.word("now"))
        .and_then(digits);
    if let (Some(started), Some(now)) = (started, now) {
        facts.set("uptime_seconds", now - started);
    }
}

/// Disks and their slices, by their names in `/dev`.
fn devices(sections: &Sections, facts: &mut Map) {
    let kinds = [
        "ad", "ada", "da", "cd", "acd", "amrd", "idad", "ipsd", "md", "mfid", "mlxd", "twed",
        "vtbd",
    ];
    let mut names: Vec<&str> = sections
        .output("devices")
        .unwrap_or_default()
        .lines()
        .collect();
    names.sort_unstable();
    let mut found: Vec<(&str, Vec<Value>)> = Vec::new();
    for name in names {
        let letters = name
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(name.len());
        let (kind, rest) = name.split_at(letters);
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        if digits == 0 || !kinds.contains(&kind) {
            continue;
        }
        let disk = &name[..letters + digits];
        if !found.iter().any(|(known, _)| *known == disk) {
            found.push((disk, Vec::new()));
        }
        let slice = rest[digits..].starts_with(['p', 's']) && rest.len() > digits + 1;
        if let (true, Some((_, slices))) =
            (slice, found.iter_mut().find(|(known, _)| *known == disk))
        {
            slices.push(Value::str(name));
        }
    }
    let entries = found
        .into_iter()
        .map(|(disk, slices)| (Value::str(disk), Value::list(slices)));
    facts.set("devices", entries.collect::<Map>());
}

/// The file systems of `/etc/fstab`, with sizes where they are mounted.
fn fstab(sections: &Sections, facts: &mut Map) {
    let sizes = mounts::plain_sizes(sections, "df");
    let mut found = Vec::new();
    for line in sections.output("fstab").unwrap_or_default().lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [device, mount, kind, options, ..] = fields[..] else {
            continue;
        };
        if device.starts_with('#') {
            continue;
        }
        let mut facts = entries! {
            "mount" => mount,
            "device" => device,
            "fstype" => kind,
            "options" => options,
        };
        if let Some(row) = sizes.get(mount) {
            let kib = |position: usize| row.get(position).and_then(|text| text.parse::<i64>().ok());
            facts.set("size_total", kib(1).map(|size| size * 1024));
            facts.set("size_available", kib(3).map(|size| size * 1024));
        }
        found.push(Value::map(facts));
    }
    facts.set("mounts", found);
}

//! Disks and their partitions, by `/sys/block` and the links of `/dev/disk`.

use std::collections::BTreeMap;

use crate::entries;
use crate::facts::sections::{Sections, base};
use crate::value::{Map, Value};

/// `devices` and `device_links`.
pub(in crate::facts) fn read(sections: &Sections, facts: &mut Map) {
    let disks = Disks {
        sections,
        links: links(sections),
    };
    facts.set("device_links", disks.all_links());
    let mut devices = Map::new();
    for name in names(sections) {
        devices.set(name, disks.device(name));
    }
    facts.set("devices", devices);
}

/// The block devices: folders of `/sys/block` that say their size.
fn names(sections: &Sections) -> Vec<&str> {
    let paths = sections.files_under("/sys/block/").into_iter();
    let size = |path: &'_ str| path.matches('/').count() == 4 && path.ends_with("/size");
    paths
        .filter(|path| size(path))
        .filter_map(|path| path.split('/').nth(3))
        .collect()
}

/// For each kind of link: the names that lead to a device.
type Links = BTreeMap<&'static str, BTreeMap<String, Vec<String>>>;

fn links(sections: &Sections) -> Links {
    let mut links = Links::new();
    for (kind, folder) in [
        ("ids", "/dev/disk/by-id/"),
        ("labels", "/dev/disk/by-label/"),
        ("uuids", "/dev/disk/by-uuid/"),
    ] {
        let of_kind = links.entry(kind).or_default();
        for path in sections.links_under(folder) {
            let device = sections.link(path).map(base).unwrap_or_default();
            of_kind
                .entry(device.to_owned())
                .or_default()
                .push(base(path).to_owned());
        }
    }
    let masters = links.entry("masters").or_default();
    for path in sections.links_under("/sys/block/") {
        let parts: Vec<&str> = path.split('/').collect();
        if let ["", "sys", "block", master, "slaves", device] = parts[..] {
            masters
                .entry(device.to_owned())
                .or_default()
                .push(master.to_owned());
        }
    }
    links
}

struct Disks<'a> {
    sections: &'a Sections,
    links: Links,
}

impl Disks<'_> {
    fn all_links(&self) -> Map {
        let mut all = Map::new();
        for (kind, devices) in &self.links {
            let mut of_kind = Map::new();
            for (device, names) in devices {
                of_kind.set(device, Value::strings(names.iter().map(String::as_str)));
            }
            all.set(kind, of_kind);
        }
        all
    }

    fn links_of(&self, device: &str) -> Map {
        let mut all = Map::new();
        for (kind, devices) in &self.links {
            let names = devices.get(device).map(Vec::as_slice).unwrap_or_default();
            all.set(kind, Value::strings(names.iter().map(String::as_str)));
        }
        all
    }

    fn file(&self, folder: &str, below: &str) -> Option<&str> {
        self.sections.file(&format!("{folder}/{below}"))
    }

    fn device(&self, name: &str) -> Map {
        let folder = format!("/sys/block/{name}");
        let file = |below: &str| Value::str_or_null(self.file(&folder, below));
        let mut device = entries! {
            "virtual" => self.is_virtual(&folder),
            "links" => self.links_of(name),
            "vendor" => file("device/vendor"),
            "model" => file("device/model"),
            "sas_address" => file("device/sas_address"),
            "sas_device_handle" => file("device/sas_device_handle"),
            "removable" => file("removable"),
            "support_discard" => self.discard(&folder),
            "partitions" => self.partitions(name),
            "rotational" => file("queue/rotational"),
            "scheduler_mode" => scheduler(self.file(&folder, "queue/scheduler")),
            "host" => self.controller(&folder),
            "holders" => self.holders(&folder),
        };
        if let Some(serial) = self.serial(name, &folder) {
            device.set("serial", serial);
        }
        if let Some(wwn) = self.world_wide_name(name) {
            device.set("wwn", wwn);
        }
        self.size(&folder, &mut device);
        device
    }

    /// 1 as the kernel shows every device nowadays: a link into the tree of all devices.
    fn is_virtual(&self, folder: &str) -> i64 {
        let old =
            self.sections.link(folder).is_none() && self.file(folder, "device/model").is_some();
        i64::from(!old)
    }

    /// What the program says where the host has it, else what an NVMe device says of itself.
    fn serial(&self, name: &str, folder: &str) -> Option<String> {
        let Some(said) = self.sections.output(&format!("sg_inq {name}")) else {
            return self.file(folder, "device/serial").map(str::to_owned);
        };
        let after = |label: &str| said.split_once(label).map(|(_, rest)| rest.trim_start());
        let rest = after("Unit serial number:").or_else(|| after("Serial number:"))?;
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = rest.find(|c: char| !word(c)).unwrap_or(rest.len());
        (end > 0).then(|| rest[..end].to_owned())
    }

    fn world_wide_name(&self, name: &str) -> Option<String> {
        let ids = self.links.get("ids")?.get(name)?;
        ids.iter()
            .filter_map(|id| id.strip_prefix("wwn-"))
            .next_back()
            .map(str::to_owned)
    }

    /// The smallest piece that can be discarded; 0 where the device takes no such request.
    fn discard(&self, folder: &str) -> Value {
        if self.file(folder, "queue/discard_max_hw_bytes") == Some("0") {
            return Value::str("0");
        }
        Value::str_or_null(self.file(folder, "queue/discard_granularity"))
    }

    fn size(&self, folder: &str, map: &mut Map) {
        let size = self.file(folder, "queue/logical_block_size");
        let size = size.or(self.file(folder, "queue/hw_sector_size"));
        let bytes = size
            .and_then(|text| text.parse().ok())
            .filter(|size| *size > 0)
            .unwrap_or(512);
        // The kernel counts sectors of 512 bytes, whatever the device's own are.
        let sectors = self
            .file(folder, "size")
            .and_then(|text| text.parse::<i64>().ok());
        let sectors = sectors.unwrap_or(0).saturating_mul(512) / bytes;
        map.set("sectorsize", size.map_or(Value::Int(512), Value::str));
        map.set("sectors", sectors);
        map.set("size", human(sectors as f64 * bytes as f64));
    }

    fn partitions(&self, name: &str) -> Map {
        let prefix = format!("/sys/block/{name}/");
        let mut partitions = Map::new();
        for path in self.sections.files_under(&prefix) {
            let Some(part) = path[prefix.len()..].strip_suffix("/start") else {
                continue;
            };
            let folder = format!("{prefix}{part}");
            let mut partition = entries! {
                "links" => self.links_of(part),
                "start" => self.file(&folder, "start").unwrap_or("0"),
                "uuid" => self.uuid(part),
                "holders" => self.holders(&folder),
            };
            self.size(&folder, &mut partition);
            partitions.set(part, partition);
        }
        partitions
    }

    fn uuid(&self, device: &str) -> Value {
        let uuids = self.links.get("uuids").and_then(|uuids| uuids.get(device));
        Value::str_or_null(uuids.and_then(|names| names.first()).map(String::as_str))
    }

    /// The mapped devices on top of this one, by their names.
    fn holders(&self, folder: &str) -> Vec<Value> {
        let holders = self.sections.links_under(&format!("{folder}/holders/"));
        let mapped = holders
            .into_iter()
            .map(base)
            .filter(|name| name.starts_with("dm-"));
        let name = |holder| {
            self.sections
                .file(&format!("/sys/block/{holder}/dm/name"))
                .unwrap_or(holder)
        };
        mapped.map(|holder| Value::str(name(holder))).collect()
    }

    /// What `lspci` says of the controller in the device's path, whose address is the last of
    /// its kind there.
    fn controller(&self, folder: &str) -> String {
        let path = self.sections.link(folder).unwrap_or_default();
        let address = path
            .split('/')
            .rev()
            .skip(1)
            .find(|part| is_pci_address(part));
        let listed = self.sections.output("lspci").unwrap_or_default();
        let line = address.and_then(|address| {
            listed
                .lines()
                .find_map(|line| line.strip_prefix(address)?.strip_prefix(' '))
        });
        line.unwrap_or_default().to_owned()
    }
}

/// `0000:00:1f.2`
fn is_pci_address(text: &str) -> bool {
    let hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let parts: Vec<&str> = text.split([':', '.']).collect();
    match parts[..] {
        [domain, bus, slot, function] => {
            hex(domain, 4) && hex(bus, 2) && hex(slot, 2) && hex(function, 1)
        }
        _ => false,
    }
}

/// The scheduler in brackets.
fn scheduler(text: Option<&str>) -> &str {
    let bracket = text.and_then(|text| text.split_once('[')?.1.rsplit_once(']'));
    bracket.map_or("", |(name, _)| name)
}

/// Bytes as the reference writes them: `256.00 GB`, `0.00 Bytes`.
fn human(bytes: f64) -> String {
    let units = ["YB", "ZB", "EB", "PB", "TB", "GB", "MB", "KB"];
    for (unit, power) in units.iter().zip((1..=8).rev()) {
        let limit = 1024_f64.powi(power);
        if bytes >= limit {
            return format!("{:.2} {unit}", bytes / limit);
        }
    }
    format!("{bytes:.2} Bytes")
}

#[cfg(test)]
mod tests {
    use super::{human, is_pci_address, scheduler};

    #[test]
    fn sizes_are_written_as_the_reference_does() {
        for (bytes, text) in [
            (0.0, "0.00 Bytes"),
            (1024.0, "1.00 KB"),
            (274_877_906_944.0, "256.00 GB"),
        ] {
            assert_eq!(human(bytes), text);
        }
    }

    #[test]
    fn small_readers() {
        assert_eq!(scheduler(Some("[mq-deadline] none")), "mq-deadline");
        assert_eq!(scheduler(Some("none")), "");
        assert!(is_pci_address("0000:00:1f.2"));
        assert!(!is_pci_address("pci0000:00"));
    }
}

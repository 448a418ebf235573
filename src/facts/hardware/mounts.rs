//! Mounted file systems and their sizes.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::entries;
use crate::facts::sections::Sections;
use crate::value::Map;

/// `mounts`: what stands on a device or on another host.
pub(in crate::facts) fn read(sections: &Sections, facts: &mut Map) {
    let sources = Sources::of(sections);
    let table = sections.file("/etc/mtab").or(sections.file("/proc/mounts"));
    let mut mounts = Map::new();
    for line in table.unwrap_or_default().lines() {
        if let Some((mount, facts)) = sources.mount(line) {
            mounts.set(&mount, facts);
        }
    }
    facts.set("mounts", mounts.values().cloned().collect::<Vec<_>>());
}

struct Sources<'a> {
    sizes: HashMap<&'a str, Size>,
    silent: HashSet<&'a str>,
    uuids: HashMap<&'a str, &'a str>,
    bound: HashSet<String>,
}

impl<'a> Sources<'a> {
    fn of(sections: &'a Sections) -> Self {
        let lines = || sections.output("sizes").unwrap_or_default().lines();
        let mountinfo = sections.file("/proc/self/mountinfo").unwrap_or_default();
        Sources {
            sizes: lines().filter_map(Size::read).collect(),
            silent: lines()
                .filter_map(|line| line.strip_prefix("timeout "))
                .collect(),
            uuids: uuids(sections),
            bound: mountinfo.lines().filter_map(bound).collect(),
        }
    }

    /// One line of `mtab`: what is mounted, where, the kind, options, dump and pass.
    fn mount(&self, line: &str) -> Option<(String, Map)> {
        let fields: Vec<String> = line.split_whitespace().map(unescaped).collect();
        let [device, mount, kind, options, rest @ ..] = &fields[..] else {
            return None;
        };
        let counts = device.starts_with(['/', '\\']) || device.contains(":/");
        if !counts || kind == "none" {
            return None;
        }
        let number = |position: usize| rest.get(position).and_then(|text| text.parse::<i64>().ok());
        let bound = self.bound.contains(mount) && !options.contains("bind");
        let mut facts = entries! {
            "mount" => mount,
            "device" => device,
            "fstype" => kind,
            "options" => if bound { format!("{options},bind") } else { options.clone() },
            "dump" => number(0).unwrap_or(0),
            "passno" => number(1).unwrap_or(0),
        };
        if self.silent.contains(mount.as_str()) {
            facts.set("note", "Could not get extra information due to timeout");
            return Some((mount.clone(), facts));
        }
        if let Some(size) = self.sizes.get(mount.as_str()) {
            size.tell(&mut facts);
        }
        facts.set(
            "uuid",
            self.uuids.get(device.as_str()).copied().unwrap_or("N/A"),
        );
        Some((mount.clone(), facts))
    }
}

/// UUIDs by device: what lsblk says, or where it is missing, the links that udev keeps.
fn uuids(sections: &Sections) -> HashMap<&str, &str> {
    let mut uuids = HashMap::new();
    for line in sections.output("lsblk").unwrap_or_default().lines() {
        if let Some((device, uuid)) = line.trim().rsplit_once(char::is_whitespace) {
            uuids.entry(device.trim_end()).or_insert(uuid);
        }
    }
    uuids
}

/// The mount point of a line of mountinfo(5) that shows a part of its file system only: a bind.
fn bound(line: &str) -> Option<String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (root, mount) = (fields.get(3)?, fields.get(4)?);
    (*root != "/").then(|| unescaped(mount))
}

/// The kernel's `\040` as the character it stands for.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part
            .get(..3)
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match code {
            Some(code) => {
                out.push(char::from(code));
                out.push_str(&part[3..]);
            }
            None => {
                out.push('\\');
                out.push_str(part);
            }
        }
    }
    out
}

/// What statvfs(3) says.
struct Size {
    fragment: i64,
    block: i64,
    blocks: i64,
    available: i64,
    inodes: i64,
    free_inodes: i64,
}

impl Size {
    /// Reads six numbers and the mount point they are about.
    fn read(line: &str) -> Option<(&str, Self)> {
        let mut parts = line.splitn(7, ' ');
        let mut next = || parts.next()?.parse::<i64>().ok();
        let size = Size {
            fragment: next()?,
            block: next()?,
            blocks: next()?,
            available: next()?,
            inodes: next()?,
            free_inodes: next()?,
        };
        Some((parts.next()?, size))
    }

    fn tell(&self, facts: &mut Map) {
        facts.set("size_total", self.fragment.saturating_mul(self.blocks));
        facts.set(
            "size_available",
            self.fragment.saturating_mul(self.available),
        );
        facts.set("block_size", self.block);
        facts.set("block_total", self.blocks);
        facts.set("block_available", self.available);
        facts.set("block_used", self.blocks - self.available);
        facts.set("inode_total", self.inodes);
        facts.set("inode_available", self.free_inodes);
        facts.set("inode_used", self.inodes - self.free_inodes);
    }
}

/// The mount points that did not answer in time, for a warning each.
pub(in crate::facts) fn silent(sections: &Sections) -> Vec<&str> {
    let lines = sections.output("sizes").unwrap_or_default().lines();
    lines
        .filter_map(|line| line.strip_prefix("timeout "))
        .collect()
}

/// The size of a file system in `df -k` and `df -i` of the BSDs, by mount point.
pub(super) fn plain_sizes<'a>(
    sections: &'a Sections,
    name: &str,
) -> HashMap<&'a str, Vec<&'a str>> {
    let lines = sections.output(name).unwrap_or_default().lines().skip(1);
    let rows = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter_map(|row| Some((*row.last()?, row))).collect()
}

//! All that a host knows of a file, as `stat` and `find` tell it.

use crate::modules::node::{Kind, NODE, Node};
use crate::shell::Fragment;
use crate::value::{Map, Value};

/// The functions that print records.
pub static RECORD: Fragment = Fragment {
    name: "record",
    text: include_str!("record.sh"),
    needs: &[&NODE],
};

/// A file's record.
#[derive(Clone, Debug)]
pub struct Record {
    /// What all modules know of it.
    pub node: Node,
    /// The times with their fractions: read, content changed, anything changed.
    pub times: [f64; 3],
    /// Blocks of 512 bytes, the block size, and the device a device file means; not all hosts say.
    blocks: Option<[u64; 3]>,
}

impl Record {
    /// What `record` printed: six lines, or less where the host has no `stat`.
    pub fn parse(text: &str) -> Option<Record> {
        if text.starts_with("ls ") {
            let node = Node::parse(text)?;
            let times = [node.accessed, node.modified, node.altered].map(|time| time as f64);
            return Some(Record {
                node,
                times,
                blocks: None,
            });
        }
        let rest = text.strip_prefix("full ")?;
        let mut lines = rest.lines();
        let numbers: Vec<&str> = lines.next()?.split(' ').collect();
        let (first, more) = numbers.split_at_checked(10)?;
        let fractions = [lines.next()?, lines.next()?, lines.next()?].map(fraction);
        let names: Vec<&str> = lines.collect();
        let node = Node::parse(&format!("gnu {}\n{}", first.join(" "), names.join("\n")))?;
        let whole = [node.accessed, node.modified, node.altered];
        let mut times = [0.0; 3];
        for ((time, whole), nanoseconds) in times.iter_mut().zip(whole).zip(fractions) {
            // Python's own arithmetic, so that the same float comes out.
            *time = whole as f64 + 1e-9 * nanoseconds as f64;
        }
        Some(Record {
            node,
            times,
            blocks: blocks(more),
        })
    }

    /// The keys that `stat` and `find` share.
    pub fn keys(&self) -> Map {
        let node = &self.node;
        let is = |kind| node.kind == kind;
        let bit = |bit: u32| node.mode & bit != 0;
        let [accessed, modified, altered] = self.times;
        crate::entries! {
            "mode" => format!("{:04o}", node.mode),
            "isdir" => is(Kind::Directory),
            "ischr" => is(Kind::CharacterDevice),
            "isblk" => is(Kind::BlockDevice),
            "isreg" => is(Kind::File),
            "isfifo" => is(Kind::Fifo),
            "islnk" => is(Kind::Link),
            "issock" => is(Kind::Socket),
            "uid" => node.uid,
            "gid" => node.gid,
            "size" => node.size,
            "inode" => node.inode,
            "dev" => node.device,
            "nlink" => node.links,
            "atime" => accessed,
            "mtime" => modified,
            "ctime" => altered,
            "wusr" => bit(0o200),
            "rusr" => bit(0o400),
            "xusr" => bit(0o100),
            "wgrp" => bit(0o020),
            "rgrp" => bit(0o040),
            "xgrp" => bit(0o010),
            "woth" => bit(0o002),
            "roth" => bit(0o004),
            "xoth" => bit(0o001),
            "isuid" => bit(0o4000),
            "isgid" => bit(0o2000),
        }
    }

    /// Adds `blocks` and `disk_usage_bytes`, where the host tells them.
    pub fn add_blocks(&self, keys: &mut Map) {
        if let Some([blocks, _, _]) = self.blocks {
            keys.set("blocks", blocks);
            keys.set("disk_usage_bytes", blocks * 512);
        }
    }

    /// Adds `block_size` and `device_type`, where the host tells them.
    pub fn add_device(&self, keys: &mut Map) {
        if let Some([_, size, device]) = self.blocks {
            keys.set("block_size", size);
            keys.set("device_type", device);
        }
    }

    /// A name, or nothing where the number has none.
    pub fn add_names(&self, keys: &mut Map, absent: Option<&str>) {
        for (key, name) in [("pw_name", &self.node.owner), ("gr_name", &self.node.group)] {
            if let Some(name) = name.as_deref().or(absent) {
                keys.set(key, Value::str(name));
            }
        }
    }
}

/// The nanoseconds of `2026-01-02 03:04:05.123456789 +0000` or `1767323045.123456789`.
fn fraction(text: &str) -> u32 {
    let digits: String = text
        .split_once('.')
        .map_or("", |(_, rest)| rest)
        .chars()
        .take_while(char::is_ascii_digit)
        .chain("000000000".chars())
        .take(9)
        .collect();
    digits.parse().unwrap_or(0)
}

fn blocks(fields: &[&str]) -> Option<[u64; 3]> {
    let [blocks, size, major, minor] = fields else {
        return None;
    };
    let hex = |text: &str| u64::from_str_radix(text, 16).ok();
    Some([
        blocks.parse().ok()?,
        size.parse().ok()?,
        device(hex(major)?, hex(minor)?),
    ])
}

/// Linux's `makedev`.
fn device(major: u64, minor: u64) -> u64 {
    (minor & 0xff) | (major & 0xfff) << 8 | (minor & !0xff) << 12 | (major & !0xfff) << 32
}

#[cfg(test)]
mod tests {
    use super::{Record, fraction};

    #[test]
    fn a_record_is_read() {
        let text = "full 81a4 0 0 5 1 77 2049 1 2 3 8 4096 0 0\n\
                    1970-01-01 00:00:01.500000000 +0000\n1970-01-01 00:00:02.000000000 +0000\n\
                    1970-01-01 00:00:03.000000001 +0000\nroot\nUNKNOWN";
        let record = Record::parse(text).unwrap();
        assert_eq!(record.times[0], 1.5);
        assert_eq!(record.times[2], 3.0 + 1e-9);
        let mut keys = record.keys();
        record.add_blocks(&mut keys);
        record.add_names(&mut keys, Some(""));
        assert_eq!(keys.get("disk_usage_bytes").unwrap().as_int(), Some(4096));
        assert_eq!(keys.get("gr_name").unwrap().as_str(), Some(""));
        assert_eq!(fraction("1700000000.25"), 250_000_000);
        assert_eq!(fraction("2026-01-02 03:04:05 +0000"), 0);
    }
}

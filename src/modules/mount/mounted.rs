//! What is mounted now.

use std::collections::HashMap;

use crate::shell::Reply;

/// The mounts of a host.
#[derive(Debug)]
pub struct Mounted {
    /// Mount points and what is mounted there: the folder, where it may be a bind mount, and the
    /// device.
    points: HashMap<String, [String; 2]>,
}

impl Mounted {
    /// Reads `info` (Linux's mountinfo), or `mounts`, what `mount -v` prints.
    pub fn read(reply: &Reply) -> Mounted {
        match reply.text("info") {
            Some(info) => Mounted {
 points: linux(&info) },
            None => Mounted { points: others(&reply.text("mounts").unwrap_or_default()) },
        }
    }

    /// Says whether something is mounted at the path, which leads to `real`.
    pub fn has(&self, path: &str, real: Option<&str>) -> bool {
        self.points.contains_key(path) || real.is_some_and(|real| self.points.contains_key(real))
    }

    /// Says whether that is mounted at the path.
    pub fn has_source(&self, path: &str, real: Option<&str>, src: &str) -> bool {
        let known = self.points.get(path).or_else(|| self.points.get(real?));
        known.is_some_and(|known| known.iter().any(|known| known == src))
    }
}

struct Record<'a> {
    parent: &'a str,
    root: String,
    dst: String,
    src: &'a str,
}

fn linux(info: &str) -> HashMap<String, [String; 2]> {
    let records: Vec<(&str, Record)> = info.lines().filter_map(record).collect();
    let known: HashMap<&str, &Record> = records.iter().map(|(id, record)| (*id, record)).collect();
    records
        .iter()
        .map(|(_, record)| {
            let sources = [source(record, &known), unescape(record.src)];
            (record.dst.clone(), sources)
        })
        .collect()
}

/// `36 35 98:0 /root /dst rw - ext4 /dev/x rw`
fn record(line: &str) -> Option<(&str, Record<'_>)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let src = *words.get(words.len().checked_sub(2)?)?;
    let record = Record {
        parent: words.get(1)?,
        root: unescape(words.get(3)?),
        dst: unescape(words.get(4)?),
        src,
    };
    Some((words.first()?, record))
}

/// What is mounted: the device, or the folder of the parent that is bound.
fn source(record: &Record, known: &HashMap<&str, &Record>) -> String {
    let Some(parent) = known.get(record.parent).filter(|_| record.parent != "1") else {
        return unescape(record.src);
    };
    let mut root = record.root.as_str();
    if parent.root.len() > 1 {
        root = root.strip_prefix(&parent.root).filter(|rest| rest.starts_with('/')).unwrap_or(root);
    }
    match parent.dst.as_str() {
        "/" => root.to_owned(),
        dst => format!("{dst}{root}"),
    }
}

/// `\040` and the like are bytes.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..3).filter(|_| *first == b'\\');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `/dev/ada0p2 on / (ufs, …)`
fn others(text: &str) -> HashMap<String, [String; 2]> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<&str>>());
    lines
        .filter_map(|words| {
            let source = (*words.first()?).to_owned();
            Some(((*words.get(2)?).to_owned(), [source.clone(), source]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{linux, others};

    #[test]
    fn bind_mounts_are_told_by_their_folders() {
        let info = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                    42 22 0:35 / /tmp rw - tmpfs tmpfs rw\n\
                    78 42 0:35 /aaa /tmp/b\\040b rw - tmpfs tmpfs rw\n\
                    79 22 8:1 /srv /mnt rw - ext4 /dev/sda1 rw\n";
        let points = linux(info);
        for (point, source) in [("/", "/dev/sda1"), ("/tmp/b b", "/tmp/aaa"), ("/mnt", "/srv")] {
            assert_eq!(points.get(point).map(|known| known[0].as_str()), Some(source));
        }
        assert_eq!(points.get("/mnt").map(|known| known[1].as_str()), Some("/dev/sda1"));
        assert!(others("/dev/ada0 on / (ufs)\n").contains_key("/"));
    }
}

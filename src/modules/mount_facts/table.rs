//! Tables of mounts in their several formats, and what commands print of them.

use crate::entries;
use crate::value::{Map, Value};

/// One mount of a table.
#[derive(Clone, Debug)]
pub(super) struct Mount {
    /// Where it is mounted.
    pub(super) point: String,
    /// The line or lines that say so.
    pub(super) line: String,
    /// Device, kind, options, and what else the table has.
    pub(super) fields: Map,
}

impl Mount {
    fn new(line: &str, fields: Map) -> Self {
        let point = fields
            .get("mount")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let line = line.to_owned();
        Mount {
            point,
            line,
            fields,
        }
    }

    pub(super) fn text(&self, field: &str) -> &str {
        self.fields
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// The mounts of a file, by the first format that fits all of its lines: Solaris' vfstab and
/// mnttab, fstab (and mtab), AIX' filesystems. Another file has none.
pub(super) fn of_file(text: &str) -> Vec<Mount> {
    let lines: Vec<&str> = text.trim().lines().collect();
    let formats = [vfstab, mnttab, fstab, filesystems];
    formats
        .iter()
        .find_map(|format| format(&lines))
        .unwrap_or_default()
}

fn rows<'a>(lines: &[&'a str]) -> impl Iterator<Item = &'a str> {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    lines
        .into_iter()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Device, device to check, mount point, kind, pass, whether at boot, options.
fn vfstab(lines: &[&str]) -> Option<Vec<Mount>> {
    let read = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [device, check, mount, kind, pass, boot, options, ..] = fields[..] else {
            return None;
        };
        let fields = entries! {
            "device" => device,
            "device_to_fsck" => check,
            "mount" => mount,
            "fstype" => kind,
            "passno" => number(pass),
            "mount_at_boot" => boot,
            "options" => options,
        };
        Some(Mount::new(line, fields))
    };
    rows(lines).map(read).collect()
}

/// Device, mount point, kind, options, and when it was mounted, in ten digits.
fn mnttab(lines: &[&str]) -> Option<Vec<Mount>> {
    let read = |line: &&str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [device, mount, kind, options, time, ..] = fields[..] else {
            return None;
        };
        let fields = entries! {
            "device" => device,
            "mount" => mount,
            "fstype" => kind,
            "options" => options,
            "time" => time.parse::<i64>().ok().filter(|_| time.len() == 10)?,
        };
        Some(Mount::new(line, fields))
    };
    lines
        .iter()
        .map(read)
        .collect::<Option<Vec<_>>>()
        .filter(|mounts| !mounts.is_empty())
}

/// Device, mount point, kind, options; dump and pass may follow.
fn fstab(lines: &[&str]) -> Option<Vec<Mount>> {
    let read = |line: &str| {
        let fields: Vec<String> = line.split_whitespace().map(unescaped).collect();
        let [device, mount, kind, options, rest @ ..] = &fields[..] else {
            return None;
        };
        let mut map = entries! {
            "device" => device,
            "mount" => mount,
            "fstype" => kind,
            "options" => options,
        };
        for (name, value) in ["dump", "passno"].iter().zip(rest) {
            map.set(name, value.parse::<i64>().ok()?);
        }
        Some(Mount::new(line, map))
    };
    rows(lines).map(read).collect()
}

/// Stanzas of `name = value` under `/mount/point:`.
fn filesystems(lines: &[&str]) -> Option<Vec<Mount>> {
    let mut stanzas: Vec<Vec<&str>> = Vec::new();
    for line in lines
        .iter()
        .filter(|line| !line.starts_with('*') && !line.trim().is_empty())
    {
        if line.trim_end().ends_with(':') {
            stanzas.push(vec![line]);
        } else if line.contains('=') {
            stanzas.last_mut()?.push(line);
        } else {
            return None;
        }
    }
    Some(stanzas.iter().map(|stanza| stanza_mount(stanza)).collect())
}

fn stanza_mount(stanza: &[&str]) -> Mount {
    let mut attributes = Map::new();
    for line in stanza.iter().skip(1) {
        if let Some((name, value)) = line.split_once('=') {
            attributes.set(name.trim(), value.trim());
        }
    }
    let text = |name: &str| {
        attributes
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let device = match (text("nodename"), text("dev")) {
        (Some(node), Some(device)) => format!("{node}:{device}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "unknown".to_owned(),
    };
    let kind = text("vfs").unwrap_or("unknown").to_owned();
    let point = stanza
        .first()
        .map_or("", |line| line.trim_end().trim_end_matches(':'));
    let fields = entries! { "mount" => point, "device" => device, "fstype" => kind, "attributes" => attributes };
    Mount::new(&stanza.join("\n"), fields)
}

/// The mounts that `mount` prints, in the words of Linux, of the BSDs and macOS, or of AIX.
pub(super) fn of_command(text: &str) -> Vec<Mount> {
    let lines: Vec<&str> = text.lines().collect();
    let kept: Vec<&str> = lines
        .iter()
        .copied()
        .filter(|line| !line.starts_with("map "))
        .collect();
    let all = |lines: &[&str], read: fn(&str) -> Option<Mount>| {
        lines.iter().map(|line| read(line)).collect()
    };
    let linux: Option<Vec<Mount>> = all(&lines, linux_line);
    let bsd = || -> Option<Vec<Mount>> { all(&kept, bsd_line) };
    let aix = || -> Option<Vec<Mount>> { all(lines.get(2..)?, aix_line) };
    linux.or_else(bsd).or_else(aix).unwrap_or_default()
}

/// `/dev/sda1 on / type ext4 (rw,relatime)`
fn linux_line(line: &str) -> Option<Mount> {
    let (device, rest) = line.split_once(" on ")?;
    let (point, rest) = rest.split_once(" type ")?;
    let (kind, rest) = rest.split_once(" (")?;
    let options = rest.strip_suffix(')')?;
    if [device, point, kind]
        .iter()
        .any(|word| word.contains(char::is_whitespace))
    {
        return None;
    }
    let fields =
        entries! { "device" => device, "mount" => point, "fstype" => kind, "options" => options };
    Some(Mount::new(line, fields))
}

/// `/dev/ada0p2 on / (ufs, local, journaled soft-updates)`
fn bsd_line(line: &str) -> Option<Mount> {
    let (device, rest) = line.split_once(" on ")?;
    let (point, rest) = rest.split_once(" (")?;
    let inside = rest.strip_suffix(')')?;
    if [device, point]
        .iter()
        .any(|word| word.contains(char::is_whitespace))
    {
        return None;
    }
    let mut fields = entries! { "device" => device, "mount" => point };
    match inside.split_once(',') {
        Some((kind, options)) => {
            fields.set("fstype", kind.trim_end());
            fields.set("options", options.trim_start());
        }
        None => fields.set("fstype", inside),
    }
    Some(Mount::new(line, fields))
}

/// `node /dev/hd4 / jfs2 May 01 10:00 rw,log=/dev/hd8`; the node may be missing.
fn aix_line(line: &str) -> Option<Mount> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let words = if line.starts_with(char::is_whitespace) {
        [&[""], &words[..]].concat()
    } else {
        words
    };
    let [node, device, point, kind, month, day, time, options @ ..] = &words[..] else {
        return None;
    };
    if !time.contains(':') {
        return None;
    }
    let device = if node.is_empty() {
        (*device).to_owned()
    } else {
        format!("{node}:{device}")
    };
    let fields = entries! {
        "device" => device,
        "mount" => *point,
        "fstype" => *kind,
        "time" => format!("{month} {day} {time}"),
        "options" => options.join(" "),
    };
    Some(Mount::new(line, fields))
}

fn number(text: &str) -> Value {
    text.parse().map_or_else(|_| Value::str(text), Value::Int)
}

/// `\040` as the character it stands for.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part
            .get(..3)
            .and_then(|digits| u8::from_str_radix(digits, 8).ok())
        {
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

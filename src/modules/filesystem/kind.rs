//! The kinds of file systems: who makes them, who tells of them, who makes them larger.

/// A kind of file system.
#[derive(Debug)]
pub struct Kind {
    /// The name that `fstype` has.
    pub name: &'static str,
    /// What blkid says.
    pub found: &'static [&'static str],
    /// The program that makes one, and what keeps it from asking.
    pub mkfs: &'static str,
    /// See `mkfs`.
    pub force: &'static [&'static str],
    /// Options that set the UUID, and what has to follow.
    pub uuid: &'static [&'static str],
    /// See `uuid`.
    pub uuid_more: &'static [&'static str],
    /// Options that set the label.
    pub label: &'static [&'static str],
    /// The program that tells the size.
    pub info: &'static [&'static str],
    /// The program that makes it larger; empty where there is none.
    pub grow: &'static [&'static str],
    /// Whether that has to be told where it is mounted.
    pub grow_mounted: bool,
    /// How many bytes may be left over.
    pub slack: i64,
    /// The program that changes the UUID, its option, and whether that takes the UUID.
    pub change_uuid: Option<(&'static str, &'static str, bool)>,
    /// Reads the size out of what `info` printed.
    pub size: fn(&str) -> Option<i64>,
}

const PLAIN: Kind = Kind {
    name: "",
    found: &[],
    mkfs: "",
    force: &[],
    uuid: &[],
    uuid_more: &[],
    label: &[],
    info: &[],
    grow: &[],
    grow_mounted: false,
    slack: 0,
    change_uuid: None,
    size: |_| None,
};

const EXT: Kind = Kind {
    force: &["-F"],
    uuid: &["-U"],
    info: &["tune2fs", "-l"],
    grow: &["resize2fs"],
    change_uuid: Some(("tune2fs", "-U", true)),
    size: |text| Some(after(text, "Block count:")? * after(text, "Block size:")?),
    ..PLAIN
};

/// All kinds.
pub static KINDS: &[Kind] = &[
    Kind {
        name: "bcachefs",
        found: &["bcachefs"],
        mkfs: "mkfs.bcachefs",
        force: &["--force"],
        uuid: &["-U", "--uuid"],
        info: &["bcachefs", "show-super"],
        grow: &["bcachefs", "device", "resize"],
        size: bcachefs_size,
        ..PLAIN
    },
    Kind {
        name: "btrfs",
        found: &["btrfs"],
        mkfs: "mkfs.btrfs",
        force: &["-f"],
        info: &["btrfs", "filesystem", "usage", "-b"],
        grow: &["btrfs", "filesystem", "resize", "max"],
        grow_mounted: true,
        size: |text| line(text, "Device size")?.split_whitespace().last()?.parse().ok(),
        ..PLAIN
    },
    Kind { name: "ext2", found: &["ext2"], mkfs: "mkfs.ext2", ..EXT },
    Kind { name: "ext3", found: &["ext3"], mkfs: "mkfs.ext3", ..EXT },
    Kind { name: "ext4", found: &["ext4", "ext4dev"], mkfs: "mkfs.ext4", ..EXT },
    Kind { name: "ext4dev", found: &["ext4", "ext4dev"], mkfs: "mkfs.ext4", ..EXT },
    Kind {
        name: "f2fs",
        found: &["f2fs"],
        mkfs: "mkfs.f2fs",
        force: &["-f"],
        info: &["dump.f2fs"],
        grow: &["resize.f2fs"],
        size: |text| Some(after(text, "Info: sector size =")? * after(text, "Info: total FS sectors =")?),
        ..PLAIN
    },
    Kind {
        name: "gfs2",
        found: &["gfs2"],
        mkfs: "mkfs.gfs2",
        force: &["-O"],
        uuid: &["-U"],
        label: &["-t"],
        ..PLAIN
    },
    Kind {
        name: "lvm",
        found: &["LVM2_member"],
        mkfs: "pvcreate",
        force: &["-f"],
        uuid: &["-u", "--uuid"],
        uuid_more: &["--norestorefile"],
        info: &["pvs", "--noheadings", "--nosuffix", "--units", "b", "-o", "pv_size"],
        grow: &["pvresize"],
        change_uuid: Some(("pvchange", "-u", false)),
        size: |text| text.trim().parse().ok(),
        ..PLAIN
    },
    Kind { name: "ocfs2", found: &["ocfs2"], mkfs: "mkfs.ocfs2", force: &["-Fx"], ..PLAIN },
    Kind { name: "reiserfs", found: &["reiserfs"], mkfs: "mkfs.reiserfs", force: &["-q"], ..PLAIN },
    Kind { name: "swap", found: &["swap"], mkfs: "mkswap", force: &["-f"], ..PLAIN },
    Kind {
        name: "ufs",
        found: &["ufs"],
        mkfs: "newfs",
        info: &["dumpfs"],
        grow: &["growfs", "-y"],
        size: |text| Some(after(text, "fsize")? * after(text, "providersize")?),
        ..PLAIN
    },
    Kind {
        name: "vfat",
        found: &["vfat"],
        mkfs: "mkfs.vfat",
        info: &["fatresize", "--info"],
        grow: &["fatresize", "-s", "max"],
        size: |text| after(text, "\nSize:").or_else(|| after(text, "\nCur size:")),
        ..PLAIN
    },
    Kind {
        name: "xfs",
        found: &["xfs"],
        mkfs: "mkfs.xfs",
        force: &["-f"],
        info: &["xfs_info"],
        grow: &["xfs_growfs"],
        grow_mounted: true,
        // A new allocation group needs 64 blocks.
        slack: 64 * 4096 - 1,
        change_uuid: Some(("xfs_admin", "-U", true)),
        size: |text| {
            let data = line(text, "data ")?;
            Some(after(data, "bsize=")? * after(data, "blocks=")?)
        },
        ..PLAIN
    },
];

fn line<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.lines().find(|line| line.contains(mark))
}

/// The number that follows a mark.
fn after(text: &str, mark: &str) -> Option<i64> {
    let start = text.find(mark)? + mark.len();
    let rest = text.get(start..)?.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// `Size:  1.00 GiB`
fn bcachefs_size(text: &str) -> Option<i64> {
    let rest = text.split_once("Size:")?.1.trim_start();
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let (number, unit) = rest.split_at(end);
    let unit = unit.split_whitespace().next()?;
    let base: f64 = if unit.len() == 2 && unit.ends_with('B') { 1000.0 } else { 1024.0 };
    let power = match unit.chars().next()? {
        'B' => 0,
        'k' | 'K' => 1,
        'M' => 2,
        'G' => 3,
        'T' => 4,
        'P' => 5,
        'E' => 6,
        _ => return None,
    };
    Some((number.parse::<f64>().ok()? * base.powi(power)) as i64)
}

#[cfg(test)]
mod tests {
    use super::KINDS;

    #[test]
    fn sizes_are_read() {
        for (name, text, size) in [
            ("ext4", "Inode count: 5\nBlock count:              2560\nBlock size:               1024\n", 2_621_440),
            ("xfs", "meta-data=/dev/x isize=512\n         =  sectsz=512\ndata     =                       bsize=4096   blocks=2560, imaxpct=25\n", 10_485_760),
            ("btrfs", "Overall:\n    Device size:\t\t 104857600\n", 104_857_600),
            ("f2fs", "Info: sector size = 512\nInfo: total FS sectors = 102400 (50 MB)\n", 52_428_800),
            ("lvm", "  4194304\n", 4_194_304),
            ("vfat", "FAT\nSize: 1000\n", 1000),
            ("bcachefs", "x\nSize:   1.5 MiB\n", 1_572_864),
        ] {
            let kind = KINDS.iter().find(|kind| kind.name == name).unwrap();
            assert_eq!((kind.size)(text), Some(size), "{name}");
        }
    }
}

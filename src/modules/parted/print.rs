//! What `parted -m … print` tells, and its sizes.

use crate::entries;
use crate::value::{Map, Value};

/// The units of powers of 1000, and of 1024.
const UNITS_SI: &[&str] = &["B", "KB", "MB", "GB", "TB"];
const UNITS_IEC: &[&str] = &["KiB", "MiB", "GiB", "TiB"];
const OTHERS: &[&str] = &["s", "%", "cyl", "chs", "compact", ""];

/// A size with its unit: `100MiB`, or a cylinder, head and sector.
#[derive(Clone, Debug, PartialEq)]
pub enum Size {
    /// A number and its unit.
    Number(f64, String),
    /// `1023,254,62`
    Chs(i64, i64, i64),
}

impl Size {
    /// Reads a size.
    pub fn parse(text: &str) -> Option<Size> {
        let text = text.trim();
        let numbers: Vec<i64> = text.split(',').filter_map(|part| part.parse().ok()).collect();
        if let (3, [cylinder, head, sector]) = (text.split(',').count(), &numbers[..]) {
            return Some(Size::Chs(*cylinder, *head, *sector));
        }
        let end = text.find(|c: char| !(c.is_ascii_digit() || "-.".contains(c))).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let unit = unit.trim();
        let plain = unit.chars().all(|c| c.is_ascii_alphanumeric() || "_%".contains(c));
        let number = number.parse().ok().filter(|_| plain)?;
        Some(Size::Number(number, unit.to_owned()))
    }

    /// Says whether the unit is one of parted's.
    pub fn has_known_unit(&self) -> bool {
        match self {
            Size::Chs(..) => true,
            Size::Number(_, unit) => {
                [UNITS_SI, UNITS_IEC, OTHERS].iter().any(|units| units.contains(&unit.as_str()))
            }
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Size::Number(number, _) => Value::Float(*number),
            Size::Chs(cylinder, head, sector) => Value::map(entries! {
                "cylinder" => *cylinder,
                "head" => *head,
                "sector" => *sector,
            }),
        }
    }
}

/// A partition.
#[derive(Clone, Debug)]
pub struct Partition {
    number: i64,
    begin: Size,
    end: Size,
    size: Option<Size>,
    fstype: String,
    /// Its name, where the table has names.
    pub name: String,
    /// What is set.
    pub flags: Vec<String>,
}

impl Partition {
    /// Says whether it has to be made larger or smaller to end there.
    pub fn ends_elsewhere(&self, wanted: &str, unit: &str, disk: &Disk) -> bool {
        let number = |size: &Size| match size {
            Size::Number(number, _) => *number,
            Size::Chs(..) => 0.0,
        };
        let (wanted, wanted_unit) = match Size::parse(wanted) {
            Some(Size::Number(share, percent)) if percent == "%" => {
                ((number(&disk.size).trunc() * share / 100.0).trunc(), unit.to_owned())
            }
            Some(Size::Number(size, own)) if own.is_empty() => (size, unit.to_owned()),
            Some(Size::Number(size, own)) => (size, own),
            _ => return false,
        };
        bytes(number(&self.end), unit) != bytes(wanted, &wanted_unit)
    }

    fn to_value(&self, unit: &str) -> Value {
        let size = self.size.as_ref().map_or_else(|| Value::str(""), Size::to_value);
        Value::map(entries! {
            "num" => self.number,
            "begin" => self.begin.to_value(),
            "end" => self.end.to_value(),
            "size" => size,
            "fstype" => self.fstype.as_str(),
            "name" => self.name.as_str(),
            "flags" => Value::strings(self.flags.iter().map(String::as_str)),
            "unit" => unit,
        })
    }
}

fn bytes(size: f64, unit: &str) -> i64 {
    let place = |units: &[&str]| units.iter().position(|known| *known == unit);
    let factor = match (place(UNITS_SI), place(UNITS_IEC)) {
        (Some(power), _) => 1000f64.powi(power as i32),
        (_, Some(power)) => 1024f64.powi(power as i32 + 1),
        _ if matches!(unit, "" | "compact" | "cyl" | "chs") => 1e6,
        _ => 1.0,
    };
    (size * factor) as i64
}

/// A disk.
#[derive(Clone, Debug)]
pub struct Disk {
    /// The kind of its table, or `unknown`.
    pub table: String,
    size: Size,
    unit: String,
    device: String,
    model: String,
    logical: i64,
    physical: i64,
    geometry: Option<Map>,
    partitions: Vec<Partition>,
}

impl Disk {
    /// Reads the output. parted tells the unit with the size, unless it counts in chs.
    pub fn read(text: &str, asked: &str, keep_case: bool) -> Option<Disk> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty()).skip(1);
        let about: Vec<&str> = lines.next()?.trim_end_matches(';').split(':').collect();
        let size = Size::parse(about.get(1)?)?;
        let unit = match &size {
            Size::Chs(..) => "chs",
            Size::Number(_, unit) if unit.is_empty() => asked,
            Size::Number(_, unit) => unit,
        };
        let shown = shown(unit, keep_case);
        let geometry = match unit {
            "cyl" | "chs" => Some(geometry(lines.next()?, keep_case)?),
            _ => None,
        };
        let partitions = lines.filter_map(|line| partition(line, unit == "chs")).collect();
        Some(Disk {
            table: (*about.get(5)?).to_owned(),
            device: (*about.first()?).to_owned(),
            model: (*about.get(6)?).to_owned(),
            logical: about.get(3)?.parse().ok()?,
            physical: about.get(4)?.parse().ok()?,
            unit: shown,
            size,
            geometry,
            partitions,
        })
    }

    /// The partition of that number.
    pub fn partition(&self, number: Option<i64>) -> Option<&Partition> {
        self.partitions.iter().find(|partition| Some(partition.number) == number)
    }

    /// The disk without its partitions.
    pub fn to_value(&self) -> Value {
        let mut map = entries! {
            "dev" => self.device.as_str(),
            "size" => self.size.to_value(),
            "unit" => self.unit.as_str(),
            "table" => self.table.as_str(),
            "model" => self.model.as_str(),
            "logical_block" => self.logical,
            "physical_block" => self.physical,
        };
        if let Some(geometry) = &self.geometry {
            map.set("chs_info", geometry.clone());
        }
        Value::map(map)
    }

    /// The partitions.
    pub fn partitions_value(&self) -> Value {
        Value::list(self.partitions.iter().map(|partition| partition.to_value(&self.unit)).collect())
    }
}

fn shown(unit: &str, keep_case: bool) -> String {
    let known = [UNITS_SI, UNITS_IEC].concat();
    match keep_case {
        true => known.iter().find(|known| known.eq_ignore_ascii_case(unit)).map_or(unit, |known| known).to_owned(),
        false => unit.to_lowercase(),
    }
}

fn geometry(line: &str, keep_case: bool) -> Option<Map> {
    let parts: Vec<&str> = line.trim_end_matches(';').split(':').collect();
    let number = |position: usize| parts.get(position)?.parse::<i64>().ok();
    let Size::Number(size, unit) = Size::parse(parts.get(3)?)? else {
        return None;
    };
    Some(entries! {
        "cylinders" => number(0)?,
        "heads" => number(1)?,
        "sectors" => number(2)?,
        "cyl_size" => size,
        "cyl_size_unit" => shown(&unit, keep_case),
    })
}

/// `1:1024kiB:102400kiB:101376kiB:ext4:name:boot, lvm;`; in chs there is no size.
fn partition(line: &str, chs: bool) -> Option<Partition> {
    let mut parts: Vec<&str> = line.trim_end_matches(';').split(':').collect();
    let size = if chs { None } else { Size::parse(parts.get(3)?) };
    if !chs {
        parts.remove(3);
    }
    Some(Partition {
        number: parts.first()?.parse().ok()?,
        begin: Size::parse(parts.get(1)?)?,
        end: Size::parse(parts.get(2)?)?,
        size,
        fstype: (*parts.get(3)?).to_owned(),
        name: (*parts.get(4)?).to_owned(),
        flags: parts.get(5)?.split(", ").map(str::trim).filter(|flag| !flag.is_empty()).map(str::to_owned).collect(),
    })
}

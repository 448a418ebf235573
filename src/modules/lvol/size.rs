//! Sizes of volumes, as lvcreate and lvextend take them.

use crate::error::{Error, Result};

/// Whether a size is added or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// A size that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    sign: Option<Sign>,
    /// The number as it is written, and its unit.
    number: String,
    unit: String,
    /// Of what it is a percentage: `VG`, `PVS`, `FREE`, `ORIGIN`.
    whole: Option<String>,
    value: f64,
}

/// A volume group: sizes in the unit that was asked for.
#[derive(Clone, Debug)]
pub struct Group {
    size: f64,
    free: f64,
    extent: f64,
}

/// A volume.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size: f64,
    /// Whether it can be used now.
    pub active: bool,
    /// Whether it is a pool of thin volumes.
    pub thinpool: bool,
    /// Whether it is a thin volume.
    pub thinvol: bool,
}

impl Group {
    /// A line of vgs.
    pub fn parse(line: &str) -> Option<Group> {
        let parts: Vec<&str> = line.trim().split(';').collect();
        let number = |position: usize| parts.get(position)?.trim().parse().ok();
        Some(Group { size: number(1)?, free: number(2)?, extent: number(3)? })
    }
}

impl Volume {
    /// A line of lvs.
    pub fn parse(line: &str) -> Option<Volume> {
        let parts: Vec<&str> = line.trim().split(';').collect();
        let attributes = parts.get(2)?.as_bytes();
        Some(Volume {
            name: parts.first()?.replace(['[', ']'], ""),
            size: parts.get(1)?.trim().parse().ok()?,
            active: attributes.get(4) == Some(&b'a'),
            thinpool: attributes.first() == Some(&b't'),
            thinvol: attributes.first() == Some(&b'V'),
        })
    }
}

impl Wanted {
    /// Reads `512`, `10g`, `+5%FREE`.
    ///
    /// # Errors
    /// It is no size.
    pub fn parse(text: &str, snapshot: bool) -> Result<Wanted> {
        let (sign, rest) = match text.as_bytes().first() {
            Some(b'+') => (Some(Sign::Plus), &text[1..]),
            Some(b'-') => (Some(Sign::Minus), &text[1..]),
            _ => (None, text),
        };
        let bad = || Error::input(format!("Bad size specification of '{rest}'"));
        if let Some((number, whole)) = rest.split_once('%') {
            let value: u32 = number.parse().map_err(|_| bad())?;
            if value > 100 {
                return Err(Error::input("Size percentage cannot be larger than 100%"));
            }
            if whole == "ORIGIN" && !snapshot {
                return Err(Error::input("Percentage of ORIGIN supported only for snapshot volumes"));
            }
            if !matches!(whole, "VG" | "PVS" | "FREE" | "ORIGIN") {
                return Err(Error::input("Specify extents as a percentage of VG|PVS|FREE|ORIGIN"));
            }
            return Ok(Wanted {
                sign,
                number: rest.to_owned(),
                unit: String::new(),
                whole: Some(whole.to_owned()),
                value: f64::from(value),
            });
        }
        let unit = rest.chars().last().filter(|c| "bskmgtpe".contains(c.to_ascii_lowercase()));
        let number = &rest[..rest.len() - unit.map_or(0, char::len_utf8)];
        let value = number.parse().map_err(|_| bad())?;
        if !number.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(bad());
        }
        Ok(Wanted {
            sign,
            number: number.to_owned(),
            unit: unit.map_or_else(|| "m".to_owned(), String::from),
            whole: None,
            value,
        })
    }

    /// The unit that sizes are asked for in.
    pub fn units(&self) -> &str {
        if self.unit.is_empty() { "m" } else { &self.unit }
    }

    /// Says whether it is a percentage.
    pub fn is_share(&self) -> bool {
        self.whole.is_some()
    }

    /// The option that takes it.
    pub fn flag(&self) -> &'static str {
        if self.is_share() { "-l" } else { "-L" }
    }

    /// The size without its sign.
    pub fn text(&self) -> String {
        format!("{}{}", self.number, self.unit)
    }

    /// The size with its sign.
    pub fn signed(&self) -> String {
        let sign = match self.sign {
            Some(Sign::Plus) => "+",
            Some(Sign::Minus) => "-",
            None => "",
        };
        format!("{sign}{}", self.text())
    }

    /// A new volume cannot be smaller than it is.
    ///
    /// # Errors
    /// The size has a sign that means nothing.
    pub fn check_for_creation(&self) -> Result<()> {
        match self.sign {
            Some(Sign::Minus) => Err(Error::input(format!(
                "Bad size specification of '-{}' for creating LV",
                self.number
            ))),
            _ => Ok(()),
        }
    }

    /// The program that brings a volume to the size; nothing where it has it.
    ///
    /// # Errors
    /// There is not enough room, or it would become smaller and nobody forces that.
    pub fn tool(&self, known: &Volume, group: &Group, shrink: bool, force: bool) -> Result<Option<&'static str>> {
        match &self.whole {
            Some(whole) => self.tool_for_share(whole, known, group, shrink, force),
            None => self.tool_for_size(known, shrink, force),
        }
    }

    fn tool_for_share(&self, whole: &str, known: &Volume, group: &Group, shrink: bool, force: bool) -> Result<Option<&'static str>> {
        let name = &known.name;
        let all = if matches!(whole, "VG" | "PVS") { group.size } else { group.free };
        let share = self.value * all / 100.0;
        let mut size = match self.sign {
            Some(Sign::Plus) => known.size + share,
            Some(Sign::Minus) => known.size - share,
            None => share,
        };
        // LVM rounds down to whole extents.
        size -= size % group.extent;
        if known.size < size {
            if group.free > 0.0 && group.free >= size - known.size {
                return Ok(Some("lvextend"));
            }
            return Err(Error::input(format!(
                "Logical Volume {name} could not be extended. Not enough free space left ({}m required / {}m available)",
                size - known.size,
                group.free
            )));
        }
        if !shrink || known.size <= size + group.extent {
            return Ok(None);
        }
        if size < 1.0 {
            return Err(Error::input(format!("Sorry, no shrinking of {name} to 0 permitted.")));
        }
        match force {
            true => Ok(Some("lvreduce")),
            false => Err(Error::input(format!("Sorry, no shrinking of {name} without force=true"))),
        }
    }

    fn tool_for_size(&self, known: &Volume, shrink: bool, force: bool) -> Result<Option<&'static str>> {
        let name = &known.name;
        if self.sign == Some(Sign::Plus) || self.sign.is_none() && self.value > known.size {
            return Ok(Some("lvextend"));
        }
        let smaller = self.sign == Some(Sign::Minus) || shrink && self.value < known.size;
        if !smaller {
            return Ok(None);
        }
        if self.value == 0.0 {
            return Err(Error::input(format!("Sorry, no shrinking of {name} to 0 permitted.")));
        }
        match force {
            true => Ok(Some("lvreduce")),
            false => Err(Error::input(format!("Sorry, no shrinking of {name} without force=true."))),
        }
    }
}

//! What passes.

use std::sync::Arc;

use super::tree::Found;
use super::{Args, FileType, Stamp};
use crate::error::{Error, Result};
use crate::modules::FileMode;
use crate::modules::args::ArgValue;
use crate::modules::attributes::symbolic;
use crate::modules::encoding;
use crate::modules::fnmatch::matches;
use crate::modules::node::Kind;
use crate::template::regex::{Flags, Pattern, compile};
use crate::value::Value;

/// All that a task asks of a file.
pub struct Filter {
    kind: FileType,
    patterns: Vec<Name>,
    excludes: Vec<Name>,
    /// Seconds; a negative number means at most so old.
    age: Option<i64>,
    stamp: Stamp,
    /// Bytes; a negative number means at most so large.
    size: Option<i64>,
    mode: Option<u32>,
    exact_mode: bool,
    contains: Option<Arc<Pattern>>,
    whole: bool,
    /// None where the task names none.
    encoding: Option<String>,
}

/// A pattern for a name.
enum Name {
    Glob(String),
    Regex(Arc<Pattern>),
}

impl Filter {
    pub fn new(args: &Args) -> Result<Filter> {
        let names = |texts: &[String]| -> Result<Vec<Name>> {
            texts.iter().map(|text| Name::new(text, args.use_regex)).collect()
        };
        let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)];
        let sizes = [("b", 1), ("k", 1 << 10), ("m", 1 << 20), ("g", 1 << 30), ("t", 1 << 40)];
        // Only files are looked into.
        let contains = args.contains.as_deref().filter(|_| args.file_type == FileType::File);
        Ok(Filter {
            kind: args.file_type,
            patterns: names(&args.patterns)?,
            excludes: names(args.excludes.as_deref().unwrap_or_default())?,
            age: measure("age", args.age.as_deref(), &units)?,
            stamp: args.age_stamp,
            size: measure("size", args.size.as_deref(), &sizes)?,
            mode: args.mode.as_ref().map(mode).transpose()?,
            exact_mode: args.exact_mode,
            contains: contains.map(|text| compile(text, Flags::default())).transpose()?,
            whole: args.read_whole_file,
            encoding: args.encoding.clone(),
        })
    }

    /// Says whether files have to be read.
    pub fn reads(&self) -> bool {
        self.contains.is_some()
    }

    /// Says whether something passes as far as can be told without reading it.
    pub fn takes(&self, found: &Found, now: i64) -> Result<bool> {
        Ok(self.takes_kind(found.record.node.kind)
            && self.takes_name(&found.name)?
            && self.takes_age(found, now)
            && self.takes_size(found)
            && self.takes_mode(found.record.node.mode))
    }

    fn takes_kind(&self, kind: Kind) -> bool {
        match self.kind {
            FileType::Any => true,
            FileType::Directory => kind == Kind::Directory,
            FileType::File => kind == Kind::File,
            FileType::Link => kind == Kind::Link,
        }
    }

    fn takes_name(&self, name: &str) -> Result<bool> {
        let any = |patterns: &[Name]| -> Result<bool> {
            for pattern in patterns {
                if pattern.takes(name)? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let wanted = self.patterns.is_empty() || any(&self.patterns)?;
        Ok(wanted && !any(&self.excludes)?)
    }

    fn takes_age(&self, found: &Found, now: i64) -> bool {
        let Some(age) = self.age else { return true };
        let [accessed, modified, altered] = found.record.times;
        let time = match self.stamp {
            Stamp::Accessed => accessed,
            Stamp::Altered => altered,
            Stamp::Modified => modified,
        };
        let old = now as f64 - time;
        if age < 0 { old <= -age as f64 } else { old >= age as f64 }
    }

    fn takes_size(&self, found: &Found) -> bool {
        let Some(size) = self.size else { return true };
        let node = &found.record.node;
        let limit = size.unsigned_abs();
        node.kind != Kind::File || if size < 0 { node.size <= limit } else { node.size >= limit }
    }

    fn takes_mode(&self, bits: u32) -> bool {
        match self.mode {
            None => true,
            Some(mode) if self.exact_mode => bits == mode,
            Some(mode) => bits & mode != 0,
        }
    }

    fn encoding(&self) -> &str {
        self.encoding.as_deref().unwrap_or("utf-8")
    }

    /// Why a file cannot be read in its encoding, in the reference's words (`contentfilter`): it reads by
    /// chunks, so that a line before the one with the wrong bytes may still match.
    pub fn trouble(&self, path: &str, content: &[u8]) -> Option<String> {
        const CHUNK: usize = 8192;
        self.contains.as_ref()?;
        let name = self.encoding();
        if encoding::check("encoding", name).is_err() {
            return Some(format!("unknown encoding: {name}"));
        }
        if encoding::is_plain(content, name) {
            return None;
        }
        let good = content.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
        let read = content.get(..good - good % CHUNK).unwrap_or_default();
        if !self.whole && name == "utf-8" && self.contains(read).unwrap_or(false) {
            return None;
        }
        let shown = Value::str(path).repr();
        let by_default = if self.encoding.is_none() { " (Python default)" } else { "" };
        Some(format!("Failed to decode the file {shown} with encoding: {name}{by_default}"))
    }

    /// Says whether a content passes: a line that the pattern matches from its beginning, or with
    /// `read_whole_file` the pattern anywhere.
    pub fn contains(&self, content: &[u8]) -> Result<bool> {
        let Some(pattern) = &self.contains else {
            return Ok(true);
        };
        let text = encoding::decode(content, self.encoding());
        if self.whole {
            return pattern.is_found(&text);
        }
        for line in text.split_inclusive('\n') {
            if pattern.match_start(line)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Name {
    fn new(text: &str, regex: bool) -> Result<Name> {
        Ok(match regex {
            true => Name::Regex(compile(text, Flags::default())?),
            false => Name::Glob(text.to_owned()),
        })
    }

    fn takes(&self, name: &str) -> Result<bool> {
        match self {
            Name::Glob(pattern) => Ok(matches(pattern, name)),
            Name::Regex(pattern) => Ok(pattern.match_start(name)?.is_some()),
        }
    }
}

/// `2w` or `-10k` as a number.
fn measure(name: &str, text: Option<&str>, units: &[(&str, i64)]) -> Result<Option<i64>> {
    let Some(text) = text else { return Ok(None) };
    let lower = text.to_ascii_lowercase();
    let end = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = lower.get(end.len()..).unwrap_or("");
    let factor = match unit {
        "" => Some(1),
        unit => units.iter().find(|(known, _)| *known == unit).map(|(_, factor)| *factor),
    };
    let number: Option<i64> = end.parse().ok();
    number
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(factor))
        .map(Some)
        .ok_or_else(|| {
            let known: Vec<&str> = units.iter().map(|(unit, _)| *unit).collect();
            Error::input(format!(
                "argument `{name}`: `{text}` is not a number with one of the units {}",
                known.join(", ")
            ))
        })
}

fn mode(value: &Value) -> Result<u32> {
    if value.as_str().is_none() {
        return Err(Error::input("argument `mode`: a text is wanted, as in `\"0644\"`"));
    }
    match FileMode::read(value) {
        Ok(FileMode::Bits(bits)) => Ok(bits),
        Ok(FileMode::Symbolic(text)) => Ok(symbolic(&text, 0, false, 0)),
        _ => {
            let text = value.to_text();
            Err(Error::input(format!("argument `mode`: `{text}` is not a file mode")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::measure;

    #[test]
    fn ages_and_sizes_are_read() {
        let units = [("k", 1024)];
        for (text, number) in [("5", Some(5)), ("-2k", Some(-2048)), ("2K", Some(2048))] {
            assert_eq!(measure("size", Some(text), &units).unwrap(), number);
        }
        for text in ["", "k", "2x", "9999999999999999999", "9223372036854775807k"] {
            assert!(measure("size", Some(text), &units).is_err(), "{text}");
        }
    }
}

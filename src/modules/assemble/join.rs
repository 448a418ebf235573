//! Which fragments are taken, and what stands between them.

use std::sync::Arc;

use super::{Args, Part};
use crate::error::Result;
use crate::modules::Entry;
use crate::template::regex::{Flags, Pattern, compile};

/// How fragments become one text.
pub struct Join {
    pattern: Option<Arc<Pattern>>,
    delimiter: Option<Vec<u8>>,
}

impl Join {
    pub fn new(args: &Args) -> Result<Join> {
        let pattern = args.regexp.as_deref();
        let delimiter = args.delimiter.as_deref().filter(|text| !text.is_empty());
        Ok(Join {
            pattern: pattern.map(|text| compile(text, Flags::default())).transpose()?,
            delimiter: delimiter.map(unescape),
        })
    }

    /// The files of a listing that are fragments.
    pub fn local(&self, entries: Vec<Entry>, ignore_hidden: bool) -> Result<Vec<Entry>> {
        let mut kept = Vec::new();
        for entry in entries {
            let name = entry.path.to_string_lossy().into_owned();
            let hidden = ignore_hidden && name.starts_with('.');
            if !entry.is_dir && !name.contains('/') && !hidden && self.takes(&name)? {
                kept.push(entry);
            }
        }
        Ok(kept)
    }

    fn takes(&self, name: &str) -> Result<bool> {
        match &self.pattern {
            Some(pattern) => pattern.is_found(name),
            None => Ok(true),
        }
    }

    /// The fragments in one text, in the order of their names.
    pub fn parts(&self, mut parts: Vec<Part>) -> Result<Vec<u8>> {
        parts.sort();
        let mut text: Vec<u8> = Vec::new();
        let mut begun = false;
        let mut open = false;
        for (name, content) in parts {
            if !self.takes(&name)? {
                continue;
            }
            if open {
                text.push(b'\n');
            }
            if let Some(delimiter) = self.delimiter.as_ref().filter(|_| begun) {
                text.extend_from_slice(delimiter);
                if !delimiter.ends_with(b"\n") {
                    text.push(b'\n');
                }
            }
            begun = true;
            open = !content.ends_with(b"\n");
            text.extend(content);
        }
        Ok(text)
    }
}

/// The text with Python's escapes of bytes resolved: `\n`, `\t`, `\x41`, `\101`, `\\`.
fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'a') => out.push(7),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'v') => out.push(11),
            Some(b'\n') => {}
            Some(b'x') => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                out.extend(u8::from_str_radix(&digits, 16).ok());
            }
            Some(digit @ b'0'..=b'7') => {
                let mut number = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(next) = bytes.next_if(|byte| matches!(byte, b'0'..=b'7')) else {
                        break;
                    };
                    number = number * 8 + u32::from(next - b'0');
                }
                out.push((number & 0xff) as u8);
            }
            Some(other @ (b'\\' | b'\'' | b'"')) => out.push(other),
            Some(other) => out.extend([b'\\', other]),
            None => out.push(b'\\'),
        }
    }
    out
}

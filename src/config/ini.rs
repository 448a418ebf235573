//! The text of an `ansible.cfg`: sections of `key = value`, as Python's `configparser` reads them.

use std::sync::Arc;

use crate::error::{Error, Kind, Place, Result, Source};

/// The lines of a file, by section and key.
#[derive(Clone, Debug, Default)]
pub struct Sections(Vec<(String, String, Line)>);

/// A value.
#[derive(Clone, Debug)]
pub struct Line {
    /// The text; lines that continue it are joined by line breaks.
    pub text: String,
    /// Where the key stands.
    pub place: Place,
}

impl Sections {
    /// The value of a key.
    pub fn get(&self, section: &str, key: &str) -> Option<&Line> {
        let found = self.iter().find(|(s, k, _)| *s == section && *k == key);
        found.map(|(_, _, line)| line)
    }

    /// Every section, key and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Line)> {
        self.0
            .iter()
            .map(|(section, key, line)| (section.as_str(), key.as_str(), line))
    }
}

/// Reads a file.
///
/// # Errors
/// A line is neither a section, nor a comment, nor `key = value`; or a key is there twice.
pub fn parse(source: &Arc<Source>) -> Result<Sections> {
    let mut sections = Sections::default();
    let mut section: Option<String> = None;
    let mut open = false;
    let mut seen: Vec<String> = Vec::new();
    for (number, raw) in source.text().lines().enumerate() {
        let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
        let text = without_comment(raw).trim_end();
        if text.trim().is_empty() {
            continue;
        }
        let indent = text.chars().take_while(|c| c.is_whitespace()).count();
        let column = u32::try_from(indent + 1).unwrap_or(1);
        let place = Place::new(Arc::clone(source), number, column);
        let wrong = |text: &str| Error::new(Kind::Options, text.to_owned()).at(place.clone());
        if indent > 0
            && open
            && let Some((_, _, line)) = sections.0.last_mut()
        {
            line.text.push('\n');
            line.text.push_str(text.trim());
            continue;
        }
        let text = text.trim();
        if let Some(rest) = text.strip_prefix('[') {
            let name = rest
                .strip_suffix(']')
                .ok_or_else(|| wrong("the name of a section ends with `]`"))?;
            if seen.contains(&name.to_owned()) {
                return Err(wrong(&format!("section '{name}' already exists")));
            }
            seen.push(name.to_owned());
            section = Some(name.to_owned());
            open = false;
            continue;
        }
        let section = section
            .clone()
            .ok_or_else(|| wrong("a setting stands before the first section"))?;
        let (key, value) = text
            .split_once(['=', ':'])
            .ok_or_else(|| wrong("a line of settings is `key = value`"))?;
        let key = key.trim().to_lowercase();
        if sections.get(&section, &key).is_some() {
            return Err(wrong("the key is there twice"));
        }
        let line = Line {
            text: value.trim().to_owned(),
            place,
        };
        sections.0.push((section, key, line));
        open = true;
    }
    Ok(sections)
}

/// The line without a comment: a whole one after `#` or `;`, or what follows ` ;`.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with(['#', ';']) {
        return "";
    }
    let end = line
        .match_indices(';')
        .find(|(at, _)| line[..*at].ends_with(char::is_whitespace))
        .map_or(line.len(), |(at, _)| at);
    &line[..end]
}

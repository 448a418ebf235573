//! Where in a text the line is, or shall be.

use std::sync::Arc;

use super::Args;
use crate::error::Result;
use crate::modules::editing::Line;
use crate::template::regex::{Flags, Match, Pattern, Replacement, compile};

/// What the task looks for.
pub struct Search {
    line: Wanted,
    /// Where a new line goes.
    pub insert: Insert,
    /// The line with backreferences, which are read once something is found.
    backrefs: Option<String>,
}

enum Wanted {
    Line,
    Pattern(Arc<Pattern>),
    Text(String),
}

/// Where a new line goes.
pub enum Insert {
    After(Arc<Pattern>),
    Before(Arc<Pattern>),
    Begin,
    End,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The line that is to be the wanted one, with the wanted line's backreferences filled in.
    pub line: Option<(usize, Option<String>)>,
    /// The line that `insertafter` or `insertbefore` means.
    pub place: Option<usize>,
}

impl Search {
    pub fn new(args: &Args) -> Result<Search> {
        let line = match (&args.regexp, &args.search_string) {
            (Some(regexp), _) => Wanted::Pattern(compile(regexp, Flags::default())?),
            (None, Some(text)) => Wanted::Text(text.clone()),
            (None, None) => Wanted::Line,
        };
        let insert = match (args.insertafter.as_deref(), args.insertbefore.as_deref()) {
            (Some("BOF"), _) | (_, Some("BOF")) => Insert::Begin,
            (Some("EOF"), _) | (None, None) => Insert::End,
            (Some(after), _) => Insert::After(compile(after, Flags::default())?),
            (None, Some(before)) => Insert::Before(compile(before, Flags::default())?),
        };
        let backrefs = args.line.clone().filter(|_| args.backrefs);
        Ok(Search {
            line,
            insert,
            backrefs,
        })
    }

    /// Says whether `state: absent` removes a line.
    pub fn removes(&self, line: &Line, wanted: Option<&str>) -> Result<bool> {
        match &self.line {
            Wanted::Pattern(pattern) => pattern.is_found(&line.read()),
            Wanted::Text(text) => Ok(line.read().contains(text)),
            Wanted::Line => Ok(wanted == Some(line.text.as_str())),
        }
    }

    /// Looks for the line; only where no pattern is found, for the line as it is and for the
    /// place of a new one. The last of several is meant, or the first.
    pub fn find(&self, lines: &[Line], wanted: &str, first: bool) -> Result<Found> {
        let mut found = Found {
            line: self.find_pattern(lines, first)?,
            place: None,
        };
        if found.line.is_some() {
            return Ok(found);
        }
        for (index, line) in lines.iter().enumerate() {
            if line.text == wanted {
                found.line = Some((index, None));
            } else if self.is_place(line)? {
                found.place = Some(index);
                if first {
                    break;
                }
            }
        }
        Ok(found)
    }

    fn find_pattern(
        &self,
        lines: &[Line],
        first: bool,
    ) -> Result<Option<(usize, Option<String>)>> {
        let mut found = None;
        for (index, line) in lines.iter().enumerate() {
            match &self.line {
                Wanted::Line => return Ok(None),
                Wanted::Text(text) if line.read().contains(text) => found = Some((index, None)),
                Wanted::Text(_) => {}
                Wanted::Pattern(pattern) => {
                    let text = line.read();
                    if let Some(one) = pattern.search(&text)? {
                        found = Some((index, self.expand(pattern, &one, &text)?));
                    }
                }
            }
            if first && found.is_some() {
                break;
            }
        }
        Ok(found)
    }

    fn expand(&self, pattern: &Pattern, found: &Match, text: &str) -> Result<Option<String>> {
        let Some(line) = &self.backrefs else {
            return Ok(None);
        };
        let mut out = String::new();
        Replacement::new(line, pattern)?.expand(found, text, &mut out);
        Ok(Some(out))
    }

    fn is_place(&self, line: &Line) -> Result<bool> {
        match &self.insert {
            Insert::After(pattern) | Insert::Before(pattern) => pattern.is_found(&line.read()),
            Insert::Begin | Insert::End => Ok(false),
        }
    }
}

//! A block between its markers, and the text it is in.

use std::sync::Arc;

use super::{Args, State};
use crate::error::Result;
use crate::template::regex::{Flags, Pattern, compile};

/// A block that a text shall have, or shall not.
pub struct Block {
    begin: String,
    end: String,
    /// The block with its markers; empty where it shall not be there.
    lines: Vec<String>,
    place: Place,
    present: bool,
    prepend: bool,
    append: bool,
}

/// Where a new block goes.
enum Place {
    After(Arc<Pattern>),
    Before(Arc<Pattern>),
    Begin,
    End,
}

impl Block {
    pub fn new(args: &Args) -> Result<Block> {
        let marker = |word: &str| args.marker.replace("{mark}", word) + "\n";
        let begin = marker(&args.marker_begin);
        let end = marker(&args.marker_end);
        let present = args.state == State::Present;
        let mut lines = Vec::new();
        if present && !args.block.is_empty() {
            let mut block = args.block.clone();
            if !block.ends_with('\n') {
                block.push('\n');
            }
            lines = vec![begin.clone(), block, end.clone()];
        }
        let place = match (args.insertafter.as_deref(), args.insertbefore.as_deref()) {
            (Some("EOF") | None, None) => Place::End,
            (None, Some("BOF")) => Place::Begin,
            (Some(after), _) => Place::After(compile(after, Flags::default())?),
            (None, Some(before)) => Place::Before(compile(before, Flags::default())?),
        };
        Ok(Block {
            begin,
            end,
            lines,
            place,
            present,
            prepend: args.prepend_newline,
            append: args.append_newline,
        })
    }

    /// Says whether there is nothing to stand between the markers, so that they go too.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The text with the block as it shall be.
    pub fn set(&self, text: &str) -> Result<String> {
        let mut lines = split(text);
        let mut at = self.cut(&mut lines, text)?;
        if let Some(before) = at.checked_sub(1).and_then(|index| lines.get_mut(index))
            && !before.ends_with('\n')
        {
            before.push('\n');
        }
        let blank = |line: Option<&String>| line.is_some_and(|line| line == "\n");
        if self.prepend && self.present && at > 0 && !blank(lines.get(at - 1)) {
            lines.insert(at, "\n".to_owned());
            at += 1;
        }
        let after = at + self.lines.len();
        lines.splice(at..at, self.lines.iter().cloned());
        if self.append && self.present && after < lines.len() && !blank(lines.get(after)) {
            lines.insert(after, "\n".to_owned());
        }
        Ok(lines.concat())
    }

    /// Takes the old block out, and says where the new one goes.
    fn cut(&self, lines: &mut Vec<String>, text: &str) -> Result<usize> {
        let begin = lines.iter().rposition(|line| *line == self.begin);
        let end = lines.iter().rposition(|line| *line == self.end);
        let (Some(begin), Some(end)) = (begin, end) else {
            return self.place(lines, text);
        };
        let (first, last) = (begin.min(end), begin.max(end));
        lines.drain(first..=last);
        Ok(first)
    }

    fn place(&self, lines: &[String], text: &str) -> Result<usize> {
        let (pattern, offset) = match &self.place {
            Place::Begin => return Ok(0),
            Place::End => return Ok(lines.len()),
            Place::After(pattern) => (pattern, 1),
            Place::Before(pattern) => (pattern, 0),
        };
        let found = if is_multi_line(pattern) {
            let newlines = |end: usize| text.get(..end).unwrap_or("").matches('\n').count();
            let ends = |found: crate::template::regex::Match| match offset {
                1 => newlines(found.end()),
                _ => newlines(found.start()),
            };
            pattern.search(text)?.map(ends)
        } else {
            let mut found = None;
            for (index, line) in lines.iter().enumerate() {
                if pattern.is_found(line)? {
                    found = Some(index);
                }
            }
            found
        };
        Ok(match found {
            None => lines.len(),
            Some(index) => (index + offset).min(lines.len()),
        })
    }
}

/// Says whether a pattern sets `re.M` itself: `(?m)…`.
fn is_multi_line(pattern: &Pattern) -> bool {
    let Some(rest) = pattern.source().strip_prefix("(?") else {
        return false;
    };
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(0);
    let (letters, after) = rest.split_at(end);
    after.starts_with(')') && letters.contains('m')
}

/// The lines with their ends.
fn split(text: &str) -> Vec<String> {
    crate::modules::editing::Lines::of(text)
        .all
        .into_iter()
        .map(|line| line.text + line.end)
        .collect()
}

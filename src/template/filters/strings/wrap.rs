//! Python's `textwrap` as `wordwrap` uses it: blanks stay as they are, tabs too.

use super::super::super::regex::{Flags, compile};
use crate::error::Result;

/// How lines are broken.
pub(super) struct Wrapper {
    pub(super) width: usize,
    pub(super) break_long_words: bool,
    pub(super) break_on_hyphens: bool,
}

impl Wrapper {
    /// The lines that one paragraph becomes.
    pub(super) fn wrap(&self, text: &str) -> Result<Vec<String>> {
        let mut chunks = self.chunks(text)?;
        chunks.reverse();
        let mut lines = Vec::new();
        while !chunks.is_empty() {
            if !lines.is_empty() && chunks.last().is_some_and(|chunk| is_blank(chunk)) {
                chunks.pop();
            }
            if let Some(line) = self.line(&mut chunks) {
                lines.push(line);
            }
        }
        Ok(lines)
    }

    /// Takes as many chunks as one line holds.
    fn line(&self, chunks: &mut Vec<String>) -> Option<String> {
        let mut line: Vec<String> = Vec::new();
        let mut length = 0;
        while let Some(chunk) = chunks.last() {
            let size = chunk.chars().count();
            if length + size > self.width {
                break;
            }
            length += size;
            line.extend(chunks.pop());
        }
        if chunks
            .last()
            .is_some_and(|chunk| chunk.chars().count() > self.width)
        {
            self.long_word(chunks, &mut line, length);
        }
        if line.last().is_some_and(|chunk| is_blank(chunk)) {
            line.pop();
        }
        (!line.is_empty()).then(|| line.concat())
    }

    /// Deals with a chunk that is longer than a whole line.
    fn long_word(&self, chunks: &mut Vec<String>, line: &mut Vec<String>, length: usize) {
        let space = self.width.saturating_sub(length);
        if !self.break_long_words {
            if line.is_empty() {
                line.extend(chunks.pop());
            }
            return;
        }
        let Some(chunk) = chunks.last_mut() else {
            return;
        };
        let mut end = space;
        if self.break_on_hyphens {
            let before: Vec<char> = chunk.chars().take(space).collect();
            let hyphen = before.iter().rposition(|c| *c == '-').unwrap_or(0);
            if hyphen > 0 && before[..hyphen].iter().any(|c| *c != '-') {
                end = hyphen + 1;
            }
        }
        let byte = chunk
            .char_indices()
            .nth(end)
            .map_or(chunk.len(), |(byte, _)| byte);
        let rest = chunk.split_off(byte);
        line.push(std::mem::replace(chunk, rest));
    }

    /// Words, the blanks between them, and the parts of hyphenated words.
    fn chunks(&self, text: &str) -> Result<Vec<String>> {
        let pattern = if self.break_on_hyphens {
            HYPHENATED
        } else {
            r"([\t\n\v\f\r ]+)"
        };
        let parts = compile(pattern, Flags::default())?.split(text, 0)?;
        let chunks = parts.into_iter().flatten();
        Ok(chunks.filter(|chunk| !chunk.is_empty()).collect())
    }
}

/// Blanks; a dash of several hyphens between words; a word up to a hyphen with letters around it,
/// up to its end, or up to such a dash.
const HYPHENATED: &str = concat!(
    r"([\t\n\v\f\r ]+",
    r#"|(?<=[\w!"'&.,?])-{2,}(?=\w)"#,
    r"|[^\t\n\v\f\r ]+?(?:",
    r"-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])",
    r"|(?=[\t\n\v\f\r ]|\Z)",
    r#"|(?<=[\w!"'&.,?])(?=-{2,}\w)))"#,
);

/// The blanks that `textwrap` knows.
fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

fn is_blank(chunk: &str) -> bool {
    chunk.chars().all(is_space)
}

//! A place in a text, and the steps from it.

use super::Mark;

/// Reads a text from its beginning, and knows line and column. Lines end as YAML 1.1 has it: at
/// LF, CR, CR LF, NEL, and the line and paragraph separators of Unicode.
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// The byte.
    at: usize,
    /// From zero.
    line: u32,
    /// From zero, in characters.
    column: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Cursor {
            text,
            at: 0,
            line: 0,
            column: 0,
        }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            line: self.line + 1,
            column: self.column + 1,
        }
    }

    /// The column from zero; no text is long enough for it not to fit.
    pub(super) fn column(&self) -> i32 {
        self.column as i32
    }

    /// The text from a byte to another; both were places of this cursor.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// The byte `ahead` of here; zero, which no text holds, at the end.
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.text
            .as_bytes()
            .get(self.at + ahead)
            .copied()
            .unwrap_or(0)
    }

    pub(super) fn char(&self) -> char {
        self.text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
            .unwrap_or_default()
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        matches!(self.byte(0), b' ' | b'\t')
    }

    pub(super) fn is_break(&self) -> bool {
        self.break_length(0) > 0
    }

    /// Says whether a blank, a line's end or the text's end is `ahead` of here.
    pub(super) fn is_blank_or_end(&self, ahead: usize) -> bool {
        let byte = self.byte(ahead);
        matches!(byte, b' ' | b'\t')
            || self.break_length(ahead) > 0
            || self.at + ahead >= self.text.len()
    }

    /// How many bytes the line break has that is `ahead` of here; zero where there is none.
    fn break_length(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            b'\n' => 1,
            b'\r' if self.byte(ahead + 1) == b'\n' => 2,
            b'\r' => 1,
            0xc2 if self.byte(ahead + 1) == 0x85 => 2,
            0xe2 if self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xa8 | 0xa9) => {
                3
            }
            _ => 0,
        }
    }

    /// Says whether the line ends `ahead` of here.
    pub(super) fn is_break_at(&self, ahead: usize) -> bool {
        self.break_length(ahead) > 0
    }

    /// Says whether `---` or `...` stands here, alone at the beginning of the line.
    pub(super) fn is_document_mark(&self) -> bool {
        self.column == 0
            && matches!(
                (self.byte(0), self.byte(1), self.byte(2)),
                (b'-', b'-', b'-') | (b'.', b'.', b'.')
            )
            && self.is_blank_or_end(3)
    }

    /// Steps over one character, which is no line break.
    pub(super) fn skip(&mut self) {
        if self.byte(0).is_ascii() {
            self.at += 1;
        } else {
            self.at += self.char().len_utf8();
        }
        self.column += 1;
    }

    pub(super) fn skip_many(&mut self, count: usize) {
        (0..count).for_each(|_| self.skip());
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank() {
            self.skip();
        }
    }

    /// Steps over a line break, and gives it as it counts in a scalar: all but the separators of
    /// Unicode are a line feed.
    pub(super) fn take_break(&mut self) -> char {
        let c = match self.break_length(0) {
            3 => self.char(),
            _ => '\n',
        };
        self.at += self.break_length(0);
        self.line += 1;
        self.column = 0;
        c
    }

    /// Steps to the line's end.
    pub(super) fn skip_line(&mut self) {
        while !self.is_end() && !self.is_break() {
            self.skip();
        }
    }

    /// The letters, digits, `-` and `_` from here.
    pub(super) fn take_name(&mut self) -> &'a str {
        let start = self.at;
        while matches!(self.byte(0), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_') {
            self.skip();
        }
        self.slice(start, self.at)
    }

    /// At the text's end, goes to the beginning of the line that would follow.
    pub(super) fn finish(&mut self) {
        if self.column != 0 {
            self.column = 0;
            self.line += 1;
        }
    }
}

//! The text of plain, quoted and block scalars.
//!
//! A scalar that is on one line and has no escapes is borrowed from the text.

use std::borrow::Cow;

use super::scanner::{Scanner, broken};
use super::token::{Kind, Token};
use super::{Broken, Mark};
use crate::yaml::mistake::Mistake;

/// A scalar's text while it is read: what is done, and from where on it goes on as it stands.
struct Text {
    done: String,
    is_owned: bool,
    from: usize,
}

/// The line breaks between two words.
#[derive(Default)]
struct Breaks {
    first: Option<char>,
    others: String,
    /// Whether a line has ended, be it by a backslash.
    any: bool,
}

impl Breaks {
    fn add(&mut self, c: char) {
        if self.any {
            self.others.push(c);
        } else {
            self.first = Some(c);
            self.any = true;
        }
    }

    /// Appends the breaks as they fold: one is a space, of several the first is gone.
    fn fold(self, out: &mut String) {
        match self.first {
            Some('\n') if self.others.is_empty() => out.push(' '),
            Some('\n') | None => out.push_str(&self.others),
            Some(c) => {
                out.push(c);
                out.push_str(&self.others);
            }
        }
    }
}

impl<'a> Scanner<'a> {
    /// Takes the text up to byte `to`, and goes on from here later.
    fn flush(&self, text: &mut Text, to: usize) {
        text.done.push_str(self.cursor.slice(text.from, to));
        text.is_owned = true;
    }

    /// The whole text, which ends at byte `to`.
    fn finish(&self, mut text: Text, to: usize) -> Cow<'a, str> {
        if !text.is_owned {
            return Cow::Borrowed(self.cursor.slice(text.from, to));
        }
        self.flush(&mut text, to);
        Cow::Owned(text.done)
    }

    fn begin(&self) -> Text {
        Text {
            done: String::new(),
            is_owned: false,
            from: self.cursor.at(),
        }
    }

    pub(super) fn scan_plain(&mut self) -> Result<Token<'a>, Broken> {
        let start = self.cursor.mark();
        let mut text = self.begin();
        let (mut end, mut end_at) = (start, self.cursor.at());
        let mut breaks = Breaks::default();
        loop {
            if self.cursor.is_document_mark() || self.cursor.byte(0) == b'#' {
                break;
            }
            let word = self.cursor.at();
            self.skip_word()?;
            if self.cursor.at() > word {
                let breaks = std::mem::take(&mut breaks);
                if breaks.any {
                    self.flush(&mut text, end_at);
                    breaks.fold(&mut text.done);
                    text.from = word;
                }
                (end, end_at) = (self.cursor.mark(), self.cursor.at());
            }
            if !self.cursor.is_blank() && !self.cursor.is_break() {
                break;
            }
            self.skip_between_words(&mut breaks)?;
            if self.flow_level == 0 && self.cursor.column() <= self.indent {
                break;
            }
        }
        if breaks.any {
            self.key_allowed = true;
        }
        let text = self.finish(text, end_at);
        let kind = Kind::Scalar { text, plain: true };
        Ok(Token { kind, start, end })
    }

    /// Steps over a word of a plain scalar.
    fn skip_word(&mut self) -> Result<(), Broken> {
        let in_flow = self.flow_level > 0;
        while !self.cursor.is_blank_or_end(0) {
            match self.cursor.byte(0) {
                b':' if self.cursor.is_blank_or_end(1) => break,
                b':' if in_flow
                    && matches!(self.cursor.byte(1), b',' | b'?' | b'[' | b']' | b'{' | b'}') =>
                {
                    return Err(broken(Mistake::FlowColon, self.cursor.mark()));
                }
                b',' | b'[' | b']' | b'{' | b'}' if in_flow => break,
                _ => self.cursor.skip(),
            }
        }
        Ok(())
    }

    fn skip_between_words(&mut self, breaks: &mut Breaks) -> Result<(), Broken> {
        loop {
            if self.cursor.is_break() {
                breaks.add(self.cursor.take_break());
            } else if self.cursor.is_blank() {
                let is_indent = breaks.any && self.cursor.column() <= self.indent;
                if is_indent && self.cursor.byte(0) == b'\t' {
                    return Err(broken(Mistake::Tab, self.cursor.mark()));
                }
                self.cursor.skip();
            } else {
                return Ok(());
            }
        }
    }

    pub(super) fn scan_quoted(&mut self) -> Result<Token<'a>, Broken> {
        let start = self.cursor.mark();
        let quote = self.cursor.byte(0);
        self.cursor.skip();
        let mut text = self.begin();
        loop {
            if self.cursor.is_document_mark() || self.cursor.is_end() {
                return Err(broken(Mistake::UnclosedQuote, start));
            }
            let mut breaks = Breaks::default();
            self.scan_quoted_word(quote, &mut text, &mut breaks)?;
            if self.cursor.byte(0) == quote && !breaks.any {
                break;
            }
            self.skip_in_quotes(&mut text, &mut breaks);
            if breaks.any {
                breaks.fold(&mut text.done);
                text.from = self.cursor.at();
            }
        }
        let text = self.finish(text, self.cursor.at());
        self.cursor.skip();
        let end = self.cursor.mark();
        let kind = Kind::Scalar { text, plain: false };
        Ok(Token { kind, start, end })
    }

    /// Reads to the next blank, line's end or closing quote. A backslash at a line's end ends the
    /// line without a space.
    fn scan_quoted_word(
        &mut self,
        quote: u8,
        text: &mut Text,
        breaks: &mut Breaks,
    ) -> Result<(), Broken> {
        while !self.cursor.is_blank_or_end(0) {
            let byte = self.cursor.byte(0);
            if byte == quote {
                if quote == b'"' || self.cursor.byte(1) != b'\'' {
                    return Ok(());
                }
                self.cursor.skip();
                self.flush(text, self.cursor.at());
                self.cursor.skip();
                text.from = self.cursor.at();
            } else if byte == b'\\' && quote == b'"' {
                self.flush(text, self.cursor.at());
                if self.cursor.is_break_at(1) {
                    self.cursor.skip();
                    self.cursor.take_break();
                    breaks.any = true;
                    return Ok(());
                }
                text.done.push(self.scan_escape()?);
                text.from = self.cursor.at();
            } else {
                self.cursor.skip();
            }
        }
        Ok(())
    }

    /// Steps over blanks and line breaks; the blanks before a break are not in the text.
    fn skip_in_quotes(&mut self, text: &mut Text, breaks: &mut Breaks) {
        let word_end = self.cursor.at();
        loop {
            if self.cursor.is_break() {
                if !breaks.any {
                    self.flush(text, word_end);
                }
                breaks.add(self.cursor.take_break());
            } else if self.cursor.is_blank() {
                self.cursor.skip();
            } else {
                return;
            }
        }
    }

    fn scan_escape(&mut self) -> Result<char, Broken> {
        let mark = self.cursor.mark();
        self.cursor.skip();
        let letter = self.cursor.byte(0);
        if !self.cursor.is_end() {
            self.cursor.skip();
        }
        let c = match letter {
            b'0' => '\0',
            b'a' => '\u{7}',
            b'b' => '\u{8}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{b}',
            b'f' => '\u{c}',
            b'r' => '\r',
            b'e' => '\u{1b}',
            b' ' | b'"' | b'/' | b'\\' => char::from(letter),
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'x' => self.scan_code(2, mark)?,
            b'u' => self.scan_code(4, mark)?,
            b'U' => self.scan_code(8, mark)?,
            _ => return Err(broken(Mistake::Escape, mark)),
        };
        Ok(c)
    }

    /// Reads the character whose code has `digits` digits. JSON writes characters beyond U+FFFF
    /// as two halves.
    fn scan_code(&mut self, digits: usize, mark: Mark) -> Result<char, Broken> {
        let wrong = || broken(Mistake::Escape, mark);
        let code = self.scan_hexadecimal(digits).ok_or_else(wrong)?;
        if !(0xd800..0xdc00).contains(&code) {
            return char::from_u32(code).ok_or_else(wrong);
        }
        if (self.cursor.byte(0), self.cursor.byte(1)) != (b'\\', b'u') {
            return Err(wrong());
        }
        self.cursor.skip_many(2);
        let low = self.scan_hexadecimal(4).ok_or_else(wrong)?;
        if !(0xdc00..0xe000).contains(&low) {
            return Err(wrong());
        }
        char::from_u32(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)).ok_or_else(wrong)
    }

    fn scan_hexadecimal(&mut self, digits: usize) -> Option<u32> {
        let mut code: u32 = 0;
        for _ in 0..digits {
            let digit = char::from(self.cursor.byte(0)).to_digit(16)?;
            code = (code << 4) | digit;
            self.cursor.skip();
        }
        Some(code)
    }

    pub(super) fn scan_block(&mut self) -> Result<Token<'a>, Broken> {
        let start = self.cursor.mark();
        let is_literal = self.cursor.byte(0) == b'|';
        let header = self.scan_block_header(start)?;
        let mut block = Block {
            text: String::new(),
            indent: header.indent.map_or(0, |more| self.indent.max(0) + more),
            breaks: String::new(),
            end: self.cursor.mark(),
        };
        let mut last_break = None;
        let mut was_blank = false;
        self.skip_block_breaks(&mut block)?;
        while self.cursor.column() == block.indent && !self.cursor.is_end() {
            let is_blank = self.cursor.is_blank();
            let folds = !is_literal && last_break == Some('\n') && !was_blank && !is_blank;
            match last_break.take() {
                Some(_) if folds && block.breaks.is_empty() => block.text.push(' '),
                Some(c) if !folds => block.text.push(c),
                _ => {}
            }
            block.text.push_str(&block.breaks);
            block.breaks.clear();
            was_blank = is_blank;
            let from = self.cursor.at();
            self.cursor.skip_line();
            block
                .text
                .push_str(self.cursor.slice(from, self.cursor.at()));
            if self.cursor.is_break() {
                last_break = Some(self.cursor.take_break());
            }
            self.skip_block_breaks(&mut block)?;
        }
        if header.chomp != Chomp::Strip {
            block.text.extend(last_break);
        }
        if header.chomp == Chomp::Keep {
            block.text.push_str(&block.breaks);
        }
        let kind = Kind::Scalar {
            text: Cow::Owned(block.text),
            plain: false,
        };
        let end = block.end;
        Ok(Token { kind, start, end })
    }

    /// Scans `|`, `>`, with `+`, `-` and a digit in either order, to the end of the line.
    fn scan_block_header(&mut self, start: Mark) -> Result<Header, Broken> {
        self.cursor.skip();
        let mut header = Header {
            chomp: Chomp::Clip,
            indent: None,
        };
        for _ in 0..2 {
            match self.cursor.byte(0) {
                b'+' if header.chomp == Chomp::Clip => header.chomp = Chomp::Keep,
                b'-' if header.chomp == Chomp::Clip => header.chomp = Chomp::Strip,
                digit @ b'1'..=b'9' if header.indent.is_none() => {
                    header.indent = Some(i32::from(digit - b'0'));
                }
                _ => break,
            }
            self.cursor.skip();
        }
        self.cursor.skip_blanks();
        if self.cursor.byte(0) == b'#' {
            self.cursor.skip_line();
        }
        if self.cursor.is_break() {
            self.cursor.take_break();
        } else if !self.cursor.is_end() {
            return Err(broken(Mistake::BlockHeader, start));
        }
        Ok(header)
    }

    /// Steps over indentation and empty lines. The first line that is not empty says how deep
    /// the block is, where its header does not.
    fn skip_block_breaks(&mut self, block: &mut Block) -> Result<(), Broken> {
        let mut deepest = 0;
        block.end = self.cursor.mark();
        loop {
            let is_open = |column: i32| block.indent == 0 || column < block.indent;
            while is_open(self.cursor.column()) && self.cursor.byte(0) == b' ' {
                self.cursor.skip();
            }
            deepest = deepest.max(self.cursor.column());
            if is_open(self.cursor.column()) && self.cursor.byte(0) == b'\t' {
                return Err(broken(Mistake::Tab, self.cursor.mark()));
            }
            if !self.cursor.is_break() {
                break;
            }
            block.breaks.push(self.cursor.take_break());
            block.end = self.cursor.mark();
        }
        if block.indent == 0 {
            block.indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}

/// The first line of a block scalar.
struct Header {
    chomp: Chomp,
    /// How much deeper than what is around it the text is.
    indent: Option<i32>,
}

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomp {
    Clip,
    Keep,
    Strip,
}

/// A block scalar while it is read.
struct Block {
    text: String,
    /// Zero until it is known.
    indent: i32,
    /// The empty lines since the last line.
    breaks: String,
    end: Mark,
}

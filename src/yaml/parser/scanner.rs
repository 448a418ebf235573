//! Text to tokens: indentation becomes tokens, and what turns out to be a key gets its token
//! before it.
//!
//! The algorithm is that of libyaml 0.2.5 (see LICENSE-libyaml), so that a text has the meaning
//! here that it has for the reference.

use std::collections::VecDeque;

use super::cursor::Cursor;
use super::token::{Kind, Token};
use super::{Broken, Mark};
use crate::yaml::mistake::Mistake;

/// How many characters a key has that is not marked with `? `.
const LONGEST_KEY: u32 = 1024;

pub(super) struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    tokens: VecDeque<Token<'a>>,
    /// How many tokens were taken from the queue.
    taken: usize,
    is_done: bool,
    /// The column of the innermost block, before the first of which it is -1.
    pub(super) indent: i32,
    indents: Vec<i32>,
    pub(super) flow_level: usize,
    /// Whether a key may begin here without a `? `.
    pub(super) key_allowed: bool,
    /// For each flow level, and the block around all, the token that may yet turn out to be a key.
    keys: Vec<Candidate>,
    /// In JSON, a key may be of any length, and only a string is one.
    json: bool,
}

/// A token that is a key if a colon follows.
#[derive(Clone, Copy)]
struct Candidate {
    possible: bool,
    /// Whether it can be nothing but a key, from its column.
    required: bool,
    token: usize,
    mark: Mark,
}

impl Candidate {
    const NONE: Candidate = Candidate {
        possible: false,
        required: false,
        token: 0,
        mark: Mark { line: 1, column: 1 },
    };
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, json: bool) -> Self {
        Scanner {
            cursor: Cursor::new(text),
            tokens: VecDeque::new(),
            taken: 0,
            is_done: false,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            key_allowed: true,
            keys: vec![Candidate::NONE],
            json,
        }
    }

    /// The next token, which stays the next.
    pub(super) fn peek(&mut self) -> Result<&mut Token<'a>, Broken> {
        while self.needs_more()? {
            self.fetch()?;
        }
        let end = self.cursor.mark();
        if self.tokens.is_empty() {
            self.tokens.push_back(Token {
                kind: Kind::StreamEnd,
                start: end,
                end,
            });
        }
        self.tokens
            .front_mut()
            .ok_or_else(|| broken(Mistake::AfterEnd, end))
    }

    /// Takes the next token away.
    pub(super) fn skip(&mut self) {
        if self.tokens.pop_front().is_some() {
            self.taken += 1;
        }
    }

    /// Says whether the first token is not known yet: a key's token may have to go before it.
    fn needs_more(&mut self) -> Result<bool, Broken> {
        if self.is_done {
            return Ok(false);
        }
        if self.tokens.is_empty() {
            return Ok(true);
        }
        self.forget_stale_keys()?;
        let first = self.taken;
        Ok(self
            .keys
            .iter()
            .any(|key| key.possible && key.token == first))
    }

    fn fetch(&mut self) -> Result<(), Broken> {
        self.skip_to_token();
        self.forget_stale_keys()?;
        self.unroll(self.cursor.column());
        if self.cursor.is_end() {
            return self.fetch_end();
        }
        if self.cursor.column() == 0 && self.cursor.byte(0) == b'%' {
            return self.fetch_directive();
        }
        if self.cursor.is_document_mark() {
            return self.fetch_document_mark();
        }
        let in_flow = self.flow_level > 0;
        match self.cursor.byte(0) {
            b'[' => self.fetch_flow_start(Kind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Kind::FlowMappingStart),
            b']' => self.fetch_flow_end(Kind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Kind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if self.cursor.is_blank_or_end(1) => self.fetch_block_entry(),
            b'?' if in_flow || self.cursor.is_blank_or_end(1) => self.fetch_key(),
            b':' if in_flow || self.cursor.is_blank_or_end(1) => self.fetch_value(),
            b'*' | b'&' => self.fetch_scanned(Self::scan_anchor),
            b'!' => self.fetch_scanned(Self::scan_tag),
            b'|' | b'>' if !in_flow => self.fetch_block_scalar(),
            b'\'' | b'"' => self.fetch_scanned(Self::scan_quoted),
            b'\t' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => Err(broken(
                Mistake::Begins(self.cursor.char()),
                self.cursor.mark(),
            )),
            _ => self.fetch_scanned(Self::scan_plain),
        }
    }

    /// Steps over blanks, comments and line breaks. A tab is no blank where a key may begin.
    fn skip_to_token(&mut self) {
        loop {
            if self.cursor.column() == 0 && self.cursor.char() == '\u{feff}' {
                self.cursor.skip();
            }
            let tabs = self.flow_level > 0 || !self.key_allowed;
            while self.cursor.byte(0) == b' ' || (tabs && self.cursor.byte(0) == b'\t') {
                self.cursor.skip();
            }
            if self.cursor.byte(0) == b'#' {
                self.cursor.skip_line();
            }
            if !self.cursor.is_break() {
                return;
            }
            self.cursor.take_break();
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    /// Drops the candidates whose colon can no longer come.
    fn forget_stale_keys(&mut self) -> Result<(), Broken> {
        if self.json {
            return Ok(());
        }
        let here = self.cursor.mark();
        for key in &mut self.keys {
            let is_far = key.mark.line < here.line || key.mark.column + LONGEST_KEY < here.column;
            if key.possible && is_far {
                if key.required {
                    return Err(broken(Mistake::NoColon, key.mark));
                }
                key.possible = false;
            }
        }
        Ok(())
    }

    /// Notes that the token that begins here may be a key.
    fn save_key(&mut self) -> Result<(), Broken> {
        if !self.key_allowed {
            return Ok(());
        }
        let candidate = Candidate {
            possible: true,
            required: self.flow_level == 0 && self.indent == self.cursor.column(),
            token: self.taken + self.tokens.len(),
            mark: self.cursor.mark(),
        };
        self.remove_key()?;
        if let Some(key) = self.keys.last_mut() {
            *key = candidate;
        }
        Ok(())
    }

    /// Drops the candidate of this level.
    fn remove_key(&mut self) -> Result<(), Broken> {
        match self.keys.last_mut() {
            Some(key) if key.possible && key.required => Err(broken(Mistake::NoColon, key.mark)),
            Some(key) => {
                key.possible = false;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Opens a block where `column` is to the right of the innermost one.
    fn roll(&mut self, column: i32, token: Option<usize>, kind: Kind<'a>, mark: Mark) {
        if self.flow_level > 0 || self.indent >= column {
            return;
        }
        self.indents.push(self.indent);
        self.indent = column;
        let token_number = token.unwrap_or(self.taken + self.tokens.len());
        self.insert(token_number, kind, mark);
    }

    /// Puts an empty token before the one with this number, counted from the text's beginning.
    fn insert(&mut self, before: usize, kind: Kind<'a>, mark: Mark) {
        let position = before.saturating_sub(self.taken).min(self.tokens.len());
        let token = Token {
            kind,
            start: mark,
            end: mark,
        };
        self.tokens.insert(position, token);
    }

    /// Closes the blocks to the right of `column`.
    fn unroll(&mut self, column: i32) {
        if self.flow_level > 0 {
            return;
        }
        let mark = self.cursor.mark();
        while self.indent > column {
            self.push(Kind::BlockEnd, mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Appends a token from `start` to here.
    fn push(&mut self, kind: Kind<'a>, start: Mark) {
        let end = self.cursor.mark();
        self.tokens.push_back(Token { kind, start, end });
    }

    /// Appends a token of the next `count` characters.
    fn push_skipping(&mut self, kind: Kind<'a>, count: usize) {
        let start = self.cursor.mark();
        self.cursor.skip_many(count);
        self.push(kind, start);
    }

    fn fetch_end(&mut self) -> Result<(), Broken> {
        self.cursor.finish();
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        self.is_done = true;
        self.push(Kind::StreamEnd, self.cursor.mark());
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), Broken> {
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let token = self.scan_directive()?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_document_mark(&mut self) -> Result<(), Broken> {
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let kind = match self.cursor.byte(0) {
            b'-' => Kind::DocumentStart,
            _ => Kind::DocumentEnd,
        };
        self.push_skipping(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: Kind<'a>) -> Result<(), Broken> {
        if !self.json {
            self.save_key()?;
        }
        self.keys.push(Candidate::NONE);
        self.flow_level += 1;
        self.key_allowed = true;
        self.push_skipping(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: Kind<'a>) -> Result<(), Broken> {
        self.remove_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.keys.pop();
        }
        self.key_allowed = false;
        self.push_skipping(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), Broken> {
        self.remove_key()?;
        self.key_allowed = true;
        self.push_skipping(Kind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Broken> {
        let mark = self.cursor.mark();
        if self.flow_level == 0 {
            if !self.key_allowed {
                return Err(broken(Mistake::ListHere, mark));
            }
            self.roll(self.cursor.column(), None, Kind::BlockSequenceStart, mark);
        }
        self.remove_key()?;
        self.key_allowed = true;
        self.push_skipping(Kind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Broken> {
        let mark = self.cursor.mark();
        if self.flow_level == 0 {
            if !self.key_allowed {
                return Err(broken(Mistake::Begins('?'), mark));
            }
            self.roll(self.cursor.column(), None, Kind::BlockMappingStart, mark);
        }
        self.remove_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_skipping(Kind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Broken> {
        let candidate = self.keys.last().copied().unwrap_or(Candidate::NONE);
        if candidate.possible {
            self.insert_key(candidate);
            self.key_allowed = false;
        } else {
            let mark = self.cursor.mark();
            if self.flow_level == 0 {
                if !self.key_allowed {
                    return Err(broken(Mistake::SecondColon, mark));
                }
                self.roll(self.cursor.column(), None, Kind::BlockMappingStart, mark);
            }
            self.key_allowed = self.flow_level == 0;
        }
        self.push_skipping(Kind::Value, 1);
        Ok(())
    }

    /// Puts the key's token before what turned out to be the key.
    fn insert_key(&mut self, candidate: Candidate) {
        let Candidate { token, mark, .. } = candidate;
        self.insert(token, Kind::Key, mark);
        let column = mark.column as i32 - 1;
        self.roll(column, Some(token), Kind::BlockMappingStart, mark);
        if let Some(key) = self.keys.last_mut() {
            key.possible = false;
        }
    }

    /// Fetches a token that may be a key and is not followed by one at once.
    fn fetch_scanned(
        &mut self,
        scan: fn(&mut Self) -> Result<Token<'a>, Broken>,
    ) -> Result<(), Broken> {
        self.save_key()?;
        self.key_allowed = false;
        let token = scan(self)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_block_scalar(&mut self) -> Result<(), Broken> {
        self.remove_key()?;
        self.key_allowed = true;
        let token = self.scan_block()?;
        self.tokens.push_back(token);
        Ok(())
    }
}

pub(super) fn broken(mistake: Mistake, mark: Mark) -> Broken {
    Broken { mistake, mark }
}

//! Lists and mappings that are made by indentation.

use super::scanner::broken;
use super::token::Kind;
use super::{Event, Next, Parser, State, spanned};
use crate::yaml::mistake::Mistake;

impl<'a> Parser<'a> {
    pub(super) fn block_sequence_entry(&mut self) -> Next<'a> {
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        match token.kind {
            Kind::BlockEntry => {}
            Kind::BlockEnd => return self.close(),
            _ => return Err(broken(Mistake::Misfit, start)),
        }
        self.scanner.skip();
        match self.scanner.peek()?.kind {
            Kind::BlockEntry | Kind::BlockEnd => self.empty_then(State::BlockSequenceEntry, end),
            _ => self.node_then(State::BlockSequenceEntry, true, false),
        }
    }

    /// An entry of a list whose `-` stand in the column of the key above.
    pub(super) fn indentless_entry(&mut self) -> Next<'a> {
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        if !matches!(token.kind, Kind::BlockEntry) {
            self.pop();
            return Ok(spanned(Event::Close, start, end));
        }
        self.scanner.skip();
        match self.scanner.peek()?.kind {
            Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd => {
                self.empty_then(State::IndentlessEntry, end)
            }
            _ => self.node_then(State::IndentlessEntry, true, false),
        }
    }

    pub(super) fn block_mapping_key(&mut self) -> Next<'a> {
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        match token.kind {
            Kind::Key => {}
            Kind::BlockEnd => return self.close(),
            _ => return Err(broken(Mistake::Misfit, start)),
        }
        self.scanner.skip();
        match self.scanner.peek()?.kind {
            Kind::Key | Kind::Value | Kind::BlockEnd => {
                self.empty_then(State::BlockMappingValue, end)
            }
            _ => self.node_then(State::BlockMappingValue, true, true),
        }
    }

    pub(super) fn block_mapping_value(&mut self) -> Next<'a> {
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        if !matches!(token.kind, Kind::Value) {
            return self.empty_then(State::BlockMappingKey, start);
        }
        self.scanner.skip();
        match self.scanner.peek()?.kind {
            Kind::Key | Kind::Value | Kind::BlockEnd => {
                self.empty_then(State::BlockMappingKey, end)
            }
            _ => self.node_then(State::BlockMappingKey, true, true),
        }
    }
}

//! Lists and mappings that are made by brackets.

use super::token::Kind;
use super::{Broken, Event, Next, Parser, Properties, State, spanned};
use crate::yaml::tag::Tag;

impl<'a> Parser<'a> {
    /// Steps over the comma before all entries but the first. Says whether the bracket is next
    /// that closes.
    pub(super) fn comma(
        &mut self,
        first: bool,
        closes: fn(&Kind<'_>) -> bool,
    ) -> Result<bool, Broken> {
        let token = self.scanner.peek()?;
        if first || closes(&token.kind) {
            return Ok(closes(&token.kind));
        }
        if !matches!(token.kind, Kind::FlowEntry) {
            let is_end = matches!(token.kind, Kind::StreamEnd);
            let mark = token.start;
            return Err(self.in_brackets(is_end, mark));
        }
        self.scanner.skip();
        Ok(closes(&self.scanner.peek()?.kind))
    }

    pub(super) fn flow_sequence_entry(&mut self, first: bool) -> Next<'a> {
        if self.comma(first, |kind| matches!(kind, Kind::FlowSequenceEnd))? {
            self.brackets.pop();
            return self.close();
        }
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        if matches!(token.kind, Kind::Key) {
            self.scanner.skip();
            self.state = State::FlowPairKey;
            let properties = Properties {
                tag: Tag::Implicit { plain: true },
                anchor: None,
            };
            return Ok(spanned(Event::MappingStart(properties), start, end));
        }
        self.node_then(State::FlowSequenceEntry { first: false }, false, false)
    }

    /// The key of `[key: value]`, a mapping of one entry in a list.
    pub(super) fn flow_pair_key(&mut self) -> Next<'a> {
        let token = self.scanner.peek()?;
        let end = token.end;
        match token.kind {
            Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd => {
                self.scanner.skip();
                self.empty_then(State::FlowPairValue, end)
            }
            _ => self.node_then(State::FlowPairValue, false, false),
        }
    }

    pub(super) fn flow_pair_value(&mut self) -> Next<'a> {
        if matches!(self.scanner.peek()?.kind, Kind::Value) {
            self.scanner.skip();
            if !matches!(
                self.scanner.peek()?.kind,
                Kind::FlowEntry | Kind::FlowSequenceEnd
            ) {
                return self.node_then(State::FlowPairEnd, false, false);
            }
        }
        let mark = self.scanner.peek()?.start;
        self.empty_then(State::FlowPairEnd, mark)
    }

    pub(super) fn flow_pair_end(&mut self) -> Next<'a> {
        let mark = self.scanner.peek()?.start;
        self.state = State::FlowSequenceEntry { first: false };
        Ok(spanned(Event::Close, mark, mark))
    }

    pub(super) fn flow_mapping_key(&mut self, first: bool) -> Next<'a> {
        if self.comma(first, |kind| matches!(kind, Kind::FlowMappingEnd))? {
            self.brackets.pop();
            return self.close();
        }
        if !matches!(self.scanner.peek()?.kind, Kind::Key) {
            return self.node_then(State::FlowMappingEmptyValue, false, false);
        }
        self.scanner.skip();
        let token = self.scanner.peek()?;
        let start = token.start;
        match token.kind {
            Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd => {
                self.empty_then(State::FlowMappingValue, start)
            }
            _ => self.node_then(State::FlowMappingValue, false, false),
        }
    }

    pub(super) fn flow_mapping_value(&mut self) -> Next<'a> {
        if matches!(self.scanner.peek()?.kind, Kind::Value) {
            self.scanner.skip();
            if !matches!(
                self.scanner.peek()?.kind,
                Kind::FlowEntry | Kind::FlowMappingEnd
            ) {
                return self.node_then(State::FlowMappingKey { first: false }, false, false);
            }
        }
        self.flow_mapping_empty_value()
    }

    pub(super) fn flow_mapping_empty_value(&mut self) -> Next<'a> {
        let mark = self.scanner.peek()?.start;
        self.empty_then(State::FlowMappingKey { first: false }, mark)
    }
}

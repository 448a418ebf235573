//! A node: its tag and anchor, and the scalar or the beginning of the collection.

use std::borrow::Cow;

use super::scanner::broken;
use super::token::Kind;
use super::{Broken, Event, Mark, Next, Parser, Properties, State, spanned};
use crate::yaml::mistake::Mistake;
use crate::yaml::tag::Tag;

/// The collections that a token can begin.
#[derive(Clone, Copy)]
enum Opened {
    BlockMapping,
    BlockSequence,
    FlowMapping,
    FlowSequence,
    /// A list in the column of its key.
    Indentless,
}

impl<'a> Parser<'a> {
    /// Reads a node: its properties, and the scalar or the beginning of the collection.
    pub(super) fn node(&mut self, block: bool, indentless: bool) -> Next<'a> {
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        if let Kind::Alias(name) = token.kind {
            self.scanner.skip();
            self.pop();
            return Ok(spanned(Event::Alias(name), start, end));
        }
        let (tag, anchor, properties_end) = self.properties()?;
        let properties = |plain| Properties {
            tag: tag.clone().unwrap_or(Tag::Implicit { plain }),
            anchor,
        };
        let token = self.scanner.peek()?;
        let end = token.end;
        let opened = match &mut token.kind {
            Kind::Scalar { text, plain } => {
                let (text, properties) = (std::mem::take(text), properties(*plain));
                self.scanner.skip();
                self.pop();
                return Ok(spanned(Event::Scalar { text, properties }, start, end));
            }
            Kind::BlockEntry if indentless => Opened::Indentless,
            Kind::FlowSequenceStart => Opened::FlowSequence,
            Kind::FlowMappingStart => Opened::FlowMapping,
            Kind::BlockSequenceStart if block => Opened::BlockSequence,
            Kind::BlockMappingStart if block => Opened::BlockMapping,
            _ if tag.is_some() || anchor.is_some() => {
                // A bare `!` before nothing makes an empty string, and not a null.
                let bare = tag.as_ref() == Some(&Tag::Implicit { plain: true });
                let tag = tag
                    .filter(|_| !bare)
                    .unwrap_or(Tag::Implicit { plain: !bare });
                let (text, properties) = (Cow::Borrowed(""), Properties { tag, anchor });
                self.pop();
                let event = Event::Scalar { text, properties };
                return Ok(spanned(event, start, properties_end));
            }
            _ => return Err(self.no_node()),
        };
        self.open(opened)?;
        let event = match opened {
            Opened::BlockMapping | Opened::FlowMapping => Event::MappingStart(properties(true)),
            _ => Event::SequenceStart(properties(true)),
        };
        Ok(spanned(event, start, end))
    }

    /// Goes into a collection whose first token is the next.
    fn open(&mut self, opened: Opened) -> Result<(), Broken> {
        let mark = self.scanner.peek()?.start;
        if !matches!(opened, Opened::Indentless) {
            self.scanner.skip();
        }
        self.state = match opened {
            Opened::BlockMapping => State::BlockMappingKey,
            Opened::BlockSequence => State::BlockSequenceEntry,
            Opened::FlowMapping => State::FlowMappingKey { first: true },
            Opened::FlowSequence => State::FlowSequenceEntry { first: true },
            Opened::Indentless => State::IndentlessEntry,
        };
        match opened {
            Opened::FlowMapping => self.brackets.push(('{', mark)),
            Opened::FlowSequence => self.brackets.push(('[', mark)),
            _ => {}
        }
        Ok(())
    }

    /// Reads a tag and an anchor in either order, and where they end.
    fn properties(&mut self) -> Result<(Option<Tag>, Option<&'a str>, Mark), Broken> {
        let (mut tag, mut anchor) = (None, None);
        let mut end = self.scanner.peek()?.start;
        loop {
            let token = self.scanner.peek()?;
            match &mut token.kind {
                Kind::Anchor(name) if anchor.is_none() => anchor = Some(*name),
                Kind::Tag { handle, suffix } if tag.is_none() => {
                    let (handle, suffix, mark) = (*handle, std::mem::take(suffix), token.start);
                    end = token.end;
                    tag = Some(self.tag(handle, suffix, mark)?);
                    self.scanner.skip();
                    continue;
                }
                _ => return Ok((tag, anchor, end)),
            }
            end = token.end;
            self.scanner.skip();
        }
    }

    /// The tag that a handle and a suffix name.
    fn tag(&self, handle: &str, suffix: Cow<'a, str>, mark: Mark) -> Result<Tag, Broken> {
        let declared = self.handles.iter().find(|(known, _)| *known == handle);
        let prefix = match (handle, declared) {
            ("", _) => return Ok(Tag::named(suffix)),
            (_, Some((_, prefix))) => prefix.as_ref(),
            ("!", None) => "!",
            ("!!", None) => "tag:yaml.org,2002:",
            _ => return Err(broken(Mistake::Tag, mark)),
        };
        Ok(Tag::named(Cow::Owned(format!("{prefix}{suffix}"))))
    }

    /// The mistake where a node is expected and none stands.
    fn no_node(&mut self) -> Broken {
        match self.scanner.peek() {
            Err(broken) => broken,
            Ok(token) if !self.brackets.is_empty() => {
                let is_end = matches!(token.kind, Kind::StreamEnd);
                let mark = token.start;
                self.in_brackets(is_end, mark)
            }
            Ok(token) => {
                let mistake = match token.kind {
                    Kind::FlowSequenceEnd | Kind::FlowMappingEnd => Mistake::Brackets,
                    Kind::FlowEntry => Mistake::Begins(','),
                    _ => Mistake::Misfit,
                };
                broken(mistake, token.start)
            }
        }
    }

    /// The mistake between brackets: they are never closed, or something is wrong here.
    pub(super) fn in_brackets(&self, is_end: bool, mark: Mark) -> Broken {
        match self.brackets.last() {
            Some((bracket, mark)) if is_end => broken(Mistake::Unclosed(*bracket), *mark),
            Some((bracket, open)) => broken(Mistake::Flow(*bracket, open.line), mark),
            None => broken(Mistake::Brackets, mark),
        }
    }
}

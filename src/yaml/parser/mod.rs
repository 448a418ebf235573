//! Text to events, as libyaml makes them: what PyYAML reads is what is read here, and where.
//!
//! `cursor` steps through the text, `scanner` (with `property` and `scalar`) makes tokens, and
//! here the tokens become events. The algorithm is that of libyaml 0.2.5 (see LICENSE-libyaml),
//! written anew.

mod block;
mod cursor;
mod flow;
mod node;
mod property;
mod scalar;
mod scanner;
mod token;

use std::borrow::Cow;

use super::mistake::Mistake;
use super::tag::Tag;
use scanner::{Scanner, broken};
use token::Kind;

/// A line and a column, both counted from one, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// What the parser meets, from the left to the right.
#[derive(Debug)]
pub(super) enum Event<'a> {
    Alias(&'a str),
    /// The end of a sequence or a mapping.
    Close,
    DocumentEnd,
    DocumentStart,
    End,
    MappingStart(Properties<'a>),
    Scalar {
        text: Cow<'a, str>,
        properties: Properties<'a>,
    },
    SequenceStart(Properties<'a>),
}

/// What stands before a node.
#[derive(Debug)]
pub(super) struct Properties<'a> {
    pub(super) tag: Tag,
    pub(super) anchor: Option<&'a str>,
}

/// An event from its first character, tag and anchor included, to the one after its last.
pub(super) struct Spanned<'a> {
    pub(super) event: Event<'a>,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

/// What cannot be read, and where.
pub(super) struct Broken {
    pub(super) mistake: Mistake,
    pub(super) mark: Mark,
}

type Next<'a> = Result<Spanned<'a>, Broken>;

/// What is expected next.
#[derive(Clone, Copy)]
enum State {
    BlockMappingKey,
    BlockMappingValue,
    BlockSequenceEntry,
    DocumentContent,
    DocumentEnd,
    /// The first document, which needs no `---`, or one after `...`.
    DocumentStart {
        implicit: bool,
    },
    End,
    FlowMappingEmptyValue,
    FlowMappingKey {
        first: bool,
    },
    FlowMappingValue,
    FlowPairEnd,
    FlowPairKey,
    FlowPairValue,
    FlowSequenceEntry {
        first: bool,
    },
    IndentlessEntry,
    Node,
}

/// The events of a text.
pub(super) struct Parser<'a> {
    scanner: Scanner<'a>,
    state: State,
    /// What is expected after the collections that are open.
    states: Vec<State>,
    /// Where the brackets that are open stand, and which they are.
    brackets: Vec<(char, Mark)>,
    /// The handles that `%TAG` declares for the document, with their prefixes.
    handles: Vec<(&'a str, Cow<'a, str>)>,
}

impl<'a> Parser<'a> {
    /// The events of `text`. In JSON, keys may be of any length.
    pub(super) fn new(text: &'a str, json: bool) -> Self {
        Parser {
            scanner: Scanner::new(text, json),
            state: State::DocumentStart { implicit: true },
            states: Vec::new(),
            brackets: Vec::new(),
            handles: Vec::new(),
        }
    }

    /// The next event; after the last one, [`Event::End`] for ever.
    pub(super) fn next(&mut self) -> Next<'a> {
        match self.state {
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::DocumentStart { implicit } => self.document_start(implicit),
            State::End => self.end(),
            State::FlowMappingEmptyValue => self.flow_mapping_empty_value(),
            State::FlowMappingKey { first } => self.flow_mapping_key(first),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowPairEnd => self.flow_pair_end(),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowSequenceEntry { first } => self.flow_sequence_entry(first),
            State::IndentlessEntry => self.indentless_entry(),
            State::Node => self.node(true, false),
        }
    }

    /// Goes on with what is expected around a node that is done.
    fn pop(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    /// Reads a node, and then goes on with `then`.
    fn node_then(&mut self, then: State, block: bool, indentless: bool) -> Next<'a> {
        self.states.push(then);
        self.node(block, indentless)
    }

    /// A null that stands at `mark`, and then `then`.
    fn empty_then(&mut self, then: State, mark: Mark) -> Next<'a> {
        self.state = then;
        Ok(empty(mark))
    }

    /// The end of the innermost collection, which is the next token.
    fn close(&mut self) -> Next<'a> {
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        self.scanner.skip();
        self.pop();
        Ok(spanned(Event::Close, start, end))
    }

    fn end(&mut self) -> Next<'a> {
        let token = self.scanner.peek()?;
        Ok(spanned(Event::End, token.start, token.end))
    }

    fn document_start(&mut self, implicit: bool) -> Next<'a> {
        while !implicit && matches!(self.scanner.peek()?.kind, Kind::DocumentEnd) {
            self.scanner.skip();
        }
        let token = self.scanner.peek()?;
        let (start, end) = (token.start, token.end);
        match token.kind {
            Kind::StreamEnd => {
                self.state = State::End;
                return self.end();
            }
            Kind::VersionDirective { .. } | Kind::TagDirective { .. } | Kind::DocumentStart => {}
            _ if implicit => {
                self.states.push(State::DocumentEnd);
                self.state = State::Node;
                return Ok(spanned(Event::DocumentStart, start, end));
            }
            _ => return Err(broken(Mistake::AfterEnd, start)),
        }
        self.directives()?;
        let token = self.scanner.peek()?;
        let end = token.end;
        if !matches!(token.kind, Kind::DocumentStart) {
            return Err(broken(Mistake::Directive, token.start));
        }
        self.scanner.skip();
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        Ok(spanned(Event::DocumentStart, start, end))
    }

    fn directives(&mut self) -> Result<(), Broken> {
        let mut has_version = false;
        loop {
            let token = self.scanner.peek()?;
            let wrong = broken(Mistake::Directive, token.start);
            match &mut token.kind {
                Kind::VersionDirective { known } => {
                    if has_version || !*known {
                        return Err(wrong);
                    }
                    has_version = true;
                }
                Kind::TagDirective { handle, prefix } => {
                    if self.handles.iter().any(|(known, _)| known == handle) {
                        return Err(wrong);
                    }
                    self.handles.push((handle, std::mem::take(prefix)));
                }
                _ => return Ok(()),
            }
            self.scanner.skip();
        }
    }

    fn document_content(&mut self) -> Next<'a> {
        let token = self.scanner.peek()?;
        match token.kind {
            Kind::VersionDirective { .. }
            | Kind::TagDirective { .. }
            | Kind::DocumentStart
            | Kind::DocumentEnd
            | Kind::StreamEnd => {
                let mark = token.start;
                self.pop();
                Ok(empty(mark))
            }
            _ => self.node(true, false),
        }
    }

    fn document_end(&mut self) -> Next<'a> {
        let token = self.scanner.peek()?;
        let (start, mut end) = (token.start, token.start);
        if matches!(token.kind, Kind::DocumentEnd) {
            end = token.end;
            self.scanner.skip();
        }
        self.handles.clear();
        self.state = State::DocumentStart { implicit: false };
        Ok(spanned(Event::DocumentEnd, start, end))
    }
}

fn spanned(event: Event<'_>, start: Mark, end: Mark) -> Spanned<'_> {
    Spanned { event, start, end }
}

/// A null of no length.
fn empty<'a>(mark: Mark) -> Spanned<'a> {
    let properties = Properties {
        tag: Tag::Implicit { plain: true },
        anchor: None,
    };
    let text = Cow::Borrowed("");
    spanned(Event::Scalar { text, properties }, mark, mark)
}

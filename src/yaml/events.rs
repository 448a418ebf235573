//! The adapter: the only file that knows which crate scans and parses.

use std::borrow::Cow;

use granit_parser as granit;

use super::bounds;
use super::mistake::Mistake;
use super::tag::Tag;

/// A line and a column, both counted from one, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// What the parser meets, from the left to the right.
#[derive(Debug)]
pub(super) enum Event<'a> {
    DocumentStart,
    DocumentEnd,
    End,
    Alias {
        anchor: usize,
    },
    Scalar {
        text: Cow<'a, str>,
        tag: Tag,
        anchor: Option<usize>,
    },
    SequenceStart {
        tag: Tag,
        anchor: Option<usize>,
    },
    MappingStart {
        tag: Tag,
        anchor: Option<usize>,
    },
    /// The end of a sequence or a mapping.
    Close,
}

/// What the parser cannot read.
pub(super) struct Broken {
    pub(super) mistake: Mistake,
    pub(super) mark: Mark,
}

/// An event from its first character, tag and anchor included, to the one after its last.
pub(super) struct Spanned<'a> {
    pub(super) event: Event<'a>,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

/// The events of a text.
pub(super) struct Events<'a> {
    parser: granit::Parser<'a, granit::StrInput<'a>>,
}

impl<'a> Events<'a> {
    /// The events of `text`. Keys of JSON may be of any length; YAML's may not.
    pub(super) fn new(text: &'a str, json: bool) -> Self {
        let options = granit::options! {
            bom_inside_document_as_content: true,
            block_scalar_eof_without_line_feed: true,
            emit_anchor_events: true,
            emit_comments: false,
            simple_key_max_lookahead: if json { usize::MAX } else { 1024 },
            flow_nesting_limit: bounds::DEPTH + 1,
            block_nesting_limit: bounds::DEPTH + 1,
        };
        Events {
            parser: granit::Parser::new_from_str_with_options(text, options),
        }
    }

    /// The next event; after the last one, [`Event::End`] for ever.
    pub(super) fn next(&mut self) -> Result<Spanned<'a>, Broken> {
        loop {
            let (event, span) = match self.parser.next_event() {
                None => (granit::Event::StreamEnd, granit::Span::default()),
                Some(next) => next.map_err(broken)?,
            };
            if let Some(event) = translate(event) {
                let start = self.start(&event, &span)?;
                return Ok(Spanned {
                    event,
                    start,
                    end: mark(&span.end),
                });
            }
        }
    }

    /// Where the node begins: at its anchor or its tag where it has them.
    fn start(&mut self, event: &Event<'_>, span: &granit::Span) -> Result<Mark, Broken> {
        let mut start = mark(&span.start);
        if let Some(tag) = span.tag_start() {
            start = start.min(mark(&tag));
        }
        let anchored = matches!(
            event,
            Event::Scalar {
                anchor: Some(_),
                ..
            } | Event::SequenceStart {
                anchor: Some(_),
                ..
            } | Event::MappingStart {
                anchor: Some(_),
                ..
            }
        );
        if anchored && let Some(next) = self.parser.next_event() {
            let (_, span) = next.map_err(broken)?;
            start = start.min(mark(&span.start));
        }
        Ok(start)
    }
}

/// Our event for theirs; nothing for those that mean nothing to us.
fn translate(event: granit::Event<'_>) -> Option<Event<'_>> {
    Some(match event {
        granit::Event::DocumentStart(..) => Event::DocumentStart,
        granit::Event::DocumentEnd => Event::DocumentEnd,
        granit::Event::StreamEnd => Event::End,
        granit::Event::Alias(anchor) => Event::Alias { anchor },
        granit::Event::Scalar(text, style, anchor, tag) => Event::Scalar {
            text,
            tag: translate_tag(tag, style == granit::ScalarStyle::Plain),
            anchor: translate_anchor(anchor),
        },
        granit::Event::SequenceStart(_, anchor, tag) => Event::SequenceStart {
            tag: translate_tag(tag, true),
            anchor: translate_anchor(anchor),
        },
        granit::Event::MappingStart(_, anchor, tag) => Event::MappingStart {
            tag: translate_tag(tag, true),
            anchor: translate_anchor(anchor),
        },
        granit::Event::SequenceEnd | granit::Event::MappingEnd => Event::Close,
        _ => return None,
    })
}

fn translate_tag(tag: Option<Cow<'_, granit::Tag>>, plain: bool) -> Tag {
    match tag {
        None => Tag::Implicit { plain },
        Some(tag) => Tag::named(Cow::Owned(format!("{}{}", tag.handle(), tag.suffix()))),
    }
}

/// Their anchors are numbers, of which zero is none.
fn translate_anchor(anchor: usize) -> Option<usize> {
    (anchor != 0).then_some(anchor)
}

fn broken(error: granit::ScanError) -> Broken {
    Broken {
        mistake: mistake(error.kind()),
        mark: mark(error.marker()),
    }
}

/// Their lines count from one and their columns from zero.
fn mark(marker: &granit::Marker) -> Mark {
    Mark {
        line: u32::try_from(marker.line().max(1)).unwrap_or(u32::MAX),
        column: u32::try_from(marker.col() + 1).unwrap_or(u32::MAX),
    }
}

/// Our word for their complaint.
fn mistake(kind: &granit::ErrorKind) -> Mistake {
    use granit::ErrorKind as Kind;
    match kind {
        Kind::MissingAnchorOrAliasName | Kind::UnknownAnchor => Mistake::Alias,
        Kind::MappingValueNotAllowed => Mistake::SecondColon,
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => Mistake::NoColon,
        Kind::ExpectedBlockMappingKey
        | Kind::ExpectedBlockSequenceEntry
        | Kind::BlockSequenceEntryNotAllowed
        | Kind::MappingKeyNotAllowed
        | Kind::InvalidIndentation
        | Kind::InvalidBlockScalarIndent
        | Kind::InvalidQuotedScalarIndent
        | Kind::InvalidFlowScalarIndent => Mistake::Misfit,
        Kind::ExpectedDocumentStart => Mistake::AfterEnd,
        Kind::UnexpectedCharacter { character } => Mistake::Begins(*character),
        Kind::TabNotAllowed
        | Kind::TabInBlockIndentation
        | Kind::TabInIndentation
        | Kind::TabInPlainScalar
        | Kind::TabAtBlockScalarStart
        | Kind::InvalidBlockEntryWhitespace
        | Kind::InvalidMappingValueWhitespace => Mistake::Tab,
        Kind::UnclosedQuotedScalar | Kind::DocumentIndicatorInQuotedScalar => {
            Mistake::UnclosedQuote
        }
        Kind::InvalidTrailingSingleQuotedScalar | Kind::InvalidTrailingDoubleQuotedScalar => {
            Mistake::AfterQuote
        }
        Kind::UnknownQuotedScalarEscape
        | Kind::InvalidQuotedScalarHexEscape
        | Kind::InvalidLowSurrogateHexEscape
        | Kind::InvalidLowSurrogate
        | Kind::MissingLowSurrogate
        | Kind::UnpairedLowSurrogate
        | Kind::InvalidUnicodeEscape => Mistake::Escape,
        Kind::UnclosedFlowCollection { open } => Mistake::Unclosed(*open),
        Kind::MisplacedFlowCollectionEnd | Kind::MismatchedFlowCollectionEnd { .. } => {
            Mistake::Brackets
        }
        Kind::UnexpectedEofFlowSequence
        | Kind::UnexpectedEofFlowMapping
        | Kind::UnexpectedEofImplicitFlowMapping
        | Kind::ExpectedFlowMappingSeparator
        | Kind::ExpectedFlowSequenceSeparator
        | Kind::ExpectedNodeContent
        | Kind::FlowMappingValueAdjacentCollection
        | Kind::InvalidColonPlacement => Mistake::Flow,
        Kind::UndeclaredTagHandle => Mistake::Tag,
        Kind::RecursionLimitExceeded => Mistake::Depth,
        other => Mistake::Other(other.to_string()),
    }
}

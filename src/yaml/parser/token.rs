//! What the scanner makes of the text.

use std::borrow::Cow;

use super::Mark;

/// A token, from its first character to the one after its last.
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

#[derive(Debug)]
pub(super) enum Kind<'a> {
    Alias(&'a str),
    Anchor(&'a str),
    BlockEnd,
    BlockEntry,
    BlockMappingStart,
    BlockSequenceStart,
    DocumentEnd,
    DocumentStart,
    FlowEntry,
    FlowMappingEnd,
    FlowMappingStart,
    FlowSequenceEnd,
    FlowSequenceStart,
    Key,
    Scalar {
        text: Cow<'a, str>,
        plain: bool,
    },
    StreamEnd,
    Tag {
        handle: &'a str,
        suffix: Cow<'a, str>,
    },
    TagDirective {
        handle: &'a str,
        prefix: Cow<'a, str>,
    },
    Value,
    VersionDirective {
        known: bool,
    },
}

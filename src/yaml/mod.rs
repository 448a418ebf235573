//! YAML 1.1 as PyYAML reads it, as values that remember where they stand.
//!
//! The way of a text: `parser` (text to events, as libyaml makes them), `compose` (events to nodes:
//! anchors, bounds), `scalar` and `tag` (what a scalar means), `collection` (merge keys, duplicate
//! keys), and where it is no YAML, `mistake` (what the user most likely meant). The way back is
//! `dump`, with libyaml's `emitter`.

mod bounds;
mod canonical;
mod collection;
mod compose;
mod decode;
mod dump;
mod duplicates;
mod emitter;
mod marked;
mod mistake;
mod node;
mod parser;
mod scalar;
mod style;
mod tag;
mod timestamp;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tests;

pub use canonical::{canonical, quoted};
pub use decode::{decode, decode_sealed};
pub use dump::{DumpOptions, dump};
pub use duplicates::DuplicateKeys;
pub use marked::marked_json;
pub use node::Node;

use std::sync::Arc;

use crate::error::{Error, Place, Result, Source};

use compose::Composer;

/// How a text is to be read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether the strings are the user's own, so that they may be templates. Strings below
    /// `!unsafe` never are.
    pub trusted: bool,
    /// Whether a text that is JSON is read as such, with the dictionaries that stand for text that is no
    /// template and for encrypted text (`from_yaml` in `parsing/utils/yaml.py` of the reference).
    pub json: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            trusted: true,
            json: true,
        }
    }
}

impl Options {
    /// Strings are data and never templates, and JSON is YAML like any other: what a host or a program wrote.
    pub fn data() -> Self {
        Options {
            trusted: false,
            json: false,
        }
    }
}

/// One document.
#[derive(Clone, Debug)]
pub struct Document {
    /// The whole of it; null where the text is empty.
    pub root: Node,
    /// What is allowed but surely not meant, each with its place: duplicate keys.
    pub warnings: Vec<Error>,
    /// How many `!vault` values are written in it, those included that a duplicate key takes the place of.
    pub sealed: usize,
}

/// Reads a text that holds one document, or none, which is a null.
///
/// # Errors
/// [`crate::error::Kind::Syntax`] with the place, for text that is not YAML, that goes beyond the
/// bounds on depth and aliases, or that holds a second document.
pub fn load(source: &Arc<Source>, options: &Options) -> Result<Document> {
    let mut composer = Composer::new(source, options)?;
    let Some(document) = composer.document()? else {
        return Ok(Document {
            root: Node::null(Place::new(source.clone(), 1, 1)),
            warnings: Vec::new(),
            sealed: 0,
        });
    };
    if let Some(place) = composer.next_start()? {
        return Err(
            Error::syntax("a second document begins here, where one is expected").at(place),
        );
    }
    Ok(document)
}

/// Reads all documents of a text; none where it is empty.
///
/// # Errors
/// As [`load`], except that any number of documents is right.
pub fn load_all(source: &Arc<Source>, options: &Options) -> Result<Vec<Document>> {
    let mut composer = Composer::new(source, options)?;
    let mut documents = Vec::new();
    while let Some(document) = composer.document()? {
        documents.push(document);
    }
    Ok(documents)
}

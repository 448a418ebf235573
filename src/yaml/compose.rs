//! Events to nodes: what a scalar is, anchors and aliases, bounds.
//!
//! Iterative on purpose: what is open stands in a vector, so that no text can overflow the stack.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use zeroize::Zeroize;

use crate::error::{Error, Place, Result, Source};
use crate::value::{Sealed, Str, Value};

use super::bounds;
use super::collection;
use super::decode;
use super::marked;
use super::mistake::{self, Mistake};
use super::node::{Below, Node};
use super::parser::{Broken, Event, Mark, Parser, Properties, Spanned};
use super::scalar::{self, Scalar};
use super::tag::Tag;
use super::{Document, Options};

/// Reads one document after the other.
pub(super) struct Composer<'a> {
    source: &'a Arc<Source>,
    parser: Parser<'a>,
    trusted: bool,
    json: bool,
    anchors: HashMap<&'a str, Anchored>,
    warnings: Vec<Error>,
    /// How many `!vault` values the document has so far.
    sealed: usize,
    /// What all nodes so far weigh, and what all aliases repeated.
    weight: u64,
    repeated: u64,
}

/// A node that has a name.
struct Anchored {
    node: Node,
    height: usize,
    weight: u64,
}

/// A collection whose end has not come yet.
struct Open<'a> {
    start: Mark,
    tag: Tag,
    anchor: Option<&'a str>,
    untrusted: bool,
    weight_before: u64,
    height: usize,
    inside: Inside,
}

enum Inside {
    Sequence(Vec<Node>),
    Mapping {
        pairs: Vec<(Node, Node)>,
        key: Option<Node>,
        /// The positions of the pairs whose key is `<<`.
        merges: Vec<usize>,
    },
}

/// A finished node, and how many collections deep it is.
struct Made {
    node: Node,
    height: usize,
    is_merge: bool,
}

impl<'a> Composer<'a> {
    pub(super) fn new(source: &'a Arc<Source>, options: &Options) -> Result<Self> {
        let text = source.text();
        if text.len() > bounds::TEXT {
            return Err(Error::syntax(format!(
                "`{}` has {} bytes, where {} are the most",
                source.path().display(),
                text.len(),
                bounds::TEXT
            )));
        }
        let json = options.json && is_json(text);
        if !json {
            refuse_control_characters(source)?;
        }
        Ok(Composer {
            source,
            parser: Parser::new(text, json),
            trusted: options.trusted,
            json,
            anchors: HashMap::new(),
            warnings: Vec::new(),
            sealed: 0,
            weight: 0,
            repeated: 0,
        })
    }

    /// The next document, where there is one.
    pub(super) fn document(&mut self) -> Result<Option<Document>> {
        if self.next_start()?.is_none() {
            return Ok(None);
        }
        self.anchors.clear();
        let root = self.root()?;
        Ok(Some(Document {
            root,
            warnings: std::mem::take(&mut self.warnings),
            sealed: std::mem::take(&mut self.sealed),
        }))
    }

    /// Where the next document begins, where there is one.
    pub(super) fn next_start(&mut self) -> Result<Option<Place>> {
        loop {
            let Spanned { event, start, .. } = self.next()?;
            match event {
                Event::DocumentStart => return Ok(Some(self.place(start))),
                Event::End => return Ok(None),
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<Spanned<'a>> {
        self.parser
            .next()
            .map_err(|broken| mistake::explain(self.source, &broken))
    }

    fn place(&self, mark: Mark) -> Place {
        Place::new(self.source.clone(), mark.line, mark.column)
    }

    /// Composes the document whose start has been read.
    fn root(&mut self) -> Result<Node> {
        let mut stack: Vec<Open<'a>> = Vec::new();
        loop {
            let Spanned { event, start, end } = self.next()?;
            let made = match event {
                Event::SequenceStart(properties) => {
                    let inside = Inside::Sequence(Vec::new());
                    self.open(&mut stack, start, properties, inside)?;
                    continue;
                }
                Event::MappingStart(properties) => {
                    let inside = Inside::Mapping {
                        pairs: Vec::new(),
                        key: None,
                        merges: Vec::new(),
                    };
                    self.open(&mut stack, start, properties, inside)?;
                    continue;
                }
                Event::Close => match stack.pop() {
                    Some(open) => self.close(open, end)?,
                    None => return Err(Error::bug("a collection ends that never began")),
                },
                Event::Scalar { text, properties } => {
                    self.scalar(&stack, text, properties, start, end)?
                }
                Event::Alias(name) => self.alias(&stack, name, start)?,
                Event::DocumentStart | Event::DocumentEnd | Event::End => {
                    return Ok(Node::null(self.place(start)));
                }
            };
            match stack.last_mut() {
                Some(open) => open.add(made),
                None => return Ok(made.node),
            }
        }
    }

    fn open(
        &mut self,
        stack: &mut Vec<Open<'a>>,
        start: Mark,
        properties: Properties<'a>,
        inside: Inside,
    ) -> Result<()> {
        let Properties { tag, anchor } = properties;
        self.check_anchor(stack, anchor, start)?;
        if stack.len() >= bounds::DEPTH {
            return Err(too_deep().at(self.place(start)));
        }
        let above = stack.last().is_some_and(|open| open.untrusted);
        stack.push(Open {
            start,
            untrusted: above || tag == Tag::Unsafe,
            tag,
            anchor,
            weight_before: self.weight + self.repeated,
            height: 0,
            inside,
        });
        Ok(())
    }

    /// The node that an alias names: the same one, not a copy.
    fn alias(&mut self, stack: &[Open<'a>], name: &str, start: Mark) -> Result<Made> {
        let Some(anchored) = self.anchors.get(name) else {
            return Err(self.no_anchor(stack, name, start));
        };
        if stack.len() + anchored.height > bounds::DEPTH {
            return Err(too_deep().at(self.place(start)));
        }
        self.repeated += anchored.weight;
        if self.repeated > bounds::ALIASES {
            return Err(
                Error::syntax("the aliases of this file stand for too much data")
                    .at(self.place(start))
                    .hint(format!(
                        "they would take more than {} MiB when they are written out",
                        bounds::ALIASES >> 20
                    )),
            );
        }
        let untrusted = stack.last().is_some_and(|open| open.untrusted);
        Ok(Made {
            node: if untrusted {
                anchored.node.untrusted()
            } else {
                anchored.node.clone()
            },
            height: anchored.height,
            is_merge: false,
        })
    }

    fn no_anchor(&self, stack: &[Open<'a>], name: &str, start: Mark) -> Error {
        if stack.iter().any(|open| open.anchor == Some(name)) {
            return Error::syntax("an alias stands inside the value that it names")
                .at(self.place(start))
                .hint("a value cannot contain itself; write out what is meant");
        }
        let mistake = Mistake::Alias;
        let broken = Broken {
            mistake,
            mark: start,
        };
        mistake::explain(self.source, &broken)
    }

    /// Refuses a second anchor of the same name in one document, as PyYAML does.
    fn check_anchor(&self, stack: &[Open<'a>], anchor: Option<&str>, start: Mark) -> Result<()> {
        let Some(name) = anchor else {
            return Ok(());
        };
        let is_open = stack.iter().any(|open| open.anchor == anchor);
        if is_open || self.anchors.contains_key(name) {
            let message = if self.source.is_sealed() {
                "there is an anchor of this name already".to_owned()
            } else {
                format!("there is an anchor `{name}` already")
            };
            return Err(Error::syntax(message)
                .at(self.place(start))
                .hint("give the two anchors different names"));
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        stack: &[Open<'a>],
        text: Cow<'_, str>,
        properties: Properties<'a>,
        start: Mark,
        end: Mark,
    ) -> Result<Made> {
        let Properties { tag, anchor } = properties;
        self.check_anchor(stack, anchor, start)?;
        let open = stack.last();
        let weight = bounds::NODE + text.len() as u64;
        let trusted =
            self.trusted && tag != Tag::Unsafe && !open.is_some_and(|open| open.untrusted);
        let place = self.place(start);
        let string = |mut text: Cow<'_, str>| {
            let place = Some(place.clone());
            let made = match trusted {
                true => Str::template(&*text, place),
                false => Str::placed(&*text, place),
            };
            if let Cow::Owned(copy) = &mut text
                && self.source.is_sealed()
            {
                copy.zeroize();
            }
            Value::Str(made)
        };
        let mut is_merge = false;
        let value = match self.meaning(&text, &tag, &place)? {
            Scalar::Text => string(text),
            Scalar::Value(value) => {
                self.sealed += usize::from(matches!(value, Value::Sealed(_)));
                value
            }
            Scalar::Merge if open.is_some_and(Open::wants_key) => {
                is_merge = true;
                string(text)
            }
            Scalar::Default if open.is_some_and(Open::wants_key) => string(text),
            Scalar::Merge | Scalar::Default => {
                return Err(Error::syntax(format!(
                    "`{text}` alone is special in YAML and cannot be a value"
                ))
                .at(place)
                .hint(format!("put it in quotes: `\"{text}\"`")));
            }
        };
        let end = (end.line, end.column);
        let node = Node::new(value, place, end, Below::Nothing);
        self.weight += weight;
        self.name(anchor, &node, 0, weight);
        Ok(Made {
            node,
            height: 0,
            is_merge,
        })
    }

    /// What a scalar with this text and tag is.
    fn meaning(&self, text: &str, tag: &Tag, place: &Place) -> Result<Scalar> {
        let value = match tag {
            Tag::Implicit { plain: false } | Tag::Str => return Ok(Scalar::Text),
            Tag::Implicit { plain: true } if self.json => {
                return self.wrong(scalar::resolve_json(text), text, place);
            }
            // The reference looks at an `!unsafe` text as if it had no quotes, too.
            Tag::Implicit { plain: true } | Tag::Unsafe => {
                return self.wrong(scalar::resolve(text), text, place);
            }
            Tag::Null => Ok(Value::Null),
            Tag::Vault => Ok(Value::Sealed(Arc::new(Sealed {
                ciphertext: text.to_owned(),
                place: Some(place.clone()),
            }))),
            Tag::Bool => scalar::bool_value(text),
            Tag::Int => scalar::int(text),
            Tag::Float => scalar::float(text),
            Tag::Timestamp => scalar::timestamp_value(text),
            Tag::Binary => scalar::binary_value(text),
            Tag::Map | Tag::Pairs | Tag::Seq | Tag::Set | Tag::Unknown(_) => {
                return Err(collection::misplaced(tag, "a scalar", place));
            }
        };
        self.wrong(value.map(Scalar::Value), text, place)
    }

    /// Says where and about which text a scalar is wrong.
    fn wrong(
        &self,
        meaning: Result<Scalar, scalar::Wrong>,
        text: &str,
        place: &Place,
    ) -> Result<Scalar> {
        meaning.map_err(|wrong| {
            let message = if self.source.is_sealed() || text.len() > 80 {
                format!("wrong value: {wrong}")
            } else {
                format!("wrong value `{text}`: {wrong}")
            };
            Error::syntax(message)
                .at(place.clone())
                .hint("put the value in quotes if it is meant as text")
        })
    }

    fn close(&mut self, open: Open<'a>, end: Mark) -> Result<Made> {
        let weight = self.weight + self.repeated - open.weight_before + bounds::NODE;
        self.weight += bounds::NODE;
        let place = self.place(open.start);
        let height = open.height + 1;
        let (value, below) = match open.inside {
            Inside::Sequence(items) => collection::sequence(items, &open.tag, &place)?,
            Inside::Mapping { pairs, .. } if self.json && marked::is_marked(&pairs) => {
                (marked::value(&pairs, &place)?, Below::Nothing)
            }
            Inside::Mapping { pairs, merges, .. } => {
                let (pairs, merged) = if merges.is_empty() {
                    (pairs, 0)
                } else {
                    collection::merge_all(pairs, &merges)?
                };
                collection::mapping(pairs, merged, &open.tag, &place, &mut self.warnings)?
            }
        };
        let node = Node::new(value, place, (end.line, end.column), below);
        self.name(open.anchor, &node, height, weight);
        Ok(Made {
            node,
            height,
            is_merge: false,
        })
    }

    fn name(&mut self, anchor: Option<&'a str>, node: &Node, height: usize, weight: u64) {
        if let Some(anchor) = anchor {
            self.anchors.insert(
                anchor,
                Anchored {
                    node: node.clone(),
                    height,
                    weight,
                },
            );
        }
    }
}

impl Open<'_> {
    /// Says whether the next node is a mapping's key.
    fn wants_key(&self) -> bool {
        matches!(self.inside, Inside::Mapping { key: None, .. })
    }

    fn add(&mut self, made: Made) {
        self.height = self.height.max(made.height);
        match &mut self.inside {
            Inside::Sequence(items) => items.push(made.node),
            Inside::Mapping { pairs, key, merges } => match key.take() {
                Some(key) => pairs.push((key, made.node)),
                None => {
                    if made.is_merge {
                        merges.push(pairs.len());
                    }
                    *key = Some(made.node);
                }
            },
        }
    }
}

fn too_deep() -> Error {
    Error::syntax(format!(
        "lists and mappings stand more than {} deep in one another",
        bounds::DEPTH
    ))
}

/// Says whether the text is JSON, which Ansible reads as such wherever YAML is allowed.
fn is_json(text: &str) -> bool {
    text.trim_ascii_start().starts_with(['{', '['])
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn refuse_control_characters(source: &Arc<Source>) -> Result<()> {
    match decode::forbidden(source) {
        None => Ok(()),
        Some((place, c)) => Err(Error::syntax(format!(
            "the control character U+{:04X} is not allowed in YAML",
            c as u32
        ))
        .at(place)
        .hint("write it as an escape in double quotes, or use `!!binary`")),
    }
}

//! Events to nodes: anchors, merge keys, duplicate keys, bounds.
//!
//! Iterative on purpose: what is open stands in a vector, so that no text can overflow the stack.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Error, Place, Result, Source};
use crate::value::{Map, Sealed, Str, Value};

use super::bounds;
use super::decode;
use super::events::{Event, Events, Mark, Spanned};
use super::mistake;
use super::node::{Below, Node};
use super::scalar::{self, Scalar};
use super::tag::Tag;
use super::{Document, Options};

/// Reads one document after the other.
pub(super) struct Composer<'a> {
    source: &'a Arc<Source>,
    events: Events<'a>,
    trusted: bool,
    json: bool,
    anchors: HashMap<usize, Anchored>,
    warnings: Vec<Error>,
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
struct Open {
    start: Mark,
    tag: Tag,
    anchor: Option<usize>,
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
        let json = is_json(text);
        if !json {
            refuse_control_characters(source)?;
        }
        Ok(Composer {
            source,
            events: Events::new(text, json),
            trusted: options.trusted,
            json,
            anchors: HashMap::new(),
            warnings: Vec::new(),
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
        self.events
            .next()
            .map_err(|broken| mistake::explain(self.source, &broken))
    }

    fn place(&self, mark: Mark) -> Place {
        Place::new(self.source.clone(), mark.line, mark.column)
    }

    /// Composes the document whose start has been read.
    fn root(&mut self) -> Result<Node> {
        let mut stack: Vec<Open> = Vec::new();
        loop {
            let Spanned { event, start, end } = self.next()?;
            let made = match event {
                Event::SequenceStart { tag, anchor } => {
                    let inside = Inside::Sequence(Vec::new());
                    self.open(&mut stack, start, tag, anchor, inside)?;
                    continue;
                }
                Event::MappingStart { tag, anchor } => {
                    let inside = Inside::Mapping {
                        pairs: Vec::new(),
                        key: None,
                        merges: Vec::new(),
                    };
                    self.open(&mut stack, start, tag, anchor, inside)?;
                    continue;
                }
                Event::Close => match stack.pop() {
                    Some(open) => self.close(open, end)?,
                    None => return Err(Error::bug("a collection ends that never began")),
                },
                Event::Scalar { text, tag, anchor } => {
                    let open = stack.last();
                    self.scalar(open, text, tag, anchor, start, end)?
                }
                Event::Alias { anchor } => self.alias(&stack, anchor, start)?,
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
        stack: &mut Vec<Open>,
        start: Mark,
        tag: Tag,
        anchor: Option<usize>,
        inside: Inside,
    ) -> Result<()> {
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
    fn alias(&mut self, stack: &[Open], anchor: usize, start: Mark) -> Result<Made> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(
                Error::syntax("an alias stands inside the value that it names")
                    .at(self.place(start))
                    .hint("a value cannot contain itself; write out what is meant"),
            );
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
                        "written out, they would take more than {} MiB",
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

    fn scalar(
        &mut self,
        open: Option<&Open>,
        text: Cow<'_, str>,
        tag: Tag,
        anchor: Option<usize>,
        start: Mark,
        end: Mark,
    ) -> Result<Made> {
        let weight = bounds::NODE + text.len() as u64;
        let trusted =
            self.trusted && tag != Tag::Unsafe && !open.is_some_and(|open| open.untrusted);
        let place = self.place(start);
        let string = |text: Cow<'_, str>| {
            let place = Some(place.clone());
            Value::Str(if trusted {
                Str::template(text, place)
            } else {
                Str::placed(text, place)
            })
        };
        let mut is_merge = false;
        let value = match self.meaning(&text, &tag, &place)? {
            Scalar::Text => string(text),
            Scalar::Value(value) => value,
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
                return Err(misplaced(tag, "a scalar").at(place.clone()));
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

    fn close(&mut self, open: Open, end: Mark) -> Result<Made> {
        let weight = self.weight + self.repeated - open.weight_before + bounds::NODE;
        self.weight += bounds::NODE;
        let place = self.place(open.start);
        let height = open.height + 1;
        let (value, below) = match open.inside {
            Inside::Sequence(items) => sequence(items, &open.tag, &place)?,
            Inside::Mapping { pairs, merges, .. } => {
                let (pairs, merged) = if merges.is_empty() {
                    (pairs, 0)
                } else {
                    merge_all(pairs, &merges)?
                };
                self.mapping(pairs, merged, &open.tag, &place)?
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

    /// Makes a mapping or a set of its pairs, of which the first `merged` were merged in. Of equal
    /// keys, the first gives the position and the last the value, as in Python. That a key
    /// stands above a merged one is what merging is for, and no duplicate.
    fn mapping(
        &mut self,
        pairs: Vec<(Node, Node)>,
        merged: usize,
        tag: &Tag,
        place: &Place,
    ) -> Result<(Value, Below)> {
        if !matches!(
            tag,
            Tag::Implicit { .. } | Tag::Map | Tag::Set | Tag::Unsafe
        ) {
            return Err(misplaced(tag, "a mapping").at(place.clone()));
        }
        let mut map = Map::with_capacity(pairs.len());
        let mut entries: Vec<(Node, Node)> = Vec::with_capacity(pairs.len());
        let mut inherited = vec![true; merged];
        for (place, (key, node)) in pairs.into_iter().enumerate() {
            if !key.value().is_hashable() {
                return Err(mistake::unhashable(&key));
            }
            let value = match tag {
                Tag::Set => Value::Null,
                _ => node.value().clone(),
            };
            if map.insert(key.value().clone(), value).is_none() {
                entries.push((key, node));
                continue;
            }
            let Some(position) = map.position_of(key.value()) else {
                continue;
            };
            let was_inherited = inherited.get_mut(position).is_some_and(std::mem::take);
            if place >= merged && !was_inherited {
                self.warnings.push(self.duplicate(&key));
            }
            if let Some(entry) = entries.get_mut(position) {
                entry.1 = node;
            }
        }
        let value = match tag {
            Tag::Set => Value::Set(Arc::new(map)),
            _ => Value::map(map),
        };
        Ok((value, Below::Entries(entries)))
    }

    fn duplicate(&self, key: &Node) -> Error {
        let message = if self.source.is_sealed() {
            "duplicate key".to_owned()
        } else {
            format!("duplicate key `{}`", key.value())
        };
        key.error(message).hint("the last of them counts")
    }

    fn name(&mut self, anchor: Option<usize>, node: &Node, height: usize, weight: u64) {
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

impl Open {
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

fn sequence(items: Vec<Node>, tag: &Tag, place: &Place) -> Result<(Value, Below)> {
    let values: Result<Vec<Value>> = match tag {
        Tag::Implicit { .. } | Tag::Seq | Tag::Unsafe => {
            Ok(items.iter().map(|item| item.value().clone()).collect())
        }
        Tag::Pairs => items.iter().map(pair).collect(),
        _ => Err(misplaced(tag, "a list").at(place.clone())),
    };
    Ok((Value::list(values?), Below::Items(items)))
}

/// The tuple of an item of `!!pairs`, which is a mapping of one entry.
fn pair(item: &Node) -> Result<Value> {
    match item.entries() {
        Some([(key, node)]) => Ok(Value::Tuple(Arc::new(vec![
            key.value().clone(),
            node.value().clone(),
        ]))),
        _ => Err(item.error("an item of `!!pairs` or `!!omap` is a mapping with one entry")),
    }
}

/// The pairs with those of the merged mappings before them, and how many these are; the merge
/// keys are gone. Of several mappings under one key, the first wins; a later merge key wins over
/// an earlier one.
fn merge_all(pairs: Vec<(Node, Node)>, merges: &[usize]) -> Result<(Vec<(Node, Node)>, usize)> {
    let mut entries = Vec::new();
    for position in merges {
        if let Some((_, node)) = pairs.get(*position) {
            merge(node, &mut entries)?;
        }
    }
    let merged = entries.len();
    let own = pairs
        .into_iter()
        .enumerate()
        .filter(|(position, _)| merges.binary_search(position).is_err());
    entries.extend(own.map(|(_, pair)| pair));
    Ok((entries, merged))
}

fn merge(node: &Node, entries: &mut Vec<(Node, Node)>) -> Result<()> {
    if let Some(merged) = node.entries() {
        entries.extend_from_slice(merged);
        return Ok(());
    }
    let Some(items) = node.items() else {
        return Err(cannot_merge(node));
    };
    for item in items.iter().rev() {
        let merged = item.entries().ok_or_else(|| cannot_merge(item))?;
        entries.extend_from_slice(merged);
    }
    Ok(())
}

fn cannot_merge(node: &Node) -> Error {
    node.error(format!(
        "`<<` merges a mapping or a list of mappings, and this is {}",
        node.kind_name()
    ))
}

fn misplaced(tag: &Tag, kind: &str) -> Error {
    let shown = tag.shown();
    match tag {
        Tag::Unknown(_) => Error::syntax(format!("unknown tag `{shown}`")).hint(
            "a value that begins with `!` needs quotes; the tags are `!vault`, `!unsafe` and YAML's own",
        ),
        _ => Error::syntax(format!("the tag `{shown}` does not fit {kind}")),
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

//! Lists and mappings of finished nodes: merge keys, duplicate keys, sets and pairs.

use std::sync::Arc;

use crate::error::{Error, Place, Result};
use crate::value::{Map, Value};

use super::duplicates::DuplicateKeys;
use super::mistake;
use super::node::{Below, Node};
use super::tag::Tag;

/// Makes a list, or the list of tuples that `!!pairs` is.
pub(super) fn sequence(items: Vec<Node>, tag: &Tag, place: &Place) -> Result<(Value, Below)> {
    let values: Result<Vec<Value>> = match tag {
        Tag::Implicit { .. } | Tag::Seq | Tag::Unsafe => {
            Ok(items.iter().map(|item| item.value().clone()).collect())
        }
        Tag::Pairs => items.iter().map(pair).collect(),
        _ => Err(misplaced(tag, "a list", place)),
    };
    Ok((Value::list(values?), Below::Items(items)))
}

/// The tuple of an item of `!!pairs`, which is a mapping of one entry.
fn pair(item: &Node) -> Result<Value> {
    match item.entries() {
        Some([(key, node)]) => Ok(Value::tuple(vec![
            key.value().clone(),
            node.value().clone(),
        ])),
        _ => Err(item.error("an item of `!!pairs` or `!!omap` is a mapping with one entry")),
    }
}

/// Makes a mapping or a set of its pairs, of which the first `merged` were merged in. Of equal
/// keys, the first gives the position and the last the value, as in Python. That a key
/// stands above a merged one is what merging is for, and no duplicate.
pub(super) fn mapping(
    pairs: Vec<(Node, Node)>,
    merged: usize,
    tag: &Tag,
    place: &Place,
    warnings: &mut Vec<Error>,
) -> Result<(Value, Below)> {
    if !matches!(
        tag,
        Tag::Implicit { .. } | Tag::Map | Tag::Set | Tag::Unsafe
    ) {
        return Err(misplaced(tag, "a mapping", place));
    }
    let mut map = Map::with_capacity(pairs.len());
    let mut entries: Vec<(Node, Node)> = Vec::with_capacity(pairs.len());
    let mut inherited = vec![true; merged];
    let mut kept = 0;
    for (place, (key, node)) in pairs.into_iter().enumerate() {
        if !key.value().is_hashable() {
            return Err(mistake::unhashable(&key));
        }
        let value = match tag {
            Tag::Set => Value::Null,
            _ => node.value().clone(),
        };
        if place < merged {
            match map.contains_value(key.value()) {
                true if is_letter(key.value()) => continue,
                true => {}
                false => kept += 1,
            }
        }
        if map.insert(key.value().clone(), value).is_none() {
            entries.push((key, node));
            continue;
        }
        let Some(position) = map.position_of(key.value()) else {
            continue;
        };
        let was_inherited =
            position < kept && inherited.get_mut(position).is_some_and(std::mem::take);
        if place >= merged && !was_inherited {
            match DuplicateKeys::now() {
                DuplicateKeys::Ignore => {}
                DuplicateKeys::Warn => warnings.push(duplicate(&key)),
                DuplicateKeys::Error => return Err(duplicate(&key)),
            }
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

/// Says whether a key is one letter. Of several merged values of such a key PyYAML 6.0.4 takes the
/// first, of any other key the last: it compares the texts of keys by their identity, and Python has
/// each short text once.
fn is_letter(key: &Value) -> bool {
    let text = key.to_text();
    let mut letters = text.chars();
    letters
        .next()
        .is_none_or(|letter| u32::from(letter) < 0x100)
        && letters.next().is_none()
}

fn duplicate(key: &Node) -> Error {
    let message = if key.place().source.is_sealed() {
        "Found duplicate mapping key".to_owned()
    } else {
        format!("Found duplicate mapping key {}", key.value().repr())
    };
    key.error(message).hint("the last of them counts")
}

/// The pairs with those of the merged mappings before them, and how many these are; the merge
/// keys are gone, in the order in which they stand.
pub(super) fn merge_all(
    pairs: Vec<(Node, Node)>,
    merges: &[usize],
) -> Result<(Vec<(Node, Node)>, usize)> {
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
    for item in items.iter() {
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

/// The error for a tag that is unknown or does not fit a node of this kind at `place`.
pub(super) fn misplaced(tag: &Tag, kind: &str, place: &Place) -> Error {
    let error = match tag {
        Tag::Unknown(_) if place.source.is_sealed() => Error::syntax("unknown tag"),
        Tag::Unknown(name) => Error::syntax(format!("unknown tag `{name}`")),
        _ => Error::syntax(format!("the tag `{}` does not fit {kind}", tag.shown())),
    };
    let error = error.at(place.clone());
    match tag {
        Tag::Unknown(_) => error.hint(
            "a value that begins with `!` needs quotes; the tags are `!vault`, `!unsafe` and YAML's own",
        ),
        _ => error,
    }
}

//! What a finished task is known by.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::value::{Crossing, Map, Value, encode, to_json};

/// A task as it is written: a hash of its words and of what stands around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Print(u64);

impl Print {
    /// The print of some words, in order.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Print {
        let mut hash = Sha256::new();
        for word in words {
            hash.update((word.len() as u64).to_le_bytes());
            hash.update(word.as_bytes());
        }
        let bytes = hash.finalize();
        Print(
            bytes
                .iter()
                .take(8)
                .fold(0, |all, byte| all << 8 | u64::from(*byte)),
        )
    }

    /// The print of a value.
    pub fn of_value(value: &Value) -> Print {
        Print::of([to_json(&encode(value, Crossing::Own)).as_str()])
    }

    /// The print of a mapping; that of an empty one is the same everywhere.
    pub fn of_map(map: &Map) -> Print {
        Print::of_value(&Value::map(map.clone()))
    }
}

impl fmt::Display for Print {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What a finished task is known by: its play, its host (or the batch, where one host does it for all), its own words, and which time it
/// was that the host came to a task of these words. Where it stands does not matter, so that a line
/// that is added above it changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    /// The key of a task of a host.
    pub fn of_host(play: &str, host: &str, task: Print, nth: usize) -> Key {
        Key(format!("{play} {task} {nth} {host}"))
    }

    /// The key of a task that one host does for all of a batch.
    pub fn of_batch(play: &str, batch: usize, task: Print, nth: usize) -> Key {
        Key(format!("{play} batch {batch} {task} {nth}"))
    }

    /// The key of an item of the task's loop.
    #[must_use]
    pub fn item(&self, number: usize, item: &Value) -> Key {
        Key(format!("{number} {} {}", Print::of_value(item), self.0))
    }

    /// The play and the host of a key of a host's task, or of an item of its loop.
    pub(super) fn play_and_host(key: &str) -> Option<(String, String)> {
        let is_play = |word: &str| word.contains(':');
        let (first, rest) = key.split_once(' ')?;
        let (play, rest) = match is_play(first) {
            true => (first, rest),
            false => rest.split_once(' ')?.1.split_once(' ')?,
        };
        let mut words = rest.splitn(3, ' ');
        let (_, nth, host) = (words.next()?, words.next()?, words.next()?);
        let is_host = is_play(play) && !rest.starts_with("batch ") && nth.parse::<usize>().is_ok();
        is_host.then(|| (play.to_owned(), host.to_owned()))
    }

    /// The key as text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

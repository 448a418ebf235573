//! What `ethtool` says of an interface, where the host has it.

use crate::facts::sections::Sections;
use crate::value::{Map, Value};

/// `features`, `timestamping`, `hw_timestamp_filters`, `phc_index`.
pub(super) fn read(sections: &Sections, name: &str, interface: &mut Map) {
    if let Some(text) = sections.word(&format!("features {name}")) {
        interface.set("features", features(text));
    }
    let Some(text) = sections.word(&format!("timestamping {name}")) else {
        return;
    };
    interface.set("timestamping", named(text, "SOF_TIMESTAMPING_"));
    interface.set("hw_timestamp_filters", named(text, "HWTSTAMP_FILTER_"));
    let clock = text
        .split_once("PTP Hardware Clock: ")
        .map(|(_, rest)| rest);
    let digits = clock.map(|rest| {
        rest.split(|c: char| !c.is_ascii_digit())
            .next()
            .unwrap_or_default()
    });
    if let Some(index) = digits.and_then(|digits| digits.parse::<i64>().ok()) {
        interface.set("phc_index", index);
    }
}

/// `tx-checksum-ipv4: off [fixed]`
fn features(text: &str) -> Map {
    let mut features = Map::new();
    for line in text.lines().filter(|line| !line.ends_with(':')) {
        if let Some((name, value)) = line.split_once(": ") {
            features.set(&name.trim().replace('-', "_"), value.trim());
        }
    }
    features
}

/// What follows `start` in the words of the text, in lower case.
fn named(text: &str, start: &str) -> Vec<Value> {
    let rests = text
        .match_indices(start)
        .map(|(at, _)| &text[at + start.len()..]);
    let words = rests.map(|rest| {
        rest.split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .next()
    });
    words
        .flatten()
        .filter(|word| !word.is_empty())
        .map(|word| Value::str(word.to_lowercase()))
        .collect()
}

//! Interfaces, their addresses, and the way out.

mod address;
mod bsd;
mod ethtool;
mod interface;
mod linux;
mod tables;

use super::sections::Sections;
use crate::value::{Map, Value};

/// `interfaces`, a fact for each of them, `default_ipv4`, `default_ipv6`, `all_*_addresses`.
pub(super) fn read(sections: &Sections, facts: &mut Map) {
    match facts.get("system").and_then(Value::as_str) {
        Some("Linux") => linux::read(sections, facts),
        _ => bsd::read(sections, facts),
    }
}

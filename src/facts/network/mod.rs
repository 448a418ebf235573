//! Interfaces, their addresses, and the way out.

mod address;
mod interface;
mod linux;

use super::sections::Sections;
use crate::value::Map;

/// `interfaces`, a fact for each of them, `default_ipv4`, `default_ipv6`, `all_*_addresses`.
pub(super) fn read(sections: &Sections, facts: &mut Map) {
    linux::read(sections, facts);
}

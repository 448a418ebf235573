//! Addresses as `ip addr` prints them, and what follows from a prefix.

use std::net::Ipv4Addr;

use crate::entries;
use crate::value::Map;

/// An address of the older kind.
#[derive(Clone, Debug)]
pub(super) struct Ipv4 {
    pub(super) address: String,
    pub(super) broadcast: String,
    pub(super) prefix: u8,
    /// The name that stands with the address: the interface's, or an alias (`eth0:1`).
    pub(super) label: String,
    pub(super) secondary: bool,
}

/// An address of the newer kind.
#[derive(Clone, Debug)]
pub(super) struct Ipv6 {
    pub(super) address: String,
    pub(super) prefix: String,
    pub(super) scope: String,
}

impl Ipv4 {
    /// Reads `inet 192.0.2.2/24 brd 192.0.2.255 scope global secondary eth0`.
    pub(super) fn read(words: &[&str]) -> Option<Self> {
        let (address, prefix) = match words.get(1)?.split_once('/') {
            Some((address, prefix)) => (address, prefix.parse().ok()?),
            // A point-to-point address may have no prefix.
            None => (*words.get(1)?, 32),
        };
        let broadcast = match words.get(2..4) {
            Some(["brd", broadcast]) => broadcast,
            _ => "",
        };
        Some(Ipv4 {
            address: address.to_owned(),
            broadcast: broadcast.to_owned(),
            prefix,
            label: (*words.last()?).to_owned(),
            secondary: words.contains(&"secondary"),
        })
    }

    pub(super) fn to_map(&self) -> Map {
        entries! {
            "address" => self.address.as_str(),
            "broadcast" => self.broadcast.as_str(),
            "netmask" => netmask(self.prefix).to_string(),
            "network" => self.network(),
            "prefix" => self.prefix.to_string(),
        }
    }

    pub(super) fn network(&self) -> String {
        match self.address.parse::<Ipv4Addr>() {
            Ok(address) => {
                Ipv4Addr::from(u32::from(address) & u32::from(netmask(self.prefix))).to_string()
            }
            Err(_) => String::new(),
        }
    }
}

/// The mask of a prefix.
pub(super) fn netmask(prefix: u8) -> Ipv4Addr {
    Ipv4Addr::from(
        u32::MAX
            .checked_shl(32 - u32::from(prefix.min(32)))
            .unwrap_or(0),
    )
}

impl Ipv6 {
    /// Reads `inet6 fe80::1/64 scope link`, or with `peer ADDRESS/64` in the middle.
    pub(super) fn read(words: &[&str]) -> Option<Self> {
        let (address, prefix, scope) = if words.get(2) == Some(&"peer") {
            (
                *words.get(1)?,
                words.get(3)?.split_once('/')?.1,
                words.get(5)?,
            )
        } else {
            let (address, prefix) = words.get(1)?.split_once('/')?;
            (address, prefix, words.get(3)?)
        };
        Some(Ipv6 {
            address: address.to_owned(),
            prefix: prefix.to_owned(),
            scope: (*scope).to_owned(),
        })
    }

    pub(super) fn to_map(&self) -> Map {
        entries! {
            "address" => self.address.as_str(),
            "prefix" => self.prefix.as_str(),
            "scope" => self.scope.as_str(),
        }
    }
}

//! Addresses of both versions, each with the length of its network's prefix.

use std::net::{Ipv4Addr, Ipv6Addr};

/// An address in a network; a lone address is a network of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) struct Network {
    pub(super) v6: bool,
    pub(super) value: u128,
    pub(super) prefix: u32,
}

impl Network {
    pub(super) fn new(v6: bool, value: u128, prefix: u32) -> Option<Self> {
        let made = Network { v6, value, prefix };
        (prefix <= made.width() && value <= made.highest()).then_some(made)
    }

    /// An address alone.
    pub(super) fn single(v6: bool, value: u128) -> Option<Self> {
        Network::new(v6, value, if v6 { 128 } else { 32 })
    }

    /// Reads `10.0.0.1/8`, `10.0.0.1/255.0.0.0`, `10.0.0.1/0.255.255.255`, `::1/64`, `::1`.
    pub(in crate::template) fn read(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let (v6, value) = read_address(address)?;
        let alone = Network::single(v6, value)?;
        let Some(prefix) = prefix else {
            return Some(alone);
        };
        let digits = prefix.trim();
        if let Ok(prefix) = digits.strip_prefix('+').unwrap_or(digits).parse() {
            return Network::new(v6, value, prefix);
        }
        let (mask_v6, mask) = read_address(prefix)?;
        let prefix = alone.prefix_of_mask(mask).filter(|_| mask_v6 == v6)?;
        Network::new(v6, value, prefix)
    }

    /// The prefix that a net mask or a host mask stands for.
    fn prefix_of_mask(&self, mask: u128) -> Option<u32> {
        let is_host_mask = |mask: u128| mask & mask.wrapping_add(1) == 0;
        let inverted = self.highest() ^ mask;
        if is_host_mask(inverted) {
            return Some(self.width() - inverted.count_ones());
        }
        is_host_mask(mask).then(|| self.width() - mask.count_ones())
    }

    pub(super) fn width(&self) -> u32 {
        if self.v6 { 128 } else { 32 }
    }

    pub(super) fn version(&self) -> i64 {
        if self.v6 { 6 } else { 4 }
    }

    /// The highest address of this version.
    pub(super) fn highest(&self) -> u128 {
        if self.v6 {
            u128::MAX
        } else {
            u128::from(u32::MAX)
        }
    }

    /// The bits of the hosts.
    pub(super) fn host_mask(&self) -> u128 {
        match self.width() - self.prefix {
            128 => u128::MAX,
            bits => (1 << bits) - 1,
        }
    }

    pub(super) fn mask(&self) -> u128 {
        self.highest() ^ self.host_mask()
    }

    pub(super) fn first(&self) -> u128 {
        self.value & self.mask()
    }

    pub(super) fn last(&self) -> u128 {
        self.first() | self.host_mask()
    }

    pub(in crate::template) fn is_v4(&self) -> bool {
        !self.v6
    }

    /// The address as a number.
    pub(in crate::template) fn number(&self) -> u128 {
        self.value
    }

    /// How many addresses there are above the first one.
    pub(super) fn rest(&self) -> u128 {
        self.host_mask()
    }

    pub(super) fn is_single(&self) -> bool {
        self.rest() == 0
    }

    /// Whether the address is that of the network.
    pub(in crate::template) fn is_first(&self) -> bool {
        self.value == self.first()
    }

    /// The network's broadcast address; IPv4 networks of one or two addresses have none.
    pub(super) fn broadcast(&self) -> Option<u128> {
        (self.v6 || self.rest() > 1).then(|| self.last())
    }

    /// The first and the last address for hosts, where there is more than one address.
    pub(super) fn usable(&self) -> Option<(u128, u128)> {
        match self.rest() {
            0 => None,
            1 => Some((self.first(), self.last())),
            _ => Some((self.first() + 1, self.last() - 1)),
        }
    }

    /// The address at a place, counted from the end where it is negative.
    pub(super) fn at(&self, index: i128) -> Option<u128> {
        let offset = index.unsigned_abs();
        if index < 0 {
            return (offset - 1 <= self.rest()).then(|| self.last() - (offset - 1));
        }
        (offset <= self.rest()).then(|| self.first() + offset)
    }

    /// The address so much further on.
    pub(super) fn plus(&self, amount: i128) -> Option<u128> {
        let moved = if amount < 0 {
            self.value.checked_sub(amount.unsigned_abs())
        } else {
            self.value.checked_add(amount.unsigned_abs())
        };
        moved.filter(|value| *value <= self.highest())
    }

    /// The network without the bits of the host.
    pub(super) fn network(&self) -> Network {
        Network {
            value: self.first(),
            ..*self
        }
    }

    /// Whether all of `other` lies in this network.
    pub(in crate::template) fn holds(&self, other: &Network) -> bool {
        self.v6 == other.v6 && self.first() <= other.first() && other.last() <= self.last()
    }

    /// Whether the address of `other` lies in the network that the text names.
    pub(super) fn is_in(&self, network: &str) -> bool {
        let alone = Network::single(self.v6, self.value);
        match (Network::read(network), alone) {
            (Some(network), Some(alone)) => network.holds(&alone),
            _ => false,
        }
    }

    /// The address as text.
    pub(super) fn address(&self) -> String {
        self.text_of(self.value)
    }

    /// An address of this version as text.
    pub(super) fn text_of(&self, value: u128) -> String {
        if !self.v6 {
            return Ipv4Addr::from(u32::try_from(value).unwrap_or(u32::MAX)).to_string();
        }
        // As the C library writes it: an IPv4 address below in its own way.
        let low = u32::try_from(value & u128::from(u32::MAX)).unwrap_or(0);
        if value >> 32 == 0 && low > 0xffff {
            return format!("::{}", Ipv4Addr::from(low));
        }
        Ipv6Addr::from(value).to_string()
    }

    /// The address and the prefix.
    pub(in crate::template) fn cidr(&self) -> String {
        format!("{}/{}", self.address(), self.prefix)
    }
}

/// Reads an address of either version; IPv4 in four numbers without leading zeros.
pub(super) fn read_address(text: &str) -> Option<(bool, u128)> {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Some((false, u128::from(u32::from(address))));
    }
    let address: Ipv6Addr = text.parse().ok()?;
    Some((true, u128::from(address)))
}

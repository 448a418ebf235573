//! Addresses and routes by the kernel's own tables, for a Linux host without `ip`.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::address::{Ipv4, Ipv6};
use super::linux::Link;
use crate::entries;
use crate::facts::sections::Sections;
use crate::value::{Map, Value};

/// The tables below `/proc/net`.
pub(super) struct Tables<'a> {
    routes: Vec<Route<'a>>,
    local: Vec<Ipv4Addr>,
    broadcast: Vec<Ipv4Addr>,
    own_networks: Vec<String>,
    inet6: &'a str,
    routes6: &'a str,
}

/// A line of `/proc/net/route`.
struct Route<'a> {
    interface: &'a str,
    to: u32,
    mask: u32,
    gateway: Ipv4Addr,
    metric: u32,
}

impl<'a> Tables<'a> {
    pub(super) fn of(sections: &'a Sections) -> Self {
        let text = |name: &str| {
            sections
                .file(&format!("/proc/net/{name}"))
                .unwrap_or_default()
        };
        Tables {
            routes: text("route").lines().filter_map(Route::read).collect(),
            local: addresses(text("fib_trie"), "host LOCAL"),
            broadcast: addresses(text("fib_trie"), "link BROADCAST"),
            own_networks: own_networks(text("fib_trie")),
            inet6: text("if_inet6"),
            routes6: text("ipv6_route"),
        }
    }

    /// What the host answers for itself: its addresses, and the networks of its loopback.
    pub(super) fn reachable(&self) -> (Vec<Value>, Vec<Value>) {
        let own = self.local.iter().map(Ipv4Addr::to_string);
        let ipv4 = self
            .own_networks
            .iter()
            .cloned()
            .chain(own)
            .map(Value::str)
            .collect();
        let ipv6 = self.inet6.lines().filter_map(inet6);
        (
            ipv4,
            ipv6.map(|(_, ipv6)| Value::str(ipv6.address)).collect(),
        )
    }

    pub(super) fn links(&self) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        for address in &self.local {
            let (name, ipv4) = self.placed(*address);
            link(&mut links, name).ipv4.push(ipv4);
        }
        for line in self.inet6.lines() {
            if let Some((name, ipv6)) = inet6(line) {
                link(&mut links, name).ipv6.push(ipv6);
            }
        }
        links
    }

    /// The interface of an address and its prefix, by the route to its network.
    fn placed(&self, address: Ipv4Addr) -> (&'a str, Ipv4) {
        let bits = u32::from(address);
        let near = |route: &&Route| route.gateway.is_unspecified() && route.mask != 0;
        let route = self
            .routes
            .iter()
            .filter(near)
            .find(|route| bits & route.mask == route.to);
        let (name, mask) = match route {
            Some(route) => (route.interface, route.mask),
            None if address.is_loopback() => ("lo", 0xff00_0000),
            None => ("", u32::MAX),
        };
        let last = Ipv4Addr::from(bits | !mask);
        let broadcast = !address.is_loopback() && self.broadcast.contains(&last);
        let ipv4 = Ipv4 {
            address: address.to_string(),
            broadcast: if broadcast {
                last.to_string()
            } else {
                String::new()
            },
            prefix: u8::try_from(mask.count_ones()).unwrap_or(32),
            label: name.to_owned(),
            secondary: false,
        };
        (name, ipv4)
    }

    pub(super) fn default_ipv4(&self, links: &[Link]) -> Map {
        let ways = self.routes.iter().filter(|route| route.mask == 0);
        let Some(way) = ways.min_by_key(|route| route.metric) else {
            return Map::new();
        };
        let own = links
            .iter()
            .find(|link| link.name == way.interface)
            .and_then(|link| link.ipv4.first());
        let mut map =
            entries! { "interface" => way.interface, "gateway" => way.gateway.to_string() };
        if let Some(own) = own {
            map.set("address", own.address.as_str());
        }
        map
    }

    /// The way of the lowest metric to `::/0` that has a gateway.
    pub(super) fn default_ipv6(&self, links: &[Link]) -> Map {
        let ways = self.routes6.lines().filter_map(default_ipv6);
        let Some((_, gateway, interface)) = ways.min_by_key(|(metric, _, _)| *metric) else {
            return Map::new();
        };
        let link = links.iter().find(|link| link.name == interface);
        let own = link.and_then(|link| link.ipv6.iter().find(|address| address.scope == "global"));
        let mut map = entries! { "interface" => interface, "gateway" => gateway.to_string() };
        if let Some(own) = own {
            map.set("address", own.address.as_str());
        }
        map
    }
}

fn link<'b>(links: &'b mut Vec<Link>, name: &str) -> &'b mut Link {
    let position = links
        .iter()
        .position(|link| link.name == name)
        .unwrap_or_else(|| {
            links.push(Link {
                name: name.to_owned(),
                ..Link::default()
            });
            links.len() - 1
        });
    &mut links[position]
}

impl<'a> Route<'a> {
    /// Addresses stand there in hexadecimal digits, in the byte order of the machine; all machines
    /// in use that have no `ip` are little-endian.
    fn read(line: &'a str) -> Option<Self> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let number = |position: usize| {
            let digits = u32::from_str_radix(fields.get(position)?, 16).ok()?;
            Some(digits.swap_bytes())
        };
        Some(Route {
            interface: fields.first()?,
            to: number(1)?,
            gateway: Ipv4Addr::from(number(2)?),
            metric: fields.get(6)?.parse().ok()?,
            mask: number(7)?,
        })
    }
}

/// The leaves of `/proc/net/fib_trie` that say these words, each with its prefix, once.
fn leaves<'a>(text: &'a str, words: &str) -> Vec<(Ipv4Addr, &'a str)> {
    let mut found = Vec::new();
    let mut address: Option<Ipv4Addr> = None;
    for line in text.lines().map(str::trim) {
        if let Some((_, name)) = line.split_once("|-- ") {
            address = name.parse().ok();
        } else if let Some((prefix, kind)) = line.split_once(' ')
            && let Some(address) = address
            && kind == words
            && !found.contains(&(address, prefix))
        {
            found.push((address, prefix));
        }
    }
    found
}

fn addresses(text: &str, words: &str) -> Vec<Ipv4Addr> {
    let single = leaves(text, words)
        .into_iter()
        .filter(|(_, prefix)| *prefix == "/32");
    single.map(|(address, _)| address).collect()
}

fn own_networks(text: &str) -> Vec<String> {
    let wide = leaves(text, "host LOCAL")
        .into_iter()
        .filter(|(_, prefix)| *prefix != "/32");
    wide.map(|(address, prefix)| format!("{address}{prefix}"))
        .collect()
}

/// A line of `/proc/net/if_inet6`: address, index, prefix, scope, flags, interface.
fn inet6(line: &str) -> Option<(&str, Ipv6)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let hex = |position: usize| u8::from_str_radix(fields.get(position)?, 16).ok();
    let scope = match hex(3)? {
        0x10 => "host",
        0x20 => "link",
        0x40 => "site",
        _ => "global",
    };
    let ipv6 = Ipv6 {
        address: Ipv6Addr::from(u128::from_str_radix(fields.first()?, 16).ok()?).to_string(),
        prefix: hex(2)?.to_string(),
        scope: scope.to_owned(),
    };
    Some((fields.get(5)?, ipv6))
}

/// A line of `/proc/net/ipv6_route` that leads out: its metric, gateway and interface.
fn default_ipv6(line: &str) -> Option<(u32, Ipv6Addr, &str)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let everywhere =
        u128::from_str_radix(fields.first()?, 16).ok()? == 0 && *fields.get(1)? == "00";
    let gateway = u128::from_str_radix(fields.get(4)?, 16).ok()?;
    let metric = u32::from_str_radix(fields.get(5)?, 16).ok()?;
    (everywhere && gateway != 0).then_some((metric, Ipv6Addr::from(gateway), *fields.get(9)?))
}

#[cfg(test)]
mod tests {
    use super::{Route, addresses, default_ipv6, inet6, own_networks};

    #[test]
    fn the_kernels_tables_are_read() {
        let route =
            Route::read("eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0").unwrap();
        assert_eq!(
            (route.interface, route.to, route.metric),
            ("eth0", 0xc000_0200, 100)
        );
        assert_eq!(route.mask.count_ones(), 24);
        let trie = "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 192.0.2.2\n        /32 host LOCAL\n";
        assert_eq!(addresses(trie, "host LOCAL").len(), 1);
        assert_eq!(
            own_networks("|-- 127.0.0.0\n /8 host LOCAL"),
            ["127.0.0.0/8"]
        );
        let (name, address) =
            inet6("fd000000000000000000000000000002 04 40 00 80     eth0").unwrap();
        assert_eq!(
            (name, &*address.address, &*address.prefix, &*address.scope),
            ("eth0", "fd00::2", "64", "global")
        );
        let zero = "0".repeat(32);
        let line =
            format!("{zero} 00 {zero} 00 fd000000000000000000000000000001 00000400 1 0 3 eth0");
        let (metric, gateway, name) = default_ipv6(&line).unwrap();
        assert_eq!(
            (metric, gateway.to_string().as_str(), name),
            (1024, "fd00::1", "eth0")
        );
    }
}

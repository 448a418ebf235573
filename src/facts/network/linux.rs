//! The network of a Linux host: `/sys/class/net` and what `ip` prints.

use super::address::{Ipv4, Ipv6, netmask};
use super::ethtool;
use super::interface;
use super::tables::Tables;
use crate::entries;
use crate::facts::sections::Sections;
use crate::value::{Map, Value};

pub(super) fn read(sections: &Sections, facts: &mut Map) {
    let tables = sections
        .output("addresses")
        .is_none()
        .then(|| Tables::of(sections));
    let links = match &tables {
        Some(tables) => tables.links(),
        None => links(sections.output("addresses").unwrap_or_default()),
    };
    let (default_ipv4, default_ipv6) = match &tables {
        Some(tables) => (tables.default_ipv4(&links), tables.default_ipv6(&links)),
        None => (
            way_out(sections.output("default_ipv4"), "8.8.8.8"),
            way_out(sections.output("default_ipv6"), "2404:6800:400a:800::1012"),
        ),
    };
    let mut network = Network {
        sections,
        links: &links,
        reachable: match &tables {
            Some(tables) => tables.reachable(),
            None => (
                local(sections.output("local_ipv4")),
                local(sections.output("local_ipv6")),
            ),
        },
        default_ipv4,
        default_ipv6,
        interfaces: Map::new(),
        all_ipv4: Vec::new(),
        all_ipv6: Vec::new(),
    };
    for interface in interface::all(sections) {
        network.add(&interface);
    }
    network.tell(facts);
}

/// An interface's addresses.
#[derive(Debug, Default)]
pub(super) struct Link {
    pub(super) name: String,
    pub(super) ipv4: Vec<Ipv4>,
    pub(super) ipv6: Vec<Ipv6>,
}

/// The interfaces of `ip addr`, BusyBox's too.
fn links(text: &str) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if line.starts_with(|c: char| c.is_ascii_digit()) {
            let name = words.get(1).unwrap_or(&"").trim_end_matches(':');
            // `eth0@if2`: the other end of a pair stands behind the name.
            let name = name.split('@').next().unwrap_or_default().to_owned();
            links.push(Link {
                name,
                ..Link::default()
            });
            continue;
        }
        let Some(link) = links.last_mut() else {
            continue;
        };
        match words.first() {
            Some(&"inet") => link.ipv4.extend(Ipv4::read(&words)),
            Some(&"inet6") => link.ipv6.extend(Ipv6::read(&words)),
            _ => {}
        }
    }
    links
}

/// The interface, address and gateway in the answer of `ip route get ADDRESS`.
fn way_out(answer: Option<&str>, address: &str) -> Map {
    let mut way = Map::new();
    let line = answer
        .and_then(|text| text.lines().next())
        .unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.first() != Some(&address) {
        return way;
    }
    for pair in words.windows(2) {
        match pair {
            ["dev", interface] => way.set("interface", *interface),
            ["src", source] => way.set("address", *source),
            ["via", gateway] if *gateway != address => way.set("gateway", *gateway),
            _ => {}
        }
    }
    way
}

struct Network<'a> {
    sections: &'a Sections,
    links: &'a [Link],
    reachable: (Vec<Value>, Vec<Value>),
    default_ipv4: Map,
    default_ipv6: Map,
    interfaces: Map,
    all_ipv4: Vec<Value>,
    all_ipv6: Vec<Value>,
}

impl Network<'_> {
    fn add(&mut self, interface: &interface::Interface) {
        let mut map = interface.to_map();
        let links = self.links;
        if let Some(link) = links.iter().find(|link| link.name == interface.name) {
            for address in link.ipv4.iter().filter(|address| !address.secondary) {
                self.add_ipv4(interface, address, &mut map);
            }
            self.add_ipv6(interface, link, &mut map);
            for address in link.ipv4.iter().filter(|address| address.secondary) {
                self.add_ipv4(interface, address, &mut map);
            }
        }
        ethtool::read(self.sections, interface.name, &mut map);
        self.interfaces.set(&interface.name.replace(':', "_"), map);
    }

    /// The first address is `ipv4`; more, and those the kernel calls secondary, are
    /// `ipv4_secondaries`. One with a label of its own is an interface of that name besides.
    fn add_ipv4(&mut self, interface: &interface::Interface, address: &Ipv4, map: &mut Map) {
        let known = address.to_map();
        if self.default_ipv4.get("address").and_then(Value::as_str) == Some(&address.address) {
            describe(&mut self.default_ipv4, interface);
            let way = &mut self.default_ipv4;
            way.set("broadcast", address.broadcast.as_str());
            way.set("netmask", netmask(address.prefix).to_string());
            way.set("network", address.network());
            way.set("prefix", address.prefix.to_string());
            way.set("alias", address.label.as_str());
        }
        if !address.address.starts_with("127.") {
            self.all_ipv4.push(Value::str(address.address.as_str()));
        }
        if address.label != interface.name {
            self.add_label(address, known.clone());
            if address.secondary {
                push(map, "ipv4_secondaries", known);
            }
        } else if address.secondary || map.contains("ipv4") {
            push(map, "ipv4_secondaries", known);
        } else {
            map.set("ipv4", known);
        }
    }

    fn add_label(&mut self, address: &Ipv4, known: Map) {
        let mut own = Map::new();
        if address.secondary {
            push(&mut own, "ipv4_secondaries", known);
        } else {
            own.set("ipv4", known);
        }
        self.interfaces.set(&address.label.replace(':', "_"), own);
    }

    fn add_ipv6(&mut self, interface: &interface::Interface, link: &Link, map: &mut Map) {
        for address in &link.ipv6 {
            push(map, "ipv6", address.to_map());
            if self.default_ipv6.get("address").and_then(Value::as_str) == Some(&address.address) {
                self.default_ipv6.set("prefix", address.prefix.as_str());
                self.default_ipv6.set("scope", address.scope.as_str());
                describe(&mut self.default_ipv6, interface);
            }
            if address.address != "::1" {
                self.all_ipv6.push(Value::str(address.address.as_str()));
            }
        }
    }

    fn tell(self, facts: &mut Map) {
        if self.interfaces.is_empty() {
            return;
        }
        facts.set(
            "interfaces",
            self.interfaces.keys().cloned().collect::<Vec<_>>(),
        );
        for (name, interface) in &self.interfaces {
            facts.set(&name.to_text(), interface.clone());
        }
        facts.set("default_ipv4", self.default_ipv4);
        facts.set("default_ipv6", self.default_ipv6);
        facts.set("all_ipv4_addresses", self.all_ipv4);
        facts.set("all_ipv6_addresses", self.all_ipv6);
        let (ipv4, ipv6) = self.reachable;
        let reachable = entries! { "ipv4" => ipv4, "ipv6" => ipv6 };
        facts.set("locally_reachable_ips", reachable);
    }
}

/// What the way out says of its interface.
fn describe(way: &mut Map, interface: &interface::Interface) {
    way.set("macaddress", interface.mac().unwrap_or_default());
    way.set("mtu", interface.mtu());
    way.set("type", interface.kind().unwrap_or("unknown"));
}

fn push(map: &mut Map, name: &str, item: Map) {
    let mut items = map
        .get(name)
        .and_then(Value::as_list)
        .map(|items| items.to_vec())
        .unwrap_or_default();
    items.push(Value::map(item));
    map.set(name, items);
}

/// The addresses and networks of the routing table `local`.
fn local(routes: Option<&str>) -> Vec<Value> {
    let mut found: Vec<&str> = Vec::new();
    for line in routes.unwrap_or_default().lines() {
        let mut words = line.split_whitespace();
        if words.next() == Some("local")
            && let Some(address) = words.next()
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    found.into_iter().map(Value::str).collect()
}
